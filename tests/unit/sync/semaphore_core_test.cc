// The batch semaphore, through Semaphore (SY-11 .. SY-20).

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <weft/sync/semaphore.h>

namespace weft::sync {
namespace {

using test_support::MockTask;
using test_support::Polled;

// Polls once and reports whether that acquired.
template <class P>
bool acquired(P& wait, MockTask& task) {
  return wait.poll(task) && wait.take().has_value();
}

TEST(SY11, TheMostPermitsAreLegal) {
  Semaphore semaphore(Semaphore::kMaxPermits);
  EXPECT_EQ(semaphore.available_permits(), Semaphore::kMaxPermits);
}

TEST(SY11, MoreThanTheMostPermitsAreFatal) {
  EXPECT_DEATH(Semaphore(Semaphore::kMaxPermits + 1), "semaphore_core_test.cc.*kMaxPermits");
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
