// select, branch, otherwise, match: docs/spec/task.md T-59..T-65, and what they do to scopes
//
//
// Without a runtime: every poll is one call, and what woke whom is counted.

#include <weft/runtime/select.h>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/join.h>
#include <weft/runtime/task.h>

namespace weft {
namespace {

using test_support::MockTask;
using test_support::OnDestroy;
using test_support::Polled;
using test_support::Probe;
using test_support::SlowProbe;

Task<int> number(int n) { co_return n; }
Task<> wait_for(Probe<>& probe) { static_cast<void>(co_await probe.wait()); }
Task<int> value_of(Probe<>& probe) { co_return co_await probe.wait(); }
Task<> wait_slowly(SlowProbe& probe) { co_await probe.wait(); }

TEST(T59, FalseConditionTurnsABranchOff) {
  MockTask task;
  Polled chosen(select(branch(false, number(1)), branch(true, number(2))));
  ASSERT_TRUE(chosen.poll(task));
  const std::variant<int, int> v = chosen.take();
  EXPECT_EQ(v.index(), 1U);
  EXPECT_EQ(std::get<1>(v), 2);
}

TEST(T59, DisabledAwaitableIsMadeButNeverPolled) {
  MockTask task;
  Probe<> off, on;
  bool was_made = false;
  const auto make = [&] {
    was_made = true;
    return off.wait();
  };
  Polled chosen(select(branch(false, make()), on.wait()));
  EXPECT_TRUE(was_made);
  off.complete(1);
  EXPECT_FALSE(chosen.poll(task));
  on.complete(2);
  ASSERT_TRUE(chosen.poll(task));
  EXPECT_EQ(chosen.take().index(), 1U);
  EXPECT_EQ(off.polls(), 0);
}

// An awaitable that the test sees destroyed.
class Tracked {
 public:
  Tracked(Probe<>& probe, std::vector<std::string>& log, std::string name)
      : probe_(&probe), note_([&log, name = std::move(name)] { log.push_back(name); }) {}
  auto operator co_await() noexcept { return probe_->wait().operator co_await(); }

