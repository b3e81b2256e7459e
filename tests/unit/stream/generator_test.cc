#include <weft/stream/generator.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/probe.h>
#include <tests/unit/stream/stream_support.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/select.h>
#include <weft/runtime/yield_now.h>
#include <weft/testing/block_on.h>
#include <weft/testing/harness.h>
#include <weft/testing/paused_runtime.h>
#include <weft/time/sleep.h>
#include <weft/time/timeout.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using stream::AsyncGenerator;
using stream_test::count_to;
using stream_test::items_of;
using stream_test::Value;
using test::assert_pending;
using test::assert_ready;
using test::assert_ready_eq;
using test_support::Probe;

// Sets a flag when it is destroyed.
class Flag {
 public:
  explicit Flag(bool& flag) : flag_(&flag) {}
  Flag(const Flag&) = delete;
  ~Flag() { *flag_ = true; }

 private:
  bool* flag_;
};

AsyncGenerator<int> echo(Probe<int>& probe) {
  for (;;) {
    const int got = co_await probe.wait();
    co_yield got;
  }
}

TEST(ST23, TheBodyRunsFromYieldToYield) {
  std::vector<int> log;
  const auto body = [](std::vector<int>& l) -> AsyncGenerator<int> {
    l.push_back(1);
    co_yield 10;
    l.push_back(2);
    co_yield 20;
    l.push_back(3);
  };
  auto s = test::spawn(body(log));
  EXPECT_TRUE(log.empty());
  assert_ready_eq(s.poll_next(), Value(10));
  EXPECT_EQ(log, std::vector{1});
  assert_ready_eq(s.poll_next(), Value(20));
  EXPECT_EQ(log, (std::vector{1, 2}));
  assert_ready_eq(s.poll_next(), Value());
  EXPECT_EQ(log, (std::vector{1, 2, 3}));
}

TEST(ST23, AnExceptionComesOutOfNextAndThenItHasEnded) {
  const auto body = []() -> AsyncGenerator<int> {
    co_yield 1;
    throw std::runtime_error("broken");
  };
  auto s = test::spawn(body());
  assert_ready_eq(s.poll_next(), Value(1));
  EXPECT_THROW(static_cast<void>(s.poll_next()), std::runtime_error);
  EXPECT_TRUE(s.stream().is_terminated());
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST23, AnExceptionThatWasNotTakenIsNotLost) {
  const auto body = []() -> AsyncGenerator<int> {
    throw std::runtime_error("broken");
    co_yield 1;
  };
  auto g = body();
  {
    auto next = g.next().operator co_await();
    Context cx(Waker::noop());
    EXPECT_TRUE(next.node().poll(cx));
  }
  auto next = test::spawn(g.next());
  EXPECT_THROW(static_cast<void>(next.poll()), std::runtime_error);
}

TEST(ST23, ItIsConsumedInATask) {
  const auto sum = []() -> Task<int> {
    auto g = count_to(1000);
    int total = 0;
    while (const auto item = co_await g.next()) total += *item;
    co_return total;
  };
  EXPECT_EQ(test::block_on(sum()), 500500);
}

TEST(ST24, ALeafInTheBodyWakesTheConsumer) {
  Probe<int> probe;
  auto s = test::spawn(echo(probe));
  assert_pending(s.poll_next());
  EXPECT_FALSE(s.is_woken());
  probe.complete(7);
  EXPECT_TRUE(s.is_woken());
  assert_ready_eq(s.poll_next(), Value(7));
}

TEST(ST24, ATaskThatTheBodyAwaitsDoesSoToo) {
  Probe<int> probe;
  const auto wait = [](Probe<int>& p) -> Task<int> { co_return co_await p.wait(); };
  const auto body = [wait](Probe<int>& p) -> AsyncGenerator<int> {
    const int got = co_await wait(p);
    co_yield got + 1;
  };
  auto s = test::spawn(body(probe));
  assert_pending(s.poll_next());
  probe.complete(7);
  EXPECT_TRUE(s.is_woken());
  assert_ready_eq(s.poll_next(), Value(8));
}

