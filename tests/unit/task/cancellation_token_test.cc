// CancellationToken: cancelling, waiting, guards, std::stop_token.

#include <weft/task/cancellation_token.h>

#include <atomic>
#include <deque>
#include <functional>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <tests/support/runtimes.h>
#include <tests/support/scale.h>
#include <tests/support/threads.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/select.h>
#include <weft/sync/internal/thread_wait.h>
#include <weft/task/with_cancellation_token.h>

namespace weft {
namespace {

using runtime::Runtime;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::Polled;
using test_support::Probe;
using test_support::run_threads;
using test_support::scaled;
using test_support::SlowProbe;

static_assert(std::is_nothrow_copy_constructible_v<CancellationToken>);

TEST(T43, CopiesAreTheSameToken) {
  const CancellationToken token;
  const CancellationToken copy = token;
  EXPECT_EQ(token, copy);
  EXPECT_NE(token, CancellationToken());
  EXPECT_NE(token, token.child_token());
  const std::unordered_set<CancellationToken> tokens{token, copy, CancellationToken()};
  EXPECT_EQ(tokens.size(), 2u);
  copy.cancel();
  EXPECT_TRUE(token.is_cancelled());
}

TEST(T43, AChildIsCancelledWithItsParentAndNeverCancelsIt) {
  const CancellationToken parent;
  const CancellationToken child = parent.child_token();
  const CancellationToken sibling = parent.child_token();
  sibling.cancel();
  EXPECT_FALSE(parent.is_cancelled());
  EXPECT_FALSE(child.is_cancelled());
  parent.cancel();
  EXPECT_TRUE(child.is_cancelled());
}

TEST(T43, AChildOfACancelledTokenStartsCancelled) {
  const CancellationToken parent;
  parent.cancel();
  const CancellationToken child = parent.child_token();
  EXPECT_TRUE(child.is_cancelled());
  EXPECT_TRUE(child.child_token().is_cancelled());
}

TEST(T44, CancelReachesTheWholeSubtreeAndIsIdempotent) {
  const CancellationToken root;
  std::vector<CancellationToken> tokens{root};
  for (std::size_t i = 0; tokens.size() < 100; ++i) {
    for (int k = 0; k < 3; ++k) tokens.push_back(tokens[i].child_token());
  }
  MockTask task;
  Polled wait(tokens.back().cancelled());
  ASSERT_FALSE(wait.poll(task));
  root.cancel();
  for (const CancellationToken& token : tokens) EXPECT_TRUE(token.is_cancelled());
  EXPECT_EQ(task.wake_count(), 1);
  root.cancel();
  tokens.back().cancel();
  EXPECT_EQ(task.wake_count(), 1);
}

TEST(T44, OnlyTheSubtreeIsReached) {
  const CancellationToken root;
  const CancellationToken middle = root.child_token();
  const CancellationToken leaf = middle.child_token();
  const CancellationToken other = root.child_token();
  middle.cancel();
  EXPECT_TRUE(leaf.is_cancelled());
  EXPECT_FALSE(root.is_cancelled());
  EXPECT_FALSE(other.is_cancelled());
}

TEST(T45, CancelledCompletesWhenTheTokenIs) {
  CancellationToken token;
  MockTask task;
  Polled wait(token.cancelled());
  ASSERT_FALSE(wait.poll(task));
  token.cancel();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(wait.poll(task));
  Polled late(token.cancelled());
  EXPECT_TRUE(late.poll(task)) << "at once";
}

TEST(T45, ACancellationBeforeTheFirstPollIsNotMissed) {
  CancellationToken token;
  MockTask task;
  Polled wait(token.cancelled());
  Polled owned(token.cancelled_owned());
  token.cancel();
  EXPECT_TRUE(wait.poll(task));
  EXPECT_TRUE(owned.poll(task));
}

TEST(T45, ADestroyedWaitLeavesNoTraceAndABorrowedOneMayBeAwaitedAgain) {
  CancellationToken token;
  MockTask task;
  {
    Polled wait(token.cancelled());
    ASSERT_FALSE(wait.poll(task));
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  auto waiting = token.cancelled();
  {
    Polled loser(waiting);
    ASSERT_FALSE(loser.poll(task));
  }
  Polled again(waiting);
  ASSERT_FALSE(again.poll(task));
  token.cancel();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(again.poll(task));
}

TEST(T45, AnOwnedWaitKeepsTheToken) {
  const CancellationToken parent;
  std::optional<CancellationToken> child = parent.child_token();
  MockTask task;
  Polled wait(child->cancelled_owned());
  ASSERT_FALSE(wait.poll(task));
  child.reset();
  parent.cancel();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(wait.poll(task));
}

TEST(T45, WaitersOnOtherThreadsAreWoken) {
  for (int round = 0; round < scaled(300); ++round) {
    const CancellationToken token;
    run_threads(3, [&](int thread) {
      if (thread == 0) {
        token.cancel();
      } else {
        sync::internal::wait_on_thread(token.child_token().cancelled_owned());
      }
    });
  }
}

TEST(T46, TheAwaitablesValueOrNone) {
  CancellationToken token;
  MockTask task;
  Probe<int> first, second;
  Polled done(token.run_until_cancelled(first.wait()));
  Polled ended(token.run_until_cancelled(second.wait()));
  ASSERT_FALSE(done.poll(task));
  ASSERT_FALSE(ended.poll(task));
  first.complete(4);
  ASSERT_TRUE(done.poll(task));
  EXPECT_EQ(done.take(), 4);
  token.cancel();
  EXPECT_EQ(second.alive(), 1);
  ASSERT_TRUE(ended.poll(task));
  EXPECT_EQ(second.alive(), 0) << "destroyed before this completes";
  EXPECT_FALSE(ended.take().has_value());
}

TEST(T46, CancelledBeforeTheFirstPollTheAwaitableIsNotBegun) {
  CancellationToken token;
  MockTask task;
  Probe<int> probe;
  probe.complete(1);
  Polled run(token.run_until_cancelled(probe.wait()));
  token.cancel();
  ASSERT_TRUE(run.poll(task));
  EXPECT_FALSE(run.take().has_value());
  EXPECT_EQ(probe.polls(), 0);
}

TEST(T46, ATieGoesToTheAwaitable) {
  CancellationToken token;
  MockTask task;
  Probe<int> probe;
  Polled run(token.run_until_cancelled(probe.wait()));
  ASSERT_FALSE(run.poll(task));
  token.cancel();
  probe.complete(8);
  ASSERT_TRUE(run.poll(task));
  EXPECT_EQ(run.take(), 8);
}

TEST(T46, VoidIsMonostateAndExceptionsComeOut) {
  on_every_kind([](Runtime& rt) {
    const CancellationToken token;
    auto nothing = []() -> Task<> { co_return; };
    auto throws = []() -> Task<int> {
      throw 7;
      co_return 0;
    };
    const auto none = rt.block_on(token.run_until_cancelled(nothing()));
    static_assert(std::is_same_v<decltype(none), const std::optional<std::monostate>>);
    EXPECT_TRUE(none.has_value());
    EXPECT_THROW(rt.block_on(token.run_until_cancelled(throws())), int);
  });
}

TEST(T46, ABorrowedAwaitableSurvives) {
  CancellationToken token;
  MockTask task;
  Probe<int> probe;
  auto wait = probe.wait();
  {
    Polled run(token.run_until_cancelled(wait));
    ASSERT_FALSE(run.poll(task));
    token.cancel();
    ASSERT_TRUE(run.poll(task));
  }
  probe.complete(3);
  Polled again(wait);
  ASSERT_TRUE(again.poll(task));
  EXPECT_EQ(again.take(), 3);
}

TEST(T46, WhatCannotEndAtOnceIsDrivenToItsEnd) {
  CancellationToken token;
  MockTask task;
  SlowProbe probe;
  Polled run(token.run_until_cancelled(probe.wait()));
  ASSERT_FALSE(run.poll(task));
  token.cancel();
  ASSERT_FALSE(run.poll(task));
  EXPECT_EQ(probe.cancel_polls(), 1);
  probe.let_end();
  ASSERT_TRUE(run.poll(task));
  EXPECT_EQ(probe.alive(), 0);
}

TEST(T46, TheOwnedFormAndTheFreeFunctionsKeepToTheSameRules) {
  std::optional<CancellationToken> token(std::in_place);
  const CancellationToken parent;
  token = parent.child_token();
  MockTask task;
  Probe<int> probe;
  Polled owned(token->run_until_cancelled_owned(probe.wait()));
  Polled free_owned(with_cancellation_token_owned(probe.wait(), *token));
  ASSERT_FALSE(owned.poll(task));
  ASSERT_FALSE(free_owned.poll(task));
  token.reset();
  Polled free(with_cancellation_token(probe.wait(), parent));
  ASSERT_FALSE(free.poll(task));
  parent.cancel();
  ASSERT_TRUE(owned.poll(task));
  ASSERT_TRUE(free_owned.poll(task));
  ASSERT_TRUE(free.poll(task));
  EXPECT_FALSE(owned.take().has_value());
  EXPECT_FALSE(free_owned.take().has_value());
  EXPECT_FALSE(free.take().has_value());
}

TEST(T47, AGuardCancelsWhenItIsDestroyed) {
  const CancellationToken kept, borrowed;
  {
    const auto guard = kept.drop_guard();
    const auto reference = borrowed.drop_guard_ref();
    EXPECT_FALSE(kept.is_cancelled());
    EXPECT_FALSE(borrowed.is_cancelled());
  }
  EXPECT_TRUE(kept.is_cancelled());
  EXPECT_TRUE(borrowed.is_cancelled());
}

TEST(T47, ADisarmedGuardGivesTheTokenBackAndOthersStay) {
  const CancellationToken token;
  {
    auto guard = token.drop_guard();
    auto reference = token.drop_guard_ref();
    EXPECT_EQ(std::move(guard).disarm(), token);
    EXPECT_EQ(&std::move(reference).disarm(), &token);
  }
  EXPECT_FALSE(token.is_cancelled());
  {
    auto disarmed = token.drop_guard();
    const auto armed = token.drop_guard();
    static_cast<void>(std::move(disarmed).disarm());
  }
  EXPECT_TRUE(token.is_cancelled());
}

TEST(T47, AMovedGuardCancelsOnce) {
  const CancellationToken first, second;
  auto guard = first.drop_guard();
  {
    auto moved = std::move(guard);
    moved = second.drop_guard();
    EXPECT_TRUE(first.is_cancelled()) << "assigning drops the old guard";
    EXPECT_FALSE(second.is_cancelled());
  }
  EXPECT_TRUE(second.is_cancelled());
}

TEST(T49, ATokenFollowsAStopToken) {
  std::stop_source source;
  MockTask task;
  const auto token = CancellationToken::from_stop_token(source.get_token());
  const CancellationToken child = token.child_token();
  Polled wait(child.cancelled());
  ASSERT_FALSE(wait.poll(task));
  source.request_stop();
  EXPECT_TRUE(token.is_cancelled());
  EXPECT_TRUE(wait.poll(task));
  EXPECT_TRUE(CancellationToken::from_stop_token(source.get_token()).is_cancelled());
  EXPECT_FALSE(CancellationToken::from_stop_token(std::stop_token()).is_cancelled());
}

TEST(T49, AStopTokenFollowsAToken) {
  std::optional<CancellationToken> token(std::in_place);
  const std::stop_token outside = token->stop_token();
  EXPECT_EQ(outside, token->stop_token());
  int called = 0;
  const std::stop_callback callback(outside, [&] { ++called; });
  EXPECT_FALSE(outside.stop_requested());
  token->cancel();
  EXPECT_EQ(called, 1);
  EXPECT_TRUE(outside.stop_requested());
  EXPECT_TRUE(token->stop_token().stop_requested());
  const CancellationToken parent;
  token = parent.child_token();
  const std::stop_token of_child = token->stop_token();
  EXPECT_TRUE(of_child.stop_possible());
  token.reset();
  EXPECT_FALSE(of_child.stop_possible()) << "nobody can cancel it any more";
  const CancellationToken cancelled;
  cancelled.cancel();
  EXPECT_TRUE(cancelled.stop_token().stop_requested());
}

TEST(T49, BothWaysInACircleEnd) {
  std::stop_source source;
  const auto token = CancellationToken::from_stop_token(source.get_token());
  const std::stop_callback back(token.stop_token(), [&] { source.request_stop(); });
  token.cancel();
  EXPECT_TRUE(source.stop_requested());
}

TEST(T49, TheLastHandleGoesWhileTheStopIsRequested) {
  for (int round = 0; round < scaled(500); ++round) {
    std::stop_source source;
    std::optional<CancellationToken> token = CancellationToken::from_stop_token(source.get_token());
    run_threads(2, [&](int thread) {
      if (thread == 0) {
        source.request_stop();
      } else {
        token.reset();
      }
    });
  }
}

}  // namespace
}  // namespace weft
