// WatchedFd: the registration of a descriptor that somebody else closes.
//
// Spec: net.md F-1..F-4; G-10.
//
// An IoRegistration owns its descriptor. This one gives it up before it goes, so that AsyncFd's
// object can close it.

#ifndef WEFT_IO_INTERNAL_WATCHED_FD_H_
#define WEFT_IO_INTERNAL_WATCHED_FD_H_

#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/io/ready.h>
#include <weft/io/ready_guard.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_record.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/driver/io_wait.h>
#include <weft/runtime/poll.h>

namespace weft::io::internal {

// Waits as a socket does, and yields the guard.
class GuardNode : public weft::internal::IoWaitNode {
 public:
  using IoWaitNode::IoWaitNode;
  Result<ReadyGuard> take() noexcept {
    const Result<Ready> ready = IoWaitNode::take();
    if (!ready) return Err(ready.error());
    return ReadyGuard(record(), *seen(), *ready);
  }
};

using GuardAwaitable = weft::internal::IoReadyAwaitable<GuardNode>;

class WatchedFd {
 public:
  // `fd`: the number, or -1.
  static Result<WatchedFd> create(int fd, Interest interest, std::source_location where);

  WatchedFd(WatchedFd&& other) noexcept
      : registration_(std::exchange(other.registration_, std::nullopt)) {}
  WatchedFd& operator=(WatchedFd&& other) noexcept {
    stop();
    registration_ = std::exchange(other.registration_, std::nullopt);
    return *this;
  }
  ~WatchedFd() { stop(); }

  // Takes the descriptor out of the selector, ends all waits, and leaves it open. Nothing happens
  // if that was done, or this was moved from. Fatal if another thread is in a call on it.
  void stop() noexcept;

  GuardAwaitable ready(Interest interest) const noexcept {
    return {registration().record(), registration().record().wanted(interest)};
  }
  Poll<Result<ReadyGuard>> poll_ready(Context& cx,
                                      weft::internal::IoDirection direction) const noexcept;

  // Fatal after stop().
  const weft::internal::IoRegistration& registration() const noexcept {
    WEFT_CHECK(registration_, "an AsyncFd was used that had been moved from");
    return *registration_;
  }

 private:
  explicit WatchedFd(weft::internal::IoRegistration registration) noexcept
      : registration_(std::move(registration)) {}

  std::optional<weft::internal::IoRegistration> registration_;  // not after stop()
};

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_WATCHED_FD_H_
