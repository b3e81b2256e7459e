// PollSemaphore, ReusableBoxFuture, PollSender, Either, in_context_of.

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <tests/support/runtimes.h>
#include <tests/support/tracked.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/runtime.h>
#include <weft/sync/mpsc.h>
#include <weft/sync/semaphore.h>
#include <weft/task/either.h>
#include <weft/task/in_context_of.h>
#include <weft/task/poll_semaphore.h>
#include <weft/task/poll_sender.h>
#include <weft/task/reusable_box_future.h>
#include <weft/time/sleep.h>

namespace weft {
namespace {

using runtime::Runtime;
using test_support::current_thread;
using test_support::MockTask;
using test_support::multi_thread;
using test_support::Polled;
using test_support::Probe;
using test_support::SlowProbe;
using test_support::Tracked;

// Calls `fn` with a context of `task`.
template <class F>
auto with_context(const MockTask& task, F&& fn) {
  const Waker waker = task.waker();
  Context cx(waker);
  return fn(cx);
}
auto acquire(PollSemaphore& semaphore, const MockTask& task, std::uint32_t count = 1) {
  return with_context(task, [&](Context& cx) { return semaphore.poll_acquire_many(cx, count); });
}

TEST(T52, PermitsComeAsPollsAndGoBack) {
  auto shared = std::make_shared<sync::Semaphore>(1);
  PollSemaphore semaphore(shared);
  MockTask task;
  auto first = acquire(semaphore, task);
  ASSERT_TRUE(first.is_ready());
  ASSERT_TRUE((*first).has_value());
  EXPECT_EQ(semaphore.available_permits(), 0u);
  ASSERT_TRUE(acquire(semaphore, task).is_pending());
  (*first).reset();
  EXPECT_TRUE(task.take_woken());
  auto second = acquire(semaphore, task);
  ASSERT_TRUE(second.is_ready());
  EXPECT_EQ((**second).num_permits(), 1u);
  semaphore.add_permits(2);
  EXPECT_EQ(semaphore.available_permits(), 2u);
  EXPECT_EQ(semaphore.semaphore(), shared);
}

TEST(T52, AClosedSemaphoreIsReadyWithoutAPermit) {
  PollSemaphore semaphore(std::make_shared<sync::Semaphore>(0));
  MockTask task;
  ASSERT_TRUE(acquire(semaphore, task).is_pending());
  EXPECT_FALSE(semaphore.is_closed());
  semaphore.close();
  EXPECT_TRUE(semaphore.is_closed());
  EXPECT_TRUE(task.take_woken());
  auto closed = acquire(semaphore, task);
  ASSERT_TRUE(closed.is_ready());
  EXPECT_FALSE((*closed).has_value());
}

TEST(T52, AnotherNumberBeginsANewWait) {
  auto shared = std::make_shared<sync::Semaphore>(1);
  PollSemaphore semaphore(shared);
  MockTask task, other;
  ASSERT_TRUE(acquire(semaphore, task, 3).is_pending());
  EXPECT_EQ(shared->available_permits(), 0u) << "it has taken what there was";
  Polled behind(shared->acquire());
  ASSERT_FALSE(behind.poll(other));
  ASSERT_TRUE(acquire(semaphore, task, 2).is_pending());
  EXPECT_TRUE(behind.poll(other)) << "the old wait has given up its place, and the permit";
}

TEST(T52, TheLatestWakerWinsAndADestroyedWaitLeavesNoTrace) {
  auto shared = std::make_shared<sync::Semaphore>(0);
  MockTask first, second;
  {
    PollSemaphore semaphore(shared);
    ASSERT_TRUE(acquire(semaphore, first).is_pending());
    ASSERT_TRUE(acquire(semaphore, second).is_pending());
    shared->add_permits(1);
    EXPECT_FALSE(first.take_woken());
    EXPECT_TRUE(second.take_woken());
  }
  EXPECT_EQ(shared->available_permits(), 1u) << "what it was given goes back";
  EXPECT_EQ(second.waker_ref_count(), 1);
}

TEST(T52, ItMayMoveWhileItWaitsAndACopyWaitsForNothing) {
  auto shared = std::make_shared<sync::Semaphore>(0);
  PollSemaphore semaphore(shared);
  MockTask task;
  ASSERT_TRUE(acquire(semaphore, task).is_pending());
  PollSemaphore copy = semaphore;
  PollSemaphore moved = std::move(semaphore);
  shared->add_permits(1);
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(acquire(copy, task).is_pending()) << "the permit belongs to the one that waited";
  EXPECT_TRUE(acquire(moved, task).is_ready());
}

TEST(T53, ItYieldsWhatIsInsideAndMayBeSetAgain) {
  Runtime rt = current_thread();
  auto number = [](int n) -> Task<int> { co_return n; };
  ReusableBoxFuture<int> box(number(1));
  EXPECT_EQ(rt.block_on(box), 1);
  box.set(number(2));
  EXPECT_EQ(rt.block_on(box), 2);
  Probe<int> probe;
  probe.complete(3);
  box.set(probe.wait());
  EXPECT_EQ(rt.block_on(box), 3);
  auto throws = []() -> Task<int> {
    throw 7;
    co_return 0;
  };
  box.set(throws());
  EXPECT_THROW((void)rt.block_on(box), int);
  box.set(number(4));
  EXPECT_EQ(rt.block_on(box), 4);
}

TEST(T53, TrySetReplacesInPlaceOrGivesTheValueBack) {
  auto body = [](Tracked value) -> Task<int> { co_return value.value(); };
  Tracked::Count alive;
  MockTask task;
  ReusableBoxFuture<int> box(body(Tracked(alive, 1)));
  ASSERT_TRUE(box.try_set(body(Tracked(alive, 2))).has_value());
  EXPECT_EQ(alive.count(), 1) << "the old one has gone";
  struct Big {
    std::array<char, 200> room{};
    Probe<int>* probe;
    auto operator co_await() const noexcept { return probe->wait().operator co_await(); }
  };
  Probe<int> probe;
  Big big;
  big.probe = &probe;
  const auto refused = box.try_set(std::move(big));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().probe, &probe);
  Polled inside(box);
  ASSERT_TRUE(inside.poll(task));
  EXPECT_EQ(inside.take(), 2) << "what was inside is untouched";
}

TEST(T53, AFailedSetLeavesAnEmptySlotThatMayBeSet) {
  struct Throwing {
    explicit Throwing(Probe<int>& p) : probe(&p) {}
    Throwing(Throwing&& other) : probe(other.probe), throws_at(other.throws_at) {
      if (throws_at > 0 && --throws_at == 0) throw std::runtime_error("move");
    }
    auto operator co_await() const noexcept { return probe->wait().operator co_await(); }
    Probe<int>* probe;
    int throws_at = 0;
  };
  Probe<int> probe;
  MockTask task;
  ReusableBoxFuture<int> box{Throwing(probe)};
  Throwing bad(probe);
  bad.throws_at = 2;  // moved into the parameter, then into the slot
  EXPECT_THROW(box.set(std::move(bad)), std::runtime_error);
  box.set(Throwing(probe));
  probe.complete(1);
  Polled inside(box);
  ASSERT_TRUE(inside.poll(task));
  EXPECT_EQ(inside.take(), 1);
}

TEST(T53, PollingAnEmptySlotIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Probe<int> probe;
        probe.complete(1);
        MockTask task;
        ReusableBoxFuture<int> box(probe.wait());
        (void)with_context(task, [&](Context& cx) { return box.poll(cx); });
        (void)with_context(task, [&](Context& cx) { return box.poll(cx); });
      },
      "weft: fatal: .*ReusableBoxFuture: polled while it is empty");
}

