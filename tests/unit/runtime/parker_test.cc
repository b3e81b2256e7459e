// Parker and WatchTimer. A ScriptedTable stands between them and the system: it counts their calls
// and lets a test do something at the moment when the owner is about to sleep.

#include <weft/runtime/scheduler/parker.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <weft/base/sys.h>
#include <weft/runtime/scheduler/watch_timer.h>

namespace weft::internal {
namespace {

using test_support::Event;
using namespace std::chrono_literals;

// The calling thread's system calls, counted, each with something to do before it.
class ScriptedTable : public sys::Table {
 public:
  ScriptedTable() {
    epoll_wait = [](int epoll, ::epoll_event* events, int count, int timeout_ms) {
      ScriptedTable& self = current();
      self.last_timeout_ms = timeout_ms;
      if (self.begin_wait()) return fail(EINTR);
      return ::epoll_wait(epoll, events, count, timeout_ms);
    };
    epoll_pwait2 = [](int epoll, ::epoll_event* events, int count, const ::timespec* timeout,
                      const ::sigset_t* mask) {
      ScriptedTable& self = current();
      if (self.without_pwait2) return fail(ENOSYS);
      self.last_timeout =
          std::chrono::seconds(timeout->tv_sec) + std::chrono::nanoseconds(timeout->tv_nsec);
      if (self.begin_wait()) return fail(EINTR);
      return ::epoll_pwait2(epoll, events, count, timeout, mask);
    };
    write = [](int fd, const void* in, std::size_t size) {
      ++current().writes;
      return ::write(fd, in, size);
    };
    timerfd_settime = [](int fd, int flags, const ::itimerspec* value, ::itimerspec* old) {
      ++current().timers_set;
      return ::timerfd_settime(fd, flags, value, old);
    };
    close = [](int fd) {
      ++current().closes;
      return ::close(fd);
    };
  }

  // Called before the n-th wait, from 1. True: that wait is interrupted by a signal.
  std::function<bool(int wait)> before_wait;
  bool without_pwait2 = false;
  int waits = 0;
  int writes = 0;
  int timers_set = 0;
  int closes = 0;
  int last_timeout_ms = 0;
  std::chrono::nanoseconds last_timeout{};

