// IoSource<T>: a T with a descriptor, as a source that knows whether and where it is registered.
//
// Spec: reactor.md, E-8, M-12..M-14.
//
// The number of the selector it is registered with is all it adds to the T. It changes only when a
// call has succeeded.
//
// I/O goes through do_io(), which on epoll is a plain call. It is part of the interface because
// selectors that imitate edges (poll(2), AFD) arm themselves again there, when the operation would
// have blocked; code written against it works on those too.
//
//   IoSource<Socket> socket(std::move(made));
//   registry.register_source(socket, Token{4}, Interest::kReadable);
//   Result<std::size_t> n = socket.do_io([&](Socket& s) { return s.recv(buffer); });

#ifndef WEFT_RUNTIME_REACTOR_IO_SOURCE_H_
#define WEFT_RUNTIME_REACTOR_IO_SOURCE_H_

#include <cstdint>
#include <functional>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/runtime/reactor/interest.h>
#include <weft/runtime/reactor/registry.h>
#include <weft/runtime/reactor/source_fd.h>
#include <weft/runtime/reactor/token.h>

namespace weft::runtime::reactor {

namespace internal {

// Which selector something is registered with. Not thread-safe, as its source is not.
class Registration {
 public:
  Registration() noexcept = default;
  Registration(Registration&& other) noexcept : selector_(std::exchange(other.selector_, 0)) {}
  Registration& operator=(Registration&& other) noexcept {
    selector_ = std::exchange(other.selector_, 0);
    return *this;
  }

  Result<void> add(BorrowedFd fd, Registry& registry, Token token, Interest interest) noexcept;
  Result<void> modify(BorrowedFd fd, Registry& registry, Token token, Interest interest) noexcept;
  Result<void> remove(BorrowedFd fd, Registry& registry) noexcept;

 private:
  std::uint64_t selector_ = 0;  // Identity::number(), or 0: not registered
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
  // go through here, peeking included.
  template <class F>
  decltype(auto) do_io(F&& fn) {
    return std::invoke(std::forward<F>(fn), inner_);
  }
  template <class F>
  decltype(auto) do_io(F&& fn) const {
    return std::invoke(std::forward<F>(fn), inner_);
  }

  // For everything else: options, addresses.
  T& get() noexcept { return inner_; }
  const T& get() const noexcept { return inner_; }

  // Gives the T back; a registration goes on if the T's descriptor stays open. Deregister first to
  // register it again.
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
  T inner_;
  internal::Registration registration_;
};

}  // namespace weft::runtime::reactor

#endif  // WEFT_RUNTIME_REACTOR_IO_SOURCE_H_
