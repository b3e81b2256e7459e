// Branch: an awaitable held by a combinator (select, join, timeout, ...), polled by it as a leaf.
//
// Spec: api.md "Conventions" (rvalues are moved in, lvalues borrowed), T-61, T-63, T-64, T-69,
//
//
// A combinator is itself a leaf and polls its parts with the context that it was polled with. What
// awaiting a part makes (a leaf, or for a Task a strand of its own) is made in place when the part
// is polled for the first time: until then the branch, like any awaitable, may be moved.
//
// `A` says how the awaitable is held, and so what happens when the branch loses:
//   Branch<A>     by value: moved in. A loser is cancelled, then destroyed.
//   Branch<A&>    borrowed: the awaitable stands elsewhere. A loser is only let go: it survives
//                 where it stood and may be awaited again.
//   Branch<A&&>   stands elsewhere too, but is given to the branch: treated as one held by value.
//
// The life of a branch, as its combinator drives it:
//   poll until true, then take() once        it completed
//   poll_abandon until true, then destroy()  it lost
//   poll_cancel until true                   the frame that awaits the combinator is going away;
//                                            the destructors follow
// poll_abandon and poll_cancel answer true at once, and change nothing, unless a live scope is
// somewhere inside; having answered true they go on doing so. They differ in what they do to
// something borrowed, directly or by a combinator inside this one: poll_abandon leaves it alone,
// poll_cancel ends it.

#ifndef WEFT_RUNTIME_BRANCH_H_
#define WEFT_RUNTIME_BRANCH_H_

#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <variant>

#include <weft/base/check.h>
#include <weft/runtime/context.h>
#include <weft/runtime/coroutine/strand.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>

namespace weft::internal {

// Awaiters that consist of a leaf: those of every awaitable of weft but ok().
template <class Awaiter>
concept LeafHolder = requires(Awaiter& awaiter) {
  awaiter.node();
  requires LeafNode<std::remove_reference_t<decltype(awaiter.node())>>;
};

// Leaves that contain other awaitables and may have borrowed them: see the head of this file.
template <class Node>
concept AbandonDriven = requires(Node& node, Context& cx) {
  { node.poll_abandon(cx) } -> std::same_as<bool>;
};

// `poll_abandon` of a leaf that is owned.
template <class Node>
bool poll_abandon_node(Node& node, Context& cx) noexcept {
  if constexpr (AbandonDriven<Node>) {
    return node.poll_abandon(cx);
  } else if constexpr (CancelDriven<Node>) {
    return node.poll_cancel(cx);
  } else {
    return true;
  }
}

// How a result of type R is kept where several are collected.
template <class R>
struct Collect {
  using type = std::remove_cv_t<R>;
};
template <class R>
struct Collect<R&&> : Collect<R> {};
template <class R>
struct Collect<R&> {
  using type = std::reference_wrapper<R>;
};
template <>
struct Collect<void> {
  using type = std::monostate;
};

inline constexpr const char* kMovedAfterAwait =
    "an awaitable was moved after it had been awaited; move it before, or await it where it stands";

// One thread at a time: whoever polls the task.
template <class A>
class Branch {
  static_assert(Awaitable<A&&>,
                "weft: this argument is not awaitable; put an awaitable of another library into "
                "weft::from_awaitable()");

  using Awaiter = decltype(std::declval<A&&>().operator co_await());
  static_assert(
      LeafHolder<Awaiter>,
      "weft: this awaitable must be awaited directly in a coroutine; it cannot be part of "
      "a combinator (wrap it in a Task)");
  using Node = std::remove_reference_t<decltype(std::declval<Awaiter&>().node())>;

 public:
  // What the awaitable yields.
  using result_type = decltype(std::declval<Node&>().take());
  // The same, where results are collected: void is std::monostate.
  using collected_type = typename Collect<result_type>::type;

  // False if poll_cancel() and poll_abandon() never have anything to do.
  static constexpr bool kCancelDriven = CancelDriven<Node>;
  // False: borrowed, survives when it loses.
  static constexpr bool kIsOwned = !std::is_lvalue_reference_v<A>;

  explicit Branch(A&& awaitable) noexcept(kHoldsNoexcept) : held_(hold(awaitable)) {}
  // Only before the first poll.
  Branch(Branch&& other) noexcept(kHoldsNoexcept) : held_(rehold(other)) {}
  Branch& operator=(Branch&&) = delete;
  ~Branch() { destroy(); }

