// Misuse is fatal, and the line printed is the caller's: each of these dies at a line of this file.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <tests/support/runtimes.h>
#include <weft/runtime/builder.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/sync/sync.h>
#include <weft/testing/block_on.h>
#include <weft/testing/harness.h>
#include <weft/testing/paused_runtime.h>
#include <weft/time/time.h>

namespace weft::test {
namespace {

using namespace std::chrono_literals;

// "<this file>:<the line of the macro>: ... <what>".
#define EXPECT_FATAL_HERE(statement, what) \
  EXPECT_DEATH(statement,                  \
               "fatal: .*caller_location_test\\.cc:" + std::to_string(__LINE__) + ": .*" what)

Task<> nothing() { co_return; }

// Runs `body` on a thread that runs tasks.
template <class Body>
void in_a_task(Body body) {
  test::block_on([](Body run) -> Task<> {
    run();
    co_return;
  }(std::move(body)));
}

TEST(TE7, Semaphores) {
  constexpr std::size_t kMost = sync::Semaphore::kMaxPermits;
  EXPECT_FATAL_HERE(sync::Semaphore(kMost + 1), "kMaxPermits");
  sync::Semaphore semaphore(1);
  EXPECT_FATAL_HERE(semaphore.add_permits(kMost), "");
  EXPECT_FATAL_HERE(semaphore.add_permits(kMost + 1), "kMaxPermits");
  sync::Semaphore other(1);
  auto permit = semaphore.try_acquire();
  auto foreign = other.try_acquire();
  EXPECT_FATAL_HERE(permit->merge(*std::move(foreign)), "different semaphores");
}

TEST(TE7, ChannelsAndLocks) {
  EXPECT_FATAL_HERE(static_cast<void>(sync::mpsc::channel<int>(0)), "capacity must not be 0");
  EXPECT_FATAL_HERE(static_cast<void>(sync::mpsc::channel<int>(SIZE_MAX)), "mpsc::channel");
  EXPECT_FATAL_HERE(static_cast<void>(sync::broadcast::channel<int>(0)), "must not be 0");
  EXPECT_FATAL_HERE(static_cast<void>(sync::broadcast::channel<int>(SIZE_MAX)), "too large");
  EXPECT_FATAL_HERE(sync::RwLock<int>(1, 0), "max_readers");
  EXPECT_FATAL_HERE(sync::RwLock<int>(1, sync::RwLock<int>::kMaxReaders + 1), "max_readers");
}

TEST(TE7, BlockingWhereTasksRun) {
  sync::Mutex<int> mutex(1);
  const auto shared_mutex = std::make_shared<sync::Mutex<int>>(1);
  sync::RwLock<int> lock(1);
  sync::Semaphore semaphore(1);
  auto [tx, rx] = sync::mpsc::channel<int>(1);
  in_a_task([&] {
    EXPECT_FATAL_HERE(static_cast<void>(mutex.blocking_lock()), "blocking_lock");
    EXPECT_FATAL_HERE(static_cast<void>(sync::Mutex<int>::blocking_lock_owned(shared_mutex)),
                      "blocking_lock_owned");
    EXPECT_FATAL_HERE(static_cast<void>(lock.blocking_read()), "blocking_read");
    EXPECT_FATAL_HERE(static_cast<void>(lock.blocking_write()), "blocking_write");
    EXPECT_FATAL_HERE(static_cast<void>(semaphore.blocking_acquire()), "blocking_acquire");
    EXPECT_FATAL_HERE(static_cast<void>(tx.blocking_send(1)), "blocking_send");
    EXPECT_FATAL_HERE(static_cast<void>(rx.blocking_recv()), "blocking_recv");
    EXPECT_FATAL_HERE(test::block_on(nothing()), "");
  });
}

TEST(TE7, OneshotsAfterTheirEnd) {
  auto [tx, rx] = sync::oneshot::channel<int>();
  EXPECT_TRUE(tx.send(1).has_value());
  EXPECT_FATAL_HERE(static_cast<void>(tx.send(2)), "oneshot");
  EXPECT_FATAL_HERE(static_cast<void>(tx.is_closed()), "oneshot");
  EXPECT_FATAL_HERE(static_cast<void>(tx.closed()), "oneshot");
}

TEST(TE7, TimersWithoutARuntime) {
  EXPECT_FATAL_HERE(static_cast<void>(spawn(time::sleep(1s)).poll()), "no reactor running");
  EXPECT_FATAL_HERE(static_cast<void>(spawn(time::timeout(1s, time::sleep(2s))).poll()),
                    "no reactor running");
  auto [tx, rx] = sync::mpsc::channel<int>(1);
  EXPECT_FATAL_HERE(static_cast<void>(spawn(tx.send_timeout(1, 1s)).poll()), "");
}

TEST(TE7, TimersOfARuntimeThatHasNone) {
  runtime::Runtime runtime = runtime::Builder::new_current_thread().enable_io().build().value();
  const auto entered = runtime.enter();
  EXPECT_FATAL_HERE(static_cast<void>(time::sleep(1s)), "enable_time");
  EXPECT_FATAL_HERE(static_cast<void>(time::sleep_until(time::Clock::now())), "enable_time");
  EXPECT_FATAL_HERE(static_cast<void>(time::timeout(1s, nothing())), "enable_time");
  EXPECT_FATAL_HERE(static_cast<void>(time::interval(1s)), "enable_time");
  EXPECT_FATAL_HERE(time::DelayQueue<int>(), "enable_time");
}

TEST(TE7, IntervalsWithoutAPeriod) {
  EXPECT_FATAL_HERE(static_cast<void>(time::interval(0ns)), "greater than zero");
  EXPECT_FATAL_HERE(static_cast<void>(time::interval_at(time::Clock::now(), 0ns)),
                    "greater than zero");
}

TEST(TE7, TheClock) {
  EXPECT_FATAL_HERE(time::pause(), "");
  EXPECT_FATAL_HERE(time::resume(), "");
  {
    const PausedRuntime runtime;
    EXPECT_FATAL_HERE(time::pause(), "");
  }
  runtime::Runtime running = test_support::current_thread();
  const auto entered = running.enter();
  EXPECT_FATAL_HERE(time::resume(), "");
  EXPECT_FATAL_HERE(running.block_on(time::advance(1s)), "");
}

TEST(TE7, RuntimeWithoutOne) {
  EXPECT_FATAL_HERE(static_cast<void>(weft::spawn(nothing())), "");
  EXPECT_FATAL_HERE(static_cast<void>(weft::spawn_blocking([] {})), "");
  EXPECT_FATAL_HERE(static_cast<void>(runtime::Handle::current()), "");
}

}  // namespace
}  // namespace weft::test
