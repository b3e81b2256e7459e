// What the tests of dumps share.

#ifndef WEFT_TESTS_UNIT_RUNTIME_DUMP_SUPPORT_H_
#define WEFT_TESTS_UNIT_RUNTIME_DUMP_SUPPORT_H_

#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <weft/runtime/dump.h>
#include <weft/runtime/runtime.h>
#include <weft/sync/mutex.h>
#include <weft/task/builder.h>

namespace weft::test_support {

inline Task<> wait_for(AsyncEvent& event) { co_await event.wait(); }

// A chain of three frames.
inline constexpr auto kLineOfInnermost = std::source_location::current().line() + 1;
inline Task<> innermost(AsyncEvent& event) { co_await event.wait(); }
inline Task<> middle(AsyncEvent& event) { co_await innermost(event); }
inline Task<> outermost(AsyncEvent& event) { co_await middle(event); }

inline Task<runtime::Dump> dump_here() {
  runtime::Dump dump = co_await runtime::Handle::current().dump();
  co_return dump;
}

// The kinds of the lines of a task, and of waits what they say: "frame", "mutex", "...".
inline std::vector<std::string> lines_of(const runtime::TaskDump& task) {
  using PointKind = runtime::AwaitPoint::Kind;
  std::vector<std::string> lines;
  for (const runtime::AwaitPoint& point : task.chain()) {
    std::string line(point.depth(), '.');
    if (point.kind() == PointKind::kFrame) {
      line += "frame";
    } else {
      line += point.kind() == PointKind::kWait ? point.waiting_on() : "omitted";
    }
    lines.push_back(line);
  }
  return lines;
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Two tasks that wait for each other's mutex.
struct Deadlock {
  sync::Mutex<int> first;
  sync::Mutex<int> second;
  AsyncEvent a_has_first;
  AsyncEvent b_has_second;

  static Task<> lock(sync::Mutex<int>& mutex) { const auto guard = co_await mutex.lock(); }
  Task<> a() {
    const auto guard = co_await first.lock();
    a_has_first.set();
    co_await b_has_second.wait();
    co_await lock(second);
  }
  Task<> b() {
    const auto guard = co_await second.lock();
    b_has_second.set();
    co_await a_has_first.wait();
    co_await lock(first);
  }
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_UNIT_RUNTIME_DUMP_SUPPORT_H_
