// What the tests of the multi-thread scheduler share: tasks that occupy a worker, note their order,
// or spawn without end.

#ifndef WEFT_TESTS_UNIT_RUNTIME_MULTI_THREAD_SUPPORT_H_
#define WEFT_TESTS_UNIT_RUNTIME_MULTI_THREAD_SUPPORT_H_

#include <atomic>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <tests/support/event.h>
#include <weft/runtime/runtime.h>

namespace weft::test_support {

// Occupies a worker until released.
struct Blocker {
  Event running;
  Event release;
  Task<> run() {
    running.set();
    release.wait();
    co_return;
  }
};

// The order in which tasks ran.
class Order {
 public:
  Task<> note(std::string name) {
    const std::lock_guard lock(mutex_);
    names_.push_back(std::move(name));
    co_return;
  }
  std::vector<std::string> names() const {
    const std::lock_guard lock(mutex_);
    return names_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> names_;
};
using Names = std::vector<std::string>;

// A task that spawns another of its kind for ever, until told to stop.
struct EndlessChain {
  std::atomic<bool> stop{false};
  std::atomic<long> links{0};
  Event ended;
  Task<> link() {
    ++links;
    if (stop) {
      ended.set();
    } else {
      (void)spawn(link());
    }
    co_return;
  }
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_UNIT_RUNTIME_MULTI_THREAD_SUPPORT_H_
