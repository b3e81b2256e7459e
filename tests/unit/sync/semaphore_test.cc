#include <weft/sync/semaphore.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/wake_hook.h>
#include <weft/loom/thread.h>
#include <weft/runtime/coop.h>

namespace weft::sync {
namespace {

using test_support::MockTask;
using test_support::Polled;
using test_support::WakeHook;

TEST(SY2, ThePlaceIsTakenWhenItFirstSuspends) {
  Semaphore semaphore(0);
  MockTask first, second;
  Polled made_first(semaphore.acquire());
  Polled made_second(semaphore.acquire());
  ASSERT_FALSE(made_second.poll(second));
  ASSERT_FALSE(made_first.poll(first));
  semaphore.add_permits(1);
  EXPECT_FALSE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
  EXPECT_TRUE(made_second.poll(second));
}

TEST(SY3, ADestroyedAcquireLeavesNoTrace) {
  Semaphore semaphore(0);
  MockTask task;
  {
    Polled wait(semaphore.acquire());
    ASSERT_FALSE(wait.poll(task));
    EXPECT_EQ(task.waker_ref_count(), 2);
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  semaphore.add_permits(1);
  EXPECT_FALSE(task.take_woken());
  EXPECT_EQ(semaphore.available_permits(), 1u);
}

TEST(SY6, AnAcquirePolledByAnotherTaskWakesOnlyThat) {
  Semaphore semaphore(0);
  MockTask first, second;
  Polled wait(semaphore.acquire());
  ASSERT_FALSE(wait.poll(first));
  ASSERT_FALSE(wait.poll(second));
  EXPECT_EQ(first.waker_ref_count(), 1);
  semaphore.add_permits(1);
  EXPECT_FALSE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
}

TEST(SY4, MoreWaitersThanABatchAreAllServed) {
  constexpr std::size_t kWaiters = 100;
  Semaphore semaphore(0);
  MockTask task;
  std::deque<Polled<decltype(semaphore.acquire())>> waits;
  for (std::size_t i = 0; i < kWaiters; ++i) {
    waits.emplace_back(semaphore.acquire());
    ASSERT_FALSE(waits.back().poll(task));
  }
  semaphore.add_permits(kWaiters + 3);
  EXPECT_EQ(task.wake_count(), static_cast<int>(kWaiters));
  EXPECT_EQ(semaphore.available_permits(), 3u);
  for (auto& wait : waits) EXPECT_TRUE(wait.poll(task));
}

TEST(SY4, CloseWakesAfterUnlockingInBatches) {
  // Each wake-up uses the semaphore: under the lock that would not come back.
  struct State {
    Semaphore semaphore{0};
    int wakes = 0;
  } state;
  WakeHook hook([&s = state] {
    ++s.wakes;
    s.semaphore.close();
    s.semaphore.add_permits(1);
    EXPECT_FALSE(s.semaphore.try_acquire());
  });
  const Waker waker = hook.waker();
  Context cx(waker);
  std::deque<Polled<decltype(state.semaphore.acquire())>> waits;
  for (int i = 0; i < 70; ++i) {
    waits.emplace_back(state.semaphore.acquire());
    ASSERT_FALSE(waits.back().poll(cx));
  }
  state.semaphore.close();
  EXPECT_EQ(state.wakes, 70);
  EXPECT_EQ(state.semaphore.available_permits(), 70u);
}

TEST(SY8, AcquireTakesBudget) {
  Semaphore semaphore(1000);
  MockTask task;
  Budget budget = Budget::initial();
  int completed = 0;
  for (int i = 0; i < Budget::kUnits + 5; ++i) {
    if (Polled wait(semaphore.acquire()); wait.poll(task, budget)) ++completed;
  }
  EXPECT_EQ(completed, Budget::kUnits);
  EXPECT_EQ(task.wake_count(), 5);
}

TEST(SY8, TryAcquireTakesNoBudgetAndASuspendedAcquireNone) {
  Semaphore semaphore(0);
  MockTask task;
  Budget budget = Budget::initial();
  Polled wait(semaphore.acquire());
  for (int i = 0; i < 2 * Budget::kUnits; ++i) ASSERT_FALSE(wait.poll(task, budget));
  EXPECT_TRUE(budget.has_remaining());
  EXPECT_EQ(task.wake_count(), 0);
}

TEST(SY9, BlockingAcquireWaitsOnAPlainThread) {
  Semaphore semaphore(0);
  bool got = false;
  Result<loom::Thread> thread =
      loom::Thread::spawn({}, [&] { got = semaphore.blocking_acquire_many(2).has_value(); });
  ASSERT_TRUE(thread);
  semaphore.add_permits(1);
  semaphore.add_permits(1);
  thread->join();
  EXPECT_TRUE(got);
  EXPECT_EQ(semaphore.available_permits(), 2u);
}

TEST(SY10, APermitMayBeDestroyedOnAnotherThread) {
  Semaphore semaphore(1);
  auto permit = std::make_shared<std::optional<SemaphorePermit>>(*semaphore.try_acquire());
  Result<loom::Thread> thread = loom::Thread::spawn({}, [permit] { permit->reset(); });
  ASSERT_TRUE(thread);
  thread->join();
  EXPECT_EQ(semaphore.available_permits(), 1u);
}

TEST(SY22, AllWaysToAcquire) {
  auto semaphore = std::make_shared<Semaphore>(10);
  MockTask task;
  {
    Polled one(semaphore->acquire());
    Polled many(semaphore->acquire_many(2));
    Polled owned(Semaphore::acquire_owned(semaphore));
    Polled many_owned(Semaphore::acquire_many_owned(semaphore, 3));
    ASSERT_TRUE(one.poll(task) && many.poll(task) && owned.poll(task) && many_owned.poll(task));
    auto a = one.take();
    auto b = many.take();
    auto c = owned.take();
    auto d = many_owned.take();
    EXPECT_EQ(a->num_permits(), 1u);
    EXPECT_EQ(b->num_permits(), 2u);
    EXPECT_EQ(c->num_permits(), 1u);
    EXPECT_EQ(d->num_permits(), 3u);
    EXPECT_EQ(c->semaphore(), semaphore);
    EXPECT_EQ(semaphore->available_permits(), 3u);
  }
  EXPECT_EQ(semaphore->available_permits(), 10u);
  {
    auto a = semaphore->try_acquire();
    auto b = semaphore->try_acquire_many(2);
    auto c = Semaphore::try_acquire_owned(semaphore);
    auto d = Semaphore::try_acquire_many_owned(semaphore, 3);
    EXPECT_TRUE(a && b && c && d);
    EXPECT_TRUE(Semaphore::try_acquire_many_owned(semaphore, 4).error().is_no_permits());
  }
  {
    auto a = semaphore->blocking_acquire();
    auto b = semaphore->blocking_acquire_many(2);
    auto c = Semaphore::blocking_acquire_owned(semaphore);
    auto d = Semaphore::blocking_acquire_many_owned(semaphore, 3);
    EXPECT_TRUE(a && b && c && d);
    EXPECT_EQ(semaphore->available_permits(), 3u);
  }
  semaphore->close();
  EXPECT_TRUE(semaphore->try_acquire().error().is_closed());
  EXPECT_EQ(semaphore->blocking_acquire().error(), AcquireError());
  EXPECT_TRUE(Semaphore::try_acquire_owned(semaphore).error().is_closed());
}

TEST(SY22, OwnedPermitsKeepTheSemaphoreAlive) {
  auto semaphore = std::make_shared<Semaphore>(1);
  std::weak_ptr<Semaphore> observer = semaphore;
  auto permit = Semaphore::try_acquire_owned(std::move(semaphore));
  ASSERT_TRUE(permit);
  EXPECT_FALSE(observer.expired());
  {
    OwnedSemaphorePermit gone = *std::move(permit);
  }
  EXPECT_TRUE(observer.expired());
}

TEST(SY23, ForgetDropsWithoutReturning) {
  Semaphore semaphore(3);
  {
    auto permit = semaphore.try_acquire_many(2);
    permit->forget();
    EXPECT_EQ(permit->num_permits(), 0u);
  }
  EXPECT_EQ(semaphore.available_permits(), 1u);
}

TEST(SY23, MergeAdds) {
  Semaphore semaphore(3);
  {
    auto a = semaphore.try_acquire();
    auto b = semaphore.try_acquire_many(2);
    a->merge(*std::move(b));
    EXPECT_EQ(a->num_permits(), 3u);
    EXPECT_EQ(b->num_permits(), 0u);
    EXPECT_EQ(semaphore.available_permits(), 0u);
  }
  EXPECT_EQ(semaphore.available_permits(), 3u);
}

TEST(SY23, MergeWithAnotherSemaphoresPermitIsFatal) {
  Semaphore one(1), two(1);
  auto a = one.try_acquire();
  auto b = two.try_acquire();
  EXPECT_DEATH(a->merge(*std::move(b)), "semaphore_test.cc.*different semaphores");
}

TEST(SY23, SplitTakesSomeOut) {
  Semaphore semaphore(5);
  auto permit = semaphore.try_acquire_many(5);
  {
    std::optional<SemaphorePermit> part = permit->split(2);
    ASSERT_TRUE(part);
    EXPECT_EQ(part->num_permits(), 2u);
    EXPECT_EQ(permit->num_permits(), 3u);
    EXPECT_EQ(semaphore.available_permits(), 0u);
  }
  EXPECT_EQ(semaphore.available_permits(), 2u);
  EXPECT_TRUE(permit->split(0));
  EXPECT_FALSE(permit->split(4));
  EXPECT_EQ(permit->num_permits(), 3u);
}

TEST(SY24, AddPermitsWorksOnAClosedSemaphore) {
  Semaphore semaphore(0);
  semaphore.close();
  semaphore.add_permits(3);
  EXPECT_EQ(semaphore.available_permits(), 3u);
  EXPECT_TRUE(semaphore.try_acquire().error().is_closed());
}

TEST(SY24, ForgettingOnZeroIsZero) {
  Semaphore semaphore(0);
  EXPECT_EQ(semaphore.forget_permits(3), 0u);
}

TEST(SY25, AddingTheMostToNoneIsFine) {
  Semaphore semaphore(0);
  semaphore.add_permits(Semaphore::kMaxPermits);
  EXPECT_EQ(semaphore.available_permits(), Semaphore::kMaxPermits);
}

TEST(SY25, OneMoreThanTheMostIsFatal) {
  Semaphore semaphore(1);
  EXPECT_DEATH(semaphore.add_permits(Semaphore::kMaxPermits), "semaphore_test.cc.*kMaxPermits");
  EXPECT_DEATH(semaphore.add_permits(SIZE_MAX), "semaphore_test.cc.*kMaxPermits");
}

}  // namespace
}  // namespace weft::sync
