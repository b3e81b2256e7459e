// Task ids, errors, exceptions and aborts: what can be learned of a task from outside.

#include <weft/runtime/join_handle.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/time/sleep.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using runtime::Handle;
using runtime::Runtime;
using test_support::AsyncEvent;
using test_support::Counted;
using test_support::current_thread;
using test_support::Event;
using test_support::finished;
using test_support::MockTask;
using test_support::multi_thread;
using test_support::on_every_kind;
using test_support::OnDestroy;
using test_support::Polled;
using test_support::until;

static_assert(std::is_move_constructible_v<JoinHandle<int>>);
static_assert(!std::is_copy_constructible_v<JoinHandle<int>>);
static_assert(std::is_copy_constructible_v<AbortHandle>);

Task<int> number(int n) { co_return n; }
Task<> wait_for(AsyncEvent& event) { co_await event.wait(); }
Task<> throws_runtime_error() {
  throw std::runtime_error("told you");
  co_return;
}
Task<> throws_string(std::string text) {
  throw text;
  co_return;
}
Task<> throws_literal() {
  throw "literal";
  co_return;
}
Task<> throws_number() {
  throw 7;
  co_return;
}

TEST(T9, IdsAreNotZeroAndDiffer) {
  Runtime rt = multi_thread(2);
  std::vector<JoinHandle<int>> tasks;
  std::set<std::uint64_t> ids;
  for (int i = 0; i < 1000; ++i) {
    tasks.push_back(i % 2 == 0 ? rt.spawn(number(i)) : rt.spawn_blocking([i] { return i; }));
    EXPECT_NE(tasks.back().id().value(), 0U);
    ids.insert(tasks.back().id().value());
  }
  EXPECT_EQ(ids.size(), 1000U);
  for (auto& task : tasks) (void)rt.block_on(task);
}

TEST(T9, CurrentIdOutsideATaskIsFatalAndTryIsEmpty) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_FALSE(try_current_task_id().has_value());
  EXPECT_DEATH((void)current_task_id(), "task_outcome_test\\.cc:[0-9]+: .*current_task_id");
  EXPECT_DEATH(
      {
        Runtime rt = current_thread();
        rt.block_on([]() -> Task<> {
          (void)current_task_id();
          co_return;
        }());
      },
      "task_outcome_test\\.cc:[0-9]+: .*current_task_id");
}

TEST(T9, CurrentIdIsTheTasksOwnAndABlockingJobsOwn) {
  on_every_kind([](Runtime& rt) {
    auto task = rt.spawn([]() -> Task<TaskId> { co_return current_task_id(); });
    const TaskId id = task.id();
    EXPECT_EQ(rt.block_on(task).value(), id);
    auto job = rt.spawn_blocking([] { return current_task_id(); });
    const TaskId job_id = job.id();
    EXPECT_EQ(rt.block_on(job).value(), job_id);
  });
}

TEST(T10, CancelledErrorNamesTheTask) {
  Runtime rt = current_thread();
  auto task = rt.spawn(number(1));
  const TaskId id = task.id();
  task.abort();
  const auto result = rt.block_on(task);
  const JoinError& error = result.error();
  EXPECT_TRUE(error.is_cancelled());
  EXPECT_FALSE(error.is_exception());
  EXPECT_EQ(error.id(), id);
  EXPECT_EQ(error.exception(), nullptr);
  EXPECT_NE(error.to_string().find(id.to_string()), std::string::npos);
  EXPECT_NE(error.to_string().find("cancelled"), std::string::npos);
}

TEST(T10, RethrowOfACancelledErrorIsFatal) {
  EXPECT_DEATH(JoinError::cancelled(TaskId(3)).rethrow(), "weft: fatal: .*cancelled");
}

TEST(T10, ExceptionIsGivenBackAndItsTextIsShown) {
  on_every_kind([](Runtime& rt) {
    auto task = rt.spawn(throws_runtime_error());
    const TaskId id = task.id();
    const auto result = rt.block_on(task);
    const JoinError& error = result.error();
    EXPECT_TRUE(error.is_exception());
    EXPECT_FALSE(error.is_cancelled());
    EXPECT_EQ(error.id(), id);
    EXPECT_NE(error.exception(), nullptr);
    EXPECT_THROW(error.rethrow(), std::runtime_error);
    EXPECT_NE(error.to_string().find("told you"), std::string::npos);
    EXPECT_NE(error.to_string().find(id.to_string()), std::string::npos);
  });
}