TEST(ST24, SelectAndTimeoutAroundNextWork) {
  test::PausedRuntime runtime;
  const auto slow = []() -> AsyncGenerator<int> {
    co_await time::sleep(10s);
    co_yield 1;
  };
  const auto consume = [slow]() -> Task<int> {
    auto g = slow();
    auto first = co_await time::timeout(3s, g.next());
    if (first) co_return -1;
    auto second = co_await select(g.next(), time::sleep(3s));
    if (second.index() != 1) co_return -2;
    auto third = co_await g.next();
    co_return *third;
  };
  EXPECT_EQ(runtime.block_on(consume()), 1);
  EXPECT_EQ(runtime.elapsed(), 10s);  // the sleep went on meanwhile
}

TEST(ST25, ADestroyedNextLeavesTheBodyAndItsLeafInPlace) {
  Probe<int> probe;
  auto s = test::spawn(echo(probe));
  assert_pending(s.poll_next());
  s.cancel_next();
  EXPECT_EQ(probe.alive(), 1);
  EXPECT_TRUE(probe.has_waker());
  probe.let_one_through(7);
  EXPECT_TRUE(s.is_woken());  // the last consumer
  assert_ready_eq(s.poll_next(), Value(7));
}

TEST(ST25, AnotherTaskMayGoOn) {
  Probe<int> probe;
  auto g = echo(probe);
  auto first = std::make_unique<test::TestTask<decltype(g.next())>>(g.next());
  assert_pending(first->poll());
  first.reset();
  auto second = test::spawn(g.next());
  assert_pending(second.poll());
  probe.let_one_through(7);
  EXPECT_TRUE(second.is_woken());
  assert_ready_eq(second.poll(), Value(7));
}

TEST(ST25, AnItemThatWasReadyIsHandedOverByTheNextNext) {
  auto g = count_to(2);
  {
    auto next = g.next().operator co_await();
    Context cx(Waker::noop());
    EXPECT_TRUE(next.node().poll(cx));
  }
  EXPECT_EQ(items_of(g), (std::vector{1, 2}));
}

// Wherever it is suspended: after its k-th poll, for each k, next() is destroyed.
TEST(ST25, DestroyingNextAnywhereLosesNothing) {
  const auto body = []() -> AsyncGenerator<int> {
    co_await yield_now();
    co_yield 1;
    co_yield 2;
    co_await yield_now();
    co_await yield_now();
    co_yield 3;
  };
  for (int k = 0; k < 8; ++k) {
    auto s = test::spawn(body());
    std::vector<int> got;
    bool has_ended = false;
    for (int polls = 0; !has_ended; ++polls) {
      ASSERT_LT(polls, 100);
      auto polled = s.poll_next();
      if (polled.is_ready()) {
        has_ended = !polled->has_value();
        if (!has_ended) got.push_back(**polled);
      } else if (polls >= k) {
        s.cancel_next();
      }
    }
    EXPECT_EQ(got, (std::vector{1, 2, 3})) << k;
  }
}

TEST(ST26, DestroyingItAtAYieldDestroysItsLocals) {
  bool destroyed = false;
  const auto body = [](bool& flag) -> AsyncGenerator<int> {
    const Flag local(flag);
    co_yield 1;
  };
  {
    auto s = test::spawn(body(destroyed));
    assert_ready_eq(s.poll_next(), Value(1));
    EXPECT_FALSE(destroyed);
  }
  EXPECT_TRUE(destroyed);
}

TEST(ST26, DestroyingItWhereItWaitsDestroysTheLeafAndWhatIsBetween) {
  Probe<int> probe;
  bool destroyed = false;
  const auto child = [](Probe<int>& p, bool& flag) -> Task<int> {
    const Flag local(flag);
    co_return co_await p.wait();
  };
  const auto body = [child](Probe<int>& p, bool& flag) -> AsyncGenerator<int> {
    const int got = co_await child(p, flag);
    co_yield got;
  };
  {
    auto s = test::spawn(body(probe, destroyed));
    assert_pending(s.poll_next());
    EXPECT_EQ(probe.alive(), 1);
  }
  EXPECT_EQ(probe.alive(), 0);
  EXPECT_TRUE(destroyed);
}

TEST(ST26, DestroyingItBeforeItHasBegunRunsNothing) {
  bool destroyed = false;
  const auto body = [](bool& flag) -> AsyncGenerator<int> {
    const Flag local(flag);
    co_yield 1;
  };
  {
    auto g = body(destroyed);
  }
  EXPECT_FALSE(destroyed);
}

