// How a task ends: its result, its frame, its id, and what its destructors may do.

#include <weft/runtime/spawn.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>

namespace weft {
namespace {

using runtime::Builder;
using runtime::Handle;
using runtime::Runtime;
using test_support::AsyncEvent;
using test_support::Counted;
using test_support::current_thread;
using test_support::Event;
using test_support::finished;
using test_support::multi_thread;
using test_support::on_every_kind;
using test_support::OnDestroy;
using test_support::until;

Task<int> number(int n) { co_return n; }

TEST(R111, WithoutAJoinerTheResultIsDestroyedAtOnce) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent event;
    AsyncEvent destroyed;
    std::optional<AbortHandle> keeps_the_block;
    const auto tell = [&destroyed] { destroyed.set(); };
    using Result = OnDestroy<std::remove_const_t<decltype(tell)>>;
    {
      auto task = rt.spawn([&]() -> Task<Result> {
        co_await event.wait();
        co_return Result(tell);
      });
      keeps_the_block = task.abort_handle();
    }
    event.set();
    rt.block_on(destroyed.wait());
  });
}

TEST(R111, TerminateHookRunsAfterTheJoinerWasWokenAndBeforeTheTaskStopsCounting) {
  test_support::MockTask joiner;
  std::optional<Runtime> rt;
  bool woken_before = false;
  std::uint64_t alive_then = 0;
  rt = Builder::new_current_thread()
           .on_task_terminate([&](const runtime::TaskMeta&) {
             woken_before = joiner.take_woken();
             alive_then = rt->metrics().num_alive_tasks();
           })
           .build()
           .value();
  AsyncEvent event;
  auto task = rt->spawn([&]() -> Task<> { co_await event.wait(); });
  test_support::Polled wait(task);
  EXPECT_FALSE(wait.poll(joiner));
  event.set();
  rt->block_on([&]() -> Task<> {
    for (int i = 0; i < 3; ++i) co_await yield_now();
  }());
  EXPECT_TRUE(woken_before);
  EXPECT_EQ(alive_then, 1U);
  EXPECT_EQ(rt->metrics().num_alive_tasks(), 0U);
}

TEST(R112, CancellingDestroysTheFrameInReverseOrder) {
  on_every_kind([](Runtime& rt) {
    std::vector<std::string> order;
    AsyncEvent never;
    const auto inner = [&]() -> Task<> {
      OnDestroy local([&] { order.emplace_back("inner"); });
      co_await never.wait();
    };
    auto task = rt.spawn([&]() -> Task<> {
      OnDestroy first([&] { order.emplace_back("first"); });
      OnDestroy second([&] { order.emplace_back("second"); });
      co_await inner();
    });
    rt.block_on(never.until_waiting(1));
    task.abort();
    EXPECT_TRUE(rt.block_on(task).error().is_cancelled());
    EXPECT_EQ(order, (std::vector<std::string>{"inner", "second", "first"}));
  });
}

TEST(R113, ShutdownCancelsOnceAndARunningTaskByItsRunner) {
  std::atomic<int> destroyed{0};
  std::thread::id runner;
  std::thread::id destroyer;
  Event gone;
  {
    AsyncEvent never;
    Event running;
    Event release;
    Runtime rt = multi_thread(1);
    (void)rt.spawn([&]() -> Task<> {
      OnDestroy count([&] {
        ++destroyed;
        destroyer = std::this_thread::get_id();
        gone.set();
      });
      runner = std::this_thread::get_id();
      running.set();
      release.wait();
      co_await never.wait();
    });
    running.wait();
    rt.shutdown_background();
    EXPECT_EQ(destroyed, 0) << "it runs";
    release.set();
    gone.wait();
  }
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(destroyer, runner);
}

TEST(R114, TaskMayWakeAndAbortItselfFromItsBodyAndItsDestructors) {
  on_every_kind([](Runtime& rt) {
    std::optional<AbortHandle> own;
    std::optional<Waker> waker;
    AsyncEvent ready;
    AsyncEvent never;
    int destroyed = 0;
    auto task = rt.spawn([&]() -> Task<> {
      co_await ready.wait();
      OnDestroy act([&] {
        ++destroyed;
        waker->wake();
        own->abort();
      });
      co_await until([&, polled = false](Context& cx) mutable {
        waker = cx.clone_waker();
        cx.waker().wake();
        own->abort();
        return std::exchange(polled, true);
      });
      co_await never.wait();
    });
    own = task.abort_handle();
    ready.set();
    EXPECT_TRUE(rt.block_on(task).error().is_cancelled());
    EXPECT_EQ(destroyed, 1);
  });
}

