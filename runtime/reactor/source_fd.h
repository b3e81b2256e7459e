// SourceFd: a descriptor as a source, for one call.
//
// Spec: reactor.md section 8.
//
// Borrows the number and never closes it; the caller keeps the descriptor open. Whether it is
// registered already is for the kernel to say, so registering the same descriptor with two Polls is
// possible here, as it is with epoll; IoSource prevents it. It remembers nothing, so where edges
// are imitated (poll(2)) each readiness comes once, and reregistering asks for it anew.
//
//   // Whether `fd`, which stays the caller's, becomes readable in time.
//   Result<bool> is_readable_within(BorrowedFd fd, std::chrono::milliseconds limit) {
//     Result<reactor::Poll> poll = reactor::Poll::create();
//     if (!poll) return Err(poll.error());
//     reactor::SourceFd source(fd);
//     const auto readable = reactor::Interest::kReadable;
//     const auto added = poll->registry().register_source(source, reactor::Token{0}, readable);
//     if (!added) return Err(added.error());
//     reactor::Events events(1);
//     const Result<void> polled = poll->poll(events, limit);
//     if (!polled) return Err(polled.error());
//     return !events.empty();
//   }

#ifndef WEFT_RUNTIME_REACTOR_SOURCE_FD_H_
#define WEFT_RUNTIME_REACTOR_SOURCE_FD_H_

#include <source_location>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/runtime/reactor/interest.h>
#include <weft/runtime/reactor/registry.h>
#include <weft/runtime/reactor/token.h>

namespace weft::runtime::reactor {

class SourceFd {
 public:
  explicit SourceFd(BorrowedFd fd) noexcept : fd_(fd) {}
  // Fatal if `fd` is negative.
  explicit SourceFd(int fd, std::source_location where = std::source_location::current()) noexcept
      : fd_(fd, where) {}

  Result<void> register_with(Registry& registry, Token token, Interest interest) noexcept;
  Result<void> reregister_with(Registry& registry, Token token, Interest interest) noexcept;
  Result<void> deregister_from(Registry& registry) noexcept;

 private:
  BorrowedFd fd_;
};

}  // namespace weft::runtime::reactor

#endif  // WEFT_RUNTIME_REACTOR_SOURCE_FD_H_
