// Fibers that do not run to their end: who ends them, and when and where their stack is unwound.
//
// Spec: R-164. What the exception meets that does it: fiber_unwinding_test.cc.

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/select.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/fiber.h>
#include <weft/task/scope.h>
#include <weft/task/task_local.h>
#include <weft/time/sleep.h>
#include <weft/time/timeout.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using runtime::Runtime;
using test_support::AsyncEvent;
using test_support::Counted;
using test_support::current_thread;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::OnDestroy;
using test_support::paused_current_thread;
using test_support::Polled;
using test_support::Probe;
using test_support::SlowProbe;

// Starts `code` on a fiber that suspends, and destroys the fiber.
template <class Code>
void start_and_destroy(Code code) {
  MockTask task;
  Polled polled(fiber::run(std::move(code)));
  EXPECT_FALSE(polled.poll(task));
  polled.cancel();
}

TEST(R164, AbortUnwindsTheStackBeforeTheFrameGoes) {
  on_every_kind([](Runtime& rt) {
    std::vector<std::string> log;
    AsyncEvent never;
    auto body = [&]() -> Task<> {
      const OnDestroy frame([&] { log.push_back("frame"); });
      auto code = [&] {
        const OnDestroy outer([&] { log.push_back("outer"); });
        const auto call = [&] {
          const OnDestroy inner([&] { log.push_back("inner"); });
          fiber::await(never.wait());
          log.push_back("not reached");
        };
        call();
      };
      co_await fiber::run(code);
    };
    auto handle = rt.spawn(body());
    rt.block_on(never.until_waiting(1));
    handle.abort();
    EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
    EXPECT_EQ(log, (std::vector<std::string>{"inner", "outer", "frame"}));
    EXPECT_EQ(never.waiting(), 0u);
  });
}

TEST(R164, ATaskThatAbortsItselfIsUnwoundWhenItSuspends) {
  on_every_kind([](Runtime& rt) {
    std::atomic<int> alive = 0;
    AsyncEvent never, handed_over;
    std::optional<AbortHandle> own;
    auto body = [&]() -> Task<> {
      co_await handed_over.wait();
      auto code = [&] {
        const Counted counted(alive);
        own->abort();
        EXPECT_EQ(alive.load(), 1);
        fiber::await(never.wait());
      };
      co_await fiber::run(code);
    };
    auto handle = rt.spawn(body());
    own = handle.abort_handle();
    handed_over.set();
    EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
    EXPECT_EQ(alive.load(), 0);
  });
}

TEST(R164, ItIsUnwoundOnTheThreadThatDestroysIt) {
  MockTask task;
  Probe<int> probe;
  std::thread::id unwound_on;
  Polled polled(fiber::run([&] {
    const OnDestroy look([&] { unwound_on = std::this_thread::get_id(); });
    fiber::await(probe.wait());
  }));
  EXPECT_FALSE(polled.poll(task));
  std::thread::id other;
  std::thread([&] {
    other = std::this_thread::get_id();
    polled.cancel();
  }).join();
  EXPECT_EQ(unwound_on, other);
  EXPECT_EQ(probe.alive(), 0);
}

TEST(R164, AbortedAtAnyMomentItLeavesNothingBehind) {
  std::atomic<int> alive = 0;
  {
    Runtime rt = test_support::multi_thread(4);
    std::vector<JoinHandle<void>> handles;
    for (int i = 0; i < 400; ++i) {
      handles.push_back(rt.spawn([&alive]() -> Task<> {
        auto code = [&alive] {
          for (;;) {
            const Counted counted(alive);
            fiber::await(yield_now());
            fiber::await(fiber::run([] { fiber::await(yield_now()); }));
          }
        };
        co_await fiber::run(code);
      }));
      if (i >= 20) handles[static_cast<std::size_t>(i) - 20].abort();
    }
    for (auto& handle : handles) {
      handle.abort();
      EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
    }
    EXPECT_EQ(alive.load(), 0);
  }
}

TEST(R164, TheRuntimesEndUnwinds) {
  std::atomic<int> alive = 0;
  AsyncEvent never;
  on_every_kind([&](Runtime& rt) {
    for (int i = 0; i < 10; ++i) {
      rt.spawn([&]() -> Task<> {
        auto code = [&] {
          const Counted counted(alive);
          fiber::await(never.wait());
        };
        co_await fiber::run(code);
      });
    }
    rt.block_on(never.until_waiting(10));
    EXPECT_EQ(alive.load(), 10);
    {
      const Runtime ended = std::move(rt);
    }
    EXPECT_EQ(alive.load(), 0);
    EXPECT_EQ(never.waiting(), 0u);
  });
}

TEST(R164, LosingASelectAndTimingOutUnwind) {
  Runtime rt = paused_current_thread();
  std::atomic<int> alive = 0;
  auto code = [&alive] {
    const Counted counted(alive);
    fiber::await(time::sleep(1h));
  };
  auto race = [&]() -> Task<> {
    const auto first = co_await select(fiber::run(code), time::sleep(1s));
    EXPECT_EQ(first.index(), 1u);
    EXPECT_EQ(alive.load(), 0);
    const auto limited = co_await time::timeout(1s, fiber::run(code));
    EXPECT_FALSE(limited.has_value());
    EXPECT_EQ(alive.load(), 0);
  };
  rt.block_on(race());
}

