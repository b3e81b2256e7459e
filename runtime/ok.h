// ok: unwraps a Result, or ends the enclosing Task with its error; without exceptions.
//
// Spec: api.md (ok); T-71.
//
//   Task<Result<Report>> report(Database& db) {
//     Connection c = co_await ok(db.connect());      // an error here is report()'s result
//     co_return Report(co_await ok(c.query("...")));
//   }
//
// On an error the rest of the coroutine's body must not run, so its frame, which is suspended in
// this very co_await, is destroyed: the locals go in reverse order, as after co_return. The error
// is put into the result storage of the dead frame, whose block is kept for that, and control goes
// to whoever awaits it. How that is done depends on what ok() unwraps.
//
//   an rvalue Task   It is a link of the same strand, as with a plain co_await. When it ends, its
//                    end hook sees the error, ends the parent frame, and the next hook further up
//                    sees the parent's error: continuation_of() is a loop, so an error goes through
//                    any number of levels in constant stack.
//   anything else    It is a leaf (a borrowed Task too). The leaf's poll finds the error, ends the
//                    frame that it lies in, and tells the strand with whom to go on.
//
// E converts to the enclosing Task's error type as it would in `co_return Err(error)`; what that
// throws becomes the Task's exception.

#ifndef WEFT_RUNTIME_OK_H_
#define WEFT_RUNTIME_OK_H_

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/coroutine/promise.h>
#include <weft/runtime/coroutine/strand.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/task.h>
#include <weft/runtime/wait_report.h>

namespace weft {
namespace internal {

// What the coroutine behind `Promise` yields; void if it is not a Task.
template <class Promise>
struct YieldOf {
  using type = void;
};
template <class T>
struct YieldOf<TaskPromise<T>> {
  using type = T;
};

// R, the result type of the Task that awaits ok(), once it has been checked that it takes an E.
template <class Promise, class E>
struct CheckedResult {
  using type = typename YieldOf<Promise>::type;
  static_assert(kIsResult<type>,
                "weft::ok: the enclosing coroutine has to be a Task<Result<U, E>>");
  static_assert(std::is_constructible_v<type, Err<E>>,
                "weft::ok: the error does not convert to the enclosing Task's error type");
};

// Ends a suspended frame of a Task<R> as `co_return Err(error)` would, but for resuming its parent.
// Everything that the frame was waiting for has ended. `error` may lie in the frame.
template <class R, class E>
void end_frame_with(FrameHeader* frame, E& error) noexcept {
  std::optional<R> result;
  std::exception_ptr thrown;
  try {
    result.emplace(Err<E>(std::move(error)));
  } catch (...) {
    thrown = std::current_exception();
  }
  destroy_frame_keep_block(frame);
  auto& storage = TaskPromise<R>::result_of(frame);
  // SAFETY(storage): the body had not reached co_return, so the storage is empty; the block is
  // kept, and whoever owns the frame looks at `outcome` before it touches either (task.h).
  if (result) {
    std::construct_at(&storage.value, *std::move(result));
    frame->outcome = Outcome::kValue;
  } else {
    std::construct_at(&storage.exception, std::move(thrown));
    frame->outcome = Outcome::kException;
  }
}

// The end hook of a Task<Result<T, E>> that a Task<R> awaits with ok().
template <class R, class T, class E>
bool end_parent_on_error(FrameHeader* ended) noexcept {
  if (ended->outcome != Outcome::kValue) return false;  // await_resume() throws
  Result<T, E>& result = TaskPromise<Result<T, E>>::result_of(ended).value;
  if (result.has_value()) return false;
  // The parent's frame owns `ended` and takes it along.
  end_frame_with<R>(ended->parent, result.error());
  return true;
}

// Moves the value out of a Result that has one.
template <class T, class E>
T unwrap(Result<T, E>&& result) {
  WEFT_DCHECK(result.has_value());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// ok() of what is polled as a leaf.
template <class A>
class [[nodiscard]] OkLeafAwaiter {
  using Yielded = typename Branch<A>::collected_type;
  using T = typename Yielded::value_type;
  using E = typename Yielded::error_type;

 public:
  static constexpr const char* kWaitingOn = "ok";
  static constexpr bool kIsTransparent = true;
  void describe(WaitReport& report) noexcept { branch_.describe(report); }

  explicit OkLeafAwaiter(A&& awaitable) : branch_(std::forward<A>(awaitable)) {}
  OkLeafAwaiter(const OkLeafAwaiter&) = delete;
  OkLeafAwaiter& operator=(const OkLeafAwaiter&) = delete;

  bool await_ready() const noexcept { return false; }
  template <FramePromise Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
    using R = typename CheckedResult<Promise, E>::type;
    frame_ = FrameHeader::of(awaiting);
    end_frame_ = &end_frame_with<R, E>;
    Strand& strand = *frame_->strand;
    if (branch_.poll(strand.context())) return settle();
    strand.wait(&kLeafOps<OkLeafAwaiter>, this, awaiting);
    return std::noop_coroutine();
  }
  T await_resume() {
    if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
    return unwrap(*std::move(result_));
  }

  // For the strand.
  bool poll(Context& cx) noexcept {
    if (!branch_.poll(cx)) return false;
    Strand& strand = *frame_->strand;
    strand.continue_with(settle());  // may have destroyed *this
    return true;
  }
  bool poll_cancel(Context& cx) noexcept
    requires Branch<A>::kCancelDriven
  {
    return branch_.poll_cancel(cx);
  }

 private:
  // The branch is complete. Returns what is to be resumed; the frame, and *this, are gone if that
  // is another.
  std::coroutine_handle<> settle() noexcept {
    FrameHeader* const frame = frame_;
    try {
      result_.emplace(branch_.take());
    } catch (...) {
      thrown_ = std::current_exception();
    }
    if (!result_ || result_->has_value()) return frame->handle();
    end_frame_(frame, result_->error());
    return continuation_of(frame);
  }

  Branch<A> branch_;
  std::optional<Yielded> result_;
  std::exception_ptr thrown_;
  FrameHeader* frame_ = nullptr;  // the frame that *this lies in
  void (*end_frame_)(FrameHeader*, E&) noexcept = nullptr;
};

// ok() of an rvalue Task.
template <class T, class E>
class [[nodiscard]] OkTaskAwaiter {
 public:
  static constexpr const char* kWaitingOn = "task";
  static constexpr bool kIsTransparent = true;
  void describe(WaitReport& report) noexcept { report.chain(*child_.frame()); }

