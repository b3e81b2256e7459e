// fiber: ordinary code that waits, inside a task.
//
// Spec: R-164.
//
// Code that was written to block - a parser that calls `read` when it needs more, a library with
// callbacks - cannot co_await: neither it nor its callers are coroutines. fiber::run() calls it on
// a stack of its own, as a part of the awaiting task, and inside it fiber::await() does what
// co_await does: the task is suspended, the thread goes on with other tasks, and the code continues
// where it stood, perhaps on another thread.
//
//   // Knows nothing of tasks: it calls `read` whenever it needs another byte.
//   int sum_of_numbers(const std::function<std::optional<char>()>& read) {
//     int sum = 0, number = 0;
//     while (const std::optional<char> next = read()) {
//       if (*next >= '0' && *next <= '9') {
//         number = number * 10 + (*next - '0');
//       } else {
//         sum += std::exchange(number, 0);
//       }
//     }
//     return sum + number;
//   }
//
//   Task<int> sum_what_comes(io::DuplexStream& stream) {
//     co_return co_await fiber::run([&stream] {
//       return sum_of_numbers([&stream]() -> std::optional<char> {
//         char byte = 0;
//         const auto got = fiber::await(stream.read(std::span<char>(&byte, 1)));
//         if (!got || *got == 0) return std::nullopt;
//         return byte;
//       });
//     });
//   }
//
// Aborting or destroying the task ends the code where it waits: an exception that has no name
// leaves the fiber::await and runs the destructors on the stack. Code that catches it with `catch
// (...)` has to rethrow it, else it is a check failure; as any exception it must not meet a
// noexcept function, a destructor that awaits included.
//
// As in a coroutine, a std::mutex must not be held across an await, and neither must the address of
// a thread_local variable or of errno. The guide, docs/guide/fibers.md, says more.

#ifndef WEFT_TASK_FIBER_H_
#define WEFT_TASK_FIBER_H_

#include <concepts>
#include <cstddef>
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
#include <weft/runtime/leaf.h>
#include <weft/runtime/task.h>
#include <weft/runtime/wait_report.h>
#include <weft/task/internal/fiber_core.h>

namespace weft::fiber {

// How a fiber is run.
struct Options {
  static constexpr std::size_t kDefaultStackSize = std::size_t{256} << 10;

  // In bytes; rounded up to a power of two, at least 16 KiB. What code does not touch of it costs
  // no memory. Below it is a page that nobody can touch: an overflow ends the program with SIGSEGV.
  std::size_t stack_size = kDefaultStackSize;
  // Makes stack_high_water() exact, by a stack that nobody has used before.
  bool measure_stack = false;
};

}  // namespace weft::fiber

namespace weft::internal {

template <class T>
inline constexpr bool kIsTask = false;
template <class T>
inline constexpr bool kIsTask<Task<T>> = true;

// The fiber as a leaf (leaf.h). Movable until the first poll.
template <class F, class... Args>
class FiberState {
  using Value = std::invoke_result_t<F&, Args...>;
  using Kept = typename Collect<Value>::type;
  static_assert(!kIsTask<std::remove_cvref_t<Value>>,
                "weft: fiber::run() is for code that is no coroutine; co_await this Task, or "
                "fiber::await() it inside the callable");

 public:
  static constexpr const char* kWaitingOn = "fiber";
  void describe(WaitReport& report) noexcept { fiber_.describe(report); }

  template <class G, class... Given>
  explicit FiberState(fiber::Options options, G&& body, Given&&... args)
      : options_(options), body_(std::forward<G>(body)), args_(std::forward<Given>(args)...) {}
  FiberState(FiberState&& other) noexcept(std::is_nothrow_move_constructible_v<F> &&
                                          std::is_nothrow_move_constructible_v<std::tuple<Args...>>)
      : options_(other.options_), body_(std::move(other.body_)), args_(std::move(other.args_)) {
    WEFT_CHECK(!other.fiber_.has_begun(), kMovedAfterAwait);
  }
  FiberState& operator=(FiberState&&) = delete;
  ~FiberState() = default;

  bool poll(Context& cx) noexcept {
    if (!fiber_.has_begun()) {
      if (!fiber_.begin(options_.stack_size, options_.measure_stack, &call, this)) return true;
    }
    return fiber_.poll(cx);
  }
  bool poll_cancel(Context& cx) noexcept { return fiber_.poll_cancel(cx); }
  Value take() {
    fiber_.rethrow_failure();
    if constexpr (!std::is_void_v<Value>) return static_cast<Value&&>(*std::move(value_));
  }

