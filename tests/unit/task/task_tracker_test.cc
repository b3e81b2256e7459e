// TaskTracker and the handles that abort when they are dropped.

#include <weft/task/task_tracker.h>

#include <atomic>
#include <deque>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <tests/support/runtimes.h>
#include <tests/support/scale.h>
#include <tests/support/threads.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/abort_on_drop.h>
#include <weft/task/local_set.h>

namespace weft {
namespace {

using runtime::Runtime;
using test_support::AsyncEvent;
using test_support::Counted;
using test_support::current_thread;
using test_support::MockTask;
using test_support::multi_thread;
using test_support::on_every_kind;
using test_support::OnDestroy;
using test_support::Polled;
using test_support::Probe;
using test_support::run_threads;
using test_support::scaled;

Task<int> number(int n) { co_return n; }
Task<int> wait_for(AsyncEvent& event, int n) {
  co_await event.wait();
  co_return n;
}
Task<> turn() {
  for (int i = 0; i < 3; ++i) co_await yield_now();
}
bool is_ready(TaskTracker& tracker) {
  MockTask task;
  Polled wait(tracker.wait());
  return wait.poll(task);
}

TEST(T40, WaitCompletesWhenClosedAndEmpty) {
  TaskTracker tracker;
  EXPECT_FALSE(is_ready(tracker)) << "empty, but open";
  std::optional<TaskTrackerToken> token = tracker.token();
  EXPECT_TRUE(tracker.close());
  EXPECT_FALSE(is_ready(tracker)) << "closed, but not empty";
  EXPECT_EQ(tracker.size(), 1u);
  MockTask task;
  Polled wait(tracker.wait());
  ASSERT_FALSE(wait.poll(task));
  token.reset();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(wait.poll(task));
  EXPECT_TRUE(tracker.empty());
}

TEST(T40, CloseAndReopenSayWhetherTheyChangedAnything) {
  TaskTracker tracker;
  EXPECT_FALSE(tracker.is_closed());
  EXPECT_FALSE(tracker.reopen());
  EXPECT_TRUE(tracker.close());
  EXPECT_FALSE(tracker.close());
  EXPECT_TRUE(tracker.is_closed());
  EXPECT_TRUE(tracker.reopen());
  EXPECT_FALSE(tracker.is_closed());
}

TEST(T40, CopiesShareTheCountAndTokensKnowTheirTracker) {
  TaskTracker tracker;
  TaskTracker copy = tracker;
  EXPECT_EQ(tracker, copy);
  EXPECT_FALSE(tracker == TaskTracker());
  TaskTrackerToken token = copy.token();
  TaskTrackerToken another = token;
  EXPECT_EQ(tracker.size(), 2u);
  TaskTrackerToken moved = std::move(token);
  EXPECT_EQ(tracker.size(), 2u);
  moved = another;
  EXPECT_EQ(tracker.size(), 2u);
  EXPECT_EQ(moved.task_tracker(), tracker);
}

TEST(T40, ATaskIsCountedUntilItsFrameIsDestroyed) {
  on_every_kind([](Runtime& rt) {
    TaskTracker tracker;
    AsyncEvent event;
    const auto entered = rt.enter();
    std::size_t seen = 0;
    auto check = OnDestroy([&] { seen = tracker.size(); });
    auto task = tracker.spawn(
        [](AsyncEvent& go, auto) -> Task<int> {
          co_await go.wait();
          co_return 5;
        },
        std::ref(event), std::move(check));
    EXPECT_EQ(tracker.size(), 1u);
    event.set();
    EXPECT_EQ(rt.block_on(task).value(), 5);
    EXPECT_EQ(seen, 1u) << "its locals were destroyed while it counted";
    EXPECT_EQ(tracker.size(), 0u) << "gone before its result is seen";
  });
}

TEST(T40, EveryWayOfSpawningCounts) {
  Runtime rt = current_thread();
  Runtime elsewhere = multi_thread(1);
  LocalSet local;
  TaskTracker tracker;
  auto first = tracker.spawn_local_on(local, number(1));
  local.block_on(rt, [&]() -> Task<> {
    std::vector<JoinHandle<int>> handles;
    handles.push_back(tracker.spawn(number(1)));
    handles.push_back(tracker.spawn(number, 1));
    handles.push_back(tracker.spawn_on(elsewhere.handle(), number(1)));
    handles.push_back(tracker.spawn_local(number(1)));
    handles.push_back(tracker.spawn_blocking([](int n) { return n; }, 1));
    handles.push_back(tracker.spawn_blocking_on(elsewhere.handle(), [] { return 1; }));
    EXPECT_GE(tracker.size(), 3u) << "what runs on this thread has not begun";
    tracker.close();
    co_await tracker.wait();
    EXPECT_TRUE(first.is_finished());
    for (auto& handle : handles) EXPECT_EQ((co_await handle).value(), 1);
  }());
}

TEST(T40, TrackCountsAnAwaitableAndYieldsItsValue) {
  TaskTracker tracker;
  Probe<int> probe;
  MockTask task;
  {
    Polled tracked(tracker.track(probe.wait()));
    EXPECT_EQ(tracker.size(), 1u);
    ASSERT_FALSE(tracked.poll(task));
    probe.complete(6);
    ASSERT_TRUE(tracked.poll(task));
    EXPECT_EQ(tracked.take(), 6);
  }
  EXPECT_EQ(tracker.size(), 0u);
  {
    Polled cancelled(tracker.track(probe.wait()));
  }
  EXPECT_EQ(tracker.size(), 0u);
}

TEST(T40, AnAbortedTaskLeavesTheCountAndADestroyedTrackerAbortsNothing) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent event;
  std::optional<TaskTracker> tracker(std::in_place);
  auto aborted = tracker->spawn(wait_for(event, 1));
  auto kept = tracker->spawn(wait_for(event, 2));
  aborted.abort();
  rt.block_on(turn());
  EXPECT_EQ(tracker->size(), 1u);
  tracker.reset();
  rt.block_on(turn());
  EXPECT_FALSE(kept.is_finished());
  event.set();
  EXPECT_EQ(rt.block_on(kept).value(), 2);
}

TEST(T40, AWaitThatIsDestroyedLeavesNoTrace) {
  TaskTracker tracker;
  const TaskTrackerToken token = tracker.token();
  MockTask task;
  {
    Polled wait(tracker.wait());
    ASSERT_FALSE(wait.poll(task));
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(T40, AWaitMayOutliveTheTracker) {
  std::optional<TaskTracker> tracker(std::in_place);
  std::optional<TaskTrackerToken> token = tracker->token();
  tracker->close();
  MockTask task;
  Polled wait(tracker->wait());
  ASSERT_FALSE(wait.poll(task));
  tracker.reset();
  token.reset();
  EXPECT_TRUE(wait.poll(task));
}

TEST(T41, CloseAtEveryPositionAmongFiveExits) {
  for (int position = 0; position <= 5; ++position) {
    SCOPED_TRACE(position);
    TaskTracker tracker;
    std::deque<TaskTrackerToken> tokens;
    for (int i = 0; i < 5; ++i) tokens.push_back(tracker.token());
    MockTask task;
    Polled wait(tracker.wait());
    for (int i = 0; i <= 5; ++i) {
      ASSERT_FALSE(wait.poll(task));
      EXPECT_FALSE(task.take_woken());
      if (i == position) tracker.close();
      if (!tokens.empty()) tokens.pop_front();
      if (tokens.empty() && tracker.is_closed()) break;
    }
    EXPECT_TRUE(task.take_woken());
    EXPECT_TRUE(wait.poll(task));
  }
}

TEST(T41, AMomentClosedAndEmptySufficesAlsoBeforeTheFirstPoll) {
  TaskTracker tracker;
  MockTask task;
  {
    Polled wait(tracker.wait());
    tracker.close();  // empty
    tracker.reopen();
    const TaskTrackerToken refilled = tracker.token();
    EXPECT_TRUE(wait.poll(task));
  }
  {
    std::optional<TaskTrackerToken> token = tracker.token();
    Polled wait(tracker.wait());
    ASSERT_FALSE(wait.poll(task));
    tracker.close();
    token.reset();
    const TaskTrackerToken respawned = tracker.token();
    EXPECT_TRUE(task.take_woken());
    EXPECT_TRUE(wait.poll(task)) << "respawned before it was polled";
  }
}

TEST(T41, AMomentThatIsOnlyEmptyIsNone) {
  TaskTracker tracker;
  MockTask task;
  std::optional<TaskTrackerToken> token = tracker.token();
  Polled wait(tracker.wait());
  ASSERT_FALSE(wait.poll(task));
  token.reset();
  const TaskTrackerToken respawned = tracker.token();
  EXPECT_FALSE(task.take_woken());
  tracker.close();
  EXPECT_FALSE(wait.poll(task));
}

TEST(T41, ReadyAtItsCreationStaysReady) {
  TaskTracker tracker;
  tracker.close();
  MockTask task;
  Polled wait(tracker.wait());
  tracker.reopen();
  const TaskTrackerToken token = tracker.token();
  EXPECT_TRUE(wait.poll(task));
}

TEST(T41, ABorrowedWaitStaysReadyToo) {
  TaskTracker tracker;
  auto waiting = tracker.wait();
  tracker.close();
  MockTask task;
  {
    Polled first(waiting);
    ASSERT_TRUE(first.poll(task));
  }
  tracker.reopen();
  Polled second(waiting);
  EXPECT_TRUE(second.poll(task));
}

TEST(T41, TenWaitersAreAllNotified) {
  TaskTracker tracker;
  std::optional<TaskTrackerToken> token = tracker.token();
  tracker.close();
  std::deque<MockTask> tasks(10);
  using Wait = Polled<decltype(tracker.wait())>;
  std::deque<Wait> waits;
  for (MockTask& task : tasks) {
    waits.emplace_back(tracker.wait());
    ASSERT_FALSE(waits.back().poll(task));
  }
  token.reset();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    EXPECT_EQ(tasks[i].wake_count(), 1);
    EXPECT_TRUE(waits[i].poll(tasks[i]));
  }
}

TEST(T41, TokensComeAndGoOnManyThreads) {
  const int rounds = scaled(20000);
  TaskTracker tracker;
  MockTask task;
  std::optional<TaskTrackerToken> first = tracker.token();
  Polled wait(tracker.wait());
  ASSERT_FALSE(wait.poll(task));
  tracker.close();
  run_threads(4, [&, tokens = TaskTrackerToken(*first)](int) {
    for (int i = 0; i < rounds; ++i) const TaskTrackerToken copy = tokens;
  });
  EXPECT_FALSE(task.take_woken());
  first.reset();
  EXPECT_TRUE(wait.poll(task));
  EXPECT_EQ(tracker.size(), 0u);
}

TEST(T42, DroppingTheHandleAbortsTheTask) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent never;
    auto task = rt.spawn(wait_for(never, 1));
    const AbortHandle watch = task.abort_handle();
    {
      AbortOnDropHandle<int> handle(std::move(task));
      EXPECT_EQ(handle.id(), watch.id());
      EXPECT_FALSE(handle.is_finished());
      EXPECT_EQ(handle.abort_handle().id(), watch.id());
    }
    rt.block_on([&]() -> Task<> {
      while (!watch.is_finished()) co_await yield_now();
    }());
  });
}

