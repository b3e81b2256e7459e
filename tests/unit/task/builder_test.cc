// task::Builder: names of tasks, and the errors of spawning blocking jobs.

#include <weft/task/builder.h>

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <weft/base/error.h>
#include <weft/runtime/builder.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/local_set.h>

namespace weft {
namespace {

using runtime::Runtime;
using runtime::TaskMeta;
using test_support::AsyncEvent;
using test_support::builder_of;
using test_support::current_thread;
using test_support::Kind;
using test_support::kKinds;
using test_support::multi_thread;

Task<int> number(int n) { co_return n; }
Task<int> wait_for(AsyncEvent& event, int n) {
  co_await event.wait();
  co_return n;
}
Task<int> yields_once() {
  co_await yield_now();
  co_return 0;
}

TEST(T14, HooksSeeTheNameAllAlong) {
  for (const Kind kind : kKinds) {
    std::mutex mutex;
    std::vector<std::string> seen;
    const auto add = [&](const char* what) {
      return [&mutex, &seen, what](const TaskMeta& meta) {
        const std::lock_guard lock(mutex);
        if (!meta.name().empty())
          seen.push_back(std::string(what) + " " + std::string(meta.name()));
      };
    };
    {
      Runtime rt = builder_of(kind)
                       .on_task_spawn(add("spawn"))
                       .on_before_task_poll(add("before"))
                       .on_after_task_poll(add("after"))
                       .on_task_terminate(add("terminate"))
                       .build()
                       .value();
      auto named = task::Builder().name("worker").spawn_on(rt.handle(), yields_once()).value();
      EXPECT_TRUE(rt.block_on(named).has_value());
      EXPECT_TRUE(rt.block_on(rt.spawn(number(1))).has_value());
    }
    EXPECT_EQ(seen,
              (std::vector<std::string>{"spawn worker", "before worker", "after worker",
                                        "before worker", "after worker", "terminate worker"}));
  }
}

TEST(T14, HandlesKnowTheName) {
  Runtime rt = current_thread();
  AsyncEvent event;
  const auto entered = rt.enter();
  task::Builder builder;
  builder.name("first");
  auto first = builder.spawn(wait_for(event, 1)).value();
  builder.name("a second name that is too long to be kept in a string itself");
  auto second = builder.spawn(wait_for, std::ref(event), 2).value();
  auto plain = builder.name("").spawn(number(3)).value();
  EXPECT_EQ(first.name(), "first");
  EXPECT_EQ(second.name(), "a second name that is too long to be kept in a string itself");
  EXPECT_EQ(plain.name(), "");
  const AbortHandle kept = first.abort_handle();
  event.set();
  EXPECT_EQ(rt.block_on(first).value(), 1);
  EXPECT_EQ(first.name(), "") << "the result has been taken";
  EXPECT_EQ(kept.name(), "first");
  EXPECT_EQ(rt.block_on(second).value(), 2);
}

TEST(T14, EveryWayOfSpawningNamesTheTask) {
  Runtime rt = current_thread();
  Runtime elsewhere = multi_thread(1);
  LocalSet local;
  task::Builder builder;
  builder.name("n");
  auto first = builder.spawn_local_on(local, number(1)).value();
  EXPECT_EQ(first.name(), "n");
  local.block_on(rt, [&]() -> Task<> {
    std::vector<Result<JoinHandle<int>>> handles;
    handles.push_back(builder.spawn(number(1)));
    handles.push_back(builder.spawn([](int a, int b) -> Task<int> { co_return a + b; }, 0, 1));
    handles.push_back(builder.spawn_on(elsewhere.handle(), number, 1));
    handles.push_back(builder.spawn_local(number(1)));
    handles.push_back(builder.spawn_blocking([] { return 1; }));
    handles.push_back(builder.spawn_blocking([](int n) { return n; }, 1));
    handles.push_back(builder.spawn_blocking_on(elsewhere.handle(), [](int n) { return n; }, 1));
    for (auto& handle : handles) {
      EXPECT_EQ(handle->name(), "n");
      const auto joined = co_await *handle;
      EXPECT_EQ(joined.value(), 1);
    }
  }());
}

TEST(T14, AbortedAndDetachedTasksGiveTheirNamesBack) {
  // Run under AddressSanitizer, this finds a name that leaks.
  AsyncEvent never;  // outlives the task that waits for it
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  task::Builder builder;
  builder.name("a name that is certainly longer than what fits into a string");
  auto aborted = builder.spawn(wait_for(never, 1)).value();
  aborted.abort();
  EXPECT_TRUE(rt.block_on(aborted).error().is_cancelled());
  {
    auto detached = builder.spawn(number(1));
  }
  {
    auto left_to_the_shutdown = builder.spawn(wait_for(never, 1));
  }
  rt.block_on(yields_once());
  EXPECT_EQ(never.waiting(), 1u);
}

TEST(T14, ABlockingJobIsRefusedAfterShutdown) {
  std::optional<Runtime> rt = current_thread();
  const runtime::Handle handle = rt->handle();
  rt.reset();
  bool ran = false;
  const auto refused =
      task::Builder().name("late").spawn_blocking_on(handle, [&ran] { ran = true; });
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error(), Error(Errc::runtime_shutdown));
  EXPECT_FALSE(ran);
  const auto spawned = task::Builder().name("late").spawn_on(handle, number(1));
  EXPECT_TRUE(spawned.has_value()) << "tasks have no errors";
}

}  // namespace
}  // namespace weft
