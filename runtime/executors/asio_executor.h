// asio_executor: executors and execution contexts of Asio, for weft::on().
//
// Spec.
//
//   asio::thread_pool pool(4);
//   int n = co_await on(runtime::asio_executor(pool), compute());
//
// For Boost.Asio and for Asio without Boost, neither of which is included here: the library's own
// post() is found by the executor's type. So a program that has one of them needs nothing else of
// weft's, and one that has none may include this header all the same.
//
// An Asio executor has an execute() of its own and would satisfy the concept as it is. But on a
// thread of its context that runs the function at once, inside the caller, unless told otherwise;
// post() never does.

#ifndef WEFT_RUNTIME_EXECUTORS_ASIO_EXECUTOR_H_
#define WEFT_RUNTIME_EXECUTORS_ASIO_EXECUTOR_H_

#include <concepts>
#include <utility>

namespace weft::runtime {

// Copyable if `Underlying` is, as Asio's executors are. As thread-safe as that.
template <class Underlying>
class AsioExecutor {
 public:
  // Of an `Underlying` and of nothing that converts to it: any_io_executor is made of whatever has
  // an execute(), and asking that of the class that is just being looked at leads in a circle.
  template <std::same_as<Underlying> U>
  explicit AsioExecutor(U executor) : executor_(std::move(executor)) {}

  // Throws what Asio's post() throws.
  template <std::invocable F>
  void execute(F&& call) const {
    post(executor_, std::forward<F>(call));
  }

 private:
  Underlying executor_;
};
template <class Underlying>
AsioExecutor(Underlying) -> AsioExecutor<Underlying>;

// `executor`: an Asio executor (thread_pool's, io_context's, a strand, any_io_executor), which is
// copied, or an object that has one (a context, a socket). The context has to run until the await
// is over: an io_context without other work needs a work guard. A context that is destroyed drops
// its calls; one that is merely stopped keeps them.
template <class ExecutorOrContext>
[[nodiscard]] auto asio_executor(ExecutorOrContext&& executor) {
  if constexpr (requires { executor.get_executor(); }) {
    return AsioExecutor(executor.get_executor());
  } else {
    return AsioExecutor(std::forward<ExecutorOrContext>(executor));
  }
}

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_EXECUTORS_ASIO_EXECUTOR_H_
