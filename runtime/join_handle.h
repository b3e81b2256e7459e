// JoinHandle<T>, AbortHandle: what a spawner keeps of a task.
//
// Spec: T-1..T-8, R-116..R-118, R-99.
//
// Awaiting a JoinHandle yields the task's value, or why there is none. Destroying it detaches the
// task: it goes on. An AbortHandle can only cancel; it is copyable and forgets the type.
//
//   weft::JoinHandle<int> handle = weft::spawn(compute(4));
//   weft::JoinResult<int> result = co_await handle;
//   if (!result && result.error().is_exception()) result.error().rethrow();

#ifndef WEFT_RUNTIME_JOIN_HANDLE_H_
#define WEFT_RUNTIME_JOIN_HANDLE_H_

#include <exception>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/join_error.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/task.h>
#include <weft/runtime/task/raw_task.h>
#include <weft/runtime/task/task_state.h>
#include <weft/runtime/task_id.h>
#include <weft/runtime/wait_report.h>

namespace weft {

// Thread-safe; copies refer to the same task. Keeps the task's id and memory, not the task.
class AbortHandle {
 public:
  // Takes over a counted reference.
  explicit AbortHandle(Waker reference) noexcept : reference_(std::move(reference)) {}

  // Requests cancellation and returns at once: the task is cancelled where it is suspended next, on
  // a thread of its runtime. Nothing happens to a task that has completed (T-5).
  void abort() const noexcept { internal::abort_task(task()); }
  // True once the task is complete; not yet right after abort() (T-7).
  bool is_finished() const noexcept { return internal::TaskState(*task()).is_complete(); }
  TaskId id() const noexcept { return TaskId(task()->id); }
  // What task::Builder named it; empty if nothing. Good for as long as this handle exists.
  std::string_view name() const noexcept { return internal::name_of(*task()); }

 private:
  internal::FrameHeader* task() const noexcept {
    // SAFETY(cast): made by JoinHandle from a task's reference.
    return static_cast<internal::FrameHeader*>(reference_.target());
  }

  // A task's reference is what a waker is made of.
  Waker reference_;
};

namespace internal {

// Takes the output of a complete task out of it.
template <class T>
JoinResult<T> take_output(FrameHeader* task) {
  auto& storage = TaskPromise<T>::result_of(task);
  const Outcome outcome = std::exchange(task->outcome, Outcome::kNone);
  const TaskId id(task->id);
  if (outcome == Outcome::kCancelled) return Err(JoinError::cancelled(id));
  const TaskIdScope id_scope(task->id);
  // SAFETY(storage): `outcome` named the live member, and forgetting it makes us its owner.
  if (outcome == Outcome::kException) {
    std::exception_ptr exception = std::move(storage.exception);
    std::destroy_at(&storage.exception);
    return Err(JoinError::threw(id, std::move(exception)));
  }
  if constexpr (std::is_void_v<T>) {
    return JoinResult<T>();
  } else {
    JoinResult<T> value(std::move(storage.value));
    // SAFETY(storage): as above.
    std::destroy_at(&storage.value);
    return value;
  }
}

}  // namespace internal

// Movable; used by one thread at a time, which may change, and be on any runtime or none. May be
// discarded: `spawn(serve, std::move(socket));` detaches the task.
template <class T>
class JoinHandle {
 public:
  using value_type = T;

  // For the runtime: takes over JOIN_INTEREST.
  explicit JoinHandle(internal::FrameHeader* task) noexcept : task_(task) {}
  JoinHandle(JoinHandle&& other) noexcept : task_(std::exchange(other.task_, nullptr)) {}
  JoinHandle& operator=(JoinHandle&& other) noexcept {
    JoinHandle moved(std::move(other));
    std::swap(task_, moved.task_);
    return *this;
  }
  // Detaches. The result of a task that has finished is destroyed here (T-4).
  ~JoinHandle() {
    if (task_ != nullptr) internal::drop_join_handle(task_, true);
  }

  // As AbortHandle's.
  void abort() const noexcept {
    if (task_ != nullptr) internal::abort_task(task_);
  }
  AbortHandle abort_handle() const noexcept {
    WEFT_CHECK(task_ != nullptr, kTaken);
    internal::retain_task(task_);
    return AbortHandle(Waker::adopt(task_));
  }
  bool is_finished() const noexcept {
    return task_ == nullptr || internal::TaskState(*task_).is_complete();
  }
  TaskId id() const noexcept {
    WEFT_CHECK(task_ != nullptr, kTaken);
    return TaskId(task_->id);
  }
  // As AbortHandle's. Empty when the result was taken.
  std::string_view name() const noexcept {
    return task_ == nullptr ? std::string_view() : internal::name_of(*task_);
  }

  // What co_await checks first, at the caller's line.
  void check_await(std::source_location where) const {
    WEFT_CHECK(task_ != nullptr, kTaken, where);
  }

  class Node;
  // Yields JoinResult<T>. Awaited once; a check failure after the result was taken. Cancel safe:
  // the handle can be awaited again. Takes one unit of the budget.
  LeafAwaiter<Node> operator co_await() noexcept { return LeafAwaiter<Node>(*this); }

 private:
  static constexpr const char* kTaken =
      "JoinHandle: the result has been taken, or the handle was moved from";

  internal::FrameHeader* task_;  // null: moved from, or the result was taken
};

template <class T>
class JoinHandle<T>::Node : public Leaf {
 public:
  static constexpr const char* kWaitingOn = "join";
  explicit Node(JoinHandle& handle) noexcept : handle_(handle) {}

  bool poll(Context& cx) noexcept {
    WEFT_CHECK(handle_.task_ != nullptr, kTaken);
    return internal::poll_join(handle_.task_, cx);
  }
  // For dumps: which task. Not of a handle whose result was taken.
  internal::TaskMark mark() const noexcept { return internal::mark_of(*handle_.task_); }
  void describe(WaitReport& report) noexcept { report.end_of(mark()); }
  JoinResult<T> take() {
    internal::FrameHeader* const task = std::exchange(handle_.task_, nullptr);
    struct Drop {
      internal::FrameHeader* task;
      ~Drop() { internal::drop_join_handle(task, false); }
    } const drop{task};
    return internal::take_output<T>(task);
  }

 private:
  JoinHandle& handle_;
};

}  // namespace weft

#endif  // WEFT_RUNTIME_JOIN_HANDLE_H_
