// The task's state word, transition by transition, on headers without a coroutine.

#include <weft/runtime/task/task_state.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/waker.h>

namespace weft::internal {
namespace {

using test_support::MockTask;
using S = TaskState;

constexpr std::uint32_t kRuntime = 7;

// A header with a state word and nothing behind it. The test says when the word allows freeing it.
class BareTask {
 public:
  BareTask() : header_(static_cast<FrameHeader*>(allocate_frame(64)) - 1), state(*header_) {
    state.init(kRuntime);
  }
  BareTask(const BareTask&) = delete;
  BareTask& operator=(const BareTask&) = delete;
  ~BareTask() { free_block(header_); }

  std::uint64_t word() const noexcept { return header_->word().load(std::memory_order_acquire); }
  bool has(std::uint64_t bits) const noexcept { return (word() & bits) == bits; }
  bool has_none(std::uint64_t bits) const noexcept { return (word() & bits) == 0; }
  std::int32_t count() const noexcept { return static_cast<std::int32_t>(word() >> 32); }
  FrameHeader& header() noexcept { return *header_; }

  // A queued task runs once and waits.
  void run_once() {
    ASSERT_EQ(state.start(), S::Start::kRun);
    ASSERT_EQ(state.suspend(0), S::Suspend::kIdle);
  }
  S::Completion complete() {
    return state.complete(0, [this] { ++outputs_dropped; });
  }
  bool drop_join_handle() {
    return state.drop_join_interest(false, [this] { ++outputs_dropped; });
  }

 private:
  FrameHeader* header_;

