// A timer, between the task that owns it and the driver that fires it; and the driver's sleep.
//
// Explored: the driver's turn at the timer's tick, or its shutdown, against the owner that
// registers the timer, gives it another waker, postpones it, sets it earlier, cancels or destroys
// it; a second owner with a timer in the same shard; the announcement of a sleep against a timer
// that is inserted. Destroying an entry that the driver still touches is found, since its atomics
// are destroyed with it.
//
// Not explored: the wheel's own links, which the shard's lock guards; more than one shard (shards
// are independent of each other, the sleep apart).

#include <chrono>
#include <optional>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <tests/support/timers.h>

namespace weft::loom_test {
namespace {

using namespace std::chrono_literals;
using internal::Tick;
using internal::TimerEntry;
using test_support::TestTimers;
using Deadline = TimerEntry::Deadline;

struct Timers : TestTimers {
  // The driver's turn, without its clock, which is not what these models are about.
  void turn(std::chrono::nanoseconds since_start) { driver.process(at(since_start)); }
};

struct Timer {
  Timer(Timers& timers, std::chrono::nanoseconds since_start)
      : entry(timers.at(since_start), Deadline::kAhead, timers.driver, 0) {}

  bool poll(const CountingTask& task) {
    Context cx(task.waker());
    return entry.poll(cx);
  }

