// A thread pool, as many programs have one: it takes functions and runs them.

#ifndef WEFT_EXAMPLES_BRIDGE_THREAD_POOL_POOL_H_
#define WEFT_EXAMPLES_BRIDGE_THREAD_POOL_POOL_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace examples {

class Pool {
 public:
  explicit Pool(unsigned threads);
  // Runs what has been submitted, then ends.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void submit(std::function<void()> job);

  // The same for a function whose value is wanted.
  template <class F>
  std::future<std::invoke_result_t<F&>> compute(F function) {
    using Value = std::invoke_result_t<F&>;
    auto job = std::make_shared<std::packaged_task<Value()>>(std::move(function));
    std::future<Value> value = job->get_future();
    submit([job] { (*job)(); });
    return value;
  }

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;  // guarded by mutex_
  bool is_closed_ = false;                  // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace examples

#endif  // WEFT_EXAMPLES_BRIDGE_THREAD_POOL_POOL_H_
