// tbb_executor: arenas of oneTBB, for weft::on().
//
// Spec.
//
//   tbb::task_arena arena(4);
//   int sum = co_await on(runtime::tbb_executor(arena), add_up(numbers));
//
// What runs there is inside the arena: a parallel_for of it uses the arena's threads. oneTBB is not
// included here: the arena's own enqueue() is called, so a program that has oneTBB needs nothing
// else of weft's, and one that has not may include this header all the same.
//
// enqueue() takes a function that can be called as a constant and never runs it inside the caller,
// also on a thread of the arena. It is the one way into an arena that does not wait: execute() of
// task_arena, which has the name that weft::on() looks for, runs the function before it returns, on
// the worker of weft that calls it. So an arena by itself is not the executor.

#ifndef WEFT_RUNTIME_EXECUTORS_TBB_EXECUTOR_H_
#define WEFT_RUNTIME_EXECUTORS_TBB_EXECUTOR_H_

#include <concepts>
#include <type_traits>
#include <utility>

#include <weft/runtime/executors/pool_executor.h>

namespace weft::runtime {

// Copyable; the copies use the same arena. Thread-safe, as arenas are.
template <class Arena>
class TbbExecutor {
 public:
  explicit TbbExecutor(Arena& arena) noexcept : arena_(&arena) {}

  // Throws std::bad_alloc, and what task_arena::enqueue() throws.
  template <std::invocable F>
  void execute(F&& call) const {
    arena_->enqueue(SharedCall<std::decay_t<F>>(std::forward<F>(call)));
  }

 private:
  Arena* arena_;
};

// `arena`: a tbb::task_arena, which has to stay until the await is over.
template <class Arena>
  requires requires(Arena& arena, void (*call)()) { arena.enqueue(call); }
[[nodiscard]] TbbExecutor<Arena> tbb_executor(Arena& arena) noexcept {
  return TbbExecutor<Arena>(arena);
}

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_EXECUTORS_TBB_EXECUTOR_H_
