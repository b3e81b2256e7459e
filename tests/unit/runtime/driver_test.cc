#include <weft/runtime/driver/driver.h>

#include <algorithm>
#include <chrono>
#include <semaphore>
#include <source_location>
#include <sys/eventfd.h>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/waiting_task.h>
#include <weft/base/fd.h>
#include <weft/base/sys.h>
#include <weft/base/sys_table.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/driver/timer_entry.h>

namespace weft::internal {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using test_support::MockTask;
using test_support::Polled;
using test_support::WaitingTask;
using Deadline = TimerEntry::Deadline;

// A driver that the test holds.
class Held {
 public:
  explicit Held(DriverOptions options) : driver_(Driver::create(options).value()) {}
  ~Held() { driver_->shutdown(); }
  Driver* operator->() { return driver_.get(); }
  Driver& operator*() { return *driver_; }

 private:
  RefPtr<Driver> driver_;
};

DriverOptions with_time() {
  DriverOptions options;
  options.enable_time = true;
  options.may_pause = true;
  return options;
}

DriverOptions paused() {
  DriverOptions options = with_time();
  options.start_paused = true;
  return options;
}

// A timer `from_now` on the driver's clock, polled.
struct Timer {
  Timer(Driver& driver, nanoseconds from_now)
      : entry(driver.clock().now() + from_now, Deadline::kUnknown, driver.time(), 0) {
    EXPECT_FALSE(poll());
  }
  bool poll() {
    const Waker waker = task.waker();
    Context cx(waker);
    return entry.poll(cx);
  }
  MockTask task;
  TimerEntry entry;
};

TEST(R129, AnUnparkThatCameEarlierEndsThePark) {
  Held driver(with_time());
  driver->unpark();
  driver->park();  // would sleep for ever
}

TEST(R129, AnUnparkEndsAParkUnderWay) {
  Held driver(with_time());
  std::binary_semaphore about_to_park(0);
  loom::Atomic<bool> unparked(false);
  std::thread holder([&] {
    about_to_park.release();
    while (!unparked.load(std::memory_order_acquire)) driver->park();
  });
  about_to_park.acquire();
  unparked.store(true, std::memory_order_release);
  driver->unpark();
  holder.join();
}

TEST(R129, AnUnparkTellsThePausedClock) {
  Held driver(paused());
  driver->unpark();
  const SteadyTime now = driver->clock().now();
  driver->clock().auto_advance(1s);
  EXPECT_EQ(driver->clock().now(), now);
}

TEST(R2, DriversAreOffUnlessEnabled) {
  Held driver{DriverOptions()};
  EXPECT_FALSE(driver->io_enabled());
  EXPECT_FALSE(driver->time_enabled());
  driver->unpark();
  driver->park();
  driver->park_for(nanoseconds::zero());
  driver->poll_now();
}

TEST(TM7, ParkingMovesAPausedClockToTheNextTimerExactly) {
  Held driver(paused());
  const SteadyTime start = driver->clock().now();
  Timer first(*driver, 10ms);
  Timer second(*driver, 1h + 1us);
  driver->park();
  EXPECT_EQ(driver->clock().now(), start + 10ms);
  EXPECT_TRUE(first.task.take_woken());
  EXPECT_FALSE(second.task.take_woken());
  while (!second.task.take_woken()) driver->park();
  EXPECT_EQ(driver->clock().now(), start + 1h + 1ms);
}

TEST(TM7, ParkingMovesAPausedClockByTheCallersLimit) {
  Held driver(paused());
  const SteadyTime start = driver->clock().now();
  driver->park_for(1'234'567ns);
  EXPECT_EQ(driver->clock().now(), start + 1'234'567ns);
}

TEST(TM8, AfterAnUnparkTheClockStandsStill) {
  Held driver(paused());
  const SteadyTime start = driver->clock().now();
  Timer timer(*driver, 10ms);
  driver->unpark();
  driver->park();
  EXPECT_EQ(driver->clock().now(), start);
  driver->park();
  EXPECT_EQ(driver->clock().now(), start + 10ms);
}

TEST(TM9, WhileABlockingJobRunsAParkSleepsAndTimeStandsStill) {
  Held driver(paused());
  const SteadyTime start = driver->clock().now();
  Timer timer(*driver, 10ms);
  driver->clock().inhibit_auto_advance();
  std::binary_semaphore about_to_park(0);
  std::thread job([&] {
    about_to_park.acquire();
    driver->clock().allow_auto_advance();
    driver->unpark();
  });
  about_to_park.release();
  driver->park();
  EXPECT_EQ(driver->clock().now(), start);
  job.join();
  while (!timer.task.take_woken()) driver->park();
  EXPECT_EQ(driver->clock().now(), start + 10ms);
}

TEST(TM10, WhileEventsMakeTasksReadyThePausedClockStandsStill) {
  DriverOptions options = paused();
  options.enable_io = true;
  Held driver(options);
  const SteadyTime start = driver->clock().now();
  Timer timer(*driver, 10ms);
  // A fresh eventfd with a count is readable.
  OwnedFd counter = sys::eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC).value();
  auto registration =
      IoRegistration::create(driver->io(), std::move(counter), IoKind::kPipe).value();
  MockTask reader;
  Polled readable(registration.readable());
  ASSERT_FALSE(readable.poll(reader));
  driver->park();
  EXPECT_TRUE(reader.take_woken());
  EXPECT_EQ(driver->clock().now(), start);
  driver->park();
  EXPECT_EQ(driver->clock().now(), start + 10ms);
  readable.cancel();
}