 public:
  TaskState state;
  int outputs_dropped = 0;
};

TEST(R107, NewTaskIsNotifiedAndJoinedAndNothingElse) {
  BareTask task;
  EXPECT_TRUE(task.has(S::kTask | S::kNotified | S::kJoinInterest));
  EXPECT_TRUE(task.has_none(S::kRunning | S::kComplete | S::kCancelled | S::kJoinWaker));
  EXPECT_EQ(task.count(), 0);
}

TEST(R107, RunningAndCompleteExcludeEachOther) {
  BareTask task;
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  EXPECT_TRUE(task.has(S::kRunning));
  EXPECT_FALSE(task.state.is_complete());
  EXPECT_FALSE(task.complete().free_task);
  EXPECT_TRUE(task.state.is_complete());
  EXPECT_TRUE(task.has_none(S::kRunning));
}

TEST(R107, CompleteIsFinal) {
  BareTask task;
  task.state.retain();
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  static_cast<void>(task.complete());
  EXPECT_EQ(task.state.abort(), S::Wake::kNothing);
  EXPECT_EQ(task.state.wake_by_ref(), S::Wake::kNothing);
  EXPECT_FALSE(task.state.claim_for_shutdown(kRuntime));
  EXPECT_TRUE(task.state.is_complete());
  EXPECT_TRUE(task.has_none(S::kRunning | S::kNotified | S::kCancelled));
}

TEST(R108, JoinHandleKeepsACompleteTask) {
  BareTask task;
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  EXPECT_FALSE(task.complete().free_task);
  EXPECT_TRUE(task.drop_join_handle());
}

TEST(R108, CountedReferenceKeepsACompleteTask) {
  BareTask task;
  task.state.retain();
  EXPECT_FALSE(task.drop_join_handle());
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  EXPECT_FALSE(task.complete().free_task);
  EXPECT_TRUE(task.state.release());
}

TEST(R108, RunIsAReferenceOfItsOwn) {
  BareTask task;
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  task.state.retain();
  EXPECT_FALSE(task.drop_join_handle());
  EXPECT_FALSE(task.state.release());
  EXPECT_TRUE(task.complete().free_task);
}

TEST(R108, NotificationIsAReferenceOfItsOwn) {
  BareTask task;
  EXPECT_FALSE(task.drop_join_handle());
  task.state.retain();
  EXPECT_FALSE(task.state.release());
  EXPECT_EQ(task.state.start(), S::Start::kRun);
  EXPECT_TRUE(task.complete().free_task);
}

TEST(R108, WakerMayBeDroppedBeforeThePollThatClonedItCountsIt) {
  BareTask task;
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  EXPECT_FALSE(task.state.release());  // the clone is gone before it was added
  EXPECT_EQ(task.count(), -1);
  EXPECT_EQ(task.state.suspend(1), S::Suspend::kIdle);
  EXPECT_EQ(task.count(), 0);
  EXPECT_TRUE(task.has(S::kTask | S::kJoinInterest));
}

TEST(R108, WakerMayBeUsedUpBeforeThePollThatClonedItCountsIt) {
  BareTask task;
  EXPECT_FALSE(task.drop_join_handle());
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  EXPECT_EQ(task.state.wake(), S::Wake::kNothing);
  EXPECT_EQ(task.state.suspend(1), S::Suspend::kNotified);
  EXPECT_EQ(task.count(), 0);
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  EXPECT_TRUE(task.complete().free_task);
}

TEST(R108, CloneThatIsStillOutAtTheEndKeepsTheTask) {
  BareTask task;
  EXPECT_FALSE(task.drop_join_handle());
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  EXPECT_FALSE(task.state.complete(1, [] {}).free_task);
  EXPECT_TRUE(task.state.release());
}

TEST(R109, StartRunsAnUncancelledTaskAndCancelsACancelledOne) {
  BareTask task;
  EXPECT_EQ(task.state.abort(), S::Wake::kNothing);  // it is queued already
  EXPECT_EQ(task.state.start(), S::Start::kCancel);
  EXPECT_TRUE(task.has(S::kRunning));
}

TEST(R109, SuspendOfATaskThatWasWokenMeanwhileAsksForAnotherRun) {
  BareTask task;
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  EXPECT_EQ(task.state.wake_by_ref(), S::Wake::kNothing);
  EXPECT_EQ(task.state.suspend(0), S::Suspend::kNotified);
  EXPECT_TRUE(task.has(S::kNotified));
  EXPECT_TRUE(task.has_none(S::kRunning));
}

TEST(R109, WakeByValueOfAnIdleTaskSubmitsIt) {
  BareTask task;
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  ASSERT_EQ(task.state.suspend(2), S::Suspend::kIdle);
  EXPECT_EQ(task.state.wake(), S::Wake::kSubmit);
  EXPECT_TRUE(task.has(S::kNotified));
  EXPECT_EQ(task.count(), 1);
}

TEST(R109, WakeByValueOfAQueuedTaskOnlyGivesUpTheReference) {
  BareTask task;
  task.state.retain();
  const std::uint64_t before = task.word();
  EXPECT_EQ(task.state.wake(), S::Wake::kNothing);
  EXPECT_EQ(task.word(), before - S::kReference);
}

TEST(R109, LastWakeOfACompleteTaskFreesIt) {
  BareTask task;
  task.state.retain();
  task.state.retain();
  EXPECT_FALSE(task.drop_join_handle());
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  EXPECT_FALSE(task.complete().free_task);
  EXPECT_EQ(task.state.wake(), S::Wake::kNothing);
  EXPECT_EQ(task.state.wake(), S::Wake::kFree);
}

TEST(R109, WakeByReferenceKeepsTheReferenceAndSubmitsOnce) {
  BareTask task;
  task.run_once();
  EXPECT_EQ(task.state.wake_by_ref(), S::Wake::kSubmit);
  EXPECT_EQ(task.state.wake_by_ref(), S::Wake::kNothing);
  EXPECT_EQ(task.count(), 0);
}

TEST(R109, AbortOfAnIdleTaskSubmitsItOnce) {
  BareTask task;
  task.run_once();
  EXPECT_EQ(task.state.abort(), S::Wake::kSubmit);
  EXPECT_EQ(task.state.abort(), S::Wake::kNothing);
  EXPECT_EQ(task.state.start(), S::Start::kCancel);
}

TEST(R109, AbortOfARunningTaskIsSeenAtItsNextStart) {
  BareTask task;
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  EXPECT_EQ(task.state.abort(), S::Wake::kNothing);
  ASSERT_EQ(task.state.suspend(0), S::Suspend::kNotified);
  EXPECT_EQ(task.state.start(), S::Start::kCancel);
}

TEST(R109, AbortOfADeferredTaskIsSeenWhenItIsResumed) {
  BareTask task;
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  task.state.defer(0);
  EXPECT_EQ(task.state.abort(), S::Wake::kNothing);
  EXPECT_EQ(task.state.resume_deferred(), S::Start::kCancel);
}

TEST(R109, WakeOfADeferredTaskIsAbsorbedByItsNextPoll) {
  BareTask task;
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  task.state.defer(1);
  EXPECT_EQ(task.state.wake(), S::Wake::kNothing);
  EXPECT_EQ(task.state.resume_deferred(), S::Start::kRun);
  EXPECT_EQ(task.state.suspend(0), S::Suspend::kIdle);
  EXPECT_EQ(task.count(), 0);
}

TEST(R109, ShutdownTakesIdleTasksOfItsRuntimeAndNothingElse) {
  BareTask queued;
  EXPECT_FALSE(queued.state.claim_for_shutdown(kRuntime));
  BareTask running;
  ASSERT_EQ(running.state.start(), S::Start::kRun);
  EXPECT_FALSE(running.state.claim_for_shutdown(kRuntime));
  BareTask idle;
  idle.run_once();
  EXPECT_FALSE(idle.state.claim_for_shutdown(kRuntime + 1));
  EXPECT_TRUE(idle.state.claim_for_shutdown(kRuntime));
  EXPECT_TRUE(idle.has(S::kRunning | S::kCancelled));
  EXPECT_FALSE(idle.state.claim_for_shutdown(kRuntime));
  BareTask nested;
  nested.header().word().store(FrameHeader::kNestedWord, std::memory_order_relaxed);
  EXPECT_FALSE(nested.state.claim_for_shutdown(0));
  BareTask free_block;
  free_block.header().word().store(FrameHeader::kFreeWord, std::memory_order_relaxed);
  EXPECT_FALSE(free_block.state.claim_for_shutdown(0));
}

TEST(R109, JoinHandleDroppedBeforeTheEndLeavesTheOutputToTheCompletion) {
  BareTask task;
  EXPECT_FALSE(task.drop_join_handle());
  EXPECT_EQ(task.outputs_dropped, 0);
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  EXPECT_TRUE(task.complete().free_task);
  EXPECT_EQ(task.outputs_dropped, 1);
}

TEST(R109, JoinHandleDroppedAfterTheEndDropsTheOutputItself) {
  BareTask task;
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  EXPECT_FALSE(task.complete().free_task);
  EXPECT_EQ(task.outputs_dropped, 0);
  EXPECT_TRUE(task.drop_join_handle());
  EXPECT_EQ(task.outputs_dropped, 1);
}

TEST(R109, JoinHandleOfAnUnpublishedTaskIsDroppedWithoutACountedReference) {
  BareTask task;
  EXPECT_FALSE(task.state.drop_join_interest(true, [] { FAIL() << "there is no output yet"; }));
  EXPECT_TRUE(task.has_none(S::kJoinInterest));
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  EXPECT_TRUE(task.complete().free_task);
}

TEST(R116, CompletionTakesTheJoinWakerOnce) {
  MockTask joiner;
  BareTask task;
  ASSERT_EQ(task.state.set_join_waker(joiner.waker(), false), S::Join::kPending);
  EXPECT_TRUE(task.state.join_waker_is(joiner.waker()));
  EXPECT_EQ(joiner.waker_ref_count(), 2);
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  {
    S::Completion done = task.complete();
    EXPECT_TRUE(done.joiner.will_wake(joiner.waker()));
    EXPECT_TRUE(task.has_none(S::kJoinWaker));
  }
  EXPECT_EQ(joiner.waker_ref_count(), 1);
  EXPECT_TRUE(task.drop_join_handle());
}

TEST(R116, DroppingTheJoinHandleTakesTheWakerBack) {
  MockTask joiner;
  BareTask task;
  ASSERT_EQ(task.state.set_join_waker(joiner.waker(), false), S::Join::kPending);
  EXPECT_FALSE(task.drop_join_handle());
  EXPECT_EQ(joiner.waker_ref_count(), 1);
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  EXPECT_FALSE(static_cast<bool>(task.complete().joiner));
}

TEST(R116, NoWakerIsKeptForACompleteTask) {
  MockTask joiner;
  BareTask task;
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  static_cast<void>(task.complete());
  EXPECT_EQ(task.state.set_join_waker(joiner.waker(), false), S::Join::kComplete);
  EXPECT_EQ(joiner.waker_ref_count(), 1);
  EXPECT_TRUE(task.drop_join_handle());
}

TEST(R116, ReplacedWakerIsReleasedAndTheLastOneIsTaken) {
  MockTask first;
  MockTask second;
  BareTask task;
  ASSERT_EQ(task.state.set_join_waker(first.waker(), false), S::Join::kPending);
  ASSERT_EQ(task.state.set_join_waker(second.waker(), false), S::Join::kPending);
  EXPECT_EQ(first.waker_ref_count(), 1);
  ASSERT_EQ(task.state.start(), S::Start::kRun);
  {
    const S::Completion done = task.complete();
    EXPECT_TRUE(done.joiner.will_wake(second.waker()));
    EXPECT_FALSE(done.free_task);
  }
  EXPECT_EQ(second.waker_ref_count(), 1);
  EXPECT_TRUE(task.drop_join_handle());
}

// The handle changes its waker while the task completes: the handle learns of the end, or the waker
// it set last is the one that the completion took; and all wakers are released.
TEST(R116, ChangingTheWakerNeverMeetsTheCompletion) {
  MockTask first;
  MockTask second;
  for (int round = 0; round < 2000; ++round) {
    BareTask task;
    bool handle_frees = false;
    S::Completion done;
    std::barrier start(2);
    ASSERT_EQ(task.state.start(), S::Start::kRun);
    {
      std::jthread handle([&] {
        start.arrive_and_wait();
        auto last = S::Join::kPending;
        for (int i = 0; i < 4 && last == S::Join::kPending; ++i) {
          last = task.state.set_join_waker(i % 2 == 0 ? first.waker() : second.waker(), false);
        }
        handle_frees = task.drop_join_handle();
      });
      start.arrive_and_wait();
      done = task.complete();
    }
    EXPECT_NE(handle_frees, done.free_task) << "exactly one of the two holds the last reference";
    EXPECT_EQ(task.outputs_dropped, 1);
    done.joiner = Waker();
    ASSERT_EQ(first.waker_ref_count(), 1);
    ASSERT_EQ(second.waker_ref_count(), 1);
  }
}

// Runs `steps` in every order; each answers whether it freed the task, and only the last may.
TEST(R155, LastHolderToGoFreesTheTaskInEveryOrder) {
  std::array<int, 3> order = {0, 1, 2};
  do {
    BareTask task;
    task.state.retain();  // the abort handle
    std::vector<bool> freed;
    for (const int step : order) {
      if (step == 0) {
        ASSERT_EQ(task.state.start(), S::Start::kRun);
        freed.push_back(task.complete().free_task);
      } else if (step == 1) {
        freed.push_back(task.drop_join_handle());
      } else {
        freed.push_back(task.state.release());
      }
    }
    EXPECT_EQ(freed, (std::vector<bool>{false, false, true})) << order[0] << order[1] << order[2];
    EXPECT_EQ(task.outputs_dropped, 1);
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace
}  // namespace weft::internal