  // True: complete. Not again after that.
  bool poll(Context& cx) noexcept {
    if (stage_ != Stage::kStarted && !start()) [[unlikely]]
      return true;
    return awaiter_.node().poll(cx);
  }

  // The result, or the exception. Once, after poll() answered true.
  result_type take() {
    if constexpr (kStartMayThrow) {
      if (stage_ == Stage::kFailed) [[unlikely]]
        std::rethrow_exception(failure_);
    }
    WEFT_DCHECK(stage_ == Stage::kStarted);
    return awaiter_.node().take();
  }
  collected_type take_collected() {
    if constexpr (std::is_void_v<result_type>) {
      take();
      return {};
    } else {
      return collected_type(take());
    }
  }

  bool poll_cancel(Context& cx) noexcept {
    if constexpr (kCancelDriven) {
      if (stage_ == Stage::kStarted) return awaiter_.node().poll_cancel(cx);
    }
    return true;
  }
  bool poll_abandon(Context& cx) noexcept {
    if constexpr (kIsOwned && kCancelDriven) {
      if (stage_ == Stage::kStarted) return poll_abandon_node(awaiter_.node(), cx);
    }
    return true;
  }

  // What is awaited, once it has been polled.
  void describe(WaitReport& report) noexcept {
    if (stage_ == Stage::kStarted) report.child(awaiter_.node());
  }

  // Destroys what the branch holds, as its destructor does. Any number of times.
  void destroy() noexcept {
    const Stage stage = std::exchange(stage_, Stage::kGone);
    if (stage == Stage::kGone) return;
    // SAFETY(storage): `stage` named what was alive, and it is kGone now: each ends once. The
    // awaiter may refer to the awaitable, so it goes first.
    if (stage == Stage::kStarted) std::destroy_at(std::addressof(awaiter_));
    if constexpr (kStartMayThrow) {
      if (stage == Stage::kFailed) std::destroy_at(std::addressof(failure_));
    }
    std::destroy_at(std::addressof(held_));
  }
  bool is_gone() const noexcept { return stage_ == Stage::kGone; }

 private:
  enum class Stage : std::uint8_t {
    kHeld,     // held_
    kStarted,  // held_ and awaiter_
    kFailed,   // held_ and failure_: making the awaiter threw
    kGone,     // nothing
  };

  static constexpr bool kIsPointer = std::is_reference_v<A>;
  using Held = std::conditional_t<kIsPointer, std::remove_reference_t<A>*, A>;
  static constexpr bool kHoldsNoexcept = std::is_nothrow_move_constructible_v<Held>;
  static constexpr bool kStartMayThrow = !noexcept(std::declval<A&&>().operator co_await());

  static decltype(auto) hold(std::remove_reference_t<A>& awaitable) noexcept {
    if constexpr (kIsPointer) {
      return std::addressof(awaitable);
    } else {
      return std::move(awaitable);
    }
  }
  static Held&& rehold(Branch& other) noexcept {
    WEFT_CHECK(other.stage_ == Stage::kHeld, kMovedAfterAwait);
    return std::move(other.held_);
  }
  A&& awaitable() noexcept {
    if constexpr (kIsPointer) {
      return static_cast<A&&>(*held_);
    } else {
      return std::move(held_);
    }
  }

  // True: the awaiter is there. False: making it threw.
  bool start() noexcept {
    WEFT_DCHECK(stage_ == Stage::kHeld);
    if constexpr (kStartMayThrow) {
      try {
        make_awaiter();
      } catch (...) {
        // SAFETY(storage): make_awaiter() has constructed nothing.
        std::construct_at(std::addressof(failure_), std::current_exception());
        stage_ = Stage::kFailed;
        return false;
      }
    } else {
      make_awaiter();
    }
    stage_ = Stage::kStarted;
    return true;
  }
  void make_awaiter() noexcept(!kStartMayThrow) {
    // SAFETY(storage): nothing is alive in the union before the first poll. The awaiter is
    // immovable: the call's result is constructed here.
    ::new (static_cast<void*>(std::addressof(awaiter_))) Awaiter(awaitable().operator co_await());
  }

  union {
    Held held_;
  };
  union {
    Awaiter awaiter_;
    std::exception_ptr failure_;
  };
  Stage stage_ = Stage::kHeld;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_BRANCH_H_