TEST(TM44, ADueTimerIsFiredWithoutSleeping) {
  Held driver(paused());
  Timer timer(*driver, 10ms);
  driver->clock().advance(15ms, std::source_location::current());
  const SteadyTime now = driver->clock().now();
  driver->park();
  EXPECT_TRUE(timer.task.take_woken());
  EXPECT_EQ(driver->clock().now(), now);
}

TEST(TM44, TheEarlierOfTimerAndLimitEndsThePark) {
  for (const nanoseconds limit : {nanoseconds(3ms), nanoseconds(30ms)}) {
    Held driver(paused());
    const SteadyTime start = driver->clock().now();
    Timer timer(*driver, 10ms);
    driver->park_for(limit);
    EXPECT_EQ(driver->clock().now(), start + std::min(limit, nanoseconds(10ms)));
    EXPECT_EQ(timer.task.take_woken(), limit > 10ms);
  }
}

TEST(TM44, PollingFiresWhatIsDueAndNeverSleeps) {
  Held driver(paused());
  Timer due(*driver, 10ms);
  Timer later(*driver, 20ms);
  driver->poll_now();
  EXPECT_FALSE(due.task.take_woken());
  driver->clock().advance(10ms, std::source_location::current());
  driver->poll_now();
  EXPECT_TRUE(due.task.take_woken());
  EXPECT_FALSE(later.task.take_woken());
}

TEST(TM44, ARunningClockIsSleptOn) {
  Held driver(with_time());
  Timer timer(*driver, 2ms);
  const SteadyTime deadline = timer.entry.deadline();
  while (!timer.task.take_woken()) driver->park();
  EXPECT_GE(driver->clock().now(), deadline);
}

TEST(TM45, ASleepIsNeverShorterThanAskedFor) {
  Held driver(with_time());
  const auto before = std::chrono::steady_clock::now();
  driver->park_for(1'000'001ns);
  EXPECT_GE(std::chrono::steady_clock::now() - before, 1'000'001ns);
}

TEST(TM45, TheKernelIsAskedForNanoseconds) {
  // Notes what a sleep asks for, and has none.
  struct Asked : sys::Table {
    mutable nanoseconds timeout{-1};
  } asked;
  asked.epoll_pwait2 = [](int, epoll_event*, int, const timespec* timeout, const sigset_t*) {
    static_cast<const Asked*>(sys::table())->timeout =
        std::chrono::seconds(timeout->tv_sec) + nanoseconds(timeout->tv_nsec);
    return 0;
  };
  Held driver(with_time());
  const sys::TableScope scope(asked);
  driver->park_for(3s + 1ns);
  EXPECT_EQ(asked.timeout, 3s + 1ns);
  // Until the next tick that matters begins: no whole number of milliseconds from now.
  Timer timer(*driver, 1h);
  const SteadyTime before = driver->clock().now();
  driver->park();
  const SteadyTime wake = driver->time().scale().instant(driver->time().begin_sleep());
  driver->time().end_sleep();
  EXPECT_LE(asked.timeout, wake - before);
  EXPECT_GE(asked.timeout, wake - driver->clock().now());
}

TEST(TM43, ATimerRegisteredElsewhereShortensASleepUnderWay) {
  Held driver(with_time());
  std::binary_semaphore about_to_park(0);
  loom::Atomic<bool> done(false);
  std::thread holder([&] {
    about_to_park.release();
    while (!done.load(std::memory_order_acquire)) driver->park();
  });
  about_to_park.acquire();
  {
    TimerEntry entry(driver->clock().now() + 1ms, Deadline::kAhead, driver->time(), 0);
    WaitingTask().block_on(entry);  // woken by the holder, who would have slept without end
    EXPECT_TRUE(entry.is_elapsed());
  }
  done.store(true, std::memory_order_release);
  driver->unpark();
  holder.join();
}

TEST(TM5, PausingTheClockElsewhereEndsASleepUnderWay) {
  Held driver(with_time());
  Timer timer(*driver, 1h);
  std::binary_semaphore about_to_park(0);
  std::thread holder([&] {
    about_to_park.release();
    while (!timer.task.take_woken()) driver->park();  // an hour, unless the clock is paused
  });
  about_to_park.acquire();
  driver->clock().pause(std::source_location::current());
  driver->clock_was_set();
  holder.join();
}

TEST(TM47, ShutdownEndsTimersFirst) {
  Held driver(paused());
  Timer timer(*driver, 1h);
  driver->shutdown();
  EXPECT_TRUE(timer.task.take_woken());
  EXPECT_TRUE(timer.entry.is_gone());
  driver->shutdown();
}

TEST(R46, AfterShutdownTimersAreGone) {
  Held driver(paused());
  driver->shutdown();
  TimerEntry entry(driver->clock().now(), Deadline::kUnknown, driver->time(), 0);
  Context cx(Waker::noop());
  EXPECT_TRUE(entry.poll(cx));
  EXPECT_TRUE(entry.is_gone());
}

}  // namespace
}  // namespace weft::internal
