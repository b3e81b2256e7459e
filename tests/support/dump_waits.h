// What a dump says of a task that waits, for tests of leaves.
//
//   EXPECT_THAT(co_await waits_of([&] { return mutex.lock(); }), ElementsAre("mutex"));

#ifndef WEFT_TESTS_SUPPORT_DUMP_WAITS_H_
#define WEFT_TESTS_SUPPORT_DUMP_WAITS_H_

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <weft/runtime/dump.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>

namespace weft::test_support {

// "join set of 12, 3 tasks have not ended, due in 5 ms", without the object.
inline std::string text_of(const runtime::AwaitPoint& wait) {
  std::string text(wait.waiting_on());
  if (const auto holder = wait.holder()) {
    text += wait.is_join() ? " of " : ", held by ";
    text += std::to_string(holder->value());
  }
  if (wait.due_in())
    text += ", due in " + std::to_string(wait.due_in()->count() / 1'000'000) + " ms";
  for (const runtime::AwaitPoint::Note& note : wait.notes()) {
    text += ", ";
    if (note.number) text += std::to_string(*note.number) + ' ';
    text += note.text;
  }
  return text;
}

// The waits among the lines of a task, each with a point for every wait that it is inside.
inline std::vector<std::string> waits_of(const runtime::TaskDump& task) {
  using PointKind = runtime::AwaitPoint::Kind;
  std::vector<std::string> lines;
  std::vector<unsigned> outer;  // depths of the waits that the next line may be inside
  for (const runtime::AwaitPoint& point : task.chain()) {
    while (!outer.empty() && outer.back() >= point.depth()) outer.pop_back();
    if (point.kind() != PointKind::kWait) continue;
    lines.push_back(std::string(outer.size(), '.') + text_of(point));
    outer.push_back(point.depth());
  }
  return lines;
}

// The same of a task of its own that awaits what `make()` returns. For a runtime of one thread, in
// a task of it. The task is aborted.
template <class F>
Task<std::vector<std::string>> waits_of(F make) {
  auto task = spawn([&make]() -> Task<> { static_cast<void>(co_await make()); });
  co_await yield_now();
  const runtime::Dump dump = co_await runtime::Handle::current().dump();
  const runtime::TaskDump* const seen = dump.find(task.id());
  EXPECT_NE(seen, nullptr);
  std::vector<std::string> lines;
  if (seen != nullptr) lines = waits_of(*seen);
  task.abort();
  static_cast<void>(co_await task);
  co_return lines;
}

// Runs a task on a runtime of one thread, to its end.
template <class F>
void in_task_of(runtime::Runtime& rt, F body) {
  auto task = rt.spawn(body);
  EXPECT_TRUE(rt.block_on(task).has_value());
}

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_DUMP_WAITS_H_
