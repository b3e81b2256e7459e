// What the tests of LocalSet spawn.

#ifndef WEFT_TESTS_UNIT_TASK_LOCAL_SET_SUPPORT_H_
#define WEFT_TESTS_UNIT_TASK_LOCAL_SET_SUPPORT_H_

#include <atomic>
#include <stdexcept>
#include <thread>

#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>

namespace weft::local_set_support {

using test_support::AsyncEvent;
using test_support::Counted;

inline Task<int> number(int n) { co_return n; }
inline Task<> nothing() { co_return; }
inline Task<> count(int& counter) {
  ++counter;
  co_return;
}
inline Task<> wait_counted(AsyncEvent& event, std::atomic<int>& alive) {
  const Counted counted(alive);
  co_await event.wait();
}
inline Task<> wait_then_count(AsyncEvent& event, int& counter) {
  co_await event.wait();
  ++counter;
}
inline Task<> yields(int times, int& counter) {
  for (int i = 0; i < times; ++i) co_await yield_now();
  ++counter;
}
inline Task<std::thread::id> where_it_runs() {
  co_await yield_now();
  co_return std::this_thread::get_id();
}
inline Task<> throws() {
  throw std::runtime_error("local");
  co_return;
}

}  // namespace weft::local_set_support

#endif  // WEFT_TESTS_UNIT_TASK_LOCAL_SET_SUPPORT_H_
