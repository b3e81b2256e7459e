// What a dump says of tasks that wait for other tasks, for time, and for each other.
//
// Of what belongs to sync/ tests/unit/sync/dump_test.cc has more.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/dump_waits.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <weft/weft.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using runtime::AwaitPoint;
using runtime::Dump;
using runtime::Handle;
using runtime::TaskDump;
using test_support::AsyncEvent;
using test_support::in_task_of;
using test_support::waits_of;
using ::testing::ElementsAre;
using ::testing::SizeIs;

Task<> wait_for(AsyncEvent& event) { co_await event.wait(); }

std::string number_of(const AbortHandle& task) { return std::to_string(task.id().value()); }

// --- Tasks

TEST(R150, AJoinSetNamesTheTasksThatHaveNotEnded) {
  AsyncEvent never;
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, [&never]() -> Task<> {
    JoinSet<void> set;
    const std::string first = number_of(set.spawn(wait_for(never)));
    const auto alone = co_await waits_of([&set] { return set.join_next(); });
    EXPECT_THAT(alone, ElementsAre("join set of " + first));
    const std::string second = number_of(set.spawn(wait_for(never)));
    const auto both = co_await waits_of([&set] { return set.join_next_with_id(); });
    EXPECT_THAT(both, ElementsAre("join set, 2 tasks have not ended", ".join of " + first,
                                  ".join of " + second));
  });
}

TEST(R150, OfALargeJoinSetTheFirstTasksAreNamed) {
  AsyncEvent never;
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, [&never]() -> Task<> {
    JoinSet<void> set;
    for (int i = 0; i < 100; ++i) set.spawn(wait_for(never));
    const auto lines = co_await waits_of([&set] { return set.join_next(); });
    EXPECT_THAT(lines, SizeIs(17));
    EXPECT_EQ(lines.front(), "join set, 100 tasks have not ended");
  });
}

TEST(R150, OtherCollectionsOfTasksNameThoseTheyWaitFor) {
  AsyncEvent never;
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, [&never]() -> Task<> {
    JoinQueue<void> queue;
    const std::string first = number_of(queue.spawn(wait_for(never)));
    queue.spawn(wait_for(never));
    const auto in_order = co_await waits_of([&queue] { return queue.join_next(); });
    EXPECT_THAT(in_order, ElementsAre("join queue of " + first));

    JoinMap<std::string, void> map;
    const std::string one = number_of(map.spawn("one", wait_for(never)));
    const std::string two = number_of(map.spawn("two", wait_for(never)));
    const auto by_key = co_await waits_of([&map] { return map.join_next(); });
    EXPECT_THAT(by_key, ElementsAre("join map, 2 tasks have not ended", ".join of " + one,
                                    ".join of " + two));
  });
}

TEST(R150, ARingThroughAJoinSetIsRecognised) {
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, []() -> Task<> {
    sync::Mutex<int> mutex;
    auto owner = spawn([&mutex]() -> Task<> {
      const auto guard = co_await mutex.lock();
      JoinSet<void> set;
      set.spawn([](sync::Mutex<int>& wanted) -> Task<> { const auto got = co_await wanted.lock(); },
                std::ref(mutex));
      static_cast<void>(co_await set.join_next());
    });
    for (int i = 0; i < 2; ++i) co_await yield_now();
    const Dump dump = co_await Handle::current().dump();
    EXPECT_THAT(dump.cycles(), ElementsAre(SizeIs(2))) << dump.to_string();
    owner.abort();
    static_cast<void>(co_await owner);
  });
}

TEST(R150, AScopeATrackerAndASetSayHowManyTasksAreLeft) {
  AsyncEvent never;
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, [&never]() -> Task<> {
    TaskTracker tracker;
    auto tracked = tracker.spawn(wait_for(never));
    const auto open = co_await waits_of([&tracker] { return tracker.wait(); });
    EXPECT_THAT(open, ElementsAre("task tracker, 1 tasks left, not closed"));
    tracker.close();
    const auto closed = co_await waits_of([&tracker] { return tracker.wait(); });
    EXPECT_THAT(closed, ElementsAre("task tracker, 1 tasks left"));
    tracked.abort();

    CancellationToken token;
    const auto cancelled = co_await waits_of([&token] { return token.cancelled(); });
    EXPECT_THAT(cancelled, ElementsAre("cancellation"));

    const auto scoped = co_await waits_of([&never] {
      return scope([](Scope& children, AsyncEvent& event) { children.spawn(wait_for(event)); },
                   std::ref(never));
    });
    EXPECT_THAT(scoped, ElementsAre("scope, waiting for its children"));
  });
}

TEST(R150, ALocalSetIsNamed) {
  AsyncEvent never;
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, [&never]() -> Task<> {
    LocalSet set;
    set.spawn_local(wait_for(never));
    const auto lines = co_await waits_of([&set]() -> auto& { return set; });
    EXPECT_THAT(lines, ElementsAre("local set, waiting for all of its tasks"));
  });
}

// --- Code on a stack of its own, and what is kept in boxes