TEST(T42, AwaitingItYieldsTheResult) {
  Runtime rt = current_thread();
  AbortOnDropHandle<int> handle(rt.spawn(number(3)));
  EXPECT_EQ(rt.block_on(handle).value(), 3);
  AsyncEvent never;
  AbortOnDropHandle<int> aborted(rt.spawn(wait_for(never, 3)));
  aborted.abort();
  EXPECT_TRUE(rt.block_on(aborted).error().is_cancelled());
}

TEST(T42, DetachGivesAPlainHandleBack) {
  Runtime rt = current_thread();
  AsyncEvent event;
  std::optional<JoinHandle<int>> plain;
  {
    AbortOnDropHandle<int> handle(rt.spawn(wait_for(event, 4)));
    plain = std::move(handle).detach();
  }
  event.set();
  EXPECT_EQ(rt.block_on(*plain).value(), 4);
}

TEST(T42, AssigningAbortsTheOldTask) {
  Runtime rt = current_thread();
  AsyncEvent never;
  auto first = rt.spawn(wait_for(never, 1));
  const AbortHandle watch = first.abort_handle();
  AbortOnDropHandle<int> handle(std::move(first));
  handle = AbortOnDropHandle<int>(rt.spawn(number(2)));
  EXPECT_EQ(rt.block_on(handle).value(), 2);
  rt.block_on(turn());
  EXPECT_TRUE(watch.is_finished());
}

TEST(T42, AbortOnDropDoesTheSameForAnAbortHandle) {
  Runtime rt = current_thread();
  AsyncEvent event;
  auto dropped = rt.spawn(wait_for(event, 1));
  auto detached = rt.spawn(wait_for(event, 2));
  auto assigned = rt.spawn(wait_for(event, 3));
  {
    AbortOnDrop guard(dropped.abort_handle());
    EXPECT_EQ(guard.id(), dropped.id());
    AbortOnDrop moved(std::move(guard));
    EXPECT_FALSE(moved.is_finished());
  }
  {
    AbortOnDrop guard(detached.abort_handle());
    const AbortHandle plain = std::move(guard).detach();
    EXPECT_EQ(plain.id(), detached.id());
  }
  AbortOnDrop last(assigned.abort_handle());
  last = AbortOnDrop(assigned.abort_handle());
  EXPECT_TRUE(rt.block_on(dropped).error().is_cancelled());
  EXPECT_TRUE(rt.block_on(assigned).error().is_cancelled());
  event.set();
  EXPECT_EQ(rt.block_on(detached).value(), 2);
}

}  // namespace
}  // namespace weft
