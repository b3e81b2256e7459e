// Task<T>: a lazy coroutine that yields a T.
//
// Spec: T-2, T-64, T-69, T-71, R-158, R-159; N-G11 for frames.
//
// Calling a coroutine makes a Task and runs nothing. Awaiting it runs it as part of the awaiting
// task; spawn() makes it a task of its own. A Task owns its frame: destroying it destroys the
// frame, with everything below that it was waiting for (that is cancellation).
//
// Awaited as an rvalue, the frame becomes a link of the awaiting strand and belongs to the awaiter:
// calls and returns run in constant stack space. Awaited as an lvalue, or as a branch of a
// combinator, it is driven by a strand of its own, so it survives if the awaiter is destroyed and
// may be awaited again. Deep recursion should await rvalues, which is what `co_await f(n - 1)`
// does.
//
//   weft::Task<int> add(int a, int b) { co_return a + b; }
//   weft::Task<> use() { int sum = co_await add(1, 2); }
//
// A parameter is a value, or a reference to something that outlives the await. A lambda that is a
// coroutine captures nothing, or outlives its Task; spawn(fn, args...) keeps it alive.

#ifndef WEFT_RUNTIME_TASK_H_
#define WEFT_RUNTIME_TASK_H_

#include <coroutine>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/coroutine/promise.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>

namespace weft {

template <class T = void>
class Task;

namespace internal {

template <class T>
class TaskPromise final : public ResultPromise<TaskPromise<T>, T> {
 public:
  using value_type = T;
  Task<T> get_return_object() noexcept { return Task<T>(this->header()); }

  // The result storage of the frame behind `header`, dead or alive.
  static OutputStorage<T>& result_of(FrameHeader* header) noexcept {
    // SAFETY(lifetime): forms the promise's address inside a block that the caller keeps; nothing
    // of the promise but its result storage is used, and that outlives the frame with the block.
    auto handle = std::coroutine_handle<TaskPromise>::from_address(header->frame_address());
    return handle.promise().result();
  }
};

// Destroys a frame that has ended, or its remains: the result if it was not taken, the frame if it
// is not dead, the block.
template <class T>
void destroy_ended(FrameHeader* frame) noexcept {
  destroy_result<T>(TaskPromise<T>::result_of(frame), frame->outcome);
  if (frame->frame_is_dead) {
    free_block(frame);
  } else {
    frame->handle().destroy();
  }
}

// Destroys a frame in whatever state it is.
template <class T>
void destroy_frame(FrameHeader* frame) noexcept {
  if (frame->has_ended()) {
    destroy_ended<T>(frame);
  } else {
    destroy_chain(frame);
  }
}

// Moves the result out or throws the exception.
template <class T>
T take_result(FrameHeader* frame) {
  auto& storage = TaskPromise<T>::result_of(frame);
  if (frame->outcome == Outcome::kException) [[unlikely]]
    std::rethrow_exception(storage.exception);
  WEFT_DCHECK(frame->outcome == Outcome::kValue);
  if constexpr (!std::is_void_v<T>) return std::move(storage.value);
}

// Drives a frame that stands alone, by the strand in its header. True: it has ended.
inline void start_as_root(FrameHeader* frame) noexcept {
  frame->own.start(frame->handle());
  frame->parent = nullptr;
  frame->strand = &frame->own;
}
inline bool poll_as_root(FrameHeader* frame, Context& cx) noexcept {
  if (frame->has_ended()) return true;
  if (!frame->has_started()) start_as_root(frame);
  return frame->own.poll(cx);
}
inline bool poll_cancel_as_root(FrameHeader* frame, Context& cx) noexcept {
  return frame->has_ended() || !frame->has_started() || frame->own.poll_cancel(cx);
}

// co_await of an rvalue Task. Also a leaf, for combinators and for a Task that was polled by a
// strand of its own before.
template <class T>
class [[nodiscard]] TaskAwaiter {
 public:
  using node_type = TaskAwaiter;