  TimerEntry entry;
};

TEST(LM25, ATimerIsRegisteredWhileTheDriverHasItsTurn) {
  model([] {
    Timers timers;
    CountingTask task;
    Timer timer(timers, 10ms);
    loom::Thread driver = start([&] { timers.turn(10ms); });
    bool fired = timer.poll(task) || timer.poll(task);
    driver.join();
    timers.turn(10ms);
    expect(fired || task.wake_count() == 1, "a timer that is due wakes nobody");
    expect(timer.poll(task) && timer.entry.is_elapsed(), "a timer that is due does not fire");
    expect(task.waker_count() == 0, "a waker stays behind");
  });
}

TEST(LM25, ATimerIsDestroyedWhileItFires) {
  model([] {
    Timers timers;
    CountingTask task;
    std::optional<Timer> timer(std::in_place, timers, 10ms);
    expect(!timer->poll(task), "a timer ahead has fired");
    loom::Thread driver = start([&] { timers.turn(10ms); });
    timer.reset();
    driver.join();
    expect(task.waker_count() == 0, "a waker stays behind");
  });
}

TEST(LM25, ATimerIsAskedAndThenDestroyedWhileItFires) {
  model([] {
    Timers timers;
    CountingTask task;
    std::optional<Timer> timer(std::in_place, timers, 10ms);
    expect(!timer->poll(task), "a timer ahead has fired");
    loom::Thread driver = start([&] { timers.turn(10ms); });
    static_cast<void>(timer->poll(task));
    timer.reset();
    driver.join();
    expect(task.waker_count() == 0, "a waker stays behind");
  });
}

TEST(LM25, ATimerGetsAnotherWakerWhileItFires) {
  bool changed_in_time = false;
  model([&] {
    Timers timers;
    CountingTask first;
    CountingTask second;
    Timer timer(timers, 10ms);
    expect(!timer.poll(first), "a timer ahead has fired");
    loom::Thread driver = start([&] { timers.turn(10ms); });
    const bool fired = timer.poll(second);
    driver.join();
    expect(fired || second.wake_count() == 1, "the second owner is not woken");
    expect(fired || first.wake_count() == 0, "the first owner is woken as well");
    changed_in_time |= !fired;
    expect(first.waker_count() == 0 && second.waker_count() == 0, "a waker stays behind");
  });
  EXPECT_TRUE(changed_in_time);
}

TEST(LM25, ATimerIsPostponedWhileItFires) {
  bool in_time = false;
  bool late = false;
  model([&] {
    Timers timers;
    CountingTask task;
    Timer timer(timers, 10ms);
    expect(!timer.poll(task), "a timer ahead has fired");
    loom::Thread driver = start([&] { timers.turn(10ms); });
    timer.entry.reset(timers.at(20ms));
    driver.join();
    (task.was_woken() ? late : in_time) = true;
    expect(!timer.poll(task), "a timer fires before its deadline");
    timers.turn(20ms);
    expect(timer.poll(task), "a postponed timer does not fire");
    expect(task.was_woken(), "a postponed timer wakes nobody");
    expect(task.waker_count() == 0, "a waker stays behind");
  });
  EXPECT_TRUE(in_time);
  EXPECT_TRUE(late);
}

TEST(LM25, ATimerIsSetEarlierWhileTheDriverHasItsTurn) {
  model([] {
    Timers timers;
    CountingTask task;
    Timer timer(timers, 20ms);
    expect(!timer.poll(task), "a timer ahead has fired");
    loom::Thread driver = start([&] { timers.turn(10ms); });
    timer.entry.reset(timers.at(10ms));
    driver.join();
    timers.turn(10ms);
    expect(timer.poll(task), "a timer that was set earlier does not fire");
    expect(task.wake_count() == 1, "a timer that was set earlier does not wake once");
  });
}

TEST(LM25, ATimerIsCancelledAndUsedAgainWhileItFires) {
  model([] {
    Timers timers;
    CountingTask task;
    Timer timer(timers, 10ms);
    expect(!timer.poll(task), "a timer ahead has fired");
    loom::Thread driver = start([&] { timers.turn(10ms); });
    timer.entry.cancel();
    expect(task.waker_count() == 0, "a cancelled timer keeps its waker");
    const bool fired = timer.poll(task);
    driver.join();
    timers.turn(10ms);
    expect(fired || task.was_woken(), "a timer wakes nobody");
    expect(timer.poll(task), "a timer does not fire");
  });
}

TEST(TM47, ATimerIsRegisteredWhileTheRuntimeEnds) {
  bool refused = false;
  bool ended = false;
  model([&] {
    Timers timers;
    CountingTask task;
    Timer timer(timers, 10ms);
    loom::Thread driver = start([&] { timers.driver.shutdown(); });
    const bool gone = timer.poll(task);
    driver.join();
    (gone ? refused : ended) = true;
    expect(gone || task.wake_count() == 1, "a timer outlives its runtime");
    expect(timer.poll(task) && timer.entry.is_gone(), "a timer of no runtime is not gone");
    expect(task.waker_count() == 0, "a waker stays behind");
  });
  EXPECT_TRUE(refused);
  EXPECT_TRUE(ended);
}

TEST(TM47, ATimerIsDestroyedWhileTheRuntimeEnds) {
  model([] {
    Timers timers;
    CountingTask task;
    std::optional<Timer> timer(std::in_place, timers, 10ms);
    expect(!timer->poll(task), "a timer ahead has fired");
    loom::Thread driver = start([&] { timers.driver.shutdown(); });
    timer.reset();
    driver.join();
    expect(task.waker_count() == 0, "a waker stays behind");
  });
}

// D1 to D4 and I1, I2 of time_driver.h, with an inserting thread for each of two shards.
TEST(TM43, ASleepIsNotLongerThanAnyTimerThatIsInserted) {
  model(bounded(3, std::nullopt), [] {
    TestTimers timers(2);
    CountingTask task;
    TimerEntry first(timers.at(10ms), Deadline::kAhead, timers.driver, 0);
    TimerEntry second(timers.at(20ms), Deadline::kAhead, timers.driver, 1);
    const auto insert = [&](TimerEntry& timer) {
      Context cx(task.waker());
      static_cast<void>(timer.poll(cx));
    };
    loom::Thread inserting = start([&] { insert(first); });
    loom::Thread also_inserting = start([&] { insert(second); });
    const Tick until = timers.driver.begin_sleep();
    timers.driver.promise_wake(until);
    // It would sleep here.
    inserting.join();
    also_inserting.join();
    const bool is_unparked = timers.sleeper->unparks() > 0;
    timers.driver.end_sleep();
    expect(is_unparked || until <= 10, "the driver sleeps past a timer");
    timers.driver.process(timers.at(20ms));
    expect(first.is_elapsed() && second.is_elapsed(), "a timer is lost");
  });
}

}  // namespace
}  // namespace weft::loom_test
