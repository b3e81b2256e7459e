// on: a piece of a task on somebody else's threads.
//
// Spec: R-166; api.md (on).
//
//   Task<Image> load(std::string path, asio::thread_pool& pool) {
//     const std::string bytes = co_await fs::read_to_string(path);      // on a worker
//     co_return co_await on(runtime::asio_executor(pool), decode(bytes));  // on the pool
//   }
//
// The awaitable is polled on the executor's threads, each time by one call of execute(), and never
// by two threads at once. Whatever inside it is ready, or becomes ready while it is polled, runs
// there; when something is not, the pool's thread is free again, and the wake-up goes by way of the
// task, whose next poll submits the next call. When it is complete, the task goes on where it was.
//
// On the executor's threads the awaitable finds what a task finds: its runtime is the current one,
// so it may spawn, sleep and open sockets; its id; a budget, fresh for each call. It may block the
// thread, which is not the runtime's. It does not see task-local values from outside: open their
// scopes inside.
//
// The protocol between task, call and wakers is in executors/remote_poll.h.

#ifndef WEFT_RUNTIME_ON_H_
#define WEFT_RUNTIME_ON_H_

#include <exception>
#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/executors/executor.h>
#include <weft/runtime/executors/remote_poll.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/ref_counted.h>

namespace weft {
namespace internal {

// `E` and `A` are references where executor or awaitable are borrowed. Movable until the first
// poll.
template <class E, class A>
class OnState {
 public:
  static constexpr const char* kWaitingOn = "on";

  OnState(E&& executor, A&& awaitable, std::source_location where)
      : executor_(std::forward<E>(executor)),
        branch_(std::forward<A>(awaitable)),
        remote_(RemotePoll::create()),
        where_(where) {}
  OnState(OnState&& other) noexcept(std::is_nothrow_move_constructible_v<E> &&
                                    std::is_nothrow_move_constructible_v<Branch<A>>)
      : executor_(std::forward<E>(other.executor_)),
        branch_(std::move(other.branch_)),
        remote_(std::move(other.remote_)),
        where_(other.where_) {
    WEFT_CHECK(!remote_ || remote_->call_number() == 0, kMovedAfterAwait, where_);
  }
  OnState& operator=(OnState&&) = delete;
  ~OnState() {
    if (!remote_) return;
    WEFT_CHECK(remote_->close(),
               "on: destroyed while its executor runs it; await it, or let abort, select or "
               "timeout cancel it",
               where_);
  }

  bool poll(Context& cx) noexcept {
    if (!cx.has_budget()) return false;
    RemotePoll::Next next = remote_->next(cx, this, &poll_here, where_);
    if (next == RemotePoll::Next::kSubmit) {
      submit();
      // Some executors have run it by now.
      if (refused_ != nullptr || remote_->is_complete()) next = RemotePoll::Next::kComplete;
    }
    if (next != RemotePoll::Next::kComplete) return false;
    cx.spend_budget();
    return true;
  }

  // A call that has not begun never will; one that runs is waited for. What then still has to be
  // ended inside is ended by the caller's thread.
  bool poll_cancel(Context& cx) noexcept { return remote_->stop(cx) && branch_.poll_cancel(cx); }
  bool poll_abandon(Context& cx) noexcept { return remote_->stop(cx) && branch_.poll_abandon(cx); }

  decltype(auto) take() {
    if (refused_ != nullptr) std::rethrow_exception(std::exchange(refused_, nullptr));
    if (remote_->was_dropped()) {
      throw RuntimeGone("on: the executor has dropped the call; it has been stopped");
    }
    return branch_.take();
  }

 private:
  static bool poll_here(void* thing, Context& cx) noexcept {
    // SAFETY(cast): poll() gives it `this`.
    return static_cast<OnState*>(thing)->branch_.poll(cx);
  }

  void submit() noexcept {
    try {
      executor_.execute(RemoteCall(*remote_));
    } catch (...) {
      refused_ = std::current_exception();
      WEFT_CHECK(remote_->refuse(), "on: the executor has taken a call and thrown as well", where_);
    }
  }

  E executor_;
  Branch<A> branch_;
  RefPtr<RemotePoll> remote_;  // null: moved from
  std::exception_ptr refused_;
  std::source_location where_;
};

}  // namespace internal

// Yields what `awaitable` yields, or throws what it throws. What execute() throws comes out too,
// and RuntimeGone if the executor destroys a call without calling it. Lvalues are borrowed: an
// executor has to live until the await is over. Needs no runtime of its own. Takes one unit of the
// budget.
//
// Cancel safe if the awaitable is. Destroying it while a call is queued waits for nothing: the call
// finds nothing to do. While a call runs, abort, select, join and timeout wait for the end of it,
// as for a scope; whoever destroys it by hand then, by letting a variable go that holds it,
// violates a check. The awaitable is destroyed on the thread that destroys this.
template <class E, class A>
  requires runtime::Executor<std::remove_reference_t<E>>
[[nodiscard]] auto on(E&& executor, A&& awaitable,
                      std::source_location where = std::source_location::current()) {
  using State = internal::OnState<E, A>;
  return internal::InPlaceAwaitable<State>(std::in_place, std::forward<E>(executor),
                                           std::forward<A>(awaitable), where);
}

}  // namespace weft

#endif  // WEFT_RUNTIME_ON_H_
