#include <weft/sync/mutex.h>

#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <weft/loom/thread.h>

namespace weft::sync {
namespace {

using test_support::MockTask;
using test_support::Polled;

struct Person {
  std::string name;
  int age = 0;
};

template <class A>
auto take_now(A&& awaitable) {
  MockTask task;
  Polled wait(std::forward<A>(awaitable));
  EXPECT_TRUE(wait.poll(task));
  return wait.take();
}

TEST(SY27, GrantsAreInTheOrderOfFirstSuspension) {
  Mutex<int> mutex(0);
  std::optional guard = mutex.try_lock();
  MockTask first, second;
  Polled a(mutex.lock()), b(mutex.lock());
  ASSERT_FALSE(a.poll(first));
  ASSERT_FALSE(b.poll(second));
  guard.reset();
  EXPECT_TRUE(first.take_woken());
  EXPECT_FALSE(second.take_woken());
  EXPECT_FALSE(b.poll(second));
  ASSERT_TRUE(a.poll(first));
  {
    auto taken = a.take();
  }
  EXPECT_TRUE(second.take_woken());
  EXPECT_TRUE(b.poll(second));
}

TEST(SY27, TryLockFailsBetweenHandoverAndResumption) {
  Mutex<int> mutex(0);
  std::optional guard = mutex.try_lock();
  MockTask task;
  Polled wait(mutex.lock());
  ASSERT_FALSE(wait.poll(task));
  guard.reset();
  EXPECT_FALSE(mutex.try_lock());
  ASSERT_TRUE(wait.poll(task));
  {
    auto taken = wait.take();
  }
  EXPECT_TRUE(mutex.try_lock());
}

TEST(SY28, EveryWayToLockExcludesTheOthers) {
  auto mutex = std::make_shared<Mutex<int>>(1);
  {
    auto guard = take_now(mutex->lock());
    EXPECT_FALSE(mutex->try_lock());
    EXPECT_FALSE(Mutex<int>::try_lock_owned(mutex));
    *guard = 2;
  }
  {
    auto guard = take_now(Mutex<int>::lock_owned(mutex));
    EXPECT_FALSE(mutex->try_lock());
    EXPECT_EQ(*guard, 2);
  }
  {
    std::optional guard = mutex->try_lock();
    ASSERT_TRUE(guard);
    EXPECT_FALSE(Mutex<int>::try_lock_owned(mutex));
  }
  {
    std::optional guard = Mutex<int>::try_lock_owned(mutex);
    ASSERT_TRUE(guard);
    EXPECT_FALSE(mutex->try_lock());
  }
  {
    auto guard = mutex->blocking_lock();
    EXPECT_FALSE(mutex->try_lock());
  }
  {
    auto guard = Mutex<int>::blocking_lock_owned(mutex);
    EXPECT_FALSE(mutex->try_lock());
  }
  EXPECT_TRUE(mutex->try_lock());
}

TEST(SY28, ExclusiveOwnersNeedNoLock) {
  Mutex<Person> mutex(Person{"Ann", 3});
  std::optional guard = mutex.try_lock();
  mutex.get_mut().age = 4;
  EXPECT_EQ((*guard)->age, 4);
  guard.reset();
  Person person = std::move(mutex).into_inner();
  EXPECT_EQ(person.name, "Ann");
  EXPECT_EQ(person.age, 4);
}

TEST(SY28, OwnedGuardsKeepTheMutexAlive) {
  auto mutex = std::make_shared<Mutex<int>>(1);
  std::weak_ptr<Mutex<int>> observer = mutex;
  auto guard = std::make_optional(take_now(Mutex<int>::lock_owned(std::move(mutex))));
  EXPECT_FALSE(observer.expired());
  EXPECT_EQ(guard->mutex(), observer.lock());
  guard.reset();
  EXPECT_TRUE(observer.expired());
}

TEST(SY29, GuardsLeadToTheValueAndTheMutex) {
  Mutex<Person> mutex;
  auto guard = take_now(mutex.lock());
  guard->name = "Bob";
  (*guard).age = 5;
  EXPECT_EQ(&guard.mutex(), &mutex);
  EXPECT_EQ(mutex.get_mut().name, "Bob");
}

TEST(SY29, MapKeepsTheLock) {
  Mutex<Person> mutex(Person{"Ann", 3});
  {
    auto name = take_now(mutex.lock()).map([](Person& p) -> std::string& { return p.name; });
    EXPECT_FALSE(mutex.try_lock());
    *name = "Eve";
    auto letter = std::move(name).map([](std::string& s) -> char& { return s[0]; });
    EXPECT_FALSE(mutex.try_lock());
    *letter = 'A';
  }
  ASSERT_TRUE(mutex.try_lock());
  EXPECT_EQ(mutex.get_mut().name, "Ave");
}

TEST(SY29, TryMapGivesAPartOrTheGuardBack) {
  Mutex<Person> mutex(Person{"Ann", 3});
  {
    auto refused = take_now(mutex.lock()).try_map([](Person&) -> int* { return nullptr; });
    ASSERT_FALSE(refused);
    EXPECT_FALSE(mutex.try_lock());
    EXPECT_EQ(refused.error()->age, 3);
    auto age = std::move(refused.error()).try_map([](Person& p) { return &p.age; });
    ASSERT_TRUE(age);
    **age = 4;
    auto none = std::move(*age).try_map([](int&) -> int* { return nullptr; });
    ASSERT_FALSE(none);
    EXPECT_EQ(*none.error(), 4);
    EXPECT_FALSE(mutex.try_lock());
  }
  EXPECT_TRUE(mutex.try_lock());
}

TEST(SY29, AMapThatThrowsUnlocksOnce) {
  Mutex<int> mutex(0);
  MockTask task;
  std::optional<Polled<decltype(mutex.lock())>> wait;
  {
    auto guard = take_now(mutex.lock());
    wait.emplace(mutex.lock());
    ASSERT_FALSE(wait->poll(task));
    EXPECT_THROW((void)std::move(guard).map([](int&) -> int& { throw std::runtime_error("no"); }),
                 std::runtime_error);
    EXPECT_FALSE(task.take_woken());  // the guard is still whole
  }
  EXPECT_EQ(task.wake_count(), 1);
  EXPECT_TRUE(wait->poll(task));
}

TEST(SY29, MappedOwnedGuardsKeepTheMutexAlive) {
  auto mutex = std::make_shared<Mutex<Person>>();
  std::weak_ptr<Mutex<Person>> observer = mutex;
  {
    auto age = take_now(Mutex<Person>::lock_owned(std::move(mutex))).map([](Person& p) -> int& {
      return p.age;
    });
    *age = 1;
    EXPECT_FALSE(observer.lock()->try_lock());
  }
  EXPECT_TRUE(observer.expired());
}

TEST(SY30, APendingFirstInLineDestroyedBeforeItsWakeLeavesTheNextFirst) {
  Mutex<int> mutex(0);
  std::optional guard = mutex.try_lock();
  MockTask first, second;
  std::optional<Polled<decltype(mutex.lock())>> a;
  a.emplace(mutex.lock());
  Polled b(mutex.lock());
  ASSERT_FALSE(a->poll(first));
  ASSERT_FALSE(b.poll(second));
  a.reset();
  guard.reset();
  EXPECT_FALSE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
  EXPECT_TRUE(b.poll(second));
}

TEST(SY30, APendingFirstInLineDestroyedAfterItsWakeWakesTheNext) {
  Mutex<int> mutex(0);
  std::optional guard = mutex.try_lock();
  MockTask first, second;
  std::optional<Polled<decltype(mutex.lock())>> a;
  a.emplace(mutex.lock());
  Polled b(mutex.lock());
  ASSERT_FALSE(a->poll(first));
  ASSERT_FALSE(b.poll(second));
  guard.reset();
  ASSERT_TRUE(first.take_woken());
  a.reset();
  EXPECT_TRUE(second.take_woken());
  ASSERT_TRUE(b.poll(second));
  {
    auto taken = b.take();
  }
  EXPECT_TRUE(mutex.try_lock());
}

TEST(SY31, PrintingDoesNotWait) {
  Mutex<int> mutex(7);
  std::ostringstream out;
  out << mutex << ' ';
  auto guard = mutex.blocking_lock();
  out << mutex;
  EXPECT_EQ(out.str(), "Mutex{7} Mutex{<locked>}");
}

TEST(SY32, LockingAgainWhatOneHoldsWaits) {
  Mutex<int> mutex(0);
  MockTask task;
  auto guard = take_now(mutex.lock());
  Polled again(mutex.lock());
  EXPECT_FALSE(again.poll(task));
  EXPECT_FALSE(again.poll(task));
  EXPECT_FALSE(task.take_woken());
}

TEST(SY7, AnExceptionUnlocksWithoutPoison) {
  Mutex<int> mutex(0);
  try {
    auto guard = mutex.blocking_lock();
    *guard = 1;
    throw std::runtime_error("half way");
  } catch (const std::runtime_error&) {
  }
  std::optional guard = mutex.try_lock();
  ASSERT_TRUE(guard);
  EXPECT_EQ(**guard, 1);
}

TEST(SY8, LockTakesBudget) {
  Mutex<int> mutex(0);
  MockTask task;
  Budget budget = Budget::initial();
  int completed = 0;
  for (int i = 0; i < Budget::kUnits + 5; ++i) {
    if (Polled wait(mutex.lock()); wait.poll(task, budget)) ++completed;
  }
  EXPECT_EQ(completed, Budget::kUnits);
}

TEST(SY9, BlockingLockWaitsOnAPlainThread) {
  Mutex<int> mutex(0);
  std::optional guard = mutex.try_lock();
  Result<loom::Thread> thread = loom::Thread::spawn({}, [&] { *mutex.blocking_lock() += 1; });
  ASSERT_TRUE(thread);
  **guard = 10;
  guard.reset();
  thread->join();
  EXPECT_EQ(mutex.get_mut(), 11);
}

TEST(SY10, AGuardMayBeDestroyedOnAnotherThread) {
  auto mutex = std::make_shared<Mutex<int>>(0);
  auto guard =
      std::make_shared<std::optional<OwnedMutexGuard<int>>>(Mutex<int>::try_lock_owned(mutex));
  Result<loom::Thread> thread = loom::Thread::spawn({}, [guard] {
    **guard->operator->() = 3;
    guard->reset();
  });
  ASSERT_TRUE(thread);
  thread->join();
  ASSERT_TRUE(mutex->try_lock());
  EXPECT_EQ(mutex->get_mut(), 3);
}

TEST(SY123, AMovedFromGuardUnlocksNothing) {
  Mutex<int> mutex(0);
  std::optional guard = mutex.try_lock();
  MutexGuard<int> moved = *std::move(guard);
  guard.reset();
  EXPECT_FALSE(mutex.try_lock());
  {
    MutexGuard<int> last = std::move(moved);
  }
  EXPECT_TRUE(mutex.try_lock());
}

TEST(SY27, TheOwnerIsNamedWhileATaskHoldsIt) {
  Mutex<int> mutex(0);
  MockTask task;
  EXPECT_EQ(mutex.owner(), 0u);
  {
    Polled wait(mutex.lock());
    ASSERT_TRUE(wait.poll(task));
    auto guard = wait.take();
    EXPECT_EQ(mutex.owner(), reinterpret_cast<std::uint64_t>(task.waker().target()));
  }
  EXPECT_EQ(mutex.owner(), 0u);
}

// Every lock destroyed after its k-th poll, for all k and with the lock handed over before or
// after.
TEST(SY30, DestroyedAfterAnyPollTheLockIsNotLost) {
  for (int polls = 0; polls <= 3; ++polls) {
    for (int unlock_before = 0; unlock_before <= 3; ++unlock_before) {
      Mutex<int> mutex(0);
      std::optional guard = mutex.try_lock();
      MockTask task, next_task;
      Polled next(mutex.lock());
      {
        Polled wait(mutex.lock());
        for (int i = 0; i < polls; ++i) {
          if (i == unlock_before) guard.reset();
          if (wait.poll(task)) break;
          if (i == 0) {
            ASSERT_FALSE(next.poll(next_task));
          }
        }
      }
      guard.reset();
      EXPECT_TRUE(next.poll(next_task)) << polls << ' ' << unlock_before;
      EXPECT_EQ(task.waker_ref_count(), 1);
    }
  }
}

}  // namespace
}  // namespace weft::sync
