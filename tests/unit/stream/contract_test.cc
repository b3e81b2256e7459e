// What holds for every stream.

#include <weft/stream/stream.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/probe.h>
#include <tests/unit/stream/stream_support.h>
#include <weft/runtime/select.h>
#include <weft/runtime/yield_now.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/testing/harness.h>
#include <weft/testing/stream_mock.h>
#include <weft/time/delay_queue.h>

namespace weft {
namespace {

using stream_test::count_to;
using stream_test::items_of;
using stream_test::kWait;
using stream_test::Plain;
using stream_test::Scripted;
using stream_test::Value;
using test::assert_pending;
using test::assert_ready_eq;
using test_support::Probe;
using test_support::SlowProbe;

const auto same = [](int i) { return i; };

static_assert(stream::Stream<Plain> && stream::Stream<Plain&> && !stream::Stream<int>);
static_assert(!stream::PollStream<Plain> && stream::PollStream<Scripted>);
static_assert(stream::PollStream<stream::AsyncGenerator<int>&>);
static_assert(stream::Stream<test::StreamMock<int>>);
static_assert(stream::Stream<time::DelayQueue<int>>);

// Scripted fails the test when it is polled after its end.
TEST(ST1, FuseStaysAtTheEnd) {
  auto s = test::spawn(stream::fuse(Scripted({1})));
  assert_ready_eq(s.poll_next(), Value(1));
  assert_ready_eq(s.poll_next(), Value());
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST1, MergeDoesNotAskAStreamThatHasEnded) {
  auto s = test::spawn(stream::merge(Scripted({}), Scripted({1, kWait, 2})));
  assert_ready_eq(s.poll_next(), Value(1));
  assert_pending(s.poll_next());
  assert_ready_eq(s.poll_next(), Value(2));
  assert_ready_eq(s.poll_next(), Value());
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST1, ChainDoesNotAskTheFirstOneAgain) {
  auto s = test::spawn(stream::chain(Scripted({}), Scripted({kWait, 2})));
  assert_pending(s.poll_next());
  assert_ready_eq(s.poll_next(), Value(2));
}

TEST(ST1, PeekableStaysAtTheEnd) {
  auto s = stream::peekable(Scripted({}));
  for (int i = 0; i < 2; ++i) {
    auto peek = test::spawn(s.peek());
    EXPECT_EQ(test::assert_ready(peek.poll()), nullptr);
  }
  EXPECT_EQ(items_of(s), std::vector<int>());
}

TEST(ST1, AStreamIsDestroyedAtItsEnd) {
  Scripted inner({1});
  const auto account = inner.account();
  auto s = test::spawn(stream::fuse(std::move(inner)));
  assert_ready_eq(s.poll_next(), Value(1));
  EXPECT_FALSE(account->is_destroyed);
  assert_ready_eq(s.poll_next(), Value());
  EXPECT_TRUE(account->is_destroyed);
}

TEST(ST2, ANextThatIsDestroyedLosesNothing) {
  auto [sender, receiver] = sync::mpsc::unbounded_channel<int>();
  auto s = test::spawn(stream::UnboundedReceiverStream(std::move(receiver)) | stream::map(same) |
                       stream::filter([](int) { return true; }) | stream::take(5));
  assert_pending(s.poll_next());
  s.cancel_next();
  EXPECT_TRUE(sender.send(1));
  assert_ready_eq(s.poll_next(), Value(1));
}

TEST(ST2, AnItemThatWasReadyAndNotTakenIsYieldedNext) {
  auto s = stream::map(Scripted({1, 2}), same);
  {
    auto next = s.next().operator co_await();
    Context cx(Waker::noop());
    EXPECT_TRUE(next.node().poll(cx));
    EXPECT_EQ(s.size_hint(), stream::internal::exactly(1));
  }
  EXPECT_EQ(s.size_hint(), stream::internal::exactly(2));
  EXPECT_EQ(items_of(s), (std::vector{1, 2}));
}

TEST(ST2, AnEndThatWasNotTakenIsYieldedNext) {
  auto s = stream::map(Scripted({}), same);
  {
    auto next = s.next().operator co_await();
    Context cx(Waker::noop());
    EXPECT_TRUE(next.node().poll(cx));
  }
  EXPECT_EQ(s.size_hint(), stream::internal::exactly(0));
  EXPECT_EQ(items_of(s), std::vector<int>());  // without asking Scripted again
}

TEST(ST2, TheWinnerOfASelectThatIsDestroyedIsNotLost) {
  SlowProbe slow;
  auto s = stream::map(Scripted({1}), same);
  {
    auto both = test::spawn(select_biased(slow.wait(), s.next()));
    assert_pending(both.poll());  // there is an item, and the loser has yet to end
    slow.let_end();
  }
  EXPECT_EQ(items_of(s), std::vector{1});
}

TEST(ST2, ACombinatorOfAUsersStreamKeepsTheNextThatIsPending) {
  auto mock = test::StreamMockBuilder<int>().next(1).build();
  auto s = stream::map(std::move(mock), same);
  auto moved = test::spawn(std::move(s));
  assert_ready_eq(moved.poll_next(), Value(1));
  assert_ready_eq(moved.poll_next(), Value());
}

// Suspends before each number.
stream::AsyncGenerator<int> hesitant(int last) {
  for (int i = 1; i <= last; ++i) {
    co_await yield_now();
    co_yield i;
  }
}

// Destroys a pending next() after its k-th poll, for each k, and compares what comes with
// `expected`.
template <class Make, class T>
void expect_nothing_lost(Make make, const std::vector<T>& expected) {
  for (int k = 1; k <= 4; ++k) {
    auto s = test::spawn(make());
    std::vector<T> got;
    for (int polls = 1; polls < 1000; ++polls) {
      auto polled = s.poll_next();
      if (polled.is_pending()) {
        if (polls % k == 0) s.cancel_next();
        continue;
      }
      if (!*polled) break;
      got.push_back(std::move(**polled));
    }
    EXPECT_EQ(got, expected) << k;
  }
}

TEST(ST2, DestroyingNextOfACombinatorAtAnySuspensionLosesNothing) {
  const std::vector all{1, 2, 3, 4};
  const auto four = [] { return hesitant(4); };
  const auto yes = [](const int&) { return true; };
  const auto slowly = [](int i) -> Task<int> {
    co_await yield_now();
    co_return i;
  };
  expect_nothing_lost([&] { return four() | stream::map(same); }, all);
  expect_nothing_lost([&] { return four() | stream::then(slowly); }, all);
  expect_nothing_lost([&] { return four() | stream::filter(yes); }, all);
  expect_nothing_lost([&] { return four() | stream::filter_map([](int i) { return Value(i); }); },
                      all);
  expect_nothing_lost([&] { return hesitant(9) | stream::take(4); }, all);
  expect_nothing_lost([&] { return four() | stream::take_while(yes); }, all);
  expect_nothing_lost([&] { return four() | stream::map_while([](int i) { return Value(i); }); },
                      all);
  expect_nothing_lost([&] { return four() | stream::skip(2); }, std::vector{3, 4});
  expect_nothing_lost([&] { return four() | stream::skip_while([](int i) { return i < 3; }); },
                      std::vector{3, 4});
  expect_nothing_lost([&] { return stream::chain(hesitant(2), hesitant(2)); },
                      std::vector{1, 2, 1, 2});
  expect_nothing_lost([&] { return four() | stream::fuse(); }, all);
  expect_nothing_lost([&] { return four() | stream::peekable(); }, all);
  expect_nothing_lost([&] { return four() | stream::map(slowly) | stream::buffered(3); }, all);
}

TEST(ST2, TryNextTurnsTheItemInsideOut) {
  auto results = stream::map(Scripted({1, kWait, 2}), [](int i) {
    return i == 1 ? Result<int>(1) : Result<int>(Err(Errc::closed));
  });
  {
    auto first = test::spawn(stream::try_next(results));
    EXPECT_EQ(test::assert_ready_ok(first.poll()), Value(1));
  }
  {
    auto second = test::spawn(stream::try_next(results));
    assert_pending(second.poll());
  }
  auto again = test::spawn(stream::try_next(results));
  EXPECT_EQ(test::assert_ready_err(again.poll()), Errc::closed);
  auto end = test::spawn(stream::try_next(results));
  EXPECT_EQ(test::assert_ready_ok(end.poll()), Value());
}

TEST(ST3, ALowerBoundSaturatesAndAnUpperBoundIsVoided) {
  using stream::internal::add;
  EXPECT_EQ(add({SIZE_MAX, SIZE_MAX}, {1, 1}), (stream::SizeHint{SIZE_MAX, std::nullopt}));
  EXPECT_EQ(add({1, 2}, {3, 4}), (stream::SizeHint{4, 6}));
  EXPECT_EQ(add({1, 2}, {3, std::nullopt}), (stream::SizeHint{4, std::nullopt}));
}

TEST(ST3, EachCombinatorKnowsHowMuchIsLeft) {
  const auto three = [] { return stream::iter(std::vector{1, 2, 3}); };
  const auto yes = [](int) { return true; };
  using Hint = stream::SizeHint;
  EXPECT_EQ(three().size_hint(), (Hint{3, 3}));
  EXPECT_EQ(stream::map(three(), same).size_hint(), (Hint{3, 3}));
  EXPECT_EQ(stream::filter(three(), yes).size_hint(), (Hint{0, 3}));
  EXPECT_EQ(stream::take(three(), 2).size_hint(), (Hint{2, 2}));
  EXPECT_EQ(stream::take(three(), 0).size_hint(), (Hint{0, 0}));
  EXPECT_EQ(stream::skip(three(), 2).size_hint(), (Hint{1, 1}));
  EXPECT_EQ(stream::skip(three(), 4).size_hint(), (Hint{0, 0}));
  EXPECT_EQ(stream::take_while(three(), yes).size_hint(), (Hint{0, 3}));
  EXPECT_EQ(stream::skip_while(three(), yes).size_hint(), (Hint{0, 3}));
  EXPECT_EQ(stream::chain(three(), three()).size_hint(), (Hint{6, 6}));
  EXPECT_EQ(stream::merge(three(), three()).size_hint(), (Hint{6, 6}));
  EXPECT_EQ(stream::zip(three(), stream::once(1)).size_hint(), (Hint{1, 1}));
  EXPECT_EQ(stream::enumerate(three()).size_hint(), (Hint{3, 3}));
  EXPECT_EQ(stream::fuse(three()).size_hint(), (Hint{3, 3}));
  EXPECT_EQ(stream::notify_close(three()).size_hint(), (Hint{4, 4}));
  EXPECT_EQ(stream::map(Plain(3), same).size_hint(), (Hint{0, std::nullopt}));
  EXPECT_EQ(stream::empty<int>().size_hint(), (Hint{0, 0}));
  EXPECT_EQ(stream::pending<int>().size_hint(), (Hint{0, std::nullopt}));
}

TEST(ST4, AFusedStreamSaysThatItHasEnded) {
  auto s = stream::fuse(Scripted({1}));
  EXPECT_FALSE(s.is_terminated());
  EXPECT_EQ(items_of(s), std::vector{1});
  EXPECT_TRUE(s.is_terminated());

  auto generator = count_to(1);
  EXPECT_FALSE(generator.is_terminated());
  EXPECT_EQ(items_of(generator), std::vector{1});
  EXPECT_TRUE(generator.is_terminated());

  auto merged = stream::merge(Scripted({1}), Scripted({}));
  auto zipped = stream::zip(Scripted({1}), Scripted({}));
  auto peeked = stream::peekable(Scripted({}));
  auto closing = stream::notify_close(Scripted({}));
  auto once = stream::once(1);
  auto iter = stream::iter(std::vector{1});
  auto mapped = stream::map_while(Scripted({}), [](int i) { return Value(i); });
  const auto check = [](auto& each) {
    EXPECT_FALSE(each.is_terminated());
    static_cast<void>(items_of(each));
    EXPECT_TRUE(each.is_terminated());
  };
  check(merged);
  check(zipped);
  check(peeked);
  check(closing);
  check(once);
  check(iter);
  check(mapped);

  auto taken = stream::take(Scripted({1, 2}), 1);
  EXPECT_FALSE(taken.is_terminated());
  EXPECT_EQ(items_of(taken), std::vector{1});
  EXPECT_TRUE(taken.is_terminated());
}

TEST(ST5, NothingRunsBeforeItIsPolled) {
  Scripted inner({1});
  const auto account = inner.account();
  bool has_run = false;
  auto mapped = stream::map(std::move(inner), [&](int i) {
    has_run = true;
    return i;
  });
  auto collected = stream::collect(std::move(mapped));
  EXPECT_EQ(account->polls, 0);
  EXPECT_FALSE(has_run);
  auto task = test::spawn(std::move(collected));
  EXPECT_EQ(test::assert_ready(task.poll()), std::vector{1});
}

TEST(ST51, AStreamMayBeMovedBetweenTwoNext) {
  auto [sender, receiver] = sync::broadcast::channel<int>(4);
  auto first = stream::map(stream::BroadcastStream(std::move(receiver)),
                           [](auto received) { return received.value(); });
  {
    auto wait = test::spawn(first.next());
    assert_pending(wait.poll());
  }
  auto second = std::move(first);
  EXPECT_TRUE(sender.send(7));
  auto next = test::spawn(second.next());
  assert_ready_eq(next.poll(), Value(7));
}

TEST(ST51, WhatAFunctionThrowsComesOutOfNext) {
  auto s = stream::map(Scripted({1, 2}), [](int i) {
    if (i == 1) throw std::runtime_error("one");
    return i;
  });
  auto wait = test::spawn(s.next());
  EXPECT_THROW(static_cast<void>(wait.poll()), std::runtime_error);
  EXPECT_EQ(items_of(s), std::vector{2});
}

// Winning a select cancels what the loser owns, step by step.
TEST(ST51, AnEndThatLosesASelectEndsWhatIsUnderWay) {
  SlowProbe slow;
  Probe<int> winner;
  {
    auto both = test::spawn(select_biased(
        winner.wait(),
        stream::for_each_concurrent(stream::once(1), 2, [&](int) { return slow.wait(); })));
    assert_pending(both.poll());
    winner.complete(1);
    assert_pending(both.poll());
    EXPECT_EQ(slow.cancel_polls(), 1);
    slow.let_end();
    EXPECT_EQ(test::assert_ready(both.poll()).index(), 0u);
  }
  EXPECT_EQ(slow.alive(), 0);
}

TEST(ST51, EveryCombinatorPassesOnThatItIsCancelled) {
  const auto expect_cancelled = [](auto make) {
    SlowProbe slow;
    slow.let_end();
    const auto wait = [](SlowProbe& probe) -> stream::AsyncGenerator<int> {
      co_await probe.wait();
      co_yield 1;
    };
    auto s = make(wait(slow));
    auto next = s.next().operator co_await();
    Context cx(Waker::noop());
    EXPECT_FALSE(next.node().poll(cx));
    EXPECT_TRUE(next.node().poll_cancel(cx));
    EXPECT_EQ(slow.cancel_polls(), 1);
  };
  expect_cancelled([](auto s) { return stream::map(std::move(s), same); });
  expect_cancelled([](auto s) { return stream::chain(std::move(s), count_to(1)); });
  expect_cancelled([](auto s) { return stream::merge(std::move(s), count_to(0)); });
  expect_cancelled([](auto s) { return stream::zip(std::move(s), count_to(1)); });
  expect_cancelled([](auto s) { return stream::fuse(std::move(s)); });
  expect_cancelled([](auto s) {
    stream::StreamMap<int, decltype(s)> map;
    static_cast<void>(map.insert(1, std::move(s)));
    return map;
  });
}

// A combinator that holds something which cannot go away at once passes that on to who awaits it.
TEST(ST51, ATaskThatAwaitsNextCanBeCancelledStepByStep) {
  SlowProbe slow;
  Probe<int> never;
  {
    auto s = stream::then(stream::once(1), [&](int) { return slow.wait(); });
    auto next = s.next().operator co_await();
    Context cx(Waker::noop());
    EXPECT_FALSE(next.node().poll(cx));
    EXPECT_TRUE(next.node().poll_abandon(cx));  // it is only borrowed
    EXPECT_EQ(slow.cancel_polls(), 0);
    EXPECT_FALSE(next.node().poll_cancel(cx));
    EXPECT_EQ(slow.cancel_polls(), 1);
    slow.let_end();
    EXPECT_TRUE(next.node().poll_cancel(cx));
  }
  EXPECT_EQ(slow.alive(), 0);
}

}  // namespace
}  // namespace weft
