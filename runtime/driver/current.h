// The driver of the runtime that the calling thread is in.
//
// Spec, TM-11.
//
// Sockets and timers bind to it when they are made. What is here is answered by the scheduler's
// side of things; it is declared here so that drivers need not know schedulers.

#ifndef WEFT_RUNTIME_DRIVER_CURRENT_H_
#define WEFT_RUNTIME_DRIVER_CURRENT_H_

#include <cstddef>

namespace weft::internal {

class Driver;

// Null outside every runtime context. Valid while that context is entered; keep a RefPtr to hold it
// longer.
Driver* current_driver() noexcept;

// Which shard of the timers the calling thread uses: the worker's index, 0 for other threads.
unsigned current_shard() noexcept;

// For the trace of that runtime: the calling thread has just fired so many timers.
void note_timers_fired(std::size_t timers) noexcept;

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_CURRENT_H_