// Records the current task when destroyed.
class RecordsTask {
 public:
  explicit RecordsTask(std::optional<TaskId>& seen) : seen_(&seen) {}
  RecordsTask(RecordsTask&& other) noexcept : seen_(std::exchange(other.seen_, nullptr)) {}
  RecordsTask& operator=(RecordsTask&&) = delete;
  ~RecordsTask() {
    if (seen_ != nullptr) *seen_ = try_current_task_id();
  }

 private:
  std::optional<TaskId>* seen_;
};

TEST(R115, IdIsCurrentInTheBodyAndInBothDestructors) {
  on_every_kind([](Runtime& rt) {
    std::optional<TaskId> in_body;
    std::optional<TaskId> in_frame;
    std::optional<TaskId> in_result;
    {
      auto task = rt.spawn([&]() -> Task<RecordsTask> {
        RecordsTask local(in_frame);
        in_body = current_task_id();
        co_await yield_now();
        co_return RecordsTask(in_result);
      });
      const TaskId id = task.id();
      rt.block_on(finished(task));
      EXPECT_EQ(in_body, id);
      EXPECT_EQ(in_frame, id);
      EXPECT_EQ(in_result, std::nullopt) << "not destroyed yet";
      in_body = id;
      {
        JoinHandle<RecordsTask> dropped = std::move(task);
      }
    }
    EXPECT_EQ(in_result, in_body);
    EXPECT_FALSE(try_current_task_id().has_value());
  });
}

TEST(R115, IdIsCurrentWhenTheFrameIsDestroyedByAnAbort) {
  on_every_kind([](Runtime& rt) {
    std::optional<TaskId> in_frame;
    AsyncEvent never;
    auto task = rt.spawn([&]() -> Task<> {
      RecordsTask local(in_frame);
      co_await never.wait();
    });
    const TaskId id = task.id();
    rt.block_on(never.until_waiting(1));
    task.abort();
    EXPECT_TRUE(rt.block_on(task).error().is_cancelled());
    EXPECT_EQ(in_frame, id);
  });
}

TEST(R115, OuterIdIsBackAfterANestedRuntime) {
  Runtime rt = multi_thread(1);
  auto task = rt.spawn([]() -> Task<bool> {
    const TaskId outer = current_task_id();
    const bool differs = block_in_place([&] {
      Runtime inner = current_thread();
      auto nested = inner.spawn([]() -> Task<TaskId> { co_return current_task_id(); });
      return inner.block_on(nested).value() != outer;
    });
    co_return differs&& current_task_id() == outer;
  });
  EXPECT_TRUE(rt.block_on(task).value());
}

TEST(R163, FrameWhoseDestructorThrowsEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  struct Throws {
    ~Throws() noexcept(false) { throw std::runtime_error("from a destructor"); }
  };
  EXPECT_DEATH(
      {
        Runtime rt = current_thread();
        auto task = rt.spawn([]() -> Task<std::string> {
          Throws local;
          co_await yield_now();
          co_return "a value that has been made already";
        });
        (void)rt.block_on(task);
      },
      "task_end_test\\.cc:[0-9]+: .*destructor");
}

TEST(R155, FrameDestructorMaySpawnDuringShutdown) {
  const std::size_t frames_before = internal::live_frames();
  for (const auto kind : test_support::kKinds) {
    SCOPED_TRACE(name_of(kind));
    std::optional<JoinHandle<int>> late;
    AsyncEvent never;
    {
      Runtime rt = test_support::make_runtime(kind);
      (void)rt.spawn([&]() -> Task<> {
        OnDestroy act([&] { late = spawn(number(1)); });
        co_await never.wait();
      });
      rt.block_on(never.until_waiting(1));
    }
    ASSERT_TRUE(late.has_value());
    EXPECT_TRUE(late->is_finished());
  }
  EXPECT_EQ(internal::live_frames(), frames_before);
}

}  // namespace
}  // namespace weft
