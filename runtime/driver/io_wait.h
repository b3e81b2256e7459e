// The leaves of I/O: what a coroutine is suspended on while a descriptor is not ready.
//
// Spec; net.md G-4, G-6, G-8, G-10, section 8 (cancel safety).
//
// IoWait ends when the descriptor is ready; IoPerform carries out an operation. Both contain their
// own queue node, so waiting allocates nothing, and destroying them leaves no trace: the system
// call is made in the very poll that completes, so no result is ever lost in a leaf that is thrown
// away.
//
// They may outlive the socket that they wait on; then they end with Errc::closed.
//
//   Result<std::size_t> n = co_await perform(record, Receive{buffer});

#ifndef WEFT_RUNTIME_DRIVER_IO_WAIT_H_
#define WEFT_RUNTIME_DRIVER_IO_WAIT_H_

#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_call.h>
#include <weft/runtime/driver/io_record.h>
#include <weft/runtime/driver/ready.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>

namespace weft::internal {

// For dumps: which descriptor, and what of it is waited for.
void describe_io(WaitReport& report, const IoRecord& record, runtime::Ready wanted) noexcept;

// Waits for readiness and says what there is of it.
class IoWaitNode : public Leaf {
 public:
  IoWaitNode(IoRecord& record, runtime::Ready wanted) noexcept : record_(record), wanted_(wanted) {}

  bool poll(Context& cx) noexcept;
  Result<runtime::Ready> take() noexcept {
    return seen_.transform([this](IoSeen seen) { return seen.ready() & wanted_; });
  }

  void describe(WaitReport& report) noexcept { describe_io(report, record_, wanted_); }
  static constexpr const char* kWaitingOn = "io readiness";

 protected:
  IoRecord& record() noexcept { return record_; }
  // The state in which it was found ready, after a complete poll().
  Result<IoSeen> seen() const noexcept { return seen_; }

 private:
  IoRecord& record_;
  const runtime::Ready wanted_;
  Result<IoSeen> seen_;
  IoWaiter waiter_;
};

// The same, for who only wants to know that it is ready.
class IoReadyNode : public IoWaitNode {
 public:
  using IoWaitNode::IoWaitNode;
  Result<void> take() noexcept {
    return IoWaitNode::take().transform([](runtime::Ready) {});
  }
};

// What a leaf needs to carry out operations on one descriptor, one after the other.
class IoCall {
 public:
  explicit IoCall(IoRecord& record) noexcept : record_(record) {}

  // Nothing: pending, and the computation that `cx` polls will be woken.
  template <IoOperation Op>
  std::optional<IoResult<Op>> poll(Context& cx, Op& op) {
    std::optional<IoResult<Op>> result = poll_operation(
        record_, cx, op, [&](runtime::Ready wanted) { return record_.wait(waiter_, wanted, cx); });
    if (!result) waiter_.hold(record_);
    return result;
  }
  IoRecord& record() const noexcept { return record_; }

 private:
  IoRecord& record_;
  IoWaiter waiter_;
};

// Carries out `op`.
template <IoOperation Op>
class IoPerformNode : public Leaf {
 public:
  IoPerformNode(IoRecord& record, Op op) noexcept : call_(record), op_(std::move(op)) {}

  bool poll(Context& cx) noexcept {
    if constexpr (!kMayThrow) {
      result_ = poll_once(cx);
    } else {
      // A user's function may throw; the exception is the awaiting coroutine's.
      try {
        result_ = poll_once(cx);
      } catch (...) {
        exception_ = std::current_exception();
        return true;
      }
    }
    return result_.has_value();
  }

  IoResult<Op> take() {
    if constexpr (kMayThrow) {
      if (exception_) std::rethrow_exception(std::exchange(exception_, nullptr));
    }
    return *std::move(result_);
  }

  void describe(WaitReport& report) noexcept { describe_io(report, call_.record(), op_.wanted()); }
  static constexpr const char* kWaitingOn = "io";

 private:
  std::optional<IoResult<Op>> poll_once(Context& cx) { return call_.poll(cx, op_); }

  struct None {};
  static constexpr bool kMayThrow =
      !noexcept(std::declval<Op&>().attempt(std::declval<BorrowedFd>()));

  IoCall call_;
  Op op_;
  std::optional<IoResult<Op>> result_;
  // Operations of ours do not throw, and have no place for it.
  [[no_unique_address]] std::conditional_t<kMayThrow, std::exception_ptr, None> exception_{};
};

// A user's function as an operation: G-4.
template <class F>
class CallFunction {
 public:
  using value_type = typename std::invoke_result_t<F&>::value_type;

  CallFunction(runtime::Ready wanted, F fn) : wanted_(wanted), fn_(std::move(fn)) {}
  runtime::Ready wanted() const noexcept { return wanted_; }
  Result<value_type> attempt(BorrowedFd) noexcept(std::is_nothrow_invocable_v<F&>) {
    return std::invoke(fn_);
  }

 private:
  runtime::Ready wanted_;
  F fn_;
};

// The awaitables. Movable until awaited; the record has to be alive until then.
template <class Node>
class [[nodiscard]] IoReadyAwaitable {
 public:
  IoReadyAwaitable(IoRecord& record, runtime::Ready wanted) noexcept
      : record_(&record), wanted_(wanted) {}
  LeafAwaiter<Node> operator co_await() const noexcept {
    return LeafAwaiter<Node>(*record_, wanted_);
  }

 private:
  IoRecord* record_;
  runtime::Ready wanted_;
};

template <class Node, class Op>
class [[nodiscard]] IoOperationAwaitable {
 public:
  IoOperationAwaitable(IoRecord& record, Op op) noexcept : record_(&record), op_(std::move(op)) {}
  LeafAwaiter<Node> operator co_await() && noexcept {
    return LeafAwaiter<Node>(*record_, std::move(op_));
  }
  LeafAwaiter<Node> operator co_await() & noexcept { return LeafAwaiter<Node>(*record_, op_); }

 private:
  IoRecord* record_;
  Op op_;
};

template <IoOperation Op>
using IoPerform = IoOperationAwaitable<IoPerformNode<Op>, Op>;

template <IoOperation Op>
IoPerform<Op> perform(IoRecord& record, Op op) noexcept {
  return IoPerform<Op>(record, std::move(op));
}

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_IO_WAIT_H_
