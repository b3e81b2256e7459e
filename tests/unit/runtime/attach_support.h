// What the tests of lent threads share.

#ifndef WEFT_TESTS_UNIT_RUNTIME_ATTACH_SUPPORT_H_
#define WEFT_TESTS_UNIT_RUNTIME_ATTACH_SUPPORT_H_

#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include <tests/unit/runtime/multi_thread_support.h>
#include <weft/runtime/runtime.h>

namespace weft::test_support {

// A thread that is lent to `rt`, which outlives it, until it is asked to stop.
class LentThread {
 public:
  explicit LentThread(runtime::Runtime& rt)
      : thread_([this, &rt](std::stop_token stop) {
          error_ = rt.attach_current_thread(std::move(stop));
        }) {}

  std::thread::id id() const { return thread_.get_id(); }
  void request_stop() { thread_.request_stop(); }
  // Until attach_current_thread() has returned.
  std::optional<Error> join() {
    thread_.join();
    return error_;
  }

 private:
  std::optional<Error> error_;
  std::jthread thread_;  // last: it uses the others
};

inline Task<std::thread::id> this_thread() { co_return std::this_thread::get_id(); }

// Returns when `rt` has a worker that runs `blocker`.
inline void occupy_a_worker(runtime::Runtime& rt, Blocker& blocker) {
  (void)rt.spawn(blocker.run());
  blocker.running.wait();
}

}  // namespace weft::test_support

#endif  // WEFT_TESTS_UNIT_RUNTIME_ATTACH_SUPPORT_H_
