// Fibers: what code on one can do.
//
// Spec: R-164. What it sees around it: fiber_context_test.cc. How fibers end: fiber_end_test.cc.

#include <weft/task/fiber.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/mock_task.h>
#include <tests/support/paused_runtime.h>
#include <tests/support/probe.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/join.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/select.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>
#include <weft/sync/mpsc.h>
#include <weft/sync/mutex.h>
#include <weft/task/scope.h>
#include <weft/time/sleep.h>
#include <weft/time/timeout.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using runtime::Runtime;
using test_support::AsyncEvent;
using test_support::current_thread;
using test_support::MockTask;
using test_support::multi_thread;
using test_support::on_every_kind;
using test_support::PausedRuntime;
using test_support::Polled;
using test_support::Probe;

// Compilers take two calls of get_id() in a function for one: they know nothing of fibers.
[[gnu::noinline]] std::thread::id this_thread() {
  asm volatile("");
  return std::this_thread::get_id();
}

Task<int> later(int n) {
  co_await yield_now();
  co_return n;
}

TEST(R164, TheCallablesResultIsYielded) {
  on_every_kind([](Runtime& rt) {
    EXPECT_EQ(rt.block_on(fiber::run([] { return 7; })), 7);
    EXPECT_EQ(rt.block_on(fiber::run([] { return std::string("seven"); })), "seven");
    EXPECT_EQ(*rt.block_on(fiber::run([] { return std::make_unique<int>(7); })), 7);
    int number = 0;
    static_assert(std::is_void_v<decltype(rt.block_on(fiber::run([&number] { number = 1; })))>);
    rt.block_on(fiber::run([&number] { number = 1; }));
    EXPECT_EQ(number, 1);
  });
}

TEST(R164, AReferenceIsYieldedAsOne) {
  MockTask task;
  int number = 0;
  Polled polled(fiber::run([&number]() -> int& { return number; }));
  ASSERT_TRUE(polled.poll(task));
  int& same = polled.take();
  EXPECT_EQ(&same, &number);
}

TEST(R164, TheCallablesExceptionIsThrown) {
  on_every_kind([](Runtime& rt) {
    try {
      rt.block_on(fiber::run([] {
        fiber::await(yield_now());
        throw std::runtime_error("from the fiber");
      }));
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& thrown) {
      EXPECT_STREQ(thrown.what(), "from the fiber");
    }
  });
}

TEST(R164, CallableAndArgumentsLiveAsLongAsTheAwaitable) {
  MockTask task;
  Probe<int> probe;
  const auto owned = std::make_shared<int>(5);
  {
    Polled polled(fiber::run(
        [&probe, captured = owned](const std::shared_ptr<int>& given, std::unique_ptr<int> moved) {
          const int before = *captured + *given + *moved;
          return before + fiber::await(probe.wait());
        },
        owned, std::make_unique<int>(1)));
    EXPECT_FALSE(polled.poll(task));
    EXPECT_EQ(owned.use_count(), 3);
    probe.complete(100);
    ASSERT_TRUE(polled.poll(task));
    EXPECT_EQ(polled.take(), 111);
  }
  EXPECT_EQ(owned.use_count(), 1);
}

TEST(R164, NothingRunsBeforeItIsAwaited) {
  bool has_run = false;
  {
    auto never = fiber::run([&has_run] { has_run = true; });
    auto moved = std::move(never);
  }
  EXPECT_FALSE(has_run);
}

TEST(R164, MovingItAfterItWasAwaitedIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        MockTask task;
        Probe<int> probe;
        auto running = fiber::run([&probe] { fiber::await(probe.wait()); });
        Polled polled(running);
        polled.poll(task);
        auto moved = std::move(running);
      },
      "weft: fatal: .*moved after it had been awaited");
}

TEST(R164, AwaitSuspendsTheTaskAndNotTheThread) {
  AsyncEvent event;
  Runtime rt = current_thread();
  std::vector<int> log;
  auto waits = [&]() -> Task<> {
    auto code = [&] {
      log.push_back(1);
      fiber::await(event.wait());
      log.push_back(3);
    };
    co_await fiber::run(code);
  };
  auto sets = [&]() -> Task<> {
    log.push_back(2);
    event.set();
    co_return;
  };
  rt.block_on(join(waits(), sets()));
  EXPECT_EQ(log, (std::vector<int>{1, 2, 3}));
}

TEST(R164, WhatIsCompleteAtOnceDoesNotSuspend) {
  MockTask task;
  Probe<int> probe;
  probe.complete(3);
  Polled polled(fiber::run([&] {
    int sum = 0;
    for (int i = 0; i < 100; ++i) sum += fiber::await(probe.wait());
    return sum;
  }));
  ASSERT_TRUE(polled.poll(task));
  EXPECT_EQ(polled.take(), 300);
}

TEST(R164, AWakeUpForNothingDoesNotContinueTheCode) {
  MockTask task;
  Probe<int> probe;
  int continued = 0;
  Polled polled(fiber::run([&] {
    fiber::await(probe.wait());
    ++continued;
  }));
  EXPECT_FALSE(polled.poll(task));
  EXPECT_FALSE(polled.poll(task));
  EXPECT_FALSE(polled.poll(task));
  EXPECT_EQ(probe.polls(), 3);
  EXPECT_EQ(continued, 0);
  probe.complete(0);
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(continued, 1);
}

