#include <weft/stream/timeout.h>

#include <chrono>
#include <memory>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/unit/stream/stream_support.h>
#include <weft/runtime/builder.h>
#include <weft/stream/chunks_timeout.h>
#include <weft/stream/receiver_stream.h>
#include <weft/stream/throttle.h>
#include <weft/sync/mpsc.h>
#include <weft/testing/harness.h>
#include <weft/testing/paused_runtime.h>
#include <weft/testing/stream_mock.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using stream_test::items_of;
using stream_test::kWait;
using stream_test::Scripted;
using stream_test::Value;
using test::assert_pending;
using test::assert_ready;
using test::assert_ready_eq;
using test::PausedRuntime;

// Item, Elapsed (-1) or the end (-2).
template <class P>
int what(P polled) {
  const auto item = assert_ready(std::move(polled));
  if (!item) return -2;
  return *item ? **item : -1;
}
auto unbounded() {
  auto [sender, receiver] = sync::mpsc::unbounded_channel<int>();
  return std::pair(std::move(sender), stream::UnboundedReceiverStream(std::move(receiver)));
}

TEST(ST14, TheDeadlineCountsFromConstruction) {
  PausedRuntime runtime;
  auto s = test::spawn(stream::timeout(stream::pending<int>(), 1s));
  runtime.advance(1s);
  EXPECT_EQ(what(s.poll_next()), -1);
}

TEST(ST14, ItDoesNotRepeatBeforeTheNextItem) {
  PausedRuntime runtime;
  auto [sender, items] = unbounded();
  auto s = test::spawn(stream::timeout(std::move(items), 1s));
  assert_pending(s.poll_next());
  runtime.advance(999ms);
  assert_pending(s.poll_next());
  runtime.advance(1ms);
  EXPECT_TRUE(s.is_woken());
  EXPECT_EQ(what(s.poll_next()), -1);
  runtime.advance(1h);
  assert_pending(s.poll_next());
  EXPECT_TRUE(sender.send(5));
  EXPECT_EQ(what(s.poll_next()), 5);
  assert_pending(s.poll_next());
  runtime.advance(1s);
  EXPECT_EQ(what(s.poll_next()), -1);
}

TEST(ST14, AnItemRearmsIt) {
  PausedRuntime runtime;
  auto [sender, items] = unbounded();
  auto s = test::spawn(stream::timeout(std::move(items), 1s));
  runtime.advance(900ms);
  EXPECT_TRUE(sender.send(1));
  EXPECT_EQ(what(s.poll_next()), 1);
  runtime.advance(900ms);
  assert_pending(s.poll_next());
  runtime.advance(100ms);
  EXPECT_EQ(what(s.poll_next()), -1);
}

TEST(ST14, AnItemThatIsReadyAtTheDeadlineWins) {
  PausedRuntime runtime;
  auto [sender, items] = unbounded();
  auto s = test::spawn(stream::timeout(std::move(items), 1s));
  assert_pending(s.poll_next());
  EXPECT_TRUE(sender.send(1));
  runtime.advance(1h);
  EXPECT_EQ(what(s.poll_next()), 1);
}

TEST(ST14, TheEndIsTheEnd) {
  PausedRuntime runtime;
  auto s = test::spawn(stream::timeout(Scripted({1}), 1s));
  EXPECT_EQ(what(s.poll_next()), 1);
  EXPECT_EQ(what(s.poll_next()), -2);
  EXPECT_EQ(what(s.poll_next()), -2);
}

TEST(ST14, ItYieldsAtMostOneElapsedBeforeEachItemAndTheEnd) {
  PausedRuntime runtime;
  EXPECT_EQ(stream::timeout(Scripted({1, 2, 3}), 1s).size_hint(), (stream::SizeHint{3, 7}));
}

TEST(ST14, ElapsedIsAnError) {
  const Error error = time::Elapsed();
  EXPECT_EQ(error, Errc::elapsed);
}

