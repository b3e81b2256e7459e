// TaskLocal<T>: a value that a piece of a task, and all it calls, can see without being passed it.
//
// Spec: T-56..T-58.
//
//   constinit TaskLocal<int> request_id;  // a key, at namespace scope
//
//   std::string log_line(std::string s) { return std::to_string(request_id.get()) + " " + s; }
//
//   Task<std::string> handle() { co_return log_line("accepted"); }
//
//   Task<std::string> serve(int id) { co_return co_await request_id.scope(id, handle()); }
//
// scope() wraps an awaitable. Whenever that is polled, and while it is destroyed, the value is
// visible on the thread that does it; so the value follows the task from thread to thread, and is
// gone from a thread as soon as the task has suspended. A task that is spawned inside does not
// inherit it.
//
// What is visible on a thread is a chain of the scopes that are being polled there, the innermost
// first, each on the stack of its poll. Entering and leaving a scope is two stores; a lookup walks
// the chain to the first scope of its key. There are rarely more than a few, and a table by key
// would have to be entered and left just as often.

#ifndef WEFT_TASK_TASK_LOCAL_H_
#define WEFT_TASK_TASK_LOCAL_H_

#include <concepts>
#include <functional>
#include <optional>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>

namespace weft {

// The key has no value here.
struct TaskLocalUnset {
  std::string_view message() const noexcept { return "task-local value not set"; }
  friend bool operator==(TaskLocalUnset, TaskLocalUnset) noexcept = default;
};

namespace internal {

class FiberTaskLocals;

// One scope that is being polled, entered for this object's lifetime. Stays on its thread, or on
// its fiber.
class TaskLocalFrame {
 public:
  // `value`: a std::optional<T>, the scope's. A check failure inside with() of the same key.
  TaskLocalFrame(const void* key, void* value) noexcept;
  ~TaskLocalFrame();
  TaskLocalFrame(const TaskLocalFrame&) = delete;
  TaskLocalFrame& operator=(const TaskLocalFrame&) = delete;

  // The innermost scope of `key` on this thread; null if there is none.
  static TaskLocalFrame* find(const void* key) noexcept;

  void* value() const noexcept { return value_; }

  // While one exists, with() runs and no scope of the same key may be entered.
  class Borrow {
   public:
    explicit Borrow(TaskLocalFrame& frame) noexcept : frame_(frame) { ++frame_.borrows_; }
    ~Borrow() { --frame_.borrows_; }
    Borrow(const Borrow&) = delete;
    Borrow& operator=(const Borrow&) = delete;

   private:
    TaskLocalFrame& frame_;
  };

 private:
  // It takes what lies on a fiber off one thread's chain and into another's.
  friend class FiberTaskLocals;

  TaskLocalFrame(const void* key, void* value, TaskLocalFrame*& chain) noexcept;

  // The innermost scope that is being polled on this thread; null if there is none.
  static TaskLocalFrame*& innermost() noexcept;

  const void* const key_;
  void* const value_;
  TaskLocalFrame* outer_;
  unsigned borrows_ = 0;
};

template <class T, class A>
class TaskLocalState {
 public:
  static constexpr const char* kWaitingOn = "task local";
  static constexpr bool kIsTransparent = true;
  void describe(WaitReport& report) noexcept {
    if (branch_) branch_->describe(report);
  }

  TaskLocalState(const void* key, T&& value, A&& awaitable)
      : key_(key), value_(std::move(value)), branch_(std::in_place, std::forward<A>(awaitable)) {}
  TaskLocalState(TaskLocalState&&) = default;
  TaskLocalState& operator=(TaskLocalState&&) = delete;
  ~TaskLocalState() {
    if (branch_) destroy_branch();
  }

  bool poll(Context& cx) noexcept {
    WEFT_CHECK(branch_.has_value(), "TaskLocal::scope: awaited again after it had completed");
    const TaskLocalFrame frame(key_, &value_);
    return branch_->poll(cx);
  }
  bool poll_cancel(Context& cx) noexcept
    requires Branch<A>::kCancelDriven
  {
    const TaskLocalFrame frame(key_, &value_);
    return branch_->poll_cancel(cx);
  }
  bool poll_abandon(Context& cx) noexcept
    requires Branch<A>::kCancelDriven
  {
    const TaskLocalFrame frame(key_, &value_);
    return branch_->poll_abandon(cx);
  }
  decltype(auto) take() {
    const TaskLocalFrame frame(key_, &value_);
    struct Destroy {
      std::optional<Branch<A>>& branch;
      ~Destroy() { branch.reset(); }
    } const destroy{branch_};
    return branch_->take();
  }
  std::optional<T> take_value() noexcept { return std::exchange(value_, std::nullopt); }

 private:
  void destroy_branch() noexcept {
    const TaskLocalFrame frame(key_, &value_);
    branch_.reset();
  }

