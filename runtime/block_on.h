// What block_on does with its argument.
//
// Spec; api.md "block_on_this_thread".
//
// The awaitable becomes the root frame of a strand, which the thread polls until it has ended: a
// Task is that frame itself, anything else is awaited by a small coroutine inside the runtime's
// context.

#ifndef WEFT_RUNTIME_BLOCK_ON_H_
#define WEFT_RUNTIME_BLOCK_ON_H_

#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/runtime/leaf.h>
#include <weft/runtime/task.h>

namespace weft::internal {

template <class A>
Task<AwaitResult<A>> await_moved(A awaitable) {
  co_return co_await std::move(awaitable);
}
template <class A>
Task<AwaitResult<A&>> await_borrowed(A& awaitable) {
  co_return co_await awaitable;
}

// Calls drive(Strand&), which polls the strand until it has ended, and returns the result.
template <class T, class Drive>
T drive_task(Task<T> task, Drive&& drive) {
  FrameHeader* const frame = std::move(task).release();
  struct Destroy {
    FrameHeader* frame;
    ~Destroy() { destroy_frame<T>(frame); }
  } const destroy{frame};
  start_as_root(frame);
  drive(frame->own);
  return take_result<T>(frame);
}

template <class A, class Drive>
decltype(auto) drive_awaitable(A&& awaitable, Drive&& drive) {
  if constexpr (std::is_lvalue_reference_v<A>) {
    return drive_task(await_borrowed(awaitable), std::forward<Drive>(drive));
  } else if constexpr (requires { typename A::promise_type; }) {
    return drive_task(std::forward<A>(awaitable), std::forward<Drive>(drive));
  } else {
    return drive_task(await_moved<A>(std::forward<A>(awaitable)), std::forward<Drive>(drive));
  }
}

void block_on_this_thread(Strand& root, std::source_location where);

}  // namespace weft::internal

namespace weft::runtime {

// Runs `awaitable` on this thread without a runtime, for what needs none (channels, locks): sockets
// and timers fail their check. Yields its value; an exception comes out. A check failure on a
// thread that drives async code.
template <Awaitable A>
AwaitResult<A> block_on_this_thread(A&& awaitable,
                                    std::source_location where = std::source_location::current()) {
  return internal::drive_awaitable(std::forward<A>(awaitable), [where](internal::Strand& root) {
    internal::block_on_this_thread(root, where);
  });
}

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_BLOCK_ON_H_