TEST(ST14, ItMayBeMovedWhileItsTimerRuns) {
  PausedRuntime runtime;
  auto first = stream::timeout(stream::pending<int>(), 1s);
  {
    auto wait = test::spawn(first.next());
    assert_pending(wait.poll());
  }
  auto s = test::spawn(std::move(first));
  assert_pending(s.poll_next());
  runtime.advance(1s);
  EXPECT_EQ(what(s.poll_next()), -1);
}

TEST(ST14, WithoutTimersItIsFatal) {
  EXPECT_DEATH(
      {
        auto runtime = runtime::Builder::new_current_thread().build().value();
        const auto guard = runtime.enter();
        static_cast<void>(stream::timeout(Scripted({}), 1s));
      },
      "timed_test\\.cc.*timers are disabled");
}

TEST(ST15, EachTickGivesAnotherElapsed) {
  PausedRuntime runtime;
  auto s = test::spawn(
      stream::timeout_repeating(stream::pending<int>(), time::interval_at(runtime.at(1s), 1s)));
  for (int i = 0; i < 3; ++i) {
    assert_pending(s.poll_next());
    runtime.advance(1s);
    EXPECT_EQ(what(s.poll_next()), -1);
  }
}

TEST(ST15, TheFirstTickIsImmediate) {
  PausedRuntime runtime;
  auto s = test::spawn(stream::timeout_repeating(stream::pending<int>(), time::interval(1s)));
  EXPECT_EQ(what(s.poll_next()), -1);
  assert_pending(s.poll_next());
}

TEST(ST15, AnItemStartsThePeriodAnew) {
  PausedRuntime runtime;
  auto [sender, items] = unbounded();
  auto s = test::spawn(
      stream::timeout_repeating(std::move(items), time::interval_at(runtime.at(1s), 1s)));
  runtime.advance(900ms);
  EXPECT_TRUE(sender.send(1));
  EXPECT_EQ(what(s.poll_next()), 1);
  runtime.advance(900ms);
  assert_pending(s.poll_next());
  runtime.advance(100ms);
  EXPECT_EQ(what(s.poll_next()), -1);
}

TEST(ST15, TheEndIsTheEndAndThereIsNoUpperBound) {
  PausedRuntime runtime;
  auto s = test::spawn(stream::timeout_repeating(Scripted({1}), time::interval(1s)));
  EXPECT_EQ(s.stream().size_hint(), (stream::SizeHint{1, std::nullopt}));
  EXPECT_EQ(what(s.poll_next()), 1);
  EXPECT_EQ(what(s.poll_next()), -2);
  EXPECT_EQ(what(s.poll_next()), -2);
}

TEST(ST16, TheFirstItemComesAtOnceTheOthersAfterAPause) {
  PausedRuntime runtime;
  auto s = test::spawn(stream::throttle(Scripted({1, 2}), 1s));
  assert_ready_eq(s.poll_next(), Value(1));
  assert_pending(s.poll_next());
  runtime.advance(999ms);
  assert_pending(s.poll_next());
  runtime.advance(1ms);
  EXPECT_TRUE(s.is_woken());
  assert_ready_eq(s.poll_next(), Value(2));
}

TEST(ST16, ThePauseCountsFromDelivery) {
  PausedRuntime runtime;
  auto s = test::spawn(stream::throttle(Scripted({kWait, 1, 2}), 1s));
  assert_pending(s.poll_next());
  runtime.advance(10s);
  assert_ready_eq(s.poll_next(), Value(1));
  assert_pending(s.poll_next());
  runtime.advance(1s);
  assert_ready_eq(s.poll_next(), Value(2));
}

TEST(ST16, NoPauseIsNoPause) {
  PausedRuntime runtime;
  EXPECT_EQ(items_of(stream::throttle(Scripted({1, 2, 3}), 0s)), (std::vector{1, 2, 3}));
}

TEST(ST16, TheEndWaitsNoLongerThanThePause) {
  PausedRuntime runtime;
  auto s = test::spawn(stream::throttle(Scripted({1}), 1s));
  assert_ready_eq(s.poll_next(), Value(1));
  assert_pending(s.poll_next());
  runtime.advance(1s);
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST16, TheStreamIsNotAskedDuringThePause) {
  PausedRuntime runtime;
  Scripted inner({1, 2});
  const auto account = inner.account();
  auto s = test::spawn(stream::throttle(std::move(inner), 1s));
  assert_ready_eq(s.poll_next(), Value(1));
  assert_pending(s.poll_next());
  EXPECT_EQ(account->polls, 1);
}

