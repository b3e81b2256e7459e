#include <weft/sync/semaphore.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <weft/loom/thread.h>
#include <weft/runtime/coop.h>

namespace weft::sync {
namespace {

using test_support::MockTask;
using test_support::Polled;

// Polls once and reports whether that acquired.
template <class P>
bool acquired(P& wait, MockTask& task) {
  return wait.poll(task) && wait.take().has_value();
}

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

// Runs a function when woken.
class WakeHook final : public Wakeable {
 public:
  using Function = void (*)(void*);
  WakeHook(Function function, void* argument) noexcept
      : Wakeable(1, &kOps), function_(function), argument_(argument) {}
  Waker waker() noexcept { return Waker::adopt(this); }

 private:
  static void wake(Wakeable* target) noexcept {
    auto* const self = static_cast<WakeHook*>(target);
    self->function_(self->argument_);
  }
  static void nothing(Wakeable*) noexcept {}
  static constexpr WakeOps kOps = {&wake, &wake, &nothing, &nothing};
  Function function_;
  void* argument_;
};

TEST(SY4, CloseWakesAfterUnlockingInBatches) {
  // Each wake-up uses the semaphore: under the lock that would not come back.
  struct State {
    Semaphore semaphore{0};
    int wakes = 0;
  } state;
  WakeHook hook(
      [](void* argument) {
        auto& s = *static_cast<State*>(argument);
        ++s.wakes;
        s.semaphore.close();
        s.semaphore.add_permits(1);
        EXPECT_FALSE(s.semaphore.try_acquire());
      },
      &state);
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

TEST(SY11, TheMostPermitsAreLegal) {
  Semaphore semaphore(Semaphore::kMaxPermits);
  EXPECT_EQ(semaphore.available_permits(), Semaphore::kMaxPermits);
}

TEST(SY11, MoreThanTheMostPermitsAreFatal) {
  EXPECT_DEATH(Semaphore(Semaphore::kMaxPermits + 1), "semaphore_test.cc.*kMaxPermits");
}

TEST(SY12, FreePermitsAreAcquiredAtOnce) {
  Semaphore semaphore(3);
  MockTask task;
  Polled wait(semaphore.acquire_many(2));
  ASSERT_TRUE(wait.poll(task));
  auto permit = wait.take();
  ASSERT_TRUE(permit);
  EXPECT_EQ(semaphore.available_permits(), 1u);
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(SY12, AcquireFailsOnAClosedSemaphore) {
  Semaphore semaphore(3);
  semaphore.close();
  MockTask task;
  Polled wait(semaphore.acquire());
  ASSERT_TRUE(wait.poll(task));
  EXPECT_EQ(wait.take().error(), AcquireError());
}

TEST(SY13, AWaiterTakesWhatThereIsAndAccumulates) {
  Semaphore semaphore(2);
  MockTask task;
  Polled wait(semaphore.acquire_many(5));
  ASSERT_FALSE(wait.poll(task));
  EXPECT_EQ(semaphore.available_permits(), 0u);
  semaphore.add_permits(2);
  EXPECT_FALSE(task.take_woken());
  ASSERT_FALSE(wait.poll(task));
  semaphore.add_permits(1);
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(wait.poll(task));
  EXPECT_EQ(semaphore.available_permits(), 0u);
}

TEST(SY14, PermitsGoToTheOldestFirstAndTheRestToTheCount) {
  Semaphore semaphore(0);
  MockTask first, second;
  Polled a(semaphore.acquire_many(2)), b(semaphore.acquire_many(2));
  ASSERT_FALSE(a.poll(first));
  ASSERT_FALSE(b.poll(second));
  semaphore.add_permits(3);
  EXPECT_TRUE(first.take_woken());
  EXPECT_FALSE(second.take_woken());
  EXPECT_EQ(semaphore.available_permits(), 0u);  // one is with the second already
  semaphore.add_permits(4);
  EXPECT_TRUE(second.take_woken());
  EXPECT_EQ(semaphore.available_permits(), 3u);
  semaphore.add_permits(0);
  EXPECT_EQ(semaphore.available_permits(), 3u);
}

TEST(SY15, NobodyOvertakesTheQueue) {
  Semaphore semaphore(3);
  MockTask big_task, small_task;
  Polled big(semaphore.acquire_many(5));
  ASSERT_FALSE(big.poll(big_task));
  EXPECT_TRUE(semaphore.try_acquire().error().is_no_permits());
  Polled small(semaphore.acquire());
  ASSERT_FALSE(small.poll(small_task));
  semaphore.add_permits(1);
  EXPECT_FALSE(small_task.take_woken());
  EXPECT_TRUE(semaphore.try_acquire().error().is_no_permits());
  semaphore.add_permits(2);
  EXPECT_TRUE(big_task.take_woken());
  EXPECT_TRUE(small_task.take_woken());
}

TEST(SY16, ZeroPermitsAreAlwaysFree) {
  Semaphore semaphore(0);
  MockTask waiting, task;
  Polled wait(semaphore.acquire());
  ASSERT_FALSE(wait.poll(waiting));
  EXPECT_TRUE(semaphore.try_acquire_many(0));
  Polled none(semaphore.acquire_many(0));
  EXPECT_TRUE(acquired(none, task));
}

TEST(SY16, ZeroPermitsFailWhenClosed) {
  Semaphore semaphore(5);
  semaphore.close();
  EXPECT_TRUE(semaphore.try_acquire_many(0).error().is_closed());
  MockTask task;
  Polled none(semaphore.acquire_many(0));
  ASSERT_TRUE(none.poll(task));
  EXPECT_FALSE(none.take());
}

TEST(SY17, CloseFailsAllWaitersAndAllLaterAcquires) {
  Semaphore semaphore(1);
  MockTask first, second;
  Polled a(semaphore.acquire_many(2)), b(semaphore.acquire());
  ASSERT_FALSE(a.poll(first));
  ASSERT_FALSE(b.poll(second));
  semaphore.close();
  semaphore.close();
  EXPECT_EQ(first.wake_count(), 1);
  EXPECT_EQ(second.wake_count(), 1);
  ASSERT_TRUE(a.poll(first));
  EXPECT_FALSE(a.take());
  ASSERT_TRUE(b.poll(second));
  EXPECT_FALSE(b.take());
  // What the first had accumulated is back, and of no use.
  EXPECT_EQ(semaphore.available_permits(), 1u);
  EXPECT_TRUE(semaphore.try_acquire().error().is_closed());
  EXPECT_TRUE(semaphore.is_closed());
}

TEST(SY17, AServedWaiterThatWasNotResumedYetIsClosedToo) {
  Semaphore semaphore(0);
  MockTask task;
  Polled wait(semaphore.acquire_many(2));
  ASSERT_FALSE(wait.poll(task));
  semaphore.add_permits(2);
  ASSERT_TRUE(task.take_woken());
  semaphore.close();
  ASSERT_TRUE(wait.poll(task));
  EXPECT_FALSE(wait.take());
  EXPECT_EQ(semaphore.available_permits(), 2u);
}

TEST(SY18, ReleaseAfterCloseStillCounts) {
  Semaphore semaphore(2);
  std::optional<SemaphorePermit> permit = *semaphore.try_acquire_many(2);
  semaphore.close();
  permit.reset();
  EXPECT_EQ(semaphore.available_permits(), 2u);
}

// Destroys a waiting acquire of 3 after `given` permits have reached it.
void destroy_after(std::size_t given) {
  Semaphore semaphore(0);
  MockTask gone, next;
  std::optional<Polled<decltype(semaphore.acquire())>> wait;
  wait.emplace(semaphore.acquire_many(3));
  ASSERT_FALSE(wait->poll(gone));
  Polled other(semaphore.acquire_many(2));
  ASSERT_FALSE(other.poll(next));
  semaphore.add_permits(given);
  EXPECT_EQ(gone.take_woken(), given == 3);
  wait.reset();
  EXPECT_EQ(next.take_woken(), given >= 2);
  if (given < 2) semaphore.add_permits(2 - given);
  EXPECT_TRUE(acquired(other, next));
  // The permit of the other is back as well.
  EXPECT_EQ(semaphore.available_permits(), given < 2 ? 2 : given);
  EXPECT_EQ(gone.waker_ref_count(), 1);
}

TEST(SY19, ADestroyedAcquirePassesOnWhatItHad) {
  for (std::size_t given = 0; given <= 3; ++given) destroy_after(given);
}

TEST(SY19, ACompleteAcquireWhoseResultWasNotTakenGivesBackItsPermits) {
  Semaphore semaphore(2);
  MockTask task;
  {
    Polled wait(semaphore.acquire_many(2));
    ASSERT_TRUE(wait.poll(task));
    EXPECT_EQ(semaphore.available_permits(), 0u);
  }
  EXPECT_EQ(semaphore.available_permits(), 2u);
}

TEST(SY19, ThePlaceInTheQueueIsLost) {
  Semaphore semaphore(0);
  MockTask first, second;
  std::optional<Polled<decltype(semaphore.acquire())>> a;
  a.emplace(semaphore.acquire());
  ASSERT_FALSE(a->poll(first));
  Polled b(semaphore.acquire());
  ASSERT_FALSE(b.poll(second));
  a.reset();
  a.emplace(semaphore.acquire());
  ASSERT_FALSE(a->poll(first));
  semaphore.add_permits(1);
  EXPECT_FALSE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
}

TEST(SY20, ForgetRemovesWhatIsThere) {
  Semaphore semaphore(5);
  EXPECT_EQ(semaphore.forget_permits(2), 2u);
  EXPECT_EQ(semaphore.available_permits(), 3u);
  EXPECT_EQ(semaphore.forget_permits(10), 3u);
  EXPECT_EQ(semaphore.available_permits(), 0u);
  EXPECT_EQ(semaphore.forget_permits(1), 0u);
}

TEST(SY20, ForgetKeepsTheClosedBitAndLeavesWaitersAlone) {
  Semaphore semaphore(1);
  MockTask task;
  Polled wait(semaphore.acquire_many(2));
  ASSERT_FALSE(wait.poll(task));
  EXPECT_EQ(semaphore.forget_permits(5), 0u);
  semaphore.add_permits(1);
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(wait.poll(task));
  (void)wait.take();
  semaphore.close();
  EXPECT_EQ(semaphore.forget_permits(1), 1u);
  EXPECT_TRUE(semaphore.is_closed());
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

TEST(SY14, GoingOverTheMostIsJudgedByTheSurplus) {
  Semaphore semaphore(0);
  MockTask task;
  Polled wait(semaphore.acquire_many(1));
  ASSERT_FALSE(wait.poll(task));
  semaphore.add_permits(Semaphore::kMaxPermits);
  EXPECT_EQ(semaphore.available_permits(), Semaphore::kMaxPermits - 1);
}

// Every operation destroyed after its k-th poll, for all k: no permit is lost or made.
TEST(SY19, DestroyedAfterAnyPollNoPermitIsLost) {
  constexpr std::size_t kPermits = 3;
  for (int polls = 0; polls <= 4; ++polls) {
    for (std::uint32_t wanted = 0; wanted <= kPermits; ++wanted) {
      Semaphore semaphore(0);
      MockTask task, other_task;
      Polled other(semaphore.acquire_many(1));
      {
        Polled wait(semaphore.acquire_many(wanted));
        std::size_t added = 0;
        for (int i = 0; i < polls; ++i) {
          if (wait.poll(task)) break;
          if (added < kPermits) semaphore.add_permits(1), ++added;
        }
        if (added < kPermits) semaphore.add_permits(kPermits - added);
      }
      EXPECT_EQ(semaphore.available_permits(), kPermits) << polls << ' ' << wanted;
      EXPECT_EQ(task.waker_ref_count(), 1);
      EXPECT_TRUE(other.poll(other_task));
    }
  }
}

}  // namespace
}  // namespace weft::sync