TEST(ST26, DestroyingItWhileItRunsIsFatal) {
  const auto body = [](std::optional<AsyncGenerator<int>>& self) -> AsyncGenerator<int> {
    self.reset();
    co_yield 1;
  };
  EXPECT_DEATH(
      {
        std::optional<AsyncGenerator<int>> g;
        g.emplace(body(g));
        auto next = test::spawn(g->next());
        static_cast<void>(next.poll());
      },
      "AsyncGenerator: destroyed by its own body");
}

TEST(ST26, AwaitingItFromItsOwnBodyIsFatal) {
  const auto body = [](std::optional<AsyncGenerator<int>>& self) -> AsyncGenerator<int> {
    const auto item = co_await self->next();
    co_yield *item;
  };
  EXPECT_DEATH(
      {
        std::optional<AsyncGenerator<int>> g;
        g.emplace(body(g));
        auto next = test::spawn(g->next());
        static_cast<void>(next.poll());
      },
      "awaited by its own body");
}

TEST(ST27, AnLvalueIsCopiedAndStays) {
  const auto body = [](std::string& seen) -> AsyncGenerator<std::string> {
    const std::string local = "a string that is not a short one";
    co_yield local;
    seen = local;
    co_yield "a literal";
    std::string moved = "moved";
    co_yield std::move(moved);
  };
  std::string seen;
  EXPECT_EQ(items_of(body(seen)),
            (std::vector<std::string>{"a string that is not a short one", "a literal", "moved"}));
  EXPECT_EQ(seen, "a string that is not a short one");
}

TEST(ST27, MoveOnlyItemsAreMoved) {
  const auto body = []() -> AsyncGenerator<std::unique_ptr<int>> {
    co_yield std::make_unique<int>(1);
  };
  EXPECT_EQ(*items_of(body()).at(0), 1);
}

TEST(ST27, AGeneratorOfReferencesYieldsLvaluesUncopied) {
  const auto body = [](int& there) -> AsyncGenerator<int&> {
    co_yield there;
    there += 10;
    co_yield there;
  };
  int there = 1;
  auto s = test::spawn(body(there));
  const std::optional<std::reference_wrapper<int>> first = assert_ready(s.poll_next());
  EXPECT_EQ(&first->get(), &there);
  first->get() = 5;
  EXPECT_EQ(assert_ready(s.poll_next())->get(), 15);
}

TEST(ST28, ItStaysAtItsEnd) {
  auto s = test::spawn(count_to(0));
  assert_ready_eq(s.poll_next(), Value());
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST28, AnItemFoundWithoutSuspendingTakesAUnitOfBudget) {
  const auto endless = []() -> AsyncGenerator<int> {
    for (;;) co_yield 1;
  };
  auto g = endless();
  Budget budget = Budget::initial();
  Context cx(Waker::noop(), budget);
  int count = 0;
  while (g.poll_next(cx).is_ready()) ++count;
  EXPECT_EQ(count, Budget::kUnits);
}

TEST(ST28, AnItemThatWasWaitedForTakesNone) {
  Probe<int> probe;
  auto g = echo(probe);
  Budget budget = Budget::initial();
  Context cx(Waker::noop(), budget);
  EXPECT_TRUE(g.poll_next(cx).is_pending());
  probe.let_one_through(1);
  EXPECT_TRUE(g.poll_next(cx).is_ready());
  int left = 0;
  while (budget.has_remaining()) {
    static_cast<void>(budget.spend());
    ++left;
  }
  EXPECT_EQ(left, Budget::kUnits);
}

TEST(ST29, PollNextRunsItAsFarAsItGoes) {
  Probe<int> probe;
  auto g = echo(probe);
  test::MockTask task;
  task.enter([&](Context& cx) { EXPECT_TRUE(g.poll_next(cx).is_pending()); });
  probe.let_one_through(3);
  EXPECT_TRUE(task.is_woken());
  task.enter([&](Context& cx) { EXPECT_EQ(**g.poll_next(cx), 3); });
}

TEST(ST29, CombinatorsPollGenerators) {
  EXPECT_EQ(items_of(stream::merge(count_to(2), count_to(3))), (std::vector{1, 1, 2, 2, 3}));
}

}  // namespace
}  // namespace weft
