// What a program may watch of its tasks.

#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/builder.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>

namespace weft::runtime {
namespace {

using test_support::AsyncEvent;
using test_support::Kind;
using test_support::kKinds;

// What the hooks were told, in order.
class Seen {
 public:
  void add(const char* what, const TaskMeta& meta) {
    const std::lock_guard lock(mutex_);
    calls_.emplace_back(what, meta.id().value());
  }
  Builder watch(Builder builder) {
    builder.on_task_spawn([this](const TaskMeta& meta) { add("spawn", meta); });
    builder.on_before_task_poll([this](const TaskMeta& meta) { add("before", meta); });
    builder.on_after_task_poll([this](const TaskMeta& meta) { add("after", meta); });
    builder.on_task_terminate([this](const TaskMeta& meta) { add("terminate", meta); });
    return builder;
  }
  std::vector<std::string> of(TaskId id) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> calls;
    for (const auto& [what, task] : calls_) {
      if (task == id.value()) calls.push_back(what);
    }
    return calls;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::uint64_t>> calls_;
};

TEST(R10, EachTaskIsSeenFromSpawnToEndWithItsId) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    Seen seen;
    std::optional<TaskId> id;
    {
      Runtime rt = seen.watch(test_support::builder_of(kind)).build().value();
      auto task = rt.spawn([]() -> Task<> {
        co_await yield_now();
        co_await yield_now();
        co_await yield_now();
      });
      id = task.id();
      EXPECT_TRUE(rt.block_on(task).has_value());
    }
    EXPECT_EQ(seen.of(*id),
              (std::vector<std::string>{"spawn", "before", "after", "before", "after", "before",
                                        "after", "before", "after", "terminate"}));
  }
}

TEST(R10, CancelledAndThrowingTasksTerminateToo) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    Seen seen;
    std::optional<TaskId> cancelled;
    std::optional<TaskId> thrown;
    AsyncEvent never;
    {
      Runtime rt = seen.watch(test_support::builder_of(kind)).build().value();
      auto waiting = rt.spawn([&]() -> Task<> { co_await never.wait(); });
      auto throwing = rt.spawn([]() -> Task<> {
        throw std::runtime_error("task");
        co_return;
      });
      cancelled = waiting.id();
      thrown = throwing.id();
      rt.block_on(never.until_waiting(1));
      waiting.abort();
      EXPECT_TRUE(rt.block_on(waiting).error().is_cancelled());
      EXPECT_TRUE(rt.block_on(throwing).error().is_exception());
    }
    EXPECT_EQ(seen.of(*cancelled).back(), "terminate");
    EXPECT_EQ(seen.of(*thrown),
              (std::vector<std::string>{"spawn", "before", "after", "terminate"}));
  }
}

TEST(R10, NeitherRootsNorBlockingJobsAreSeen) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    std::atomic<int> calls{0};
    const auto count = [&](const TaskMeta&) { ++calls; };
    {
      Runtime rt = test_support::builder_of(kind)
                       .on_task_spawn(count)
                       .on_before_task_poll(count)
                       .on_after_task_poll(count)
                       .build()
                       .value();
      auto job = rt.spawn_blocking([] {});
      EXPECT_TRUE(rt.block_on(job).has_value());
    }
    EXPECT_EQ(calls, 0);
  }
}

TEST(R10, HookMayAskForTheCurrentTask) {
  std::optional<TaskId> current;
  Runtime rt = Builder::new_current_thread()
                   .on_before_task_poll([&](const TaskMeta&) { current = try_current_task_id(); })
                   .build()
                   .value();
  auto task = rt.spawn([]() -> Task<> { co_return; });
  const TaskId id = task.id();
  EXPECT_TRUE(rt.block_on(task).has_value());
  EXPECT_EQ(current, id);
}

}  // namespace
}  // namespace weft::runtime
