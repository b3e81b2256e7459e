// from_future: a std::future, as an awaitable.
//
// Spec: R-181.
//
//   std::future<Report> future = old_library.make_report();
//   Report report = co_await from_future(std::move(future));
//
// A std::future cannot call anybody back, so somebody has to wait for it: a thread of the blocking
// pool, as many threads as futures are awaited. Where the library offers a callback as well,
// from_callback() costs no thread.

#ifndef WEFT_RUNTIME_FROM_FUTURE_H_
#define WEFT_RUNTIME_FROM_FUTURE_H_

#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>

namespace weft {
namespace internal {

// What a future of T yields; a reference can be no Task's result.
template <class T>
using FutureValue = std::conditional_t<std::is_lvalue_reference_v<T>,
                                       std::reference_wrapper<std::remove_reference_t<T>>, T>;

// Aborts a job that has not begun when the await is destroyed.
template <class T>
class FutureJob {
 public:
  explicit FutureJob(JoinHandle<T> handle) noexcept : handle_(std::move(handle)) {}
  FutureJob(const FutureJob&) = delete;
  FutureJob& operator=(const FutureJob&) = delete;
  ~FutureJob() { handle_.abort(); }
  JoinHandle<T>& handle() noexcept { return handle_; }

 private:
  JoinHandle<T> handle_;
};

template <class T, class Future>
Task<T> wait_for_future(Future future, std::source_location where) {
  if (future.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
    co_return static_cast<T>(future.get());
  }
  FutureJob<T> job(spawn_blocking(
      [waited = std::move(future)]() mutable -> T { return static_cast<T>(waited.get()); }, where));
  JoinResult<T> result = co_await job.handle();
  if (!result) {
    if (result.error().is_exception()) result.error().rethrow();
    throw RuntimeGone("from_future: the runtime has shut down");
  }
  if constexpr (!std::is_void_v<T>) co_return *std::move(result);
}

}  // namespace internal

// Yields what the future holds, or throws what it holds; a reference as a std::reference_wrapper. A
// future that is ready is taken as it is; for any other a thread of the current runtime's blocking
// pool waits, which also runs what std::async has deferred. Throws RuntimeGone if the runtime shuts
// down before that thread has begun. Fatal at the caller's line for a future without a state, and
// outside every runtime.
//
// Cancel safe in that the coroutine may go: the future is destroyed on the pool's thread when it is
// ready, and its value is lost. That thread cannot be called back, and the runtime's end waits for
// it as for every blocking job that has begun.
template <class T>
[[nodiscard]] Task<internal::FutureValue<T>> from_future(
    std::future<T> future, std::source_location where = std::source_location::current()) {
  WEFT_CHECK(future.valid(), "from_future: the future has no state; it was moved from, or read",
             where);
  return internal::wait_for_future<internal::FutureValue<T>>(std::move(future), where);
}
// The same; yields a copy of the value, which stays with the other holders of the state.
template <class T>
[[nodiscard]] Task<internal::FutureValue<T>> from_future(
    std::shared_future<T> future, std::source_location where = std::source_location::current()) {
  WEFT_CHECK(future.valid(), "from_future: the future has no state; it was moved from", where);
  return internal::wait_for_future<internal::FutureValue<T>>(std::move(future), where);
}

}  // namespace weft

#endif  // WEFT_RUNTIME_FROM_FUTURE_H_