void blocking_code(AsyncEvent& event) { fiber::await(event.wait()); }

TEST(R150, AFiberShowsWhereItsCodeWaits) {
  AsyncEvent never;
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, [&never]() -> Task<> {
    auto task =
        spawn([&never]() -> Task<> { co_await fiber::run(blocking_code, std::ref(never)); });
    co_await never.until_waiting(1);
    const Dump dump = co_await Handle::current().dump();
    const TaskDump& seen = *dump.find(task.id());
    EXPECT_THAT(waits_of(seen), ElementsAre("fiber", ".event"));
    bool has_place = false;
    for (const AwaitPoint& point : seen.chain()) {
      if (point.kind() != AwaitPoint::Kind::kFrame) continue;
      has_place |= point.function().find("blocking_code") != std::string::npos;
    }
    EXPECT_TRUE(has_place) << dump.to_string();
    task.abort();
    static_cast<void>(co_await task);
  });
}

TEST(R150, WhatIsInABoxIsShown) {
  AsyncEvent never;
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, [&never]() -> Task<> {
    ReusableBoxFuture<void> box(wait_for(never));
    const auto lines = co_await waits_of([&box]() -> auto& { return box; });
    EXPECT_THAT(lines, ElementsAre("event"));
  });
}

// --- Time

TEST(R150, TimersSayWhenTheyAreDue) {
  runtime::Runtime rt = test_support::paused_current_thread();
  in_task_of(rt, []() -> Task<> {
    const auto slept = co_await waits_of([] { return time::sleep(7s); });
    EXPECT_THAT(slept, ElementsAre("sleep, due in 7000 ms"));
    const auto limited = co_await waits_of([] { return time::timeout(2s, time::sleep(7s)); });
    EXPECT_THAT(limited, ElementsAre("timeout, due in 2000 ms", ".sleep, due in 7000 ms"));
    time::Interval ticks = time::interval(5s);
    co_await ticks.tick();
    const auto ticking = co_await waits_of([&ticks] { return ticks.tick(); });
    EXPECT_THAT(ticking, ElementsAre("interval, due in 5000 ms"));
  });
}

TEST(R150, ADelayQueueSaysWhenItLooksNext) {
  runtime::Runtime rt = test_support::paused_current_thread();
  in_task_of(rt, []() -> Task<> {
    time::DelayQueue<int> queue;
    queue.insert(1, 40ms);
    const auto one = co_await waits_of([&queue] { return queue.next(); });
    EXPECT_THAT(one, ElementsAre("delay queue, due in 40 ms"));
    queue.insert(2, 15ms);
    const auto earlier = co_await waits_of([&queue] { return queue.next(); });
    EXPECT_THAT(earlier, ElementsAre("delay queue, due in 15 ms"));
  });
}

// --- Channels, and what others call back

TEST(R150, AllEndsOfChannelsAreNamed) {
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, []() -> Task<> {
    auto [watching, watched] = sync::watch::channel(0);
    const auto changed = co_await waits_of([&] { return watched.changed(); });
    EXPECT_THAT(changed, ElementsAre("watch"));
    const auto wanted =
        co_await waits_of([&] { return watched.wait_for([](int value) { return value > 0; }); });
    EXPECT_THAT(wanted, ElementsAre("watch"));
    const auto unwatched = co_await waits_of([&] { return watching.closed(); });
    EXPECT_THAT(unwatched, ElementsAre("watch closed"));

    auto [caster, cast] = sync::broadcast::channel<int>(4);
    const auto heard = co_await waits_of([&] { return cast.recv(); });
    EXPECT_THAT(heard, ElementsAre("broadcast receive"));

    auto [asking, answering] = sync::oneshot::channel<int>();
    const auto unasked = co_await waits_of([&] { return asking.closed(); });
    EXPECT_THAT(unasked, ElementsAre("oneshot closed"));

    auto [sending, receiving] = sync::mpsc::channel<int>(4);
    const auto unheard = co_await waits_of([&] { return sending.closed(); });
    EXPECT_THAT(unheard, ElementsAre("mpsc closed"));
  });
}

TEST(R150, ACallbackThatHasNotComeIsNamed) {
  std::vector<Completion<int>> kept;
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, [&kept]() -> Task<> {
    const auto lines = co_await waits_of([&kept] {
      return from_callback<int>([&kept](Completion<int> done) { kept.push_back(std::move(done)); });
    });
    EXPECT_THAT(lines, ElementsAre("callback"));
  });
}

TEST(R150, ABlockingJobIsWaitedForByItsNumber) {
  test_support::Event release;
  test_support::Event running;
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, [&]() -> Task<> {
    auto job = spawn_blocking([&] {
      running.set();
      release.wait();
    });
    running.wait();
    const std::string id = std::to_string(job.id().value());
    const auto lines = co_await waits_of([&job]() -> auto& { return job; });
    EXPECT_THAT(lines, ElementsAre("join of " + id));
    release.set();
    static_cast<void>(co_await job);
  });
}

}  // namespace
}  // namespace weft
