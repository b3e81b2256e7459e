// pool_executor, executor_from: thread pools that take functions, for weft::on().
//
// Spec.
//
//   co_await on(runtime::pool_executor(pool), work());      // pool.submit(f), enqueue(f), post(f)
//
//   auto background = runtime::executor_from([&pool](auto call) { pool.add(call, kLow); });
//   co_await on(background, work());
//
// Most pools take a std::function<void()>, and some call it as a constant. What they are given here
// is therefore a copyable function object whose copies share one call; that costs an allocation for
// each.

#ifndef WEFT_RUNTIME_EXECUTORS_POOL_EXECUTOR_H_
#define WEFT_RUNTIME_EXECUTORS_POOL_EXECUTOR_H_

#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace weft::runtime {

// Calls what was moved into it. Copies share that; it is destroyed with the last of them, and no
// two threads may call it at once.
template <std::invocable F>
class SharedCall {
 public:
  explicit SharedCall(F call) : call_(std::make_shared<F>(std::move(call))) {}
  void operator()() const { std::invoke(*call_); }

 private:
  std::shared_ptr<F> call_;
};

// An executor that passes each call to `Submit`. As thread-safe as that.
template <class Submit>
class FunctionExecutor {
 public:
  explicit FunctionExecutor(Submit submit) : submit_(std::move(submit)) {}

  // Throws std::bad_alloc and what `Submit` throws.
  template <std::invocable F>
  void execute(F&& call) {
    static_cast<void>(std::invoke(submit_, SharedCall<std::decay_t<F>>(std::forward<F>(call))));
  }

 private:
  Submit submit_;
};

// An executor made of `submit(call)`, which is called on threads of the runtime, sees to it that
// `call()` is called once, on some thread, and does not wait for that; it throws if it does not
// take the call. The call is copyable, fits a std::function<void()>, and may be destroyed uncalled.
template <class Submit>
[[nodiscard]] auto executor_from(Submit submit) {
  return FunctionExecutor<Submit>(std::move(submit));
}

// An executor that gives each call to a member of `Pool`; see pool_executor().
template <class Pool>
class PoolExecutor {
 public:
  explicit PoolExecutor(Pool& pool) noexcept : pool_(&pool) {}

  // Throws std::bad_alloc and what the pool's member throws.
  template <std::invocable F>
  void execute(F&& call) const {
    give(*pool_, SharedCall<std::decay_t<F>>(std::forward<F>(call)));
  }

 private:
  template <class P, class Call>
  static void give(P& pool, Call call) {
    if constexpr (requires { pool.submit(std::move(call)); }) {
      static_cast<void>(pool.submit(std::move(call)));
    } else if constexpr (requires { pool.enqueue(std::move(call)); }) {
      static_cast<void>(pool.enqueue(std::move(call)));
    } else {
      static_assert(
          requires { pool.post(std::move(call)); },
          "weft::runtime::pool_executor: the pool has no member submit(f), enqueue(f) or post(f) "
          "that takes a copyable function object; use executor_from()");
      static_cast<void>(pool.post(std::move(call)));
    }
  }

  Pool* pool_;
};

// An executor made of a pool with a member submit(f), enqueue(f) or post(f); the first of these is
// taken. What that returns is ignored: it must not wait for the call when it is destroyed, as
// std::async's future does. Borrows the pool.
template <class Pool>
[[nodiscard]] PoolExecutor<Pool> pool_executor(Pool& pool) noexcept {
  return PoolExecutor<Pool>(pool);
}

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_EXECUTORS_POOL_EXECUTOR_H_
