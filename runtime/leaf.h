// Leaf: what a coroutine is suspended on.
//
// Spec, SY-2, SY-3, SY-121, T-70.
//
// A leaf is a class with
//   bool poll(Context& cx) noexcept    true: complete. False: it has stored cx.clone_waker() where
//                                      whoever completes it will find it. May be called any number
//                                      of times before it is complete, never after.
//   T take()                           the result; called once, after poll() answered true
// and a destructor that takes it out of every queue, wheel and registration, because a suspended
// coroutine may be destroyed at any time: that is how a task is cancelled. Optionally
//   bool poll_cancel(Context& cx) noexcept   for the one kind of leaf that cannot go away at once:
//                                      driven to true before the frame is destroyed
//   static constexpr const char* kWaitingOn  what a dump calls it
//   void describe(WaitReport& report) noexcept   what else a dump says of it (wait_report.h)
//
// An awaitable is a movable object whose member `operator co_await()` makes the leaf in the frame
// that awaits it. It is never its own awaiter: g++ 12 would copy it.
//
//   class [[nodiscard]] Wait {
//    public:
//     LeafAwaiter<Node> operator co_await() const noexcept { return LeafAwaiter<Node>(*gate_); }
//   };

#ifndef WEFT_RUNTIME_LEAF_H_
#define WEFT_RUNTIME_LEAF_H_

#include <concepts>
#include <coroutine>
#include <type_traits>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/coroutine/strand.h>

namespace weft {

// Base of leaves: a leaf stays where it was made.
class Leaf {
 public:
  Leaf() noexcept = default;
  Leaf(const Leaf&) = delete;
  Leaf& operator=(const Leaf&) = delete;
};

namespace internal {
// Promises whose frames have a FrameHeader: only there is a strand to wait on.
template <class Promise>
concept FramePromise = requires { typename Promise::HasFrameHeader; };
}  // namespace internal

template <class Node>
concept LeafNode = requires(Node& node, Context& cx) {
  { node.poll(cx) } -> std::same_as<bool>;
  node.take();
};

// The awaiter around a leaf: polls it where co_await stands and suspends if it is not ready.
// Combinators poll it directly instead.
template <LeafNode Node>
class [[nodiscard]] LeafAwaiter {
 public:
  using node_type = Node;

  template <class... Args>
  explicit LeafAwaiter(Args&&... args) : node_(std::forward<Args>(args)...) {}
  LeafAwaiter(const LeafAwaiter&) = delete;
  LeafAwaiter& operator=(const LeafAwaiter&) = delete;

  bool await_ready() const noexcept { return false; }
  template <internal::FramePromise Promise>
  bool await_suspend(std::coroutine_handle<Promise> frame) noexcept {
    // After a false answer of poll() another thread may already have woken the task. It cannot run
    // it: the task is RUNNING until this poll of it returns.
    return !internal::FrameHeader::of(frame)->strand->poll_or_wait(node_, frame);
  }
  decltype(auto) await_resume() { return node_.take(); }

  Node& node() noexcept { return node_; }

 private:
  Node node_;
};

namespace internal {
// Awaiters of other libraries. They keep the handle of any frame and resume it on whatever thread,
// where a frame of ours has neither a task nor a strand, which takes it for ended meanwhile.
template <class Awaiter>
concept ResumesFrames =
    requires(Awaiter& awaiter, std::coroutine_handle<> frame) { awaiter.await_suspend(frame); };
}  // namespace internal

// What can follow co_await in a Task: an object with a member operator co_await() that makes an
// awaiter of weft. What another library's makes is awaited through from_awaitable().
template <class A>
concept Awaitable = requires(A&& awaitable) { std::forward<A>(awaitable).operator co_await(); } &&
                    !internal::ResumesFrames<
                        std::remove_reference_t<decltype(std::declval<A>().operator co_await())>>;

// What `co_await a` yields.
template <Awaitable A>
using AwaitResult =
    decltype(std::declval<decltype(std::declval<A>().operator co_await())&>().await_resume());

}  // namespace weft

#endif  // WEFT_RUNTIME_LEAF_H_
