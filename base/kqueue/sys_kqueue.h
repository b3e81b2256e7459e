// sys: the calls of kqueue(2), on the systems that have it.
//
// Spec: as sys.h, whose manners these have. They have no entries in the table: the tests of what
// stands on them bring a kqueue and a kevent of their own (tests/kqueue/).

#ifndef WEFT_BASE_KQUEUE_SYS_KQUEUE_H_
#define WEFT_BASE_KQUEUE_SYS_KQUEUE_H_

#include <cstddef>
#include <ctime>
#include <span>
#include <sys/types.h>
// After <sys/types.h>, which it needs on some of the systems.
#include <sys/event.h>

#include <weft/base/fd.h>
#include <weft/base/result.h>

namespace weft::sys {

// Close-on-exec, by a second call: a fork in another thread between the two inherits it (P-5).
Result<OwnedFd> kqueue() noexcept;

// Makes `changes`, then waits for events, at most as long as `timeout`; null is for ever. Returns
// how many stand in `events`. interrupted comes back to the caller; the changes have been made
// then. `changes` and `events` may be the same memory.
Result<std::size_t> kevent(BorrowedFd queue, std::span<const struct ::kevent> changes,
                           std::span<struct ::kevent> events, const ::timespec* timeout) noexcept;

}  // namespace weft::sys

#endif  // WEFT_BASE_KQUEUE_SYS_KQUEUE_H_
