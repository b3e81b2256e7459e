// Timers that are made, polled, reset, fired and cancelled by any worker; run it under
// ThreadSanitizer.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/poll_fn.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/select.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/sync/mpsc.h>
#include <weft/sync/mutex.h>
#include <weft/time/delay_queue.h>
#include <weft/time/interval.h>
#include <weft/time/sleep.h>
#include <weft/time/timeout.h>

namespace weft::time {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using sync::mpsc::Receiver;
using sync::mpsc::Sender;
using test_support::MockTask;
using test_support::multi_thread;
using test_support::Polled;

constexpr unsigned kWorkers = 4;
constexpr int kRounds = 500;

using Timer = std::unique_ptr<Sleep>;

microseconds up_to_3ms(std::mt19937& random) { return microseconds(random() % 3000); }

// Registers timers on whatever worker it runs, and hands them on.
Task<> make_timers(std::uint32_t seed, Sender<Timer> sender) {
  std::mt19937 random(seed);
  MockTask nobody;
  for (int i = 0; i < kRounds; ++i) {
    auto timer = std::make_unique<Sleep>(sleep(up_to_3ms(random)));
    static_cast<void>(Polled(*timer).poll(nobody));
    if (i % 3 == 0) timer->reset(Clock::now() + up_to_3ms(random));
    const auto sent = co_await sender.send(std::move(timer));
    EXPECT_TRUE(sent.has_value());
  }
}

// Awaits, resets or destroys those of others. Returns how many it has awaited to their end.
Task<int> use_timers(std::uint32_t seed, std::shared_ptr<sync::Mutex<Receiver<Timer>>> timers) {
  std::mt19937 random(seed);
  int ended = 0;
  for (;;) {
    auto guard = co_await timers->lock();
    auto timer = co_await guard->recv();
    {
      auto unlocked = std::move(guard);
    }
    if (!timer) co_return ended;
    Sleep& own = **timer;
    const auto what = random() % 4;
    if (what == 0) continue;
    if (what == 1) own.reset(Clock::now() + up_to_3ms(random));
    if (what == 2) {
      const auto won = co_await select(own, sleep(up_to_3ms(random)));
      if (won.index() == 1) own.reset(Clock::now());
    }
    const Instant deadline = own.deadline();
    co_await own;
    EXPECT_GE(Clock::now(), deadline);
    ++ended;
  }
}

TEST(TM69, TimersWanderBetweenWorkers) {
  runtime::Runtime rt = multi_thread(kWorkers);
  auto [sender, receiver] = sync::mpsc::channel<Timer>(64);
  auto shared = std::make_shared<sync::Mutex<Receiver<Timer>>>(std::move(receiver));
  std::vector<JoinHandle<void>> makers;
  std::vector<JoinHandle<int>> users;
  for (std::uint32_t i = 0; i < kWorkers; ++i) {
    makers.push_back(rt.spawn(make_timers(i, sender)));
    users.push_back(rt.spawn(use_timers(100 + i, shared)));
  }
  {
    auto last = std::move(sender);
  }
  int ended = 0;
  for (auto& maker : makers) EXPECT_TRUE(rt.block_on(maker).has_value());
  for (auto& user : users) ended += rt.block_on(user).value();
  EXPECT_GT(ended, 0);
  EXPECT_LE(ended, static_cast<int>(kWorkers) * kRounds);
}

Task<int> time_out_again_and_again(std::uint32_t seed) {
  std::mt19937 random(seed);
  int elapsed = 0;
  for (int i = 0; i < kRounds; ++i) {
    const auto result = co_await timeout(up_to_3ms(random), sleep(up_to_3ms(random)));
    if (!result) ++elapsed;
  }
  co_return elapsed;
}

TEST(TM69, TimeoutsAndSleepsRaceOnEveryWorker) {
  runtime::Runtime rt = multi_thread(kWorkers);
  std::vector<JoinHandle<int>> tasks;
  for (std::uint32_t i = 0; i < 4 * kWorkers; ++i) {
    tasks.push_back(rt.spawn(time_out_again_and_again(i)));
  }
  for (auto& task : tasks) {
    const int elapsed = rt.block_on(task).value();
    EXPECT_GE(elapsed, 0);
    EXPECT_LE(elapsed, kRounds);
  }
}

Task<> sleep_for_ever() { co_await sleep(1h); }

TEST(TM69, TasksAreAbortedWhileTheirTimersFire) {
  runtime::Runtime rt = multi_thread(kWorkers);
  for (int round = 0; round < 20; ++round) {
    std::vector<JoinHandle<void>> tasks;
    for (int i = 0; i < 100; ++i) {
      tasks.push_back(i % 2 == 0 ? rt.spawn([]() -> Task<> { co_await sleep(1ms); })
                                 : rt.spawn(sleep_for_ever()));
    }
    rt.block_on(sleep(1ms));
    for (auto& task : tasks) task.abort();
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const auto joined = rt.block_on(tasks[i]);
      if (i % 2 != 0) {
        EXPECT_TRUE(!joined && joined.error().is_cancelled());
      }
    }
  }
}

// One task waits, others insert and remove under a lock: each value comes out once or is removed.
TEST(T50, OneTaskWaitsWhileOthersInsertUnderALock) {
  runtime::Runtime rt = multi_thread(kWorkers);
  struct Shared {
    loom::Mutex mutex;
    DelayQueue<int> queue;  // guarded by mutex
    int removed = 0;        // guarded by mutex
  };
  const auto entered = rt.enter();
  Shared shared;
  const DelayKey guard = shared.queue.insert(-1, 1h);
  auto consumer = rt.spawn([](Shared& s) -> Task<int> {
    int count = 0;
    for (;;) {
      auto expired = co_await poll_fn([&s](Context& cx) {
        const std::lock_guard lock(s.mutex);
        return s.queue.poll_expired(cx);
      });
      if (!expired) co_return count;
      EXPECT_LE(expired->deadline, Clock::now());
      ++count;
    }
  }(shared));
  std::vector<JoinHandle<void>> producers;
  for (std::uint32_t i = 0; i < kWorkers; ++i) {
    producers.push_back(rt.spawn([](Shared& s, std::uint32_t seed) -> Task<> {
      std::mt19937 random(seed);
      for (int n = 0; n < kRounds; ++n) {
        DelayKey key;
        {
          const std::lock_guard lock(s.mutex);
          key = s.queue.insert(n, up_to_3ms(random));
        }
        if (n % 16 == 0) co_await sleep(1ms);
        const std::lock_guard lock(s.mutex);
        if (n % 3 == 0 && s.queue.try_remove(key)) ++s.removed;
        if (n % 3 == 1 && s.queue.contains(key)) s.queue.reset(key, up_to_3ms(random));
      }
    }(shared, i)));
  }
  for (auto& producer : producers) EXPECT_TRUE(rt.block_on(producer).has_value());
  {
    const std::lock_guard lock(shared.mutex);
    // Its end is the consumer's, once the rest has come out.
    shared.queue.reset(guard, 0ns);
  }
  const int expired = rt.block_on(consumer).value();
  EXPECT_EQ(expired + shared.removed, static_cast<int>(kWorkers) * kRounds + 1);
}

}  // namespace
}  // namespace weft::time
