// The complete rules of the hooks around tasks (hooks_test.cc has the rest).

#include <atomic>
#include <mutex>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/local_set.h>

namespace weft::runtime {
namespace {

using test_support::AsyncEvent;
using test_support::builder_of;
using test_support::Event;
using test_support::Kind;
using test_support::kKinds;
using test_support::MockTask;
using test_support::Polled;

Task<> nothing() { co_return; }

struct Call {
  std::string hook;
  std::uint64_t task;
  std::string file;
  unsigned line;
  std::optional<std::chrono::nanoseconds> latency;
};

// What the hooks were told, in order.
class Calls {
 public:
  Builder watch(Builder builder) {
    builder.on_task_spawn([this](const TaskMeta& meta) { add("spawn", meta); });
    builder.on_before_task_poll([this](const TaskMeta& meta) { add("before", meta); });
    builder.on_after_task_poll([this](const TaskMeta& meta) { add("after", meta); });
    builder.on_task_terminate([this](const TaskMeta& meta) { add("terminate", meta); });
    return builder;
  }
  std::vector<Call> all() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  std::vector<std::string> names(TaskId id) const {
    std::vector<std::string> found;
    for (const Call& call : all()) {
      if (call.task == id.value()) found.push_back(call.hook);
    }
    return found;
  }
  std::size_t count(const std::string& hook) const {
    std::size_t count = 0;
    for (const Call& call : all()) count += call.hook == hook ? 1 : 0;
    return count;
  }

 private:
  void add(const char* hook, const TaskMeta& meta) {
    const std::lock_guard lock(mutex_);
    const std::source_location where = meta.spawned_at();
    calls_.push_back(
        {hook, meta.id().value(), where.file_name(), where.line(), meta.schedule_latency()});
  }

  mutable std::mutex mutex_;
  std::vector<Call> calls_;
};

using Names = std::vector<std::string>;

TEST(R149, HooksAreToldTheIdAndWhereTheTaskWasSpawned) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    Calls calls;
    std::optional<TaskId> id;
    unsigned line = 0;
    {
      Runtime rt = calls.watch(builder_of(kind)).build().value();
      line = std::source_location::current().line() + 1;
      auto task = rt.spawn(nothing());
      id = task.id();
      rt.block_on(task).value();
    }
    EXPECT_EQ(calls.names(*id), (Names{"spawn", "before", "after", "terminate"}));
    for (const Call& call : calls.all()) {
      EXPECT_EQ(call.task, id->value()) << call.hook;
      EXPECT_TRUE(call.file.ends_with("metrics_hooks_test.cc")) << call.hook;
      EXPECT_EQ(call.line, line) << call.hook;
    }
  }
}

TEST(R149, EachHookIsToldTheName) {
  std::vector<std::string> names;
  const auto note = [&names](const TaskMeta& meta) { names.emplace_back(meta.name()); };
  Runtime rt = Builder::new_current_thread()
                   .on_task_spawn(note)
                   .on_before_task_poll(note)
                   .on_after_task_poll(note)
                   .on_task_terminate(note)
                   .build()
                   .value();
  auto task = internal::spawn_named_task(rt.handle().scheduler(), nothing(),
                                         std::source_location::current(), "mail");
  rt.block_on(task).value();
  EXPECT_EQ(names, (Names{"mail", "mail", "mail", "mail"}));
}

TEST(R149, LatencyIsOnlyToldAroundPolls) {
  Calls calls;
  Runtime rt =
      calls.watch(Builder::new_current_thread().track_task_schedule_latency()).build().value();
  auto task = rt.spawn(nothing());
  rt.block_on(task).value();
  ASSERT_EQ(calls.all().size(), 4U);
  for (const Call& call : calls.all()) {
    const bool is_around_poll = call.hook == "before" || call.hook == "after";
    EXPECT_EQ(call.latency.has_value(), is_around_poll) << call.hook;
  }
}

TEST(R149, SpawnHookComesBeforeTheTaskIsQueued) {
  std::optional<std::uint64_t> queued;
  std::optional<RuntimeMetrics> metrics;
  Runtime rt = Builder::new_current_thread()
                   .on_task_spawn([&](const TaskMeta&) { queued = metrics->global_queue_depth(); })
                   .build()
                   .value();
  metrics = rt.metrics();
  auto task = rt.spawn(nothing());
  EXPECT_EQ(queued, 0U);
  EXPECT_EQ(metrics->global_queue_depth(), 1U);
  rt.block_on(task).value();
}

TEST(R149, TaskThatIsRefusedIsSeenAndNeverPolled) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    Calls calls;
    std::optional<Handle> handle;
    {
      const Runtime rt = calls.watch(builder_of(kind)).build().value();
      handle = rt.handle();
    }
    auto refused = handle->spawn(nothing());
    EXPECT_EQ(calls.names(refused.id()), (Names{"spawn", "terminate"}));
    EXPECT_TRUE(refused.is_finished());
  }
}