TEST(R164, AFiberInsideAFiberIsUnwoundFirst) {
  std::vector<int> log;
  Probe<int> never;
  start_and_destroy([&] {
    const OnDestroy outer([&] { log.push_back(2); });
    fiber::await(fiber::run([&] {
      const OnDestroy inner([&] { log.push_back(1); });
      fiber::await(never.wait());
    }));
  });
  EXPECT_EQ(log, (std::vector<int>{1, 2}));
}

// The scope cannot go at once: its children use what the fiber owns.
TEST(R164, AScopeThatTheFiberIsInEndsBeforeItIsUnwound) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent never;
    std::atomic<int> children = 0;
    int left = -1;
    auto body = [&]() -> Task<> {
      auto code = [&] {
        const OnDestroy look([&] { left = children.load(); });
        fiber::await(scope([&](Scope& s) {
          for (int i = 0; i < 4; ++i) {
            s.spawn([&]() -> Task<> {
              const Counted counted(children);
              co_await never.wait();
            });
          }
        }));
      };
      co_await fiber::run(code);
    };
    auto handle = rt.spawn(body());
    rt.block_on(never.until_waiting(4));
    EXPECT_EQ(children.load(), 4);
    handle.abort();
    EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
    EXPECT_EQ(left, 0);
  });
}

TEST(R164, ATaskThatWaitsInAScopeIsDrivenToItsEndToo) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent never;
    std::atomic<int> children = 0;
    int left = -1;
    auto in_a_scope = [&]() -> Task<> {
      co_await scope([&](Scope& s) {
        s.spawn([&]() -> Task<> {
          const Counted counted(children);
          co_await never.wait();
        });
      });
    };
    auto code = [&] {
      const OnDestroy look([&] { left = children.load(); });
      Task<> named = in_a_scope();
      fiber::await(fiber::run([&] { fiber::await(named); }));
    };
    auto body = [&]() -> Task<> { co_await fiber::run(code); };
    auto handle = rt.spawn(body());
    rt.block_on(never.until_waiting(1));
    handle.abort();
    EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
    EXPECT_EQ(left, 0);
  });
}

TEST(R164, WhatIsCancelledStepByStepIsDrivenToItsEnd) {
  MockTask task;
  SlowProbe probe;
  std::atomic<int> alive = 0;
  Polled polled(fiber::run([&] {
    const Counted counted(alive);
    fiber::await(probe.wait());
  }));
  EXPECT_FALSE(polled.poll(task));
  const Waker waker = task.waker();
  Context cx(waker);
  EXPECT_FALSE(polled.node().poll_cancel(cx));
  EXPECT_EQ(probe.cancel_polls(), 1);
  EXPECT_EQ(alive.load(), 1) << "not before what it waits for has ended";
  probe.let_end();
  EXPECT_TRUE(polled.node().poll_cancel(cx));
  polled.cancel();
  EXPECT_EQ(alive.load(), 0);
}

TEST(R164, WhatNeedsNoStepsLetsItBeDestroyedAtOnceAndUnchanged) {
  MockTask task;
  Probe<int> probe;
  Polled polled(fiber::run([&] { return fiber::await(probe.wait()); }));
  const Waker waker = task.waker();
  Context cx(waker);
  EXPECT_TRUE(polled.node().poll_cancel(cx)) << "not begun";
  EXPECT_FALSE(polled.poll(task));
  EXPECT_TRUE(polled.node().poll_cancel(cx));
  probe.complete(4);
  ASSERT_TRUE(polled.poll(task));
  EXPECT_EQ(polled.take(), 4);
}

TEST(R164, DestroyingOneByHandThatWaitsInALiveScopeIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        MockTask task;
        SlowProbe probe;
        Polled polled(fiber::run([&] { fiber::await(probe.wait()); }));
        polled.poll(task);
        polled.cancel();
      },
      "weft: fatal: .*fiber_end_test.cc:[0-9]+: a fiber that waits for a live scope was destroyed");
}

TEST(R164, DestroyingOneInItsOwnCodeIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        MockTask task;
        struct Job {
          void operator()() const { slot->reset(); }
          std::optional<internal::FiberState<Job>>* slot;
        };
        std::optional<internal::FiberState<Job>> state;
        state.emplace(fiber::Options(), Job{&state});
        const Waker waker = task.waker();
        Context cx(waker);
        state->poll(cx);
      },
      "weft: fatal: .*fiber::run: destroyed by the code that it runs");
}

TEST(R164, DestructorsSeeTheScopesOfTaskLocalsThatTheirCodeWasIn) {
  static constinit TaskLocal<int> key;
  Probe<int> never;
  int inside = 0, around = 0;
  {
    MockTask task;
    Polled polled(key.scope(1, fiber::run([&] {
                              const OnDestroy look_around([&] { around = key.get(); });
                              key.sync_scope(2, [&] {
                                const OnDestroy look_inside([&] { inside = key.get(); });
                                fiber::await(never.wait());
                              });
                            })));
    EXPECT_FALSE(polled.poll(task));
  }
  EXPECT_EQ(inside, 2);
  EXPECT_EQ(around, 1);
  EXPECT_FALSE(key.try_get().has_value());
}

}  // namespace
}  // namespace weft
