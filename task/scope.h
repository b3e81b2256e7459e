// scope: children that may use what their parent owns.
//
// Spec: R-167; api.md (scope).
//
// A scope runs a body and the children that it spawns, and ends when all of them have ended. So a
// child, which is a task and may run on any worker, can refer to whatever outlives the co_await of
// the scope: locals of the awaiting coroutine, the scope's arguments, parameters of the body. (Not
// to locals of the body: they go when the body returns.)
//
//   Task<> square_one(const int& number, int& square) {
//     square = number * number;
//     co_return;
//   }
//
//   Task<std::vector<int>> square_all(std::vector<int> numbers) {
//     std::vector<int> squares(numbers.size());
//     co_await scope([&](Scope& s) {
//       for (std::size_t i = 0; i < numbers.size(); ++i) {
//         s.spawn(square_one(numbers[i], squares[i]));
//       }
//     });
//     co_return squares;  // all children have ended
//   }
//
// The first exception, of a child or of the body, cancels everything else in the scope; when that
// has ended, it comes out of the co_await.
//
// The scope cannot go away while a child lives. When the awaiting task is aborted, loses a select
// or times out, the scope cancels its children and is polled on (Leaf, poll_cancel) until the last
// one has ended; only then its frame is destroyed. What could only leave children behind, such as
// destroying by hand a Task that waits in a scope, is a check failure.

#ifndef WEFT_TASK_SCOPE_H_
#define WEFT_TASK_SCOPE_H_

#include <concepts>
#include <exception>
#include <functional>
#include <optional>
#include <source_location>
#include <tuple>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task.h>
#include <weft/runtime/task/spawn_task.h>
#include <weft/runtime/wait_report.h>
#include <weft/task/internal/scope_core.h>

namespace weft {

namespace internal {
template <class F, class... Args>
class ScopeState;
}  // namespace internal

// One child of a scope. Movable; used by one thread at a time. May be discarded: the child belongs
// to the scope in any case. It may outlive the scope: the child has ended then.
template <class T>
class ScopedHandle {
 public:
  using value_type = T;

  // For Scope: takes over JOIN_INTEREST.
  explicit ScopedHandle(internal::FrameHeader* task) noexcept : handle_(task) {}

  // As JoinHandle's. An exception of the child ends the scope also if it is seen here.
  auto operator co_await() noexcept { return handle_.operator co_await(); }
  void check_await(std::source_location where) const { handle_.check_await(where); }

  // Cancels this child alone; it ends where it is suspended next.
  void abort() const noexcept { handle_.abort(); }
  AbortHandle abort_handle() const noexcept { return handle_.abort_handle(); }
  bool is_finished() const noexcept { return handle_.is_finished(); }
  TaskId id() const noexcept { return handle_.id(); }

 private:
  JoinHandle<T> handle_;
};

// What the body of a scope spawns children with. Children may use it too, to spawn more; nobody may
// once the scope has ended. Thread-safe among body and children.
class Scope {
 public:
  Scope(internal::Scheduler& scheduler, std::source_location where) noexcept
      : core_(scheduler, where) {}

  // Makes `task` a task of its own on the runtime that the scope is awaited in, and a child of this
  // scope. Never runs any of it before returning. In a scope that is being cancelled it ends
  // without having run.
  template <class T>
  ScopedHandle<T> spawn(Task<T> task,
                        std::source_location where = std::source_location::current()) {
    internal::FrameHeader* const frame = std::move(task).release();
    WEFT_CHECK(frame != nullptr && !frame->has_started(),
               "Scope::spawn: the Task was moved from, or has been awaited already", where);
    internal::start_task(frame, &internal::kScopedTaskOps<T>, core_, where);
    return ScopedHandle<T>(frame);
  }
  // The same for what callable(args...) returns; both are decay-copied and live as long as the
  // child.
  template <class F>
    requires internal::Spawnable<F>
  auto spawn(F&& callable, std::source_location where = std::source_location::current()) {
    return spawn(internal::make_task(std::forward<F>(callable)), where);
  }
  template <class F, class A>
    requires internal::Spawnable<F, A>
  auto spawn(F&& callable, A&& a, std::source_location where = std::source_location::current()) {
    return spawn(internal::make_task(std::forward<F>(callable), std::forward<A>(a)), where);
  }
  // More arguments leave no room for the caller's location after them.
  template <class F, class A, class B, class... More>
    requires internal::Spawnable<F, A, B, More...>
  auto spawn(F&& callable, A&& a, B&& b, More&&... more) {
    return spawn(internal::make_task(std::forward<F>(callable), std::forward<A>(a),
                                     std::forward<B>(b), std::forward<More>(more)...));
  }

