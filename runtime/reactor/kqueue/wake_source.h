// WakeSource over kqueue: an event of the user's, triggered through a second descriptor.
//
// Spec: reactor.md W-1, W-2, W-5.
//
// The descriptor of its own lets a Waker outlive its Poll, as a Registry may.

#ifndef WEFT_RUNTIME_REACTOR_KQUEUE_WAKE_SOURCE_H_
#define WEFT_RUNTIME_REACTOR_KQUEUE_WAKE_SOURCE_H_

#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/runtime/reactor/internal/selector.h>
#include <weft/runtime/reactor/token.h>

namespace weft::runtime::reactor::internal {

class WakeSource {
 public:
  static Result<WakeSource> create(const Selector& selector, Token token) noexcept;

  // From any thread.
  Result<void> wake() const noexcept;

  // No wake-up comes any more, not even one that is on its way. Before destruction or assignment.
  void end() noexcept;

 private:
  WakeSource(OwnedFd queue, Token token) noexcept : queue_(std::move(queue)), token_(token) {}

  OwnedFd queue_;  // empty after end()
  Token token_;
};

}  // namespace weft::runtime::reactor::internal

#endif  // WEFT_RUNTIME_REACTOR_KQUEUE_WAKE_SOURCE_H_
