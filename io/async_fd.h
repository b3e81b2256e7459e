// AsyncFd: waits for any descriptor that epoll can watch, whatever it belongs to.
//
// Spec: net.md section 6, section 1; N-46..N-57.
//
// For descriptors that weft has no class for: those of other libraries, devices, netlink sockets,
// timerfd, inotify. It wraps the object that owns the descriptor, which has to be non-blocking, and
// adds waiting; what is done when it is ready, the user does. It never closes the descriptor: the
// object does, when it is destroyed.
//
// Readiness is what the kernel has reported and nobody has found used up, as with sockets; only
// that here weft cannot see whether a call would have blocked, unless the call is made through
// async_io(), try_io() or the guard's try_io(). Who calls otherwise has to say so, to the guard.
//
//   Task<Result<std::uint64_t>> next_tick(const io::AsyncFd<OwnedFd>& timer) {
//     const auto read = [&timer] { return read_count(timer.get()); };
//     Result<std::uint64_t> count = co_await timer.async_io(io::Interest::kReadable, read);
//     co_return count;
//   }

#ifndef WEFT_IO_ASYNC_FD_H_
#define WEFT_IO_ASYNC_FD_H_

#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/base/error.h>
#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/internal/watched_fd.h>
#include <weft/io/ready.h>
#include <weft/io/ready_guard.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {

// Why a descriptor cannot be watched, and the object that was handed in.
template <class T>
class AsyncFdError {
 public:
  AsyncFdError(Error why, T object) noexcept : value(std::move(object)), error_(why) {}
  Error error() const noexcept { return error_; }

  T value;

 private:
  Error error_;
};

// T is a descriptor's number, something with `int raw() const`, or a smart pointer to such; the
// number does not change, and it stays open as long as the AsyncFd has the object. Used by any
// number of threads at a time, except for moving, destroying and into_inner(), which need it for
// themselves: it is fatal if a function that was given to it is running on another thread. Tasks
// may still be waiting then: they end with Errc::closed.
template <class T>
class [[nodiscard]] AsyncFd {
  using Where = std::source_location;
  static constexpr Interest kBoth = Interest::kReadable | Interest::kWritable;

 public:
  // Watches the object's descriptor for `interest`, and nothing else. Fails with
  // bad_file_descriptor if there is none, with operation_not_permitted if it cannot be watched, as
  // a regular file, with file_exists if this runtime watches it already; then the object is
  // destroyed. Fatal without a runtime that has I/O.
  static Result<AsyncFd> create(T object, Interest interest = kBoth,
                                Where where = Where::current()) {
    Result<AsyncFd, AsyncFdError<T>> made = try_create(std::move(object), interest, where);
    if (!made) return Err(made.error().error());
    return *std::move(made);
  }
  // The same, and gives the object back if it fails.
  static Result<AsyncFd, AsyncFdError<T>> try_create(T object, Interest interest = kBoth,
                                                     Where where = Where::current()) {
    Result<internal::WatchedFd> watched =
        internal::WatchedFd::create(number_of(object), interest, where);
    if (!watched) return Err(AsyncFdError<T>(watched.error(), std::move(object)));
    return AsyncFd(std::move(object), *std::move(watched));
  }

  AsyncFd(AsyncFd&&) = default;
  // Ends the waits on what was watched before, and destroys that object.
  AsyncFd& operator=(AsyncFd&& other) noexcept(std::is_nothrow_move_assignable_v<T>) {
    if (this == &other) return *this;
    watched_ = std::move(other.watched_);  // first: the assignment to object_ closes
    object_ = std::move(other.object_);
    return *this;
  }

  // The object. Must not be made to close its descriptor.
  T& get() noexcept { return object_; }
  const T& get() const noexcept { return object_; }
  // Stops watching, ends all waits, and gives the object out, its descriptor as it is.
  T into_inner() && {
    watched_.stop();
    return std::move(object_);
  }

  // Yields Result<ReadyGuard>, when something of `interest` is ready as far as is known; it may
  // have changed. Interest::kError alone waits for errors, as the error queue of a socket;
  // kPriority for out-of-band data. Any number of tasks may wait. Cancel safe: readiness stays.
  internal::GuardAwaitable ready(Interest interest) const noexcept {
    return watched_.ready(interest);
  }
  internal::GuardAwaitable readable() const noexcept { return ready(Interest::kReadable); }
  internal::GuardAwaitable writable() const noexcept { return ready(Interest::kWritable); }

  // Yields what fn() returns, a Result of one non-blocking call on the descriptor. fn is called
  // when something of `interest` is ready, and again after "would block". As cancel safe as fn.
  template <class F>
  auto async_io(Interest interest, F&& fn) const {
    return watched_.registration().async_io(interest, std::forward<F>(fn));
  }
  // The same at once: would_block, without calling fn, if nothing of `interest` is known to be
  // ready.
  template <class F>
  auto try_io(Interest interest, F&& fn) const {
    return watched_.registration().try_io(interest, std::forward<F>(fn));
  }

  // For hand-written awaitables. Only the last caller of each is woken.
  Poll<Result<ReadyGuard>> poll_read_ready(Context& cx) const noexcept {
    return watched_.poll_ready(cx, weft::internal::IoDirection::kRead);
  }
  Poll<Result<ReadyGuard>> poll_write_ready(Context& cx) const noexcept {
    return watched_.poll_ready(cx, weft::internal::IoDirection::kWrite);
  }

 private:
  AsyncFd(T object, internal::WatchedFd watched) noexcept(std::is_nothrow_move_constructible_v<T>)
      : object_(std::move(object)), watched_(std::move(watched)) {}

  // -1 if there is none.
  static int number_of(const T& object) noexcept {
    if constexpr (std::is_same_v<T, int>) {
      return object;
    } else if constexpr (requires { object.raw(); }) {
      return object.raw();
    } else {
      return object ? object->raw() : -1;
    }
  }

  T object_;
  internal::WatchedFd watched_;  // destroyed before object_ closes
};

}  // namespace weft::io

#endif  // WEFT_IO_ASYNC_FD_H_
