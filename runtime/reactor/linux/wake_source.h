// WakeSource on Linux: an eventfd in epoll, or a note in the set of poll(2).
//
// Spec: reactor.md W-1, W-2, W-4, W-7.
//
// The eventfd is registered for reading. Each wake() writes to it, and every write is a new edge
// although nobody ever reads: the counter is only emptied when it is full.

#ifndef WEFT_RUNTIME_REACTOR_LINUX_WAKE_SOURCE_H_
#define WEFT_RUNTIME_REACTOR_LINUX_WAKE_SOURCE_H_

#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/runtime/reactor/internal/selector.h>
#include <weft/runtime/reactor/linux/poll_set.h>
#include <weft/runtime/reactor/token.h>
#include <weft/runtime/ref_counted.h>

namespace weft::runtime::reactor::internal {

class WakeSource {
 public:
  static Result<WakeSource> create(const Selector& selector, Token token) noexcept;

  // From any thread.
  Result<void> wake() const noexcept;

  // No wake-up comes any more, not even one that is on its way. Before destruction or assignment.
  void end() noexcept;

 private:
  WakeSource(OwnedFd event, RefPtr<PollSet> set, Token token) noexcept
      : event_(std::move(event)), set_(std::move(set)), token_(token) {}

  Result<void> write() const noexcept;

  OwnedFd event_;        // with epoll, or empty
  RefPtr<PollSet> set_;  // with poll(2), or null
  Token token_;
};

}  // namespace weft::runtime::reactor::internal

#endif  // WEFT_RUNTIME_REACTOR_LINUX_WAKE_SOURCE_H_
