// Moving bytes between two descriptors without taking them out of the kernel.
//
// Spec: architecture.md "Bad input and faults"; io.md Q-1.
//
// As sys.h in all respects: errno as an Error, replaceable by the table.
//
// Writing to a socket or pipe that nobody reads fails with broken_pipe. The signal that comes with
// it has no flag here to keep it away, so this does: it is blocked for the length of the call, and
// taken back if it was raised.

#ifndef WEFT_BASE_SYS_SPLICE_H_
#define WEFT_BASE_SYS_SPLICE_H_

#include <cstddef>

#include <weft/base/fd.h>
#include <weft/base/result.h>

namespace weft::sys {

// [retried] One of the two is a pipe. The result is the number of bytes moved, which may be less
// than asked, and 0 at the end of the source. Does not wait for the pipe: would_block if that would
// be necessary, or if the other descriptor is non-blocking and not ready. invalid_argument, with
// nothing moved, if the kernel cannot do it with these descriptors: the caller then reads and
// writes.
Result<std::size_t> splice(BorrowedFd in, BorrowedFd out, std::size_t size) noexcept;

}  // namespace weft::sys

#endif  // WEFT_BASE_SYS_SPLICE_H_