  explicit TaskAwaiter(FrameHeader* frame) noexcept : frame_(frame) {}
  TaskAwaiter(const TaskAwaiter&) = delete;
  TaskAwaiter& operator=(const TaskAwaiter&) = delete;
  ~TaskAwaiter() {
    if (frame_ != nullptr) destroy_frame<T>(frame_);
  }

  bool await_ready() const noexcept { return false; }
  template <FramePromise Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
    FrameHeader* const parent = FrameHeader::of(awaiting);
    if (frame_->has_started()) [[unlikely]]
      return continue_started(parent, awaiting);
    return start_nested(parent, nullptr);
  }
  T await_resume() { return take_result<T>(frame_); }

  // Makes the frame, which has not started, a link of the strand of `parent`, which `this` is in.
  // Returns what is to be resumed.
  std::coroutine_handle<> start_nested(FrameHeader* parent, EndHook end_hook) noexcept {
    frame_->parent = parent;
    frame_->strand = parent->strand;
    frame_->owner = &frame_;
    frame_->end_hook = end_hook;
    return frame_->handle();
  }
  FrameHeader* frame() const noexcept { return frame_; }

  // As a leaf.
  TaskAwaiter& node() noexcept { return *this; }
  bool poll(Context& cx) noexcept { return poll_as_root(frame_, cx); }
  bool poll_cancel(Context& cx) noexcept { return poll_cancel_as_root(frame_, cx); }
  T take() { return take_result<T>(frame_); }
  static constexpr const char* kWaitingOn = "task";
  static constexpr bool kIsTransparent = true;
  void describe(WaitReport& report) noexcept { report.chain(*frame_); }

 private:
  std::coroutine_handle<> continue_started(FrameHeader* parent,
                                           std::coroutine_handle<> awaiting) noexcept {
    if (parent->strand->poll_or_wait(*this, awaiting)) return awaiting;
    return std::noop_coroutine();
  }

  FrameHeader* frame_;
};

// A Task driven by a strand of its own: co_await of an lvalue, or a combinator's branch. Borrows.
template <class T>
class BorrowedTask : public Leaf {
 public:
  explicit BorrowedTask(FrameHeader* frame) noexcept : frame_(frame) {}
  bool poll(Context& cx) noexcept { return poll_as_root(frame_, cx); }
  bool poll_cancel(Context& cx) noexcept { return poll_cancel_as_root(frame_, cx); }
  T take() { return take_result<T>(frame_); }
  static constexpr const char* kWaitingOn = "task";
  static constexpr bool kIsTransparent = true;
  void describe(WaitReport& report) noexcept { report.chain(*frame_); }

 private:
  FrameHeader* frame_;
};

}  // namespace internal

// Move-only; one thread at a time. Awaited once.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::TaskPromise<T>;
  using value_type = T;

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    Task moved(std::move(other));
    std::swap(frame_, moved.frame_);
    return *this;
  }
  // Cancels what has been started. Fatal if that contains something that must be cancelled step by
  // step (a live scope): abort the task, or let select, timeout or the scope do it.
  ~Task() {
    if (frame_ != nullptr) internal::destroy_frame<T>(frame_);
  }

  // Yields T, or throws what the body threw. Cancel safe in that everything the body awaited is
  // cancelled with it.
  internal::TaskAwaiter<T> operator co_await() && noexcept {
    WEFT_DCHECK(frame_ != nullptr);
    return internal::TaskAwaiter<T>(std::exchange(frame_, nullptr));
  }
  // The same, and leaves the frame with this object: if the awaiting frame is destroyed, the Task
  // survives where it stood and may be awaited again.
  LeafAwaiter<internal::BorrowedTask<T>> operator co_await() & noexcept {
    WEFT_DCHECK(frame_ != nullptr);
    return LeafAwaiter<internal::BorrowedTask<T>>(frame_);
  }

  // For the runtime: gives up the frame.
  internal::FrameHeader* release() && noexcept { return std::exchange(frame_, nullptr); }

 private:
  template <class U>
  friend class internal::TaskPromise;
  explicit Task(internal::FrameHeader* frame) noexcept : frame_(frame) {}

  internal::FrameHeader* frame_;
};

}  // namespace weft

#endif  // WEFT_RUNTIME_TASK_H_
