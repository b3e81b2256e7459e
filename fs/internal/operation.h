// Operation: one thing asked of the file system, on its way through the blocking pool or the ring.
//
// Spec: FS-1, FS-2, FS-4, FS-18, FS-28, FS-47, FS-48, FS-50; reactor.md U-1, U-2.
//
// An operation is a record on the heap that owns everything the kernel may touch for it: paths,
// bytes, a reference to the open file, the result. Two hold it: who waits for it, and who carries
// it out. Either may go first. A waiter that is destroyed lets go of its reference and nothing else
// happens here: what has started goes on, into memory that stays; the last holder destroys the
// record, and with it a result that nobody fetched, so that a descriptor which arrives late is
// closed.
//
//   start()      counts the second holder, and hands the operation to the ring if the runtime has
//                one that can do it, else to the blocking pool
//   perform()    on a thread that may block: the whole of it
//   prepare(), advance()   on the ring: fills in a request; looks at its answer
//   fail()       it will never be carried out
//   poll()       the waiter's
//
//   done_      false until the result is there. Written once, by who carries it out; read by the
//              waiter.
//   pairing    [O1] release in finish() -> acquire in is_done(): the result, and all that the
//              executor did.

#ifndef WEFT_FS_INTERNAL_OPERATION_H_
#define WEFT_FS_INTERNAL_OPERATION_H_

#include <cstdint>
#include <functional>
#include <new>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <utility>

#include <weft/base/intrusive_list.h>
#include <weft/base/result.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/blocking/blocking_pool.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_driver.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task.h>
#include <weft/runtime/wait_report.h>
#include <weft/runtime/waker_slot.h>

struct io_uring_sqe;  // <linux/io_uring.h>  NOLINT(readability-identifier-naming): its name there

namespace weft::fs::internal {

using Where = std::source_location;

class Operation : public weft::internal::BlockingJob,
                  public RefCounted<Operation>,
                  public ListNode {
 public:
  // What the ring's answer to a request means.
  enum class Step : std::uint8_t { kFinished, kAgain };

  // Hands it over; once. `is_mandatory`: carried out even if the runtime shuts down meanwhile. If
  // nobody takes it, it has failed when this returns.
  void start(weft::internal::Scheduler& scheduler, bool is_mandatory) noexcept;

  // True once there is a result. Otherwise the task of `cx` is woken then. Takes a unit of the
  // budget when it answers true. One waiter.
  bool poll(Context& cx) noexcept;
  bool is_done() const noexcept { return done_.load(std::memory_order_acquire); }  // [O1]
  // The waiter's, for dumps: whom start() has handed it to. The ring may have passed it on.
  const char* executor() const noexcept { return ring_ ? "by io_uring" : "by the blocking pool"; }

  // The waiter's end, if it has waited: nobody will ask for the result. The ring may drop it.
  void detach() noexcept;

  // --- For the ring

  bool is_detached() const noexcept {
    // relaxed: a hint that makes no difference but to how soon it ends.
    return detached_.load(std::memory_order_relaxed);
  }
  // Has the pool do the rest of it.
  void go_to_pool() noexcept;
  // Fills in the request, which refers to memory of ours. False: the ring has no such operation.
  virtual bool prepare(::io_uring_sqe& entry) noexcept;
  // The kernel's answer: a count, a descriptor, or a negative errno. Never ECANCELED; EINTR only if
  // this is not repeatable. kAgain: prepare() has another request, which continues this one.
  virtual Step advance(std::int32_t answer) noexcept;
  // Whether a request that was interrupted (EINTR) has had no effect, so that it is made again.
  virtual bool is_repeatable() const noexcept { return true; }
  // The ring's last act: the result is there. May destroy the operation.
  void finish() noexcept;
  // The ring is gone before it was carried out.
  void abandon() noexcept { cancel(); }
  bool is_mandatory() const noexcept { return mandatory; }

  // --- For the pool
  void run() noexcept final;
  void cancel() noexcept final;

 protected:
  friend class RefCounted<Operation>;
  ~Operation() override = default;

  // Carries it out and keeps the result.
  virtual void perform() noexcept = 0;
  // The result is this error.
  virtual void fail(Error error) noexcept = 0;
  // Before the result is made known, however it came about: lets go of what others may ask about.
  virtual void settle() noexcept {}

  weft::internal::WakerSlot waker_;

 private:
  loom::Atomic<bool> done_{false};
  // Written by the waiter, read by the ring.
  loom::Atomic<bool> detached_{false};
  RefPtr<weft::internal::IoDriverExtension> ring_;  // the waiter's: a Ring that may have it
  // From start() to finish(): an operation may outlive the runtime's handles.
  RefPtr<weft::internal::Scheduler> scheduler_;
};

// One with a result.
template <class T>
class ResultOperation : public Operation {
 public:
  // Precondition: done. Once.
  Result<T> take() noexcept { return *std::move(result_); }

