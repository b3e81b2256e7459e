// current_io_driver: where a new socket is registered.
//
// Spec: R-2, net.md G-1, N-23.

#ifndef WEFT_RUNTIME_DRIVER_CURRENT_IO_H_
#define WEFT_RUNTIME_DRIVER_CURRENT_IO_H_

#include <source_location>

namespace weft::internal {

class IoDriver;

// The I/O driver of the runtime that the calling thread is in. Fatal at `where`, with the remedy,
// if there is no runtime or it was built without I/O.
IoDriver& current_io_driver(std::source_location where) noexcept;

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_CURRENT_IO_H_
