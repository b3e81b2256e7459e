// Selector on Linux: epoll, or poll(2) with imitated edges.
//
// Spec: reactor.md E-1, E-8, P-1..P-6, R-1..R-6; section 7.
//
// epoll is what everything uses: one descriptor, and no state in user space. poll(2) is for where
// there is no epoll, and shows in the tests that the rest of the reactor does not lean on more than
// its contract. Which of the two a selector is is decided when it is made, and costs each call one
// branch on a pointer that never changes.
//
// A selector may be cloned, so that a Registry can outlive its Poll: a second descriptor of the
// same epoll, or a second reference to the same set. What clones have in common is in a shared
// Identity.

#ifndef WEFT_RUNTIME_REACTOR_LINUX_SELECTOR_H_
#define WEFT_RUNTIME_REACTOR_LINUX_SELECTOR_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <span>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/runtime/reactor/event.h>
#include <weft/runtime/reactor/interest.h>
#include <weft/runtime/reactor/internal/identity.h>
#include <weft/runtime/reactor/linux/poll_set.h>
#include <weft/runtime/reactor/token.h>
#include <weft/runtime/ref_counted.h>

namespace weft::runtime::reactor::internal {

enum class SelectorKind : std::uint8_t { kEpoll, kPoll, kDefault = kEpoll };

// add, modify and remove may be called from any thread, also while one is inside select().
class Selector {
 public:
  static Result<Selector> create(SelectorKind kind = SelectorKind::kDefault);
  Result<Selector> try_clone() const;

  // Waits for events, at most as long as `timeout`: null is for ever, zero not at all. Returns how
  // many stand in `room`. Timing out is no error; std::errc::interrupted is returned, not retried
  // (P-2). One thread at a time.
  Result<std::size_t> select(std::span<Event> room,
                             std::optional<std::chrono::nanoseconds> timeout) noexcept;

  // file_exists if `fd` is there already; operation_not_permitted if epoll cannot wait for it. With
  // poll(2) each readiness is reported once; modify() makes it anew.
  Result<void> add(BorrowedFd fd, Token token, Interest interest) const noexcept;
  // The same for a source that passes its I/O through do_io().
  Result<EdgeArm> add_armed(BorrowedFd fd, Token token, Interest interest) const noexcept;
  // Replaces token and interest and reports anew what is ready. no_such_file_or_directory if
  // `fd` is not there; the same for remove().
  Result<void> modify(BorrowedFd fd, Token token, Interest interest) const noexcept;
  Result<void> remove(BorrowedFd fd) const noexcept;

  Identity& identity() const noexcept { return *identity_; }
  // Null for epoll.
  PollSet* poll_set() const noexcept { return set_.get(); }
  // epoll's descriptor; fatal for poll(2), which has none.
  BorrowedFd as_fd(std::source_location where = std::source_location::current()) const noexcept {
    WEFT_CHECK(set_ == nullptr, "Poll::as_fd: a Poll over poll(2) has no descriptor", where);
    return queue_.borrow();
  }

 private:
  Selector(OwnedFd queue, RefPtr<PollSet> set, RefPtr<Identity> identity) noexcept
      : queue_(std::move(queue)), set_(std::move(set)), identity_(std::move(identity)) {}

  Result<std::size_t> wait(std::span<Event> room,
                           std::optional<std::chrono::nanoseconds> timeout) noexcept;

  OwnedFd queue_;        // epoll, or empty
  RefPtr<PollSet> set_;  // poll(2), or null
  RefPtr<Identity> identity_;
  // Whether the kernel has epoll_pwait2; found out at the first wait that wants it. select() only.
  bool has_precise_wait_ = true;
};

}  // namespace weft::runtime::reactor::internal

#endif  // WEFT_RUNTIME_REACTOR_LINUX_SELECTOR_H_
