// Executor: a thread pool of somebody else's, as weft::on() uses it.
//
// Spec: R-166; api.md (runtime::Executor).
//
//   class MyPoolExecutor {
//    public:
//     template <std::invocable F>
//     void execute(F&& call) { pool_->add(std::forward<F>(call)); }
//   };
//
// For pools that exist there are asio_executor() (asio_executor.h), tbb_executor()
// (tbb_executor.h), pool_executor() and executor_from() (pool_executor.h).

#ifndef WEFT_RUNTIME_EXECUTORS_EXECUTOR_H_
#define WEFT_RUNTIME_EXECUTORS_EXECUTOR_H_

#include <concepts>
#include <utility>

#include <weft/runtime/executors/remote_poll.h>

namespace weft::runtime {

// What weft gives to an executor: movable, not copyable; called without arguments, at most once, on
// any thread; does not throw. May be destroyed uncalled.
using ExecutorCall = internal::RemoteCall;

// `executor.execute(call)` takes a function object that can be moved and sees to it that it is
// called once, on a thread of the executor, soon. It may call it before it returns. It throws if it
// does not take it, and only then. It is called on threads of the runtime, so it should not block.
// An executor that is destroyed, or stopped, destroys what it has not called.
template <class E>
concept Executor = requires(E& executor, ExecutorCall call) { executor.execute(std::move(call)); };

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_EXECUTORS_EXECUTOR_H_
