// The driver of the runtime that the calling thread is in.
//
// Spec, TM-11.
//
// Sockets and timers bind to it when they are made. Both functions are answered by the scheduler's
// thread context; they are declared here so that drivers need not know schedulers.

#ifndef WEFT_RUNTIME_DRIVER_CURRENT_H_
#define WEFT_RUNTIME_DRIVER_CURRENT_H_

namespace weft::internal {

class Driver;

// Null outside every runtime context. Valid while that context is entered; keep a RefPtr to hold it
// longer.
Driver* current_driver() noexcept;

// Which shard of the timers the calling thread uses: the worker's index, 0 for other threads.
unsigned current_shard() noexcept;

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_CURRENT_H_
