// select and what cannot go away in one step: docs/spec/runtime.md R-167.

#include <utility>
#include <variant>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <weft/runtime/context.h>
#include <weft/runtime/select.h>
#include <weft/runtime/task.h>

namespace weft {
namespace {

using test_support::MockTask;
using test_support::Polled;
using test_support::Probe;
using test_support::SlowProbe;

Task<> wait_for(Probe<>& probe) { static_cast<void>(co_await probe.wait()); }
Task<int> value_of(Probe<>& probe) { co_return co_await probe.wait(); }
Task<> wait_slowly(SlowProbe& probe) { co_await probe.wait(); }

TEST(R167, WonSelectCompletesOnlyAfterItsLosersHaveEnded) {
  MockTask task;
  Probe<> a;
  SlowProbe slow;
  Polled chosen(select_biased(a.wait(), wait_slowly(slow)));
  EXPECT_FALSE(chosen.poll(task));
  a.complete(9);
  EXPECT_FALSE(chosen.poll(task));
  EXPECT_EQ(slow.cancel_polls(), 1);
  EXPECT_EQ(slow.alive(), 1);
  task.take_woken();
  slow.let_end();
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(chosen.poll(task));
  EXPECT_EQ(slow.alive(), 0);
  EXPECT_EQ(a.polls(), 2) << "the winner's value was kept";
  EXPECT_EQ(std::get<0>(chosen.take()), 9);
}

TEST(R167, CancelOfASelectEndsAllItsBranches) {
  MockTask task;
  SlowProbe one, two;
  Probe<> a;
  {
    Task<> borrowed = wait_slowly(two);
    Polled chosen(select(one.wait(), a.wait(), select(borrowed, value_of(a))));
    EXPECT_FALSE(chosen.poll(task));
    Waker waker = task.waker();
    Context cx(waker);
    EXPECT_FALSE(chosen.node().poll_cancel(cx));
    EXPECT_EQ(one.cancel_polls(), 1);
    EXPECT_EQ(two.cancel_polls(), 1) << "its frame is going away too";
    one.let_end();
    EXPECT_FALSE(chosen.node().poll_cancel(cx));
    two.let_end();
    EXPECT_TRUE(chosen.node().poll_cancel(cx));
  }
  EXPECT_EQ(one.alive() + two.alive() + a.alive(), 0);
}

TEST(R167, BorrowedScopeThatLosesIsNotCancelled) {
  MockTask task;
  Probe<> a;
  SlowProbe slow;
  Task<> borrowed = wait_slowly(slow);
  {
    Polled chosen(select_biased(borrowed, a.wait()));
    EXPECT_FALSE(chosen.poll(task));
    a.complete(1);
    ASSERT_TRUE(chosen.poll(task));
  }
  EXPECT_EQ(slow.cancel_polls(), 0);
  EXPECT_EQ(slow.alive(), 1);
  slow.complete();
  Polled again(borrowed);
  EXPECT_TRUE(again.poll(task));
}

TEST(R167, CancellingWhatHoldsNoScopeChangesNothing) {
  MockTask task;
  Probe<> a, b;
  Task<int> inner = value_of(a);
  Polled chosen(select(inner, wait_for(b)));
  EXPECT_FALSE(chosen.poll(task));
  Waker waker = task.waker();
  Context cx(waker);
  EXPECT_TRUE(chosen.node().poll_cancel(cx));
  a.complete(6);
  ASSERT_TRUE(chosen.poll(task));
  EXPECT_EQ(std::get<0>(chosen.take()), 6);
}

}  // namespace
}  // namespace weft
