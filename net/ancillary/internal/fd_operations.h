// Passing descriptors over the sockets of weft, as operations for the driver.
//
// Spec: ancillary.md A-X1..A-X5.
//
// Control data lives on the stack of the attempt; what an operation holds while it waits is what it
// was called with.

#ifndef WEFT_NET_ANCILLARY_INTERNAL_FD_OPERATIONS_H_
#define WEFT_NET_ANCILLARY_INTERNAL_FD_OPERATIONS_H_

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/ancillary/internal/fd_passing.h>
#include <weft/net/ancillary/internal/message_operations.h>
#include <weft/net/ancillary/message_fd.h>
#include <weft/net/ancillary/message_options.h>
#include <weft/net/ancillary/received_fd_set.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_wait.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>

namespace weft::net::internal {

class SendFdsOperation : public MessageWrite {
 public:
  using value_type = std::size_t;

  SendFdsOperation(std::span<const std::byte> data, std::span<const BorrowedFd> fds,
                   SendOptions options) noexcept
      : data_(data), fds_(fds), options_(options) {}
  Result<value_type> attempt(BorrowedFd fd) noexcept {
    const MessageFd socket(fd);
    return send_fds_now(socket, data_, fds_, options_);
  }

 private:
  std::span<const std::byte> data_;
  std::span<const BorrowedFd> fds_;
  SendOptions options_;
};

// Operations end with a Result<value_type>; here the value says how it went, and the error is only
// what the driver has to see: "would block", "interrupted", or why it never came to an attempt.
template <class Value>
struct RecvFdsOutcome {
  explicit RecvFdsOutcome(Result<Value, RecvFdsError> value) noexcept : result(std::move(value)) {}
  Result<Value, RecvFdsError> result;
};

template <class Value>
Result<RecvFdsOutcome<Value>> outcome(Result<Value, RecvFdsError> result) noexcept {
  if (!result) {
    const Error error = result.error().error();
    if (error == std::errc::operation_would_block || error == std::errc::interrupted) {
      return Err(error);
    }
  }
  return RecvFdsOutcome<Value>(std::move(result));
}

// What was received into a span, as an object that owns it.
template <std::size_t N>
Result<RecvFds<N>, RecvFdsError> with_fds(const Result<RecvFdsInto, RecvFdsError>& got,
                                          std::array<OwnedFd, N>&& fds) noexcept {
  if (!got) return Err(got.error());
  return RecvFds<N>{got->bytes, got->count, std::move(fds), got->surplus, got->flags};
}

template <std::size_t N>
class RecvFdsOperation : public MessageRead {
 public:
  using value_type = RecvFdsOutcome<RecvFds<N>>;

  RecvFdsOperation(std::span<std::byte> room, ControlRoom control, RecvOptions options) noexcept
      : room_(room), control_(control), options_(options) {}
  std::optional<Error> refused() const noexcept { return refusal(options_); }
  Result<value_type> attempt(BorrowedFd fd) noexcept {
    const MessageFd socket(fd);
    std::array<OwnedFd, N> fds;
    const auto got = recv_fds_now(socket, room_, control_, std::span<OwnedFd>(fds), options_);
    return outcome(with_fds(got, std::move(fds)));
  }

 private:
  std::span<std::byte> room_;
  ControlRoom control_;
  RecvOptions options_;
};

class RecvFdsIntoOperation : public MessageRead {
 public:
  using value_type = RecvFdsOutcome<RecvFdsInto>;

  RecvFdsIntoOperation(std::span<std::byte> room, std::span<OwnedFd> out,
                       RecvOptions options) noexcept
      : room_(room), out_(out), options_(options) {}
  std::optional<Error> refused() const noexcept { return refusal(options_); }
  Result<value_type> attempt(BorrowedFd fd) noexcept {
    const MessageFd socket(fd);
    return outcome(recv_fds_now(socket, room_, ControlRoom(), out_, options_));
  }

 private:
  std::span<std::byte> room_;
  std::span<OwnedFd> out_;
  RecvOptions options_;
};

// As an IoPerformNode, with one kind of error in the end.
template <class Op, class Value>
class RecvFdsNode : public Leaf {
 public:
  RecvFdsNode(weft::internal::IoRecord& record, Op op) noexcept
      : call_(record), op_(std::move(op)) {}

  bool poll(Context& cx) noexcept {
    if (const std::optional<Error> error = op_.refused()) {
      result_.emplace(Err(*error));  // without waiting for what would not be looked at
      return true;
    }
    result_ = call_.poll(cx, op_);
    return result_.has_value();
  }
  Result<Value, RecvFdsError> take() noexcept {
    if (!*result_) return Err(RecvFdsError(result_->error(), 0));
    return std::move((*result_)->result);
  }

  void describe(WaitReport& report) noexcept {
    weft::internal::describe_io(report, call_.record(), op_.wanted());
  }
  static constexpr const char* kWaitingOn = "io";

 private:
  weft::internal::IoCall call_;
  Op op_;
  std::optional<Result<RecvFdsOutcome<Value>>> result_;
};

template <class Op, class Value>
using RecvFdsAwaitable = weft::internal::IoOperationAwaitable<RecvFdsNode<Op, Value>, Op>;

}  // namespace weft::net::internal

#endif  // WEFT_NET_ANCILLARY_INTERNAL_FD_OPERATIONS_H_