  const void* key_;
  std::optional<T> value_;           // none: taken
  std::optional<Branch<A>> branch_;  // none: completed
};

}  // namespace internal

// What TaskLocal::scope() returns. Movable until it is awaited.
template <class T, class A>
class [[nodiscard]] TaskLocalScope {
  using State = internal::TaskLocalState<T, A>;

 public:
  TaskLocalScope(const void* key, T&& value, A&& awaitable)
      : state_(key, std::move(value), std::forward<A>(awaitable)) {}

  // Yields what the awaitable yields. As cancel safe as it is. Awaiting it again after it has
  // completed is a check failure.
  LeafAwaiter<internal::InPlaceLeaf<State>> operator co_await() noexcept {
    return LeafAwaiter<internal::InPlaceLeaf<State>>(state_);
  }

  // Takes the value out; from then on the awaitable finds the key unset. Empty if it was taken
  // before. Not while the awaitable is being polled.
  std::optional<T> take_value() noexcept { return state_.take_value(); }

 private:
  State state_;
};

// A key. Thread-safe, because it holds nothing; it must outlive its scopes. Scopes of the same key
// nest: the innermost is seen.
template <class T>
class TaskLocal {
  using Location = std::source_location;

 public:
  constexpr TaskLocal() noexcept = default;
  TaskLocal(const TaskLocal&) = delete;
  TaskLocal& operator=(const TaskLocal&) = delete;

  // An awaitable that yields what `awaitable` yields and for which this key has `value`. An lvalue
  // is borrowed, and destroyed elsewhere, without the value.
  template <class A>
  TaskLocalScope<T, A> scope(T value, A&& awaitable) const {
    return TaskLocalScope<T, A>(this, std::move(value), std::forward<A>(awaitable));
  }
  // Calls fn() with the value in place and returns what it returns.
  template <std::invocable F>
  std::invoke_result_t<F> sync_scope(T value, F&& fn) const {
    std::optional<T> held(std::move(value));
    const internal::TaskLocalFrame frame(this, &held);
    return std::invoke(std::forward<F>(fn));
  }

  // Calls fn(T&) with the value and returns what it returns. A check failure at the caller's line
  // where the key is unset. No scope of this key may be entered meanwhile, and the reference is not
  // good for longer.
  template <std::invocable<T&> F>
  std::invoke_result_t<F, T&> with(F&& fn, Location where = Location::current()) const {
    internal::TaskLocalFrame* const frame = find();
    WEFT_CHECK(frame != nullptr, kUnset, where);
    const internal::TaskLocalFrame::Borrow borrow(*frame);
    return std::invoke(std::forward<F>(fn), *value_in(*frame));
  }
  // The same as a Result<R, TaskLocalUnset>.
  template <std::invocable<T&> F>
  auto try_with(F&& fn) const -> Result<std::invoke_result_t<F, T&>, TaskLocalUnset>;

  // A copy of the value. A check failure at the caller's line where the key is unset.
  T get(Location where = Location::current()) const
    requires std::copy_constructible<T>
  {
    internal::TaskLocalFrame* const frame = find();
    WEFT_CHECK(frame != nullptr, kUnset, where);
    return *value_in(*frame);
  }
  // The same; empty where the key is unset.
  std::optional<T> try_get() const
    requires std::copy_constructible<T>
  {
    internal::TaskLocalFrame* const frame = find();
    return frame == nullptr ? std::nullopt : value_in(*frame);
  }

 private:
  static constexpr std::string_view kUnset =
      "TaskLocal: no value here; call it inside scope() or sync_scope() of this key, or use "
      "try_get() or try_with()";

  static std::optional<T>& value_in(const internal::TaskLocalFrame& frame) noexcept {
    // SAFETY(cast): frames of this key are made by scope() and sync_scope() alone, from such an
    // optional.
    return *static_cast<std::optional<T>*>(frame.value());
  }
  // The innermost scope, if its value has not been taken.
  internal::TaskLocalFrame* find() const noexcept {
    internal::TaskLocalFrame* const frame = internal::TaskLocalFrame::find(this);
    return frame != nullptr && value_in(*frame).has_value() ? frame : nullptr;
  }
};

template <class T>
template <std::invocable<T&> F>
auto TaskLocal<T>::try_with(F&& fn) const -> Result<std::invoke_result_t<F, T&>, TaskLocalUnset> {
  internal::TaskLocalFrame* const frame = find();
  if (frame == nullptr) return Err(TaskLocalUnset());
  const internal::TaskLocalFrame::Borrow borrow(*frame);
  if constexpr (std::is_void_v<std::invoke_result_t<F, T&>>) {
    std::invoke(std::forward<F>(fn), *value_in(*frame));
    return {};
  } else {
    return std::invoke(std::forward<F>(fn), *value_in(*frame));
  }
}

}  // namespace weft

#endif  // WEFT_TASK_TASK_LOCAL_H_
