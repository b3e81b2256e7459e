// IoSource<T>: a T with a descriptor, as a source that knows whether and where it is registered.
//
// Spec: reactor.md, E-8, M-12..M-14.
//
// It remembers the number of the selector it is registered with, which changes only when a call has
// succeeded.
//
// I/O goes through do_io(), which on epoll and kqueue is a plain call. It is part of the interface
// because selectors that imitate edges (poll(2), AFD) arm themselves again there, when the
// operation would have blocked; code written against it works on those too.
//
//   struct Counter {
//     OwnedFd fd;
//     BorrowedFd as_fd() const { return fd.borrow(); }
//   };
//
//   // operation_would_block until somebody has counted; do_io() hears of it.
//   Result<std::size_t> read(reactor::IoSource<Counter>& source, std::span<std::byte, 8> out) {
//     return source.do_io([out](Counter& counter) { return sys::read(counter.fd, out); });
//   }

#ifndef WEFT_RUNTIME_REACTOR_IO_SOURCE_H_
#define WEFT_RUNTIME_REACTOR_IO_SOURCE_H_

#include <concepts>
#include <cstdint>
#include <functional>
#include <system_error>
#include <type_traits>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/runtime/reactor/interest.h>
#include <weft/runtime/reactor/internal/selector.h>
#include <weft/runtime/reactor/registry.h>
#include <weft/runtime/reactor/token.h>

namespace weft::runtime::reactor {

namespace internal {

// Which selector something is registered with. Not thread-safe, as its source is not.
class Registration {
 public:
  Registration() noexcept = default;
  Registration(Registration&& other) noexcept
      : selector_(std::exchange(other.selector_, 0)), arm_(std::move(other.arm_)) {}
  Registration& operator=(Registration&& other) noexcept {
    selector_ = std::exchange(other.selector_, 0);
    arm_ = std::move(other.arm_);
    return *this;
  }

  Result<void> add(BorrowedFd fd, Registry& registry, Token token, Interest interest) noexcept;
  Result<void> modify(BorrowedFd fd, Registry& registry, Token token, Interest interest) noexcept;
  Result<void> remove(BorrowedFd fd, Registry& registry) noexcept;

  // After an operation that would have blocked (E-8).
  void rearm() const noexcept { arm_.rearm(); }

 private:
  std::uint64_t selector_ = 0;  // Identity::number(), or 0: not registered
  [[no_unique_address]] EdgeArm arm_;
};

// What an operation answers that may have found that it would block.
template <class R>
concept SaysWouldBlock = requires(const R& answer) {
  { answer.error() == std::errc::operation_would_block } -> std::convertible_to<bool>;
  static_cast<bool>(answer);
};

}  // namespace internal

// What IoSource wraps.
template <class T>
concept HasDescriptor = requires(const T& value) { BorrowedFd(value.as_fd()); };

template <HasDescriptor T>
class IoSource {
 public:
  explicit IoSource(T inner) : inner_(std::move(inner)) {}
  IoSource(IoSource&&) = default;
  IoSource& operator=(IoSource&&) = default;

  // Calls fn(T&) and returns what it returns. Every operation that may answer "would block" has to
  // go through here, peeking included, and return that as a Result's operation_would_block: only
  // then is an event promised for when it would not.
  template <class F>
  decltype(auto) do_io(F&& fn) {
    return do_io_on(inner_, std::forward<F>(fn));
  }
  template <class F>
  decltype(auto) do_io(F&& fn) const {
    return do_io_on(inner_, std::forward<F>(fn));
  }

  // For everything else: options, addresses.
  T& get() noexcept { return inner_; }
  const T& get() const noexcept { return inner_; }

  // Gives the T back. Deregister it first: without its source a registration has nobody to end it
  // or, where edges are imitated, to go on with it.
  T into_inner() && { return std::move(inner_); }

  // Source. file_exists if registered already, also with another Poll; no_such_file_or_directory to
  // change or remove what is not registered. Changing what belongs to another Poll is file_exists,
  // removing it no_such_file_or_directory.
  Result<void> register_with(Registry& registry, Token token, Interest interest) noexcept {
    return registration_.add(inner_.as_fd(), registry, token, interest);
  }
  Result<void> reregister_with(Registry& registry, Token token, Interest interest) noexcept {
    return registration_.modify(inner_.as_fd(), registry, token, interest);
  }
  Result<void> deregister_from(Registry& registry) noexcept {
    return registration_.remove(inner_.as_fd(), registry);
  }

 private:
  template <class Inner, class F>
  decltype(auto) do_io_on(Inner& inner, F&& fn) const {
    using Answer = std::invoke_result_t<F, Inner&>;
    if constexpr (internal::SaysWouldBlock<Answer>) {
      Answer answer = std::invoke(std::forward<F>(fn), inner);
      if (!answer && answer.error() == std::errc::operation_would_block) registration_.rearm();
      return answer;
    } else {
      return std::invoke(std::forward<F>(fn), inner);
    }
  }

  T inner_;
  // Ends before inner_ closes its descriptor.
  internal::Registration registration_;
};

}  // namespace weft::runtime::reactor

#endif  // WEFT_RUNTIME_REACTOR_IO_SOURCE_H_