  explicit OkTaskAwaiter(Task<Result<T, E>>&& task) noexcept
      : child_(std::move(task).operator co_await()) {}
  OkTaskAwaiter(const OkTaskAwaiter&) = delete;
  OkTaskAwaiter& operator=(const OkTaskAwaiter&) = delete;

  bool await_ready() const noexcept { return false; }
  template <FramePromise Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
    using R = typename CheckedResult<Promise, E>::type;
    parent_ = FrameHeader::of(awaiting);
    end_parent_ = &end_parent_on_error<R, T, E>;
    if (!child_.frame()->has_started()) [[likely]]
      return child_.start_nested(parent_, end_parent_);
    Strand& strand = *parent_->strand;
    if (child_.poll(strand.context())) return settle();
    strand.wait(&kLeafOps<OkTaskAwaiter>, this, awaiting);
    return std::noop_coroutine();
  }
  T await_resume() { return unwrap(child_.take()); }

  // For the strand, if the Task was polled by a strand of its own before: it keeps that.
  bool poll(Context& cx) noexcept {
    if (!child_.poll(cx)) return false;
    Strand& strand = *parent_->strand;
    strand.continue_with(settle());  // may have destroyed *this
    return true;
  }
  bool poll_cancel(Context& cx) noexcept { return child_.poll_cancel(cx); }

 private:
  // As in OkLeafAwaiter.
  std::coroutine_handle<> settle() noexcept {
    FrameHeader* const parent = parent_;
    FrameHeader* const child = child_.frame();
    child->parent = parent;  // a root until now
    return end_parent_(child) ? continuation_of(parent) : parent->handle();
  }

  TaskAwaiter<Result<T, E>> child_;
  FrameHeader* parent_ = nullptr;  // the frame that *this lies in
  EndHook end_parent_ = nullptr;
};

// How ok() of an `A`, as forwarded, is awaited. Of other awaitables than Task the object stays
// where it is: in the same frame as the awaiter, which ends first.
template <class A>
struct OkAwaiterOf {
  using type = OkLeafAwaiter<A&&>;
};
template <class T, class E>
struct OkAwaiterOf<Task<Result<T, E>>> {
  using type = OkTaskAwaiter<T, E>;
};

// Movable until it is awaited.
template <class A>
class [[nodiscard]] Ok {
  static_assert(kIsResult<typename Branch<A>::collected_type>,
                "weft::ok: the awaitable has to yield a Result");
  using Awaiter = typename OkAwaiterOf<A>::type;

 public:
  explicit Ok(A&& awaitable) : awaitable_(std::forward<A>(awaitable)) {}

  Awaiter operator co_await() { return Awaiter(std::forward<A>(awaitable_)); }

 private:
  A awaitable_;
};

}  // namespace internal

// `awaitable` yields a Result<T, E>; co_await ok(awaitable) yields the T. On an error the enclosing
// Task<Result<U, E2>>, E2 made from E, ends with that error: as after co_return, its locals are
// destroyed in reverse order before whoever awaits it goes on. Exceptions of the awaitable come out
// of co_await as usual. An lvalue is borrowed.
//
// Only for co_await in a Task: as part of a combinator it would have no Task to end. Cancel safe if
// the awaitable is. Takes no budget of its own.
template <Awaitable A>
[[nodiscard]] internal::Ok<A> ok(A&& awaitable) {
  return internal::Ok<A>(std::forward<A>(awaitable));
}

}  // namespace weft

#endif  // WEFT_RUNTIME_OK_H_