 private:
  template <class F, class... Args>
  friend class internal::ScopeState;

  internal::ScopeCore core_;
};

namespace internal {

// What the body of a scope yields: a Task's value, or what a body that is no coroutine returns.
template <class Returned>
struct ScopeBody {
  using value_type = Returned;
  static constexpr bool kIsTask = false;
};
template <class T>
struct ScopeBody<Task<T>> {
  using value_type = T;
  static constexpr bool kIsTask = true;
};

// The scope as a leaf (leaf.h, branch.h). Movable until the first poll.
template <class F, class... Args>
class ScopeState {
  using Body = ScopeBody<std::invoke_result_t<F&, Scope&, Args...>>;
  using Value = typename Body::value_type;
  using Kept = typename Collect<Value>::type;

 public:
  template <class G, class... Given>
  explicit ScopeState(std::source_location where, G&& body, Given&&... args)
      : body_(std::forward<G>(body)), args_(std::forward<Given>(args)...), where_(where) {}
  ScopeState(ScopeState&& other) noexcept(std::is_nothrow_move_constructible_v<F> &&
                                          std::is_nothrow_move_constructible_v<std::tuple<Args...>>)
      : body_(std::move(other.body_)), args_(std::move(other.args_)), where_(other.where_) {
    WEFT_CHECK(!other.scope_.has_value(), kMovedAfterAwait, where_);
  }
  ScopeState& operator=(ScopeState&&) = delete;
  ~ScopeState() {
    // Of a scope that is destroyed although it waits: the check in ~ScopeCore comes first.
    if (frame_ != nullptr && !core().has_children()) destroy_body();
  }

  bool poll(Context& cx) noexcept {
    const PollScope polling(*this);
    if (stage_ == Stage::kBody && !poll_body(cx)) return false;
    return end(cx);
  }
  // Whether the awaiting frame goes, or the scope has lost as a branch that is held by value.
  bool poll_cancel(Context& cx) noexcept {
    if (!scope_.has_value()) return true;
    const PollScope polling(*this);
    if (stage_ == Stage::kBody) stage_ = Stage::kCancelled;
    core().cancel_all();
    return end(cx);
  }
  Value take() {
    if (std::exception_ptr thrown = core().take_failure(); thrown != nullptr) [[unlikely]]
      std::rethrow_exception(std::move(thrown));
    if constexpr (!std::is_void_v<Value>) return static_cast<Value&&>(*std::move(value_));
  }
  // The body; the children are tasks.
  void describe(WaitReport& report) noexcept {
    if (stage_ == Stage::kEnded) report.note("waiting for its children");
    if (frame_ != nullptr) report.chain(*frame_);
  }
  static constexpr const char* kWaitingOn = "scope";

 private:
  enum class Stage : std::uint8_t {
    kBody,       // not begun, or the body is running
    kCancelled,  // the body waits and will not be resumed
    kEnded,      // the body has ended
  };

  // The time in which this thread polls the scope.
  class PollScope {
   public:
    explicit PollScope(ScopeState& state) : core_(state.started()) {
      core_.begin_poll(thread_context());
    }
    ~PollScope() { core_.end_poll(); }

   private:
    ScopeCore& core_;
  };

  ScopeCore& core() noexcept { return scope_->core_; }
  ScopeCore& started() {
    if (!scope_.has_value()) scope_.emplace(require_scheduler("scope", where_), where_);
    return core();
  }

