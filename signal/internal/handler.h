// The signal handler: what it may touch, and how it is installed.
//
// Spec: SG-6, SG-7, SG-15, SG-25..SG-27, SG-31, SG-32; R-140.
//
// A handler may run between any two instructions of any thread, so it does only what needs neither
// a lock nor memory: it adds one to the signal's counter and then one to an eventfd, which wakes
// some runtime's driver (driver_link.h). Both are variables that exist before the handler is
// installed. Before that it calls the handler that was there before ours.
//
// Counter first, eventfd second; the driver reads the eventfd first and the counters second. If the
// driver finds a counter unchanged, its handler has not written the eventfd yet, and that write
// makes the driver come back. So no delivery is lost, though any number of them may be found at
// once.

#ifndef WEFT_SIGNAL_INTERNAL_HANDLER_H_
#define WEFT_SIGNAL_INTERNAL_HANDLER_H_

#include <csignal>
#include <cstddef>
#include <cstdint>

#include <weft/base/fd.h>
#include <weft/base/result.h>

namespace weft::signal::internal {

// Signals are 1 .. kSignalCount - 1.
inline constexpr int kSignalCount = 65;

// Makes the eventfd, once in the life of the process. Thread-safe only under the registry's lock.
Result<void> open_event();
// The eventfd, for a driver of its own. Precondition: open_event() has succeeded.
Result<OwnedFd> duplicate_event();
// Puts a new eventfd in the old one's place, under the same number, and forgets what is counted:
// the old one is shared with the process that we were forked from (SG-23, SG-24).
Result<void> replace_event();

// Installs the handler for `number`, which replaces the signal's default action for ever. Fails as
// sigaction(2) does. Precondition: open_event() has succeeded, it is not installed yet.
Result<void> install_handler(int number);

// How often the handler has run for `number` since the last call.
std::uint64_t take_pending(int number) noexcept;

}  // namespace weft::signal::internal

#endif  // WEFT_SIGNAL_INTERNAL_HANDLER_H_