TEST(T10, StringsAreShownAndOtherExceptionsOnlyNamed) {
  Runtime rt = current_thread();
  const auto text_of = [&rt](JoinHandle<void> task) {
    const auto result = rt.block_on(task);
    return result.error().to_string();
  };
  EXPECT_NE(text_of(rt.spawn(throws_string("a text"))).find("a text"), std::string::npos);
  EXPECT_NE(text_of(rt.spawn(throws_literal())).find("literal"), std::string::npos);
  EXPECT_NE(text_of(rt.spawn(throws_number())).find("threw"), std::string::npos);
}

TEST(T11, ExceptionReachesItsOwnHandleAndNothingElse) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent event;
    auto other = rt.spawn(wait_for(event));
    auto thrown = rt.spawn(throws_number());
    EXPECT_TRUE(rt.block_on(thrown).error().is_exception());
    event.set();
    EXPECT_TRUE(rt.block_on(other).has_value());
  });
}

TEST(T12, ExceptionOfADetachedTaskIsLost) {
  on_every_kind([](Runtime& rt) {
    for (int i = 0; i < 20; ++i) (void)rt.spawn(throws_number());
    auto last = rt.spawn(number(1));
    EXPECT_EQ(rt.block_on(last).value(), 1);
  });
}

TEST(T13, SleepingTasksAreAbortedFromAnyThread) {
  on_every_kind([](Runtime& rt) {
    std::atomic<int> alive{0};
    AsyncEvent ready;
    auto task = rt.spawn(
        [&ready](Counted) -> Task<> {
          ready.set();
          co_await time::sleep(1h);
        },
        Counted(alive));
    rt.block_on([&]() -> Task<> { co_await ready.wait(); }());
    std::thread([&] { task.abort(); }).join();
    EXPECT_TRUE(rt.block_on(task).error().is_cancelled());
    EXPECT_EQ(alive, 0);
  });
}

TEST(T13, AbortAndDropStillDestroysTheFrame) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent destroyed;
    AsyncEvent never;
    {
      auto task = rt.spawn([&]() -> Task<> {
        OnDestroy tell([&] { destroyed.set(); });
        co_await never.wait();
      });
      rt.block_on(never.until_waiting(1));
      task.abort();
    }
    rt.block_on(destroyed.wait());
  });
}

TEST(T13, TasksSpawnedBeforeAndAfterShutdownYieldCancelled) {
  for (const auto kind : test_support::kKinds) {
    SCOPED_TRACE(name_of(kind));
    std::optional<Runtime> rt = test_support::make_runtime(kind);
    const Handle handle = rt->handle();
    AsyncEvent never;
    auto before = handle.spawn(wait_for(never));
    rt.reset();
    auto after = handle.spawn(wait_for(never));
    EXPECT_TRUE(before.is_finished());
    EXPECT_TRUE(after.is_finished());
    EXPECT_TRUE(handle.block_on(before).error().is_cancelled());
    EXPECT_TRUE(handle.block_on(after).error().is_cancelled());
  }
}

TEST(R117, OnlyTheLastTaskThatPolledIsWoken) {
  Runtime rt = current_thread();
  AsyncEvent event;
  auto task = rt.spawn(wait_for(event));
  rt.block_on(event.until_waiting(1));
  MockTask first;
  MockTask second;
  Polled wait(task);
  EXPECT_FALSE(wait.poll(first));
  EXPECT_FALSE(wait.poll(first));
  EXPECT_EQ(first.waker_ref_count(), 2) << "an equal waker is not stored twice";
  EXPECT_FALSE(wait.poll(second));
  EXPECT_EQ(first.waker_ref_count(), 1);
  event.set();
  rt.block_on(yield_now());
  ASSERT_TRUE(task.is_finished());
  EXPECT_FALSE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
  EXPECT_TRUE(wait.poll(first));
  EXPECT_EQ(second.waker_ref_count(), 1);
}

TEST(R117, NoWakeUpIsLostWhileTheTaskEnds) {
  Runtime rt = multi_thread(2);
  for (int round = 0; round < 500; ++round) {
    auto task = rt.spawn(number(round));
    ASSERT_EQ(rt.block_on(task).value(), round);
  }
}

TEST(R118, DroppingTheHandleOfACompleteTaskDestroysTheResultThere) {
  on_every_kind([](Runtime& rt) {
    std::atomic<int> alive{0};
    {
      auto task =
          rt.spawn([](std::atomic<int>& count) -> Task<Counted> { co_return Counted(count); },
                   std::ref(alive));
      rt.block_on(finished(task));
      const AbortHandle keeps_the_block = task.abort_handle();
      EXPECT_EQ(alive, 1);
      {
        const JoinHandle<Counted> dropped = std::move(task);
      }
      EXPECT_EQ(alive, 0);
    }
  });
}

}  // namespace
}  // namespace weft