  // Runs the body as far as it goes. False: it waits, and nothing has failed.
  bool poll_body(Context& cx) noexcept {
    if (!has_begun_) begin();
    // Children that run here may be what the body waits for.
    do {
      if (stage_ == Stage::kBody && !core().has_failed() && poll_as_root(frame_, cx)) keep_result();
      if (stage_ == Stage::kEnded) return true;
    } while (core().run_children(thread_context()));
    core().register_poller(cx);
    if (!core().has_failed()) return false;
    stage_ = Stage::kCancelled;
    return true;
  }
  // Calls the body.
  void begin() noexcept {
    has_begun_ = true;
    try {
      if constexpr (Body::kIsTask) {
        frame_ = std::move(call()).release();
      } else if constexpr (std::is_void_v<Value>) {
        call();
        stage_ = Stage::kEnded;
      } else {
        value_.emplace(call());
        stage_ = Stage::kEnded;
      }
    } catch (...) {
      core().fail(std::current_exception());
      stage_ = Stage::kEnded;
    }
  }
  decltype(auto) call() {
    return std::apply(
        [this](Args&... args) -> decltype(auto) {
          return std::invoke(body_, *scope_, std::move(args)...);
        },
        args_);
  }
  // The body's frame stays: children may refer to its parameters.
  void keep_result() noexcept {
    stage_ = Stage::kEnded;
    try {
      if constexpr (std::is_void_v<Value>) {
        take_result<Value>(frame_);
      } else {
        value_.emplace(take_result<Value>(frame_));
      }
    } catch (...) {
      core().fail(std::current_exception());
    }
  }

  // With the body ended, or not to be resumed: waits for what is left. True: all is gone.
  bool end(Context& cx) noexcept {
    core().run_children(thread_context());
    if (core().has_failed()) core().cancel_all();
    // Both make progress in every poll.
    const bool body_may_go =
        stage_ != Stage::kCancelled || frame_ == nullptr || poll_cancel_as_root(frame_, cx);
    const bool children_are_gone = core().poll_children(cx);
    if (!body_may_go || !children_are_gone) return false;
    if (frame_ == nullptr) return true;
    core().reopen();
    destroy_body();
    return core().poll_children(cx);
  }
  void destroy_body() noexcept {
    if constexpr (Body::kIsTask) {
      if (stage_ == Stage::kCancelled && frame_->has_started()) frame_->own.leaf_has_ended();
      destroy_frame<Value>(std::exchange(frame_, nullptr));
    }
  }

  F body_;
  std::tuple<Args...> args_;
  std::source_location where_;
  std::optional<Scope> scope_;    // from the first poll
  FrameHeader* frame_ = nullptr;  // of the body; null before it begins, and after it is gone
  std::optional<Kept> value_;     // what the body yielded
  Stage stage_ = Stage::kBody;
  bool has_begun_ = false;
};

template <class F, class... Args>
concept ScopeFunction = std::invocable<std::decay_t<F>&, Scope&, std::decay_t<Args>...>;

template <class F, class... Args>
auto make_scope(std::source_location where, F&& body, Args&&... args) {
  using State = ScopeState<std::decay_t<F>, std::decay_t<Args>...>;
  return InPlaceAwaitable<State>(std::in_place, where, std::forward<F>(body),
                                 std::forward<Args>(args)...);
}

}  // namespace internal

// Awaitable: calls body(Scope&, args...), and ends when the Task that it returns and all children
// have ended. Yields the body's value, or throws the first exception of body or child, or
// RuntimeGone if the runtime has shut down and cancelled a child. The body may also be no
// coroutine: it then spawns and returns. Body and arguments are decay-copied and live as long as
// the scope. A check failure at the caller's line outside every runtime.
//
// Cancelling it cancels body and children and waits for them (head of this file); what they had
// done stays done. Scopes inside each other use stack while they are polled, as combinators do.
template <class F>
  requires internal::ScopeFunction<F>
[[nodiscard]] auto scope(F&& body, std::source_location where = std::source_location::current()) {
  return internal::make_scope(where, std::forward<F>(body));
}
template <class F, class A>
  requires internal::ScopeFunction<F, A>
[[nodiscard]] auto scope(F&& body, A&& a,
                         std::source_location where = std::source_location::current()) {
  return internal::make_scope(where, std::forward<F>(body), std::forward<A>(a));
}
// More arguments leave no room for the caller's location after them.
template <class F, class A, class B, class... More>
  requires internal::ScopeFunction<F, A, B, More...>
[[nodiscard]] auto scope(F&& body, A&& a, B&& b, More&&... more) {
  return internal::make_scope(std::source_location::current(), std::forward<F>(body),
                              std::forward<A>(a), std::forward<B>(b), std::forward<More>(more)...);
}

}  // namespace weft

#endif  // WEFT_TASK_SCOPE_H_