TEST(T53, WhatCannotEndAtOnceIsDrivenToItsEnd) {
  SlowProbe probe;
  MockTask task;
  ReusableBoxFuture<void> box(probe.wait());
  {
    Polled inside(box);
    ASSERT_FALSE(inside.poll(task));
    with_context(task, [&](Context& cx) {
      EXPECT_FALSE(inside.node().poll_cancel(cx));
      return 0;
    });
    probe.let_end();
    with_context(task, [&](Context& cx) {
      EXPECT_TRUE(inside.node().poll_cancel(cx));
      return 0;
    });
  }
}

using IntSender = PollSender<int>;

bool is_reserved(IntSender& sender, const MockTask& task) {
  auto polled = with_context(task, [&](Context& cx) { return sender.poll_reserve(cx); });
  return polled.is_ready() && (*polled).has_value();
}

TEST(T55, PollSenderReservesAndSends) {
  auto [tx, rx] = sync::mpsc::channel<int>(1);
  IntSender sender(std::move(tx));
  MockTask task;
  ASSERT_TRUE(is_reserved(sender, task));
  ASSERT_TRUE(is_reserved(sender, task)) << "until the slot is used";
  EXPECT_EQ(sender.sender()->capacity(), 0u);
  ASSERT_TRUE(sender.send_item(5).has_value());
  ASSERT_FALSE(is_reserved(sender, task));
  EXPECT_EQ(*rx.try_recv(), 5);
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(is_reserved(sender, task));
  EXPECT_TRUE(sender.abort_send());
  EXPECT_EQ(sender.sender()->capacity(), 1u);
  EXPECT_FALSE(sender.abort_send());
}

TEST(T55, PollSenderSendWithoutReserveIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  auto channel = sync::mpsc::channel<int>(1);
  IntSender sender(std::move(channel.first));
  EXPECT_DEATH((void)sender.send_item(5),
               "weft: fatal: .*adaptors_test.*PollSender::send_item: nothing is reserved");
}