TEST(R149, TaskThatShutdownCancelsTerminates) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    Calls calls;
    AsyncEvent never;
    std::optional<TaskId> id;
    {
      Runtime rt = calls.watch(builder_of(kind)).build().value();
      auto task =
          rt.spawn([](AsyncEvent& event) -> Task<> { co_await event.wait(); }, std::ref(never));
      id = task.id();
      rt.block_on(never.until_waiting(1));
    }
    EXPECT_EQ(calls.names(*id), (Names{"spawn", "before", "after", "terminate"}));
  }
}

TEST(R149, TerminateHookComesAfterTheJoinerWasWoken) {
  enum class End { kValue, kException, kCancelled };
  for (const End end : {End::kValue, End::kException, End::kCancelled}) {
    MockTask joiner;
    int woken_in_hook = -1;
    int terminated = 0;
    Runtime rt = Builder::new_current_thread()
                     .on_task_terminate([&](const TaskMeta&) {
                       ++terminated;
                       woken_in_hook = joiner.wake_count();
                     })
                     .build()
                     .value();
    AsyncEvent event;
    auto task = rt.spawn(
        [](AsyncEvent& e, bool throws) -> Task<> {
          co_await e.wait();
          if (throws) throw std::runtime_error("task");
        },
        std::ref(event), end == End::kException);
    Polled joined(task);
    EXPECT_FALSE(joined.poll(joiner));
    rt.block_on(event.until_waiting(1));
    if (end == End::kCancelled) {
      task.abort();
    } else {
      event.set();
    }
    auto last = rt.spawn(nothing());
    rt.block_on(last).value();
    EXPECT_EQ(terminated, 1 + 1);
    EXPECT_EQ(woken_in_hook, 1);
    EXPECT_TRUE(joined.poll(joiner));
  }
}

TEST(R149, ThrowingHooksChangeNothing) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    std::atomic<int> calls{0};
    const auto hook = [&calls](const TaskMeta&) {
      ++calls;
      throw std::runtime_error("hook");
    };
    {
      Runtime rt = builder_of(kind)
                       .on_task_spawn(hook)
                       .on_task_terminate(hook)
                       .on_before_task_poll(hook)
                       .on_after_task_poll(hook)
                       .build()
                       .value();
      auto task = rt.spawn([]() -> Task<int> {
        co_await yield_now();
        co_return 7;
      });
      EXPECT_EQ(rt.block_on(task).value(), 7);
    }
    EXPECT_EQ(calls, 6);
  }
}

TEST(R149, HooksSurroundEachResumeOfAYieldingTask) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    Calls calls;
    {
      Runtime rt = calls.watch(builder_of(kind)).build().value();
      auto task = rt.spawn([]() -> Task<> {
        for (int i = 0; i < 3; ++i) co_await yield_now();
      });
      rt.block_on(task).value();
    }
    EXPECT_EQ(calls.count("before"), 4U);
    EXPECT_EQ(calls.count("after"), 4U);
  }
}

TEST(R149, HooksSurroundWhatRunsFromTheLifoSlot) {
  Calls calls;
  std::optional<RuntimeMetrics> metrics;
  {
    Runtime rt =
        calls.watch(Builder::new_multi_thread().worker_threads(1).event_interval(1'000'000'000))
            .build()
            .value();
    metrics = rt.metrics();
    auto task = rt.spawn([]() -> Task<> {
      const auto inner = co_await spawn(nothing());
      inner.value();
    });
    rt.block_on(task).value();
  }
  EXPECT_EQ(metrics->worker_poll_count(0), 1U) << "the rest ran from the LIFO slot";
  EXPECT_EQ(calls.count("before"), 3U);
  EXPECT_EQ(calls.count("after"), 3U);
}

TEST(R149, HooksOfAPollEncloseItAlsoIfTheTaskThrows) {
  Calls calls;
  Runtime rt = calls.watch(Builder::new_current_thread()).build().value();
  auto task = rt.spawn([]() -> Task<> {
    throw std::runtime_error("task");
    co_return;
  });
  const TaskId id = task.id();
  EXPECT_TRUE(rt.block_on(task).error().is_exception());
  EXPECT_EQ(calls.names(id), (Names{"spawn", "before", "after", "terminate"}));
}

TEST(R149, TasksOfALocalSetAreNotSeen) {
  Calls calls;
  Runtime rt = calls.watch(Builder::new_current_thread()).build().value();
  {
    LocalSet set;
    auto local = set.spawn_local(nothing());
    set.block_on(rt, local).value();
  }
  EXPECT_TRUE(calls.all().empty());
}

TEST(R149, BlockingJobsAreNotSeen) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    Calls calls;
    {
      Runtime rt = calls.watch(builder_of(kind)).build().value();
      auto job = rt.spawn_blocking([] {});
      rt.block_on(job).value();
    }
    EXPECT_TRUE(calls.all().empty()) << "neither the job nor the workers, which are jobs, too";
  }
}

}  // namespace
}  // namespace weft::runtime
