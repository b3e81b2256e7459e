// from_awaitable: an awaitable of another coroutine library, awaited in a Task.
//
// Spec: R-182.
//
//   Task<Page> load(other::Client& client) {
//     Page page = co_await from_awaitable(client.fetch("/"));     // an other::future<Page>
//     co_return page;
//   }
//
// Without from_awaitable() that does not compile.
//
// A Task is polled where it stands, by its runtime; what other libraries call an awaiter resumes a
// coroutine_handle, on whatever thread. So their awaiter is awaited by a small coroutine between
// the two, which is theirs as soon as it is suspended: they may resume it or destroy it, once,
// anywhere, and all it does is to hand the result to the Task and end. The Task goes on on its own
// runtime.
//
// The coroutine in between does not die with the Task. An awaiter that was not written to be
// destroyed while it is suspended, as most were not, still finds its coroutine when it fires, and
// the result goes nowhere. Therefore the awaitable is moved into that coroutine; what it refers to
// has to live until it has fired.

#ifndef WEFT_RUNTIME_FROM_AWAITABLE_H_
#define WEFT_RUNTIME_FROM_AWAITABLE_H_

#include <concepts>
#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/base/runtime_gone.h>
#include <weft/runtime/branch.h>
#include <weft/runtime/completion.h>
#include <weft/runtime/context.h>
#include <weft/runtime/in_place_leaf.h>

namespace weft {
namespace internal {

template <class A>
concept ForeignAwaiter = requires(A& awaiter) {
  static_cast<bool>(awaiter.await_ready());
  awaiter.await_suspend(std::coroutine_handle<>());
  awaiter.await_resume();
};
template <class A>
concept HasMemberAwait =
    requires(A&& awaitable) { std::forward<A>(awaitable).operator co_await(); };
template <class A>
concept HasFreeAwait = requires(A&& awaitable) { operator co_await(std::forward<A>(awaitable)); };

// The awaiter of an rvalue.
template <class A>
decltype(auto) foreign_awaiter(A&& awaitable) {
  if constexpr (HasMemberAwait<A>) {
    return std::forward<A>(awaitable).operator co_await();
  } else if constexpr (HasFreeAwait<A>) {
    return operator co_await(std::forward<A>(awaitable));
  } else {
    return static_cast<A&>(awaitable);
  }
}

template <class A>
concept ForeignAwaitable =
    HasMemberAwait<A> || HasFreeAwait<A> || ForeignAwaiter<std::remove_cvref_t<A>>;
// A function that makes one, for awaitables that cannot be moved.
template <class F>
concept ForeignFactory =
    !ForeignAwaitable<F> && std::invocable<F&> && ForeignAwaitable<std::invoke_result_t<F&>>;

template <class Source>
struct ForeignOf {
  using type = Source;
};
template <ForeignFactory Source>
struct ForeignOf<Source> {
  using type = std::invoke_result_t<Source&>;
};
// What awaiting yields; a value even where the awaiter refers to its own.
template <class Source>
using ForeignYield = decltype(std::declval<std::add_lvalue_reference_t<decltype(foreign_awaiter(
                                  std::declval<typename ForeignOf<Source>::type>()))>>()
                                  .await_resume());
template <class Source>
using ForeignValue =
    std::conditional_t<std::is_rvalue_reference_v<ForeignYield<Source>>,
                       std::remove_cvref_t<ForeignYield<Source>>, ForeignYield<Source>>;
// Lvalue references are kept as std::reference_wrapper.
template <class Source>
using ForeignKept =
    std::conditional_t<std::is_lvalue_reference_v<ForeignValue<Source>>,
                       std::reference_wrapper<std::remove_reference_t<ForeignValue<Source>>>,
                       ForeignValue<Source>>;

// The coroutine in between. Begins at once, ends by itself, belongs to nobody of ours.
struct ForeignCoroutine {
  struct promise_type {
    ForeignCoroutine get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    // The body catches what the awaiter throws.
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

// The three ways of awaiting. Awaiters stay where they are: g++ 12 would move them.
template <class Source, class Done>
ForeignCoroutine await_foreign(Source source, Done done) {
  using Kept = ForeignKept<Source>;
  std::optional<typename Collect<Kept>::type> value;
  std::exception_ptr thrown;
  try {
    // The awaitable is gone before the task learns of the result.
    Source foreign(std::move(source));
    if constexpr (std::is_void_v<Kept>) {
      if constexpr (ForeignFactory<Source>) {
        co_await std::invoke(foreign);
      } else if constexpr (HasMemberAwait<Source> || HasFreeAwait<Source>) {
        co_await std::move(foreign);
      } else {
        co_await foreign;
      }
      value.emplace();
    } else if constexpr (ForeignFactory<Source>) {
      value.emplace(co_await std::invoke(foreign));
    } else if constexpr (HasMemberAwait<Source> || HasFreeAwait<Source>) {
      value.emplace(co_await std::move(foreign));
    } else {
      value.emplace(co_await foreign);
    }
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown != nullptr) {
    done.fail(std::move(thrown));
  } else if constexpr (std::is_void_v<Kept>) {
    done();
  } else {
    done(*std::move(value));
  }
}

// Movable until the first poll.
template <class Source>
class FromAwaitableState {
  using Kept = ForeignKept<Source>;