TEST(T55, PollSenderSeesTheReceiverGo) {
  auto [tx, rx] = sync::mpsc::channel<int>(1);
  IntSender sender(std::move(tx));
  MockTask task;
  ASSERT_TRUE(is_reserved(sender, task));
  ASSERT_TRUE(sender.send_item(1).has_value());
  ASSERT_FALSE(is_reserved(sender, task));
  {
    const auto gone = std::move(rx);
  }
  EXPECT_TRUE(task.take_woken());
  auto polled = with_context(task, [&](Context& cx) { return sender.poll_reserve(cx); });
  ASSERT_TRUE(polled.is_ready());
  EXPECT_FALSE((*polled).error().value.has_value());
  EXPECT_TRUE(sender.is_closed());
  EXPECT_EQ(sender.sender(), nullptr);
  const auto refused = sender.send_item(9);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().value, 9);
}

TEST(T55, PollSenderCloseLeavesAReservedSlot) {
  auto [tx, rx] = sync::mpsc::channel<int>(2);
  IntSender sender(std::move(tx));
  IntSender copy = sender;
  MockTask task;
  ASSERT_TRUE(is_reserved(sender, task));
  sender.close();
  EXPECT_FALSE(sender.is_closed()) << "the slot may still be used";
  EXPECT_TRUE(sender.send_item(1).has_value());
  EXPECT_TRUE(sender.is_closed());
  EXPECT_EQ(*rx.try_recv(), 1);
  ASSERT_TRUE(is_reserved(copy, task)) << "copies are senders of their own";
  copy.close();
  EXPECT_TRUE(copy.abort_send());
  EXPECT_TRUE(copy.is_closed());
  EXPECT_TRUE(IntSender(copy).is_closed());
}

TEST(T55, PollSenderCloseEndsAWait) {
  auto [tx, rx] = sync::mpsc::channel<int>(1);
  IntSender first(tx), second(std::move(tx));
  MockTask task;
  ASSERT_TRUE(is_reserved(first, task));
  ASSERT_FALSE(is_reserved(second, task));
  EXPECT_TRUE(second.abort_send());
  ASSERT_FALSE(is_reserved(second, task));
  second.close();
  EXPECT_TRUE(second.is_closed());
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(T55, EitherYieldsWhatTheChosenOneYields) {
  Runtime rt = current_thread();
  auto number = [](int n) -> Task<int> { co_return n; };
  Probe<long> probe;
  probe.complete(5);
  using Chosen = Either<Task<int>, Probe<long>::Wait>;
  Chosen left = Chosen::left(number(4));
  Chosen right = Chosen::right(probe.wait());
  EXPECT_TRUE(left.is_left());
  EXPECT_TRUE(right.is_right());
  static_assert(std::is_same_v<AwaitResult<Chosen&>, long>);
  EXPECT_EQ(rt.block_on(left), 4);
  EXPECT_EQ(rt.block_on(std::move(right)), 5);
  Task<int> lvalue = number(6);
  auto borrowed = Either<Task<int>&, Task<int>>::left(lvalue);
  EXPECT_EQ(rt.block_on(borrowed), 6);
}

TEST(T55, EitherEndsWhatCannotEndAtOnce) {
  SlowProbe probe;
  Probe<int> other;
  auto number = []() -> Task<> { co_return; };
  MockTask task;
  using Chosen = Either<SlowProbe::Wait, Task<>>;
  Polled chosen(Chosen::left(probe.wait()));
  ASSERT_FALSE(chosen.poll(task));
  with_context(task, [&](Context& cx) {
    EXPECT_FALSE(chosen.node().poll_abandon(cx));
    probe.let_end();
    EXPECT_TRUE(chosen.node().poll_cancel(cx));
    return 0;
  });
  Polled right(Chosen::right(number()));
  ASSERT_TRUE(right.poll(task));
}

TEST(T55, InContextOfMakesTheRuntimeCurrentForEachPoll) {
  Runtime outer = current_thread();
  Runtime inner = multi_thread(1);
  const runtime::RuntimeId id = inner.handle().id();
  Probe<int> probe;
  auto body = [](Probe<int>& until) -> Task<std::pair<runtime::RuntimeId, runtime::RuntimeId>> {
    const runtime::RuntimeId before = runtime::Handle::current().id();
    co_await until.wait();
    co_return std::pair(before, runtime::Handle::current().id());
  };
  MockTask task;
  const auto entered = outer.enter();
  Polled moved(in_context_of(inner.handle(), body(probe)));
  ASSERT_FALSE(moved.poll(task));
  EXPECT_EQ(runtime::Handle::current().id(), outer.handle().id());
  probe.complete(1);
  ASSERT_TRUE(moved.poll(task));
  EXPECT_EQ(moved.take(), std::pair(id, id));
}

TEST(T55, InContextOfLendsTimersToARuntimeWithoutAny) {
  Runtime with_timers = multi_thread(1);
  Runtime plain = runtime::Builder::new_current_thread().build().value();
  auto sleeps = []() -> Task<int> {
    co_await time::sleep(std::chrono::milliseconds(1));
    co_return 3;
  };
  EXPECT_EQ(plain.block_on(in_context_of(with_timers.handle(), sleeps())), 3);
}

}  // namespace
}  // namespace weft
