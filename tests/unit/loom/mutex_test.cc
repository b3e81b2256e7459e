#include <weft/loom/mutex.h>

#include <chrono>
#include <gtest/gtest.h>
#include <mutex>
#include <vector>

#include <weft/base/sys.h>
#include <weft/loom/cell.h>
#include <weft/loom/thread.h>

namespace {

using weft::loom::Cell;
using weft::loom::Condvar;
using weft::loom::Mutex;
using weft::loom::SpinMutex;
using weft::loom::Thread;
using namespace std::chrono_literals;

template <class Lock>
int count_under() {
  constexpr int kThreads = 4;
  constexpr int kEach = 5'000;
  Lock lock;
  Cell<int> count(0);  // guarded by lock
  std::vector<Thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.push_back(Thread::spawn({}, [&] {
                        for (int n = 0; n < kEach; ++n) {
                          const std::lock_guard guard(lock);
                          count.with_mut([](int& value) { ++value; });
                        }
                      }).value());
  }
  for (Thread& thread : threads) thread.join();
  return count.with([&](const int& value) { return kThreads * kEach - value; });
}

TEST(Mutex, ExcludesOthers) { EXPECT_EQ(count_under<Mutex>(), 0); }
TEST(SpinMutex, ExcludesOthers) { EXPECT_EQ(count_under<SpinMutex>(), 0); }

template <class Lock>
bool another_thread_gets(Lock& lock) {
  bool got = false;
  Thread::spawn({},
                [&] {
                  got = lock.try_lock();
                  if (got) lock.unlock();
                })
      .value()
      .join();
  return got;
}

TEST(Mutex, TryLockFailsWhileHeld) {
  Mutex mutex;
  EXPECT_TRUE(another_thread_gets(mutex));
  {
    const std::lock_guard guard(mutex);
    EXPECT_FALSE(another_thread_gets(mutex));
  }
  EXPECT_TRUE(another_thread_gets(mutex));
}

TEST(SpinMutex, TryLockFailsWhileHeld) {
  SpinMutex mutex;
  EXPECT_TRUE(another_thread_gets(mutex));
  mutex.lock();
  EXPECT_FALSE(another_thread_gets(mutex));
  EXPECT_FALSE(mutex.try_lock());
  mutex.unlock();
  EXPECT_TRUE(another_thread_gets(mutex));
  static_assert(sizeof(SpinMutex) == 1);
}

// The waiter's own yield releases the lock, so it is certain that it got that far.
TEST(SpinMutex, WaiterYieldsTheProcessorInTheEnd) {
  static SpinMutex mutex;
  static int yields = 0;
  yields = 0;
  mutex.lock();
  weft::sys::Table table;
  table.sched_yield = [] {
    if (++yields == 3) mutex.unlock();
    return 0;
  };
  const weft::sys::TableScope scope(table);
  mutex.lock();
  EXPECT_GE(yields, 3);
  mutex.unlock();
}

TEST(Condvar, NotifyOneWakesAWaiter) {
  Mutex mutex;
  Condvar changed;
  bool ready = false;  // guarded by mutex
  bool seen = false;
  Thread waiter = Thread::spawn({}, [&] {
                    std::unique_lock lock(mutex);
                    changed.wait(lock, [&] { return ready; });
                    seen = lock.owns_lock() && ready;
                  }).value();
  {
    const std::lock_guard guard(mutex);
    ready = true;
  }
  changed.notify_one();
  waiter.join();
  EXPECT_TRUE(seen);
}

TEST(Condvar, NotifyAllWakesEveryWaiter) {
  Mutex mutex;
  Condvar changed;
  Condvar arrived;
  int waiting = 0;     // guarded by mutex
  bool ready = false;  // guarded by mutex
  std::vector<Thread> waiters;
  for (int i = 0; i < 3; ++i) {
    waiters.push_back(Thread::spawn({}, [&] {
                        std::unique_lock lock(mutex);
                        ++waiting;
                        arrived.notify_one();
                        while (!ready) changed.wait(lock);
                      }).value());
  }
  {
    std::unique_lock lock(mutex);
    arrived.wait(lock, [&] { return waiting == 3; });
    ready = true;
  }
  changed.notify_all();
  for (Thread& waiter : waiters) waiter.join();
}

TEST(Condvar, WaitKeepsTheLockHeldAfterwards) {
  Mutex mutex;
  Condvar never;
  std::unique_lock lock(mutex);
  const auto past = std::chrono::steady_clock::now() - 1s;
  EXPECT_EQ(never.wait_until(lock, past), std::cv_status::timeout);
  EXPECT_TRUE(lock.owns_lock());
  EXPECT_FALSE(another_thread_gets(mutex));
}

TEST(Condvar, DeadlineThatHasPassedTimesOut) {
  Mutex mutex;
  Condvar never;
  std::unique_lock lock(mutex);
  const auto past = std::chrono::steady_clock::now() - 1s;
  EXPECT_FALSE(never.wait_until(lock, past, [] { return false; }));
  EXPECT_TRUE(never.wait_until(lock, past, [] { return true; }));
  int asked = 0;
  EXPECT_TRUE(never.wait_until(lock, past, [&] { return ++asked == 2; }));
  EXPECT_EQ(never.wait_for(lock, 0ns), std::cv_status::timeout);
  EXPECT_EQ(never.wait_for(lock, std::chrono::nanoseconds::min()), std::cv_status::timeout);
  EXPECT_FALSE(never.wait_for(lock, -1ns, [] { return false; }));
}

// A wait of nanoseconds::max() that overflowed would time out at once, and the predicate be false.
TEST(Condvar, LongestDurationIsForEver) {
  Mutex mutex;
  Condvar changed;
  bool ready = false;    // guarded by mutex
  bool waiting = false;  // guarded by mutex
  Condvar arrived;
  bool in_time = false;
  Thread waiter =
      Thread::spawn({}, [&] {
        std::unique_lock lock(mutex);
        waiting = true;
        arrived.notify_one();
        in_time = changed.wait_for(lock, std::chrono::nanoseconds::max(), [&] { return ready; });
      }).value();
  {
    std::unique_lock lock(mutex);
    arrived.wait(lock, [&] { return waiting; });
    ready = true;
  }
  changed.notify_one();
  waiter.join();
  EXPECT_TRUE(in_time);
}

#ifndef NDEBUG
TEST(CondvarDeathTest, WaitWithoutTheLockIsFatal) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  Mutex mutex;
  Condvar changed;
  std::unique_lock lock(mutex, std::defer_lock);
  EXPECT_DEATH(changed.wait(lock), "Condvar::wait: the lock does not hold its mutex");
}
#endif

}  // namespace