using Chunk = std::optional<std::vector<int>>;

TEST(ST17, AFullChunkComesAtOnce) {
  PausedRuntime runtime;
  auto s = test::spawn(stream::chunks_timeout(Scripted({1, 2, 3}), 2, 1s));
  EXPECT_EQ(assert_ready(s.poll_next()), Chunk(std::vector{1, 2}));
  EXPECT_EQ(assert_ready(s.poll_next()), Chunk(std::vector{3}));  // the remainder
  EXPECT_EQ(assert_ready(s.poll_next()), Chunk());
  EXPECT_EQ(assert_ready(s.poll_next()), Chunk());
}

TEST(ST17, TheTimerStartsWithTheFirstItem) {
  PausedRuntime runtime;
  auto [sender, items] = unbounded();
  auto s = test::spawn(stream::chunks_timeout(std::move(items), 4, 1s));
  assert_pending(s.poll_next());
  runtime.advance(10s);
  assert_pending(s.poll_next());  // and nothing empty comes
  EXPECT_TRUE(sender.send(1));
  assert_pending(s.poll_next());
  runtime.advance(600ms);
  EXPECT_TRUE(sender.send(2));
  assert_pending(s.poll_next());
  runtime.advance(400ms);
  EXPECT_TRUE(s.is_woken());
  EXPECT_EQ(assert_ready(s.poll_next()), Chunk(std::vector{1, 2}));
}

TEST(ST17, TheStreamIsAskedBeforeTheTimer) {
  PausedRuntime runtime;
  auto [sender, items] = unbounded();
  auto s = test::spawn(stream::chunks_timeout(std::move(items), 4, 1s));
  EXPECT_TRUE(sender.send(1));
  assert_pending(s.poll_next());
  EXPECT_TRUE(sender.send(2));
  runtime.advance(1s);
  EXPECT_EQ(assert_ready(s.poll_next()), Chunk(std::vector{1, 2}));
}

TEST(ST17, ADestroyedNextLosesNothingAndTheRemainderCanBeHad) {
  PausedRuntime runtime;
  auto [sender, items] = unbounded();
  auto s = stream::chunks_timeout(std::move(items), 4, 1s);
  EXPECT_TRUE(sender.send(1));
  {
    auto wait = test::spawn(s.next());
    assert_pending(wait.poll());
  }
  EXPECT_EQ(std::move(s).into_remainder(), std::vector{1});
}

TEST(ST17, ChunksOfNoneAreFatal) {
  EXPECT_DEATH(static_cast<void>(stream::chunks_timeout(Scripted({}), 0, 1s)),
               "timed_test\\.cc.*chunks of 0 items");
}

TEST(ST17, AStreamThatIsAlwaysReadyIsBoundedByTheBudget) {
  PausedRuntime runtime;
  const auto rounds = [](int chunks) -> Task<int> {
    auto s = stream::chunks_timeout(stream::iter(std::views::iota(0)), 1000, 1s);
    int items = 0;
    for (int i = 0; i < chunks; ++i) {
      const auto chunk = co_await s.next();
      items += static_cast<int>(chunk->size());
    }
    co_return items;
  };
  EXPECT_EQ(runtime.block_on(rounds(3)), 3000);
}

TEST(ST17, WithVirtualTimeAScriptIsCutWhereItWaits) {
  PausedRuntime runtime;
  auto mock = test::StreamMockBuilder<int>().next(1).next(2).wait(5s).next(3).build();
  auto all = stream::collect(stream::chunks_timeout(std::move(mock), 4, 1s));
  EXPECT_EQ(runtime.block_on(std::move(all)), (std::vector<std::vector<int>>{{1, 2}, {3}}));
  EXPECT_EQ(runtime.elapsed(), 5s);
}

}  // namespace
}  // namespace weft