 private:
  static void call(void* state) {
    // SAFETY(cast): what poll() has given to begin(); a polled state is not moved.
    auto& self = *static_cast<FiberState*>(state);
    const auto invoke = [&self](Args&... args) -> decltype(auto) {
      return std::invoke(self.body_, std::move(args)...);
    };
    if constexpr (std::is_void_v<Value>) {
      std::apply(invoke, self.args_);
    } else {
      self.value_.emplace(std::apply(invoke, self.args_));
    }
  }

  fiber::Options options_;
  F body_;
  std::tuple<Args...> args_;
  std::optional<Kept> value_;
  // Last: unwound before anything goes that its code may use.
  Fiber fiber_;
};

template <class F, class... Args>
concept FiberFunction = std::invocable<std::decay_t<F>&, std::decay_t<Args>...>;

}  // namespace weft::internal

namespace weft::fiber {

// Awaitable: calls callable(args...) on a stack of its own, as a part of the awaiting task, and
// yields what it returns, or throws what it throws; std::bad_alloc if there is no memory for the
// stack. Callable and arguments are decay-copied and live as long as the awaitable. Movable until
// it is awaited; an lvalue that loses a select stays suspended where it is, and may be awaited
// again.
//
// Cancelling it unwinds its stack, on the thread that cancels it. What the code waits for is
// cancelled as in a coroutine, and if that takes several steps (a scope) it is driven to its end
// first. A check failure: it is destroyed by hand while it waits in a live scope, or by its own
// code, or its code swallows the exception that unwinds it.
//
// g++ 12 destroys a lambda with captures that need destroying twice if it stands in a co_await
// expression: give such things to a lambda as arguments, or name it before.
template <class F, class... Args>
  requires internal::FiberFunction<F, Args...>
[[nodiscard]] auto run(Options options, F&& callable, Args&&... args) {
  using State = internal::FiberState<std::decay_t<F>, std::decay_t<Args>...>;
  return internal::InPlaceAwaitable<State>(std::in_place, options, std::forward<F>(callable),
                                           std::forward<Args>(args)...);
}
template <class F, class... Args>
  requires internal::FiberFunction<F, Args...>
[[nodiscard]] auto run(F&& callable, Args&&... args) {
  return fiber::run(Options(), std::forward<F>(callable), std::forward<Args>(args)...);
}

// Yields what `awaitable` yields, or throws what it throws; an lvalue is borrowed. While it is not
// complete, the task that runs the fiber is suspended, all of it, as if that had co_awaited; it may
// go on on another thread. Coroutines run on the thread's own stack, whatever room the fiber's has.
// Takes budget as co_await does, and gives other tasks a turn when there is none left.
//
// When the task is aborted or the fiber destroyed, it does not return (head of this file).
//
// A check failure at the caller's line: outside of a fiber, which a coroutine is that the fiber
// awaits; while the fiber is being unwound, as by a destructor (is_unwinding() tells); inside
// block_in_place(), or while an EnterGuard exists that the fiber has made; inside TaskLocal::with()
// of a scope around the fiber.
template <Awaitable A>
AwaitResult<A> await(A&& awaitable, std::source_location where = std::source_location::current()) {
  using Awaiter = decltype(std::forward<A>(awaitable).operator co_await());
  static_assert(internal::LeafHolder<Awaiter>,
                "weft: this awaitable is for coroutines only; instead of ok(), look at the Result");
  internal::Fiber& fiber = internal::Fiber::for_await(where);
  if constexpr (requires { awaitable.check_await(where); }) awaitable.check_await(where);
  Awaiter awaiter = std::forward<A>(awaitable).operator co_await();
  auto& node = awaiter.node();
  fiber.wait_for(node, where);
  return node.take();
}

// Whether fiber::await() may be called here: whether the caller is code of a fiber, and in none of
// the places that await() names.
bool is_inside() noexcept;

// Whether the fiber that the caller is code of is being unwound. For destructors, which cannot
// await then.
bool is_unwinding() noexcept;

// The most that the fiber that the caller is code of has used of its stack so far, in bytes. Exact
// with Options::measure_stack; without it, fibers that had the same stack before are counted in. It
// looks at the whole stack. A check failure at the caller's line outside of a fiber.
std::size_t stack_high_water(std::source_location where = std::source_location::current()) noexcept;

}  // namespace weft::fiber

#endif  // WEFT_TASK_FIBER_H_