 private:
  Probe<>* probe_;
  OnDestroy<std::function<void()>> note_;
};

Task<> log_after_select(Probe<>& a, Probe<>& b, std::vector<std::string>& log) {
  auto losing = Tracked(b, log, "loser");
  auto off = Tracked(b, log, "off");
  auto v = co_await select(a.wait(), std::move(losing), branch(false, std::move(off)));
  log.push_back("handler " + std::to_string(v.index()));
}

TEST(T59, LosersAreDestroyedBeforeTheHandlerRuns) {
  MockTask task;
  Probe<> a, b;
  std::vector<std::string> log;
  Polled run(log_after_select(a, b, log));
  EXPECT_FALSE(run.poll(task));
  EXPECT_EQ(b.alive(), 1);
  a.complete(1);
  ASSERT_TRUE(run.poll(task));
  EXPECT_EQ(log, (std::vector<std::string>{"off", "loser", "handler 0"}));
  EXPECT_EQ(b.alive(), 0);
}

TEST(T59, RefusedValueTurnsTheBranchOffAndTheOthersGoOn) {
  MockTask task;
  Probe<> a, b;
  int seen = 0;
  auto refuse = [&seen](int& value) {
    seen = value;
    return false;
  };
  Polled chosen(select(branch(true, a.wait(), refuse), b.wait()));
  EXPECT_FALSE(chosen.poll(task));
  a.complete(7);
  EXPECT_FALSE(chosen.poll(task));
  EXPECT_EQ(seen, 7);
  EXPECT_EQ(a.alive(), 0);
  b.complete(8);
  ASSERT_TRUE(chosen.poll(task));
  EXPECT_EQ(std::get<1>(chosen.take()), 8);
}

TEST(T59, AcceptedValueWins) {
  MockTask task;
  auto at_least = [](std::unique_ptr<int>& value) { return *value >= 3; };
  const auto make = [](int n) -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(n); };
  Polled chosen(select_biased(branch(true, make(2), at_least), branch(true, make(3), at_least)));
  ASSERT_TRUE(chosen.poll(task));
  auto v = chosen.take();
  ASSERT_EQ(v.index(), 1U);
  EXPECT_EQ(*std::get<1>(v), 3);
}

TEST(T59, AcceptOfVoidTakesNothing) {
  MockTask task;
  Probe<> b;
  const auto nothing = []() -> Task<> { co_return; };
  Polled chosen(select(branch(true, nothing(), [] { return true; }), b.wait()));
  ASSERT_TRUE(chosen.poll(task));
  EXPECT_EQ(chosen.take().index(), 0U);
}

TEST(T59, AllDisabledTakesOtherwise) {
  MockTask task;
  Probe<> a;
  Polled chosen(select(branch(false, a.wait()), branch(true, number(1), [](int) { return false; }),
                       otherwise()));
  ASSERT_TRUE(chosen.poll(task));
  EXPECT_EQ(chosen.take().index(), 2U);
}

TEST(T59, OtherwiseIsNotTakenWhileABranchIsOn) {
  MockTask task;
  Probe<> a;
  Polled chosen(select(branch(true, a.wait()), otherwise()));
  EXPECT_FALSE(chosen.poll(task));
  a.complete(1);
  ASSERT_TRUE(chosen.poll(task));
  EXPECT_EQ(chosen.take().index(), 0U);
}

TEST(T59, AllDisabledWithoutOtherwiseIsFatalWithTheCallersLine) {
  MockTask task;
  EXPECT_DEATH(
      {
        Polled chosen(select(branch(false, number(1))));
        static_cast<void>(chosen.poll(task));
      },
      "select_test.cc:[0-9]+: select: every branch is off");
}

TEST(T59, ExceptionOfTheWinnerOrOfAcceptComesOut) {
  MockTask task;
  Probe<> a, b;
  a.fail("from the branch");
  Polled first(select_biased(a.wait(), b.wait()));
  ASSERT_TRUE(first.poll(task));
  EXPECT_EQ(b.alive(), 0);
  EXPECT_THROW(first.take(), std::runtime_error);

  Polled second(select_biased(
      branch(true, number(1), [](int) -> bool { throw std::logic_error("accept"); }), b.wait()));
  ASSERT_TRUE(second.poll(task));
  EXPECT_EQ(b.alive(), 0);
  EXPECT_THROW(second.take(), std::logic_error);
}

TEST(T60, FairSelectBeginsWithEveryBranchSometimes) {
  MockTask task;
  std::set<std::size_t> winners;
  for (int round = 0; round < 300; ++round) {
    Polled chosen(select(number(1), number(2), number(3)));
    ASSERT_TRUE(chosen.poll(task));
    winners.insert(chosen.take().index());
  }
  EXPECT_EQ(winners, (std::set<std::size_t>{0, 1, 2}));
}

TEST(T60, FairSelectGoesRoundFromWhereItBegins) {
  MockTask task;
  std::vector<int> log;
  Probe<> a(log, 0), b(log, 1), c(log, 2);
  Polled chosen(select(a.wait(), b.wait(), c.wait()));
  for (int round = 0; round < 50; ++round) {
    log.clear();
    EXPECT_FALSE(chosen.poll(task));
    ASSERT_EQ(log.size(), 3U);
    EXPECT_EQ(log[1], (log[0] + 1) % 3);
    EXPECT_EQ(log[2], (log[0] + 2) % 3);
  }
}

TEST(T60, BiasedSelectBeginsAtTheTopEachTime) {
  MockTask task;
  std::vector<int> log;
  Probe<> a(log, 0), b(log, 1), c(log, 2);
  Polled chosen(select_biased(a.wait(), b.wait(), c.wait()));
  for (int round = 0; round < 20; ++round) {
    log.clear();
    EXPECT_FALSE(chosen.poll(task));
    EXPECT_EQ(log, (std::vector<int>{0, 1, 2}));
  }
  a.complete(1);
  b.complete(2);
  ASSERT_TRUE(chosen.poll(task));
  EXPECT_EQ(chosen.take().index(), 0U);
}

template <std::size_t... I>
auto select_of(std::vector<std::unique_ptr<Probe<>>>& probes, std::index_sequence<I...>) {
  return select(probes[I]->wait()...);
}

TEST(T61, SixtyFourBranches) {
  MockTask task;
  std::vector<std::unique_ptr<Probe<>>> probes;
  for (int i = 0; i < 64; ++i) probes.push_back(std::make_unique<Probe<>>());
  Polled chosen(select_of(probes, std::make_index_sequence<64>()));
  EXPECT_FALSE(chosen.poll(task));
  for (const auto& probe : probes) EXPECT_EQ(probe->polls(), 1);
  probes[63]->complete(5);
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(chosen.poll(task));
  EXPECT_EQ(std::get<63>(chosen.take()), 5);
}

TEST(T61, SelectOfOtherwiseAloneIsLegal) {
  MockTask task;
  Polled chosen(select(otherwise()));
  ASSERT_TRUE(chosen.poll(task));
  EXPECT_EQ(chosen.take().index(), 0U);
}

TEST(T62, ExhaustedSelectSuspendsThoughABranchIsReady) {
  MockTask task;
  Budget budget = Budget::initial();
  while (budget.has_remaining()) static_cast<void>(budget.spend());
  Probe<> ready;
  ready.complete(1);
  Polled chosen(select(ready.wait(), otherwise()));
  EXPECT_FALSE(chosen.poll(task, budget));
  EXPECT_EQ(ready.polls(), 0);
  EXPECT_TRUE(task.take_woken()) << "it has to be polled again";
  budget = Budget::initial();
  EXPECT_TRUE(chosen.poll(task, budget));
}

TEST(T62, SelectItselfConsumesNothing) {
  MockTask task;
  Budget budget = Budget::initial();
  for (int i = 0; i < 1000; ++i) {
    Polled chosen(select(number(1), number(2)));
    ASSERT_TRUE(chosen.poll(task, budget));
  }
  EXPECT_TRUE(budget.has_remaining());
}

Task<int> wait_with_guard(Probe<>& probe, int& destroyed) {
  OnDestroy guard([&destroyed] { ++destroyed; });
  co_return co_await probe.wait();
}

TEST(T63, LosingTaskIsDestroyed) {
  MockTask task;
  Probe<> a, b;
  int destroyed = 0;
  const std::size_t before = internal::live_frames();
  {
    Polled chosen(select(value_of(a), wait_with_guard(b, destroyed)));
    EXPECT_FALSE(chosen.poll(task));
    EXPECT_EQ(internal::live_frames(), before + 2);
    a.complete(1);
    ASSERT_TRUE(chosen.poll(task));
    EXPECT_EQ(destroyed, 1);
    EXPECT_EQ(b.alive(), 0);
    EXPECT_EQ(std::get<0>(chosen.take()), 1);
  }
  EXPECT_EQ(internal::live_frames(), before);
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(T63, BorrowedTaskThatLosesGoesOnWhereItStood) {
  MockTask task;
  Probe<> first, second, other;
  Task<int> borrowed = [](Probe<>& a, Probe<>& b) -> Task<int> {
    const int x = co_await a.wait();
    const int y = co_await b.wait();
    co_return x * 10 + y;
  }(first, second);
  first.complete(4);
  other.complete(1);
  {
    Polled lost(select_biased(borrowed, other.wait()));
    ASSERT_TRUE(lost.poll(task));
    EXPECT_EQ(lost.take().index(), 1U);
  }
  EXPECT_EQ(second.alive(), 1) << "it still waits there";
  second.complete(2);
  Polled again(borrowed);
  ASSERT_TRUE(again.poll(task));
  EXPECT_EQ(again.take(), 42);
}

TEST(T63, BorrowedCombinatorThatLosesGoesOnWhereItStood) {
  MockTask task;
  Probe<> a, b, other;
  auto both = join(a.wait(), b.wait());
  a.complete(1);
  other.complete(0);
  {
    Polled lost(select_biased(both, other.wait()));
    ASSERT_TRUE(lost.poll(task));
  }
  b.complete(2);
  Polled again(both);
  ASSERT_TRUE(again.poll(task));
  EXPECT_EQ(again.take(), (std::tuple<int, int>(1, 2)));
  EXPECT_EQ(a.polls(), 1);
}

TEST(T63, BorrowedByALosingCombinatorSurvives) {
  MockTask task;
  Probe<> a, other;
  SlowProbe slow;
  Task<int> value = value_of(a);
  Task<> scope = wait_slowly(slow);
  other.complete(0);
  {
    Polled lost(select_biased(join(value, scope), other.wait()));
    ASSERT_TRUE(lost.poll(task));
  }
  EXPECT_EQ(slow.cancel_polls(), 0);
  a.complete(3);
  slow.complete();
  Polled again(join(value, scope));
  ASSERT_TRUE(again.poll(task));
  EXPECT_EQ(std::get<0>(again.take()), 3);
}

TEST(T64, ReadyBranchIsNotPolledAgain) {
  MockTask task;
  Probe<> a, b;
  a.complete(1);
  Polled chosen(select_biased(a.wait(), b.wait()));
  ASSERT_TRUE(chosen.poll(task));
  EXPECT_EQ(a.polls(), 1);
  EXPECT_EQ(b.polls(), 0);
}

TEST(T64, RefusedBranchIsNotPolledAgain) {
  MockTask task;
  Probe<> a, b;
  a.complete(1);
  Polled chosen(select(branch(true, a.wait(), [](int) { return false; }), b.wait()));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(chosen.poll(task));
  EXPECT_EQ(a.polls(), 1);
}

TEST(T65, AwaitablesLiveInTheCallersFrame) {
  MockTask task;
  Probe<> a, b;
  const std::size_t before = internal::live_frames();
  Polled chosen(select(a.wait(), select(b.wait(), branch(true, a.wait()))));
  EXPECT_FALSE(chosen.poll(task));
  EXPECT_EQ(internal::live_frames(), before);
}

TEST(T65, VoidIsMonostateAndAReferenceAReferenceWrapper) {
  using Waits = decltype(select(std::declval<Task<>>(), std::declval<Task<std::string>>()));
  static_assert(std::is_same_v<AwaitResult<Waits>, std::variant<std::monostate, std::string>>);
  static_assert(std::is_move_constructible_v<Waits> && !std::is_copy_constructible_v<Waits>);
  static_assert(std::is_same_v<internal::Collect<int&>::type, std::reference_wrapper<int>>);
}

TEST(T70, SelectDestroyedAfterAnyPollLeavesNoTrace) {
  const std::size_t before = internal::live_frames();
  for (int polls = 0; polls < 4; ++polls) {
    MockTask task;
    Probe<> a, b, c, d;
    {
      Polled chosen(select_biased(value_of(a), select(b.wait(), wait_for(c)), d.wait()));
      for (int i = 0; i < polls; ++i) {
        if (i == 2) a.complete(1);
        EXPECT_EQ(chosen.poll(task), i == 2);
      }
    }
    EXPECT_EQ(a.alive() + b.alive() + c.alive() + d.alive(), 0);
    EXPECT_FALSE(a.has_waker() || b.has_waker() || c.has_waker() || d.has_waker());
    EXPECT_EQ(task.waker_ref_count(), 1);
    EXPECT_EQ(internal::live_frames(), before);
  }
}

TEST(T70, LateWakeOfALoserIsHarmless) {
  MockTask task;
  Waker late;
  {
    Probe<> a, b;
    Polled chosen(select(a.wait(), b.wait()));
    EXPECT_FALSE(chosen.poll(task));
    late = task.waker();
    a.complete(1);
    ASSERT_TRUE(chosen.poll(task));
  }
  std::move(late).wake();
  EXPECT_EQ(task.waker_ref_count(), 1);
}

}  // namespace
}  // namespace weft
