// IoRegistration: the descriptor of a socket or pipe, registered with a runtime's driver.
//
// Spec; net.md G-1..G-10.
//
// What every type of weft::net is made of: it owns the descriptor, closes it, and offers the waits
// and operations that all of them have in common. The descriptor has to be non-blocking and
// close-on- exec; who makes it, sees to that.
//
// A registration is used by any number of threads at a time, except for moving, destroying and
// into_fd(). Tasks may still be suspended on it when it is destroyed: they end with Errc::closed.
//
//   Result<IoRegistration> made = IoRegistration::create(std::move(fd), IoKind::kStream);
//   Result<std::size_t> n = co_await made->perform(Receive{buffer});

#ifndef WEFT_RUNTIME_DRIVER_IO_REGISTRATION_H_
#define WEFT_RUNTIME_DRIVER_IO_REGISTRATION_H_

#include <functional>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_call.h>
#include <weft/runtime/driver/io_record.h>
#include <weft/runtime/driver/io_wait.h>
#include <weft/runtime/driver/ready.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/ref_counted.h>

namespace weft::internal {

class IoDriver;

class [[nodiscard]] IoRegistration {
 public:
  // Registers `fd`, which is moved from only on success. Fails with runtime_shutdown, or as
  // epoll_ctl(2) does: no_space_on_device, not_enough_memory; operation_not_permitted for what
  // cannot be waited for, such as a regular file. Throws std::bad_alloc.
  static Result<IoRegistration> create(IoDriver& driver, OwnedFd&& fd, IoKind kind,
                                       runtime::Interest interest = runtime::Interest::kReadable |
                                                                    runtime::Interest::kWritable);
  // With the driver of the current runtime. Fatal at `where` if there is none, or if it has no I/O.
  static Result<IoRegistration> create(OwnedFd&& fd, IoKind kind, std::source_location where);

  IoRegistration(IoRegistration&&) noexcept = default;
  IoRegistration& operator=(IoRegistration&& other) noexcept;
  ~IoRegistration();

  // Deregisters, ends all waits with Errc::closed, and closes the descriptor as soon as no call is
  // under way. Whatever is done later fails with Errc::closed; closing again succeeds.
  Result<void> close() noexcept { return record().close(); }

  // Deregisters, ends all waits with Errc::closed, and gives the descriptor back. Fails with
  // device_or_resource_busy while another thread is in a call on it, with closed after close().
  Result<OwnedFd> into_fd() && noexcept { return record().take_fd(); }

  // Valid until closed; fatal after that.
  BorrowedFd as_fd(std::source_location where = std::source_location::current()) const noexcept {
    WEFT_CHECK(!record().look().is_closed(), "as_fd: the socket has been closed", where);
    return record().unguarded_fd();
  }

  // Ends when something of `interest` is ready and says what (G-6): cached, so perhaps outdated.
  // Any number of tasks may wait. Cancel safe.
  IoReadyAwaitable<IoWaitNode> ready(runtime::Interest interest) const noexcept {
    return {record(), record().wanted(interest)};
  }
  IoReadyAwaitable<IoReadyNode> readable() const noexcept {
    return {record(), record().wanted(IoDirection::kRead)};
  }
  IoReadyAwaitable<IoReadyNode> writable() const noexcept {
    return {record(), record().wanted(IoDirection::kWrite)};
  }
  // The poll form: one slot a direction, the last caller is woken (G-7).
  Poll<Result<void>> poll_ready(Context& cx, IoDirection direction) const noexcept;
  // The same, and says in which state it was found ready.
  Poll<Result<IoSeen>> poll_seen(Context& cx, IoDirection direction) const noexcept;

  // Carries out an operation as soon as it does not block.
  template <IoOperation Op>
  IoPerform<Op> perform(Op op) const noexcept {
    return internal::perform(record(), std::move(op));
  }
  // The same with the slot of `direction`.
  template <IoOperation Op>
  Poll<IoResult<Op>> poll(Context& cx, IoDirection direction, Op op) const {
    std::optional<IoResult<Op>> result = poll_operation(record(), cx, op, direction);
    if (!result) return kPending;
    return *std::move(result);
  }
  // The same at once: would_block if it is not known to be ready (G-5).
  template <IoOperation Op>
  IoResult<Op> attempt(Op op) const {
    return try_operation_if_ready(record(), op);
  }

  // fn() returns a Result and makes one non-blocking call on the descriptor. It is called when
  // something of `interest` is ready, and again after "would block" or "interrupted". What it
  // throws comes out of the await.
  template <class F>
  auto async_io(runtime::Interest interest, F&& fn) const {
    return perform(CallFunction<std::decay_t<F>>(record().wanted(interest), std::forward<F>(fn)));
  }
  // The same at once: would_block, without calling fn, if nothing of `interest` is known to be
  // ready.
  template <class F>
  auto try_io(runtime::Interest interest, F&& fn) const {
    return attempt(CallFunction<std::decay_t<F>>(record().wanted(interest), std::forward<F>(fn)));
  }

  // Runs fn(BorrowedFd) on the open descriptor: for calls that do not wait for readiness, such as
  // options and addresses. fn returns a Result<T>; Errc::closed if it is closed.
  template <class F>
  auto with_fd(F&& fn) const -> std::invoke_result_t<F, BorrowedFd> {
    IoRecord::Call call(record());
    if (!call) return Err(Errc::closed);
    return std::invoke(std::forward<F>(fn), call.fd());
  }

  IoRecord& record() const noexcept {
    WEFT_CHECK(record_, "a socket was used that had been moved from");
    return *record_;
  }

 private:
  explicit IoRegistration(RefPtr<IoRecord> record) noexcept : record_(std::move(record)) {}

  RefPtr<IoRecord> record_;  // null when moved from
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_IO_REGISTRATION_H_