 private:
  static ScriptedTable& current() {
    // The table of a thread that uses this class is one.
    return const_cast<ScriptedTable&>(static_cast<const ScriptedTable&>(*sys::table()));
  }
  static int fail(int error) {
    errno = error;
    return -1;
  }
  bool begin_wait() {
    ++waits;
    return before_wait && before_wait(waits);
  }
};

std::unique_ptr<WatchTimer> make_watch() { return WatchTimer::create().value(); }
std::unique_ptr<Parker> make_parker(WatchTimer* watch = nullptr) {
  return Parker::create(watch).value();
}

// Blocks until a tick is due.
void wait_until_due(const WatchTimer& watch) {
  std::array<::pollfd, 1> fds{::pollfd{watch.fd().raw(), POLLIN, 0}};
  ASSERT_EQ(sys::poll(fds, 40'000).value(), 1u);
}

// --- The token

TEST(R85, UnparkBeforeParkMakesThatParkReturn) {
  const auto parker = make_parker();
  ScriptedTable table;
  const sys::TableScope scope(table);
  parker->unpark();
  EXPECT_EQ(parker->park(), WakeReason::kUnparked);
  EXPECT_EQ(table.waits, 0);
}

TEST(R85, TokensDoNotCount) {
  const auto parker = make_parker();
  for (int i = 0; i < 3; ++i) parker->unpark();
  EXPECT_EQ(parker->park(), WakeReason::kUnparked);
  EXPECT_EQ(parker->park_for(0ns), WakeReason::kTimeout);
}

TEST(R85, ParkingForNoTimeOnlyTakesATokenThatIsThere) {
  const auto parker = make_parker();
  ScriptedTable table;
  const sys::TableScope scope(table);
  EXPECT_EQ(parker->park_for(0ns), WakeReason::kTimeout);
  EXPECT_EQ(parker->park_for(-1s), WakeReason::kTimeout);
  parker->unpark();
  EXPECT_EQ(parker->park_for(0ns), WakeReason::kUnparked);
  EXPECT_EQ(table.waits, 0);
}

TEST(R85, SleepingThreadIsWokenAndSeesWhatWasWritten) {
  const auto parker = make_parker();
  Event sleeps;
  int written = 0;
  std::thread owner([&] {
    ScriptedTable table;
    table.before_wait = [&](int) {
      sleeps.set();
      return false;
    };
    const sys::TableScope scope(table);
    EXPECT_EQ(parker->park(), WakeReason::kUnparked);
    EXPECT_EQ(written, 7);
  });
  sleeps.wait();
  written = 7;
  parker->unpark();
  owner.join();
}

TEST(R85, InterruptedWaitGoesOn) {
  const auto parker = make_parker();
  ScriptedTable table;
  table.before_wait = [&](int wait) {
    if (wait == 3) parker->unpark();
    return wait < 3;
  };
  const sys::TableScope scope(table);
  EXPECT_EQ(parker->park(), WakeReason::kUnparked);
  EXPECT_EQ(table.waits, 3);
}

TEST(R85, SignalOfATokenAlreadyTakenEndsNoLaterPark) {
  const auto parker = make_parker();
  ScriptedTable table;
  table.before_wait = [&](int wait) {
    // The first park finds the token without the event, the second the event without a token.
    if (wait == 1 || wait == 3) parker->unpark();
    return wait == 1;
  };
  const sys::TableScope scope(table);
  EXPECT_EQ(parker->park(), WakeReason::kUnparked);
  EXPECT_EQ(table.waits, 1);
  EXPECT_EQ(parker->park(), WakeReason::kUnparked);
  EXPECT_EQ(table.waits, 3);
}

TEST(R85, SleepIsOneSystemCallAlsoAfterEarlierWakes) {
  const auto watch = make_watch();
  const auto parker = make_parker(watch.get());
  ScriptedTable table;
  table.before_wait = [&](int) {
    parker->unpark();
    return false;
  };
  const sys::TableScope scope(table);
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(parker->park(), WakeReason::kUnparked);
    EXPECT_EQ(table.waits, i);
  }
  table.before_wait = nullptr;
  // The events of those wakes are over: nothing disturbs this one.
  EXPECT_EQ(parker->park_for(1ms), WakeReason::kTimeout);
  EXPECT_EQ(table.waits, 4);
}

TEST(R85, LimitEndsAParkWithoutAToken) {
  const auto parker = make_parker();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(parker->park_for(2ms), WakeReason::kTimeout);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 2ms);
  parker->unpark();
  EXPECT_EQ(parker->park_for(1h), WakeReason::kUnparked);
}

TEST(R85, LimitHoldsAcrossInterruptions) {
  const auto parker = make_parker();
  ScriptedTable table;
  table.before_wait = [](int wait) { return wait < 3; };
  const sys::TableScope scope(table);
  EXPECT_EQ(parker->park_for(2ms), WakeReason::kTimeout);
  EXPECT_LT(table.last_timeout, 2ms);
}

TEST(R85, LimitBeyondTheClockIsOneSecond) {
  const auto parker = make_parker();
  ScriptedTable table;
  table.before_wait = [&](int) {
    parker->unpark();
    return false;
  };
  const sys::TableScope scope(table);
  EXPECT_EQ(parker->park_for(std::chrono::nanoseconds::max()), WakeReason::kUnparked);
  EXPECT_LE(table.last_timeout, 1s);
}

TEST(R85, WithoutEpollPwait2TheLimitIsRoundedUp) {
  const auto parker = make_parker();
  ScriptedTable table;
  table.without_pwait2 = true;
  const sys::TableScope scope(table);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(parker->park_for(2500us), WakeReason::kTimeout);
  // Rounded down, the one wait would have ended too early.
  EXPECT_GE(std::chrono::steady_clock::now() - start, 2500us);
  EXPECT_EQ(table.waits, 1);
}

TEST(R85, TokenLeftAtTheLastMomentIsTaken) {
  const auto parker = make_parker();
  ScriptedTable table;
  // The wait sees the deadline pass while the token comes, whose event it misses: it looks into an
  // epoll that has nothing.
  table.epoll_pwait2 = [](int, ::epoll_event*, int, const ::timespec* timeout, const ::sigset_t*) {
    ::clock_nanosleep(CLOCK_MONOTONIC, 0, timeout, nullptr);
    static_cast<const ScriptedTable*>(sys::table())->before_wait(1);
    return 0;
  };
  table.before_wait = [&](int) {
    parker->unpark();
    return false;
  };
  const sys::TableScope scope(table);
  EXPECT_EQ(parker->park_for(1ms), WakeReason::kUnparked);
  EXPECT_EQ(parker->park_for(0ns), WakeReason::kTimeout);
}

TEST(R88, UnparkingAnAwakeThreadMakesNoSystemCall) {
  const auto parker = make_parker();
  ScriptedTable table;
  const sys::TableScope scope(table);
  parker->unpark();
  parker->unpark();
  EXPECT_EQ(table.writes, 0);
}

TEST(R88, UnparkingASleeperSeveralTimesMakesOneSystemCall) {
  const auto parker = make_parker();
  ScriptedTable table;
  table.before_wait = [&](int) {
    for (int i = 0; i < 5; ++i) parker->unpark();
    return false;
  };
  const sys::TableScope scope(table);
  EXPECT_EQ(parker->park(), WakeReason::kUnparked);
  EXPECT_EQ(table.writes, 1);
}

// --- The watch

TEST(R89, TickWakesASleeper) {
  const auto watch = make_watch();
  const auto parker = make_parker(watch.get());
  const auto start = std::chrono::steady_clock::now();
  watch->arm();
  EXPECT_EQ(parker->park(), WakeReason::kWatchTick);
  EXPECT_GE(std::chrono::steady_clock::now() - start, WatchTimer::kPeriod);
  EXPECT_EQ(parker->park_for(0ns), WakeReason::kTimeout) << "a tick leaves no token";
}

TEST(R89, EachTickIsGivenToOneSleeper) {
  const auto watch = make_watch();
  constexpr int kSleepers = 3;
  std::array<std::unique_ptr<Parker>, kSleepers> parkers;
  for (auto& parker : parkers) parker = make_parker(watch.get());
  std::array<WakeReason, kSleepers> reasons{};
  std::array<Event, kSleepers> asleep;
  Event ticked;
  std::vector<std::thread> threads;
  for (int i = 0; i < kSleepers; ++i) {
    threads.emplace_back([&, i] {
      ScriptedTable table;
      table.before_wait = [&](int) {
        asleep[i].set();
        return false;
      };
      const sys::TableScope scope(table);
      reasons[i] = parkers[i]->park();
      if (reasons[i] == WakeReason::kWatchTick) ticked.set();
    });
  }
  for (Event& event : asleep) event.wait();
  watch->arm();
  ticked.wait();
  for (auto& parker : parkers) parker->unpark();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count(reasons.begin(), reasons.end(), WakeReason::kWatchTick), 1);
}

// Several of them would do the same look around. The kernel promises "at least one".
TEST(R89, KernelIsAskedToWakeOneSleeperForATick) {
  static std::uint32_t events_of_watch;
  const auto watch = make_watch();
  sys::Table table;
  table.epoll_ctl = [](int epoll, int operation, int fd, ::epoll_event* event) {
    events_of_watch = event->events;  // the watch is added last
    return ::epoll_ctl(epoll, operation, fd, event);
  };
  const sys::TableScope scope(table);
  const auto parker = make_parker(watch.get());
  EXPECT_EQ(events_of_watch, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE);
}

TEST(R89, TickThatFindsNobodyAsleepIsForTheNextOne) {
  const auto watch = make_watch();
  const auto awake = make_parker(watch.get());
  watch->arm();
  wait_until_due(*watch);
  EXPECT_EQ(awake->park(), WakeReason::kWatchTick);
  watch->arm();
  wait_until_due(*watch);
  // Also if its descriptor was not there yet.
  EXPECT_EQ(make_parker(watch.get())->park(), WakeReason::kWatchTick);
}

TEST(R89, TickThatAnotherThreadHasTakenEndsNoPark) {
  const auto watch = make_watch();
  const auto parker = make_parker(watch.get());
  static WatchTimer* taken;
  static Parker* unparked;
  static int waits;
  taken = watch.get();
  unparked = parker.get();
  waits = 0;
  watch->arm();
  wait_until_due(*watch);
  sys::Table table;
  // The tick is there when the wait ends, and gone before the owner looks.
  table.epoll_wait = [](int epoll, ::epoll_event* events, int count, int timeout_ms) {
    if (++waits == 2) unparked->unpark();
    const int seen = ::epoll_wait(epoll, events, count, timeout_ms);
    if (waits == 1) {
      EXPECT_TRUE(taken->take_tick());
    }
    return seen;
  };
  const sys::TableScope scope(table);
  EXPECT_EQ(parker->park(), WakeReason::kUnparked);
  EXPECT_EQ(waits, 2);
}

TEST(R89, TokenTogetherWithATickCountsAndTheTickIsPassedOn) {
  const auto watch = make_watch();
  const auto busy = make_parker(watch.get());
  const auto other = make_parker(watch.get());
  ScriptedTable table;
  table.before_wait = [&](int) {
    watch->arm();
    wait_until_due(*watch);
    busy->unpark();
    return false;
  };
  {
    const sys::TableScope scope(table);
    EXPECT_EQ(busy->park(), WakeReason::kUnparked);
  }
  EXPECT_EQ(busy->park_for(0ns), WakeReason::kTimeout);
  EXPECT_EQ(other->park(), WakeReason::kWatchTick);
}

TEST(R89, ArmingAnArmedWatchMakesNoSystemCall) {
  const auto watch = make_watch();
  ScriptedTable table;
  const sys::TableScope scope(table);
  for (int i = 0; i < 5; ++i) watch->arm();
  EXPECT_EQ(table.timers_set, 1);
  wait_until_due(*watch);
  watch->arm();
  EXPECT_EQ(table.timers_set, 1) << "a tick is due, which is as good";
  EXPECT_TRUE(watch->take_tick());
  watch->arm();
  EXPECT_EQ(table.timers_set, 2);
}

TEST(R89, TickIsTakenOnceAndNotBeforeItIsDue) {
  const auto watch = make_watch();
  EXPECT_FALSE(watch->take_tick());
  watch->arm();
  wait_until_due(*watch);
  EXPECT_TRUE(watch->take_tick());
  EXPECT_FALSE(watch->take_tick());
  watch->arm();
  wait_until_due(*watch);
  EXPECT_TRUE(watch->take_tick());
}

TEST(R89, WatchArmedWhileItsTickIsBeingTakenTicksAgain) {
  const auto watch = make_watch();
  watch->arm();
  wait_until_due(*watch);
  // The taker is in its system call when another worker arms.
  static WatchTimer* armed_meanwhile;
  armed_meanwhile = watch.get();
  sys::Table table;
  table.read = [](int fd, void* out, std::size_t size) {
    const ssize_t count = ::read(fd, out, size);
    armed_meanwhile->arm();
    return count;
  };
  {
    const sys::TableScope scope(table);
    EXPECT_TRUE(watch->take_tick());
  }
  wait_until_due(*watch);
  EXPECT_TRUE(watch->take_tick());
}

// --- Out of descriptors

TEST(R1, ParkerThatGetsNoDescriptorIsAnErrorAndLeaksNothing) {
  const auto watch = make_watch();
  ScriptedTable table;
  const sys::TableScope scope(table);
  const auto expect_failure = [&](int error, int descriptors) {
    table.closes = 0;
    const auto parker = Parker::create(watch.get());
    ASSERT_FALSE(parker);
    EXPECT_EQ(parker.error(), Error::from_errno(error));
    EXPECT_EQ(table.closes, descriptors);
  };
  table.epoll_ctl = [](int epoll, int operation, int fd, ::epoll_event* event) {
    if (event->data.u64 == 0) return ::epoll_ctl(epoll, operation, fd, event);
    errno = ENOSPC;
    return -1;
  };
  expect_failure(ENOSPC, 2);
  table.epoll_ctl = [](int, int, int, ::epoll_event*) {
    errno = ENOMEM;
    return -1;
  };
  expect_failure(ENOMEM, 2);
  table.eventfd = [](unsigned, int) {
    errno = ENFILE;
    return -1;
  };
  expect_failure(ENFILE, 1);
  table.epoll_create1 = [](int) {
    errno = EMFILE;
    return -1;
  };
  expect_failure(EMFILE, 0);
}

TEST(R1, WatchThatGetsNoDescriptorIsAnError) {
  sys::Table table;
  table.timerfd_create = [](int, int) {
    errno = EMFILE;
    return -1;
  };
  const sys::TableScope scope(table);
  const auto watch = WatchTimer::create();
  ASSERT_FALSE(watch);
  EXPECT_EQ(watch.error(), std::errc::too_many_files_open);
}

}  // namespace
}  // namespace weft::internal
