// is_rt_shutdown_err: whether an operation failed because its runtime is gone.
//
// Spec; net.md G-8.

#ifndef WEFT_RUNTIME_SHUTDOWN_ERROR_H_
#define WEFT_RUNTIME_SHUTDOWN_ERROR_H_

#include <weft/base/error.h>

namespace weft::runtime {

// True only for the error that I/O reports once the driver it waits on has shut down.
inline bool is_rt_shutdown_err(const Error& error) noexcept {
  return error == Errc::runtime_shutdown;
}

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_SHUTDOWN_ERROR_H_