 public:
  static constexpr const char* kWaitingOn = "foreign awaitable";

  explicit FromAwaitableState(Source&& source) : source_(std::move(source)) {}
  FromAwaitableState(FromAwaitableState&&) = default;
  FromAwaitableState& operator=(FromAwaitableState&&) = delete;
  ~FromAwaitableState() { waiting_.close(); }

  bool poll(Context& cx) noexcept {
    if (!cx.has_budget()) return false;
    if (!waiting_.has_started()) start();
    if (thrown_ == nullptr && !waiting_.poll(cx)) return false;
    cx.spend_budget();
    return true;
  }
  ForeignValue<Source> take() {
    if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
    if (waiting_.was_dropped()) {
      throw RuntimeGone("from_awaitable: the other library has destroyed the waiting coroutine");
    }
    return waiting_.take();
  }

 private:
  void start() noexcept {
    try {
      await_foreign<Source, Completion<Kept>>(std::move(source_), waiting_.start());
    } catch (...) {
      thrown_ = std::current_exception();  // no memory; the awaitable moved and threw
    }
  }

  Source source_;
  CompletionWait<Kept> waiting_;
  std::exception_ptr thrown_;
};

}  // namespace internal

// Awaits `foreign`, an awaitable of any library: an awaiter, or what has an operator co_await, as
// member or not; await_suspend may return void, bool or a handle. It may also be a function that
// makes one, for those that cannot be moved. Awaiting begins on the thread of the first poll,
// inside that poll; await_resume() is called on the thread that resumes. Yields what that yields
// (an rvalue reference as a value) or throws what it throws; RuntimeGone if the other library
// destroys the coroutine that it was to resume. Takes one unit of the budget.
//
// Cancel safe: destroying it while it waits lets the foreign operation go on, as the head of this
// file says, and loses its result. An operation that never fires keeps its memory for ever.
template <class Foreign>
  requires(!std::is_lvalue_reference_v<Foreign> &&
           (internal::ForeignAwaitable<Foreign> || internal::ForeignFactory<Foreign>))
[[nodiscard]] auto from_awaitable(Foreign&& foreign) {
  using State = internal::FromAwaitableState<std::remove_cv_t<Foreign>>;
  return internal::InPlaceAwaitable<State>(std::in_place, std::forward<Foreign>(foreign));
}
// An lvalue would be gone when it fires: move it.
template <class Foreign>
  requires std::is_lvalue_reference_v<Foreign>
void from_awaitable(Foreign&& foreign) = delete;

}  // namespace weft

#endif  // WEFT_RUNTIME_FROM_AWAITABLE_H_