TEST(R164, ItMayGoOnOnAnotherThread) {
  MockTask task;
  Probe<int> probe;
  std::vector<std::thread::id> threads;
  Polled polled(fiber::run([&] {
    threads.push_back(this_thread());
    const int got = fiber::await(probe.wait());
    threads.push_back(this_thread());
    return got;
  }));
  EXPECT_FALSE(polled.poll(task));
  probe.complete(9);
  std::thread::id other;
  std::thread([&] {
    other = std::this_thread::get_id();
    EXPECT_TRUE(polled.poll(task));
  }).join();
  EXPECT_EQ(polled.take(), 9);
  EXPECT_EQ(threads, (std::vector<std::thread::id>{std::this_thread::get_id(), other}));
}

TEST(R164, EveryKindOfAwaitableCanBeAwaited) {
  PausedRuntime rt;
  const auto code = [] {
    EXPECT_EQ(fiber::await(later(1)), 1);
    Task<int> named = later(2);
    EXPECT_EQ(fiber::await(named), 2);
    static_assert(std::is_void_v<decltype(fiber::await(yield_now()))>);

    const auto before = time::Clock::now();
    fiber::await(time::sleep(10ms));
    time::Sleep sleep = time::sleep(10ms);
    fiber::await(sleep);
    EXPECT_EQ(time::Clock::now() - before, 20ms);

    const auto late = fiber::await(time::timeout(1ms, time::sleep(1h)));
    EXPECT_FALSE(late.has_value());
    const auto first = fiber::await(select(time::sleep(1h), later(4)));
    EXPECT_EQ(std::get<1>(first), 4);
    const auto [a, b] = fiber::await(join(later(5), later(6)));
    EXPECT_EQ(a + b, 11);

    auto handle = spawn(later(7));
    EXPECT_EQ(fiber::await(handle).value(), 7);
    int from_child = 0;
    fiber::await(scope([&from_child](Scope& s) {
      s.spawn([&from_child]() -> Task<> { from_child = co_await later(8); });
    }));
    EXPECT_EQ(from_child, 8);

    auto [sender, receiver] = sync::mpsc::channel<int>(1);
    EXPECT_TRUE(fiber::await(sender.send(9)).has_value());
    EXPECT_EQ(fiber::await(receiver.recv()), 9);
    sync::Mutex<int> guarded(10);
    EXPECT_EQ(*fiber::await(guarded.lock()), 10);
    return true;
  };
  EXPECT_TRUE(rt->block_on(fiber::run(code)));
}

TEST(R164, AnExceptionOfWhatIsAwaitedComesOutOfTheAwait) {
  on_every_kind([](Runtime& rt) {
    auto throws = []() -> Task<> {
      co_await yield_now();
      throw std::runtime_error("from the task");
    };
    EXPECT_EQ(rt.block_on(fiber::run([&throws]() -> std::string {
      try {
        fiber::await(throws());
      } catch (const std::runtime_error& thrown) {
        return thrown.what();
      }
      return "";
    })),
              "from the task");
  });
}

TEST(R164, FibersRunInsideFibers) {
  on_every_kind([](Runtime& rt) {
    // Each level waits before and after the one inside it.
    std::function<int(int)> nested = [&nested](int depth) -> int {
      const int here = fiber::await(later(depth));
      const int below =
          depth == 0 ? 0 : fiber::await(fiber::run([&] { return nested(depth - 1); }));
      return here + below + fiber::await(later(0));
    };
    EXPECT_EQ(rt.block_on(fiber::run([&] { return nested(5); })), 15);
  });
}

TEST(R164, ABorrowedFiberThatLosesASelectGoesOnWhereItStood) {
  Runtime rt = current_thread();
  auto race = []() -> Task<int> {
    AsyncEvent event;
    int steps = 0;
    auto code = [&] {
      ++steps;
      fiber::await(event.wait());
      return ++steps;
    };
    auto running = fiber::run(code);
    const auto first = co_await select_biased(running, yield_now());
    EXPECT_EQ(first.index(), 1u);
    EXPECT_EQ(steps, 1);
    event.set();
    co_return co_await running;
  };
  EXPECT_EQ(rt.block_on(race()), 2);
}

TEST(R164, ManyFibersRunAtOnceOnSeveralWorkers) {
  Runtime rt = multi_thread(4);
  constexpr int kFibers = 200;
  constexpr int kRounds = 50;
  auto [sender, receiver] = sync::mpsc::channel<int>(4);
  std::vector<JoinHandle<void>> handles;
  for (int i = 0; i < kFibers; ++i) {
    handles.push_back(rt.spawn(
        [](sync::mpsc::Sender<int> to) -> Task<> {
          auto code = [&to] {
            for (int k = 0; k < kRounds; ++k) {
              EXPECT_TRUE(fiber::await(to.send(1)).has_value());
              if (k % 8 == 0) fiber::await(yield_now());
            }
          };
          co_await fiber::run(code);
        },
        sender));
  }
  {
    const auto last = std::move(sender);
  }
  int received = 0;
  rt.block_on(fiber::run([&, from = std::move(receiver)]() mutable {
    while (const std::optional<int> one = fiber::await(from.recv())) received += *one;
  }));
  EXPECT_EQ(received, kFibers * kRounds);
  for (auto& handle : handles) EXPECT_TRUE(rt.block_on(handle).has_value());
}

}  // namespace
}  // namespace weft