 protected:
  void fail(Error error) noexcept override { result_.emplace(Err(error)); }
  void set(Result<T> result) noexcept { result_.emplace(std::move(result)); }

 private:
  std::optional<Result<T>> result_;
};

// Calls a function on the blocking pool; there is no ring form of it. What it throws for want of
// memory is an error; it throws nothing else.
template <class T, class F>
class CallOperation final : public ResultOperation<T> {
 public:
  explicit CallOperation(F call) : call_(std::in_place, std::move(call)) {}

 protected:
  void perform() noexcept override {
    try {
      this->set(std::invoke(*call_));
    } catch (const std::bad_alloc&) {
      this->set(Err(std::errc::not_enough_memory));
    } catch (const std::length_error&) {
      // A file that claims to be longer than any container can be.
      this->set(Err(std::errc::not_enough_memory));
    } catch (...) {
      // FS-1: the job died.
      this->set(Err(Errc::other));
    }
  }
  void settle() noexcept override { call_.reset(); }

 private:
  std::optional<F> call_;
};

// The leaf of an operation that starts when it is first polled.
template <class T>
class OperationNode : public Leaf {
 public:
  static constexpr const char* kWaitingOn = "fs";

  OperationNode(RefPtr<ResultOperation<T>> operation, const char* call, Where where) noexcept
      : operation_(std::move(operation)), call_(call), where_(where) {}

  bool poll(Context& cx) noexcept {
    if (!is_started_) {
      operation_->start(weft::internal::require_scheduler(call_, where_), false);
      is_started_ = true;
    }
    return operation_->poll(cx);
  }
  void describe(WaitReport& report) noexcept {
    report.object(operation_.get());
    report.note(call_);
    report.note(operation_->executor());
  }
  Result<T> take() noexcept { return operation_->take(); }
  ~OperationNode() { operation_->detach(); }

 private:
  const RefPtr<ResultOperation<T>> operation_;
  const char* const call_;  // lives as long as the program
  const Where where_;
  bool is_started_ = false;
};

template <class T>
class [[nodiscard]] OperationAwaitable {
 public:
  OperationAwaitable(RefPtr<ResultOperation<T>> operation, const char* call, Where where) noexcept
      : operation_(std::move(operation)), call_(call), where_(where) {}
  LeafAwaiter<OperationNode<T>> operator co_await() const noexcept {
    return LeafAwaiter<OperationNode<T>>(operation_, call_, where_);
  }

 private:
  RefPtr<ResultOperation<T>> operation_;
  const char* call_;
  Where where_;
};

// Carries `operation` out when awaited; `call` and `where` are named if there is no runtime (FS-3).
template <class T>
OperationAwaitable<T> run(RefPtr<ResultOperation<T>> operation, const char* call,
                          Where where) noexcept {
  return {std::move(operation), call, where};
}

template <class T, class Made, class... Args>
RefPtr<ResultOperation<T>> make_operation(Args&&... args) {
  return make_ref<Made>(std::forward<Args>(args)...);
}

// The same for a function that returns a Result.
template <class F>
auto blocking(const char* call, Where where, F function) {
  using T = typename std::invoke_result_t<F&>::value_type;
  return run<T>(make_operation<T, CallOperation<T, F>>(std::move(function)), call, where);
}

}  // namespace weft::fs::internal

#endif  // WEFT_FS_INTERNAL_OPERATION_H_
