// A dump's claim of an idle task, beside all that may happen to the task meanwhile.
//
// Spec: R-150; runtime/dump/dump_walk.h.
//
// Explored: claim, look at the frame, and give back, while other threads wake the task, by value
// and by reference, abort it, drop its handle and its last references, poll it, and end its
// runtime; two dumps at a time; a reference that is taken from an idle task; a glance at tasks that
// follow each other in one block. The frame is a Cell: who has no right to it is a race. A wake-up
// that is lost is a task that is not polled after it; a task that is forgotten is left over.
//
// dump_runtime_loom.cc in scheduler/ has the walk itself, in a runtime that ends.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <utility>

#include <tests/loom/support/model.h>
#include <tests/loom/task/state_task.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/dump/task_glance.h>

namespace weft::loom_test {
namespace {

using Claim = TaskState::Claim;

// What DumpWalk::record_claimed() and give_back() do. True: it was idle.
bool dump(StateTask& task) {
  if (task.state().claim_for_dump(StateTask::kRuntime) != Claim::kClaimed) return false;
  task.touch_frame();
  if (task.suspend(0)) task.push();
  return true;
}

// A task that has been polled once, and waits.
StateTask& make_idle() {
  StateTask& task = *StateTask::create();
  task.push();
  expect(task.pop(), "a new task is queued");
  task.poll([](std::uint32_t&) { return false; });
  return task;
}

// Runs the task for as long as it is queued; the next poll ends it.
void work_to_the_end(StateTask& task, bool& ended) {
  while (!ended && task.pop()) {
    task.poll([](std::uint32_t&) { return true; });
    ended = true;
  }
}

TEST(R150, AWakeUpThatFindsTheTaskClaimedIsNotLost) {
  bool claimed_once = false;
  bool missed_once = false;
  model([&] {
    StateTask& task = make_idle();
    bool ended = false;
    loom::Thread waking = start([woken = task.waker()]() mutable { std::move(woken).wake(); });
    loom::Thread dumping = start([&] { (dump(task) ? claimed_once : missed_once) = true; });
    work_to_the_end(task, ended);
    waking.join();
    dumping.join();
    work_to_the_end(task, ended);
    expect(ended, "a wake-up was lost");
    expect(!task.take_output(), "a task is cancelled that nobody aborted");
  });
  EXPECT_TRUE(claimed_once);
  EXPECT_TRUE(missed_once);
}

TEST(R150, AWakeUpByReferenceThatFindsTheTaskClaimedIsNotLost) {
  model([] {
    StateTask& task = make_idle();
    bool ended = false;
    loom::Thread waking = start([woken = task.waker()] { woken.wake(); });
    loom::Thread dumping = start([&] { dump(task); });
    waking.join();
    dumping.join();
    work_to_the_end(task, ended);
    expect(ended, "a wake-up was lost");
    expect(!task.take_output(), "a task is cancelled that nobody aborted");
  });
}

TEST(R150, AnAbortThatFindsTheTaskClaimedCancelsIt) {
  model([] {
    StateTask& task = make_idle();
    loom::Thread aborting = start([&] { task.abort(); });
    loom::Thread dumping = start([&] { dump(task); });
    aborting.join();
    dumping.join();
    expect(task.pop(), "an aborted task is not queued");
    task.poll([](std::uint32_t&) {
      expect(false, "an aborted task is polled");
      return true;
    });
    expect(task.take_output(), "an aborted task has a value");
  });
}

// The handle goes, and then the only waker is used: whoever polls the task next is alone with it
// and stores plainly.
TEST(R150, TheLastReferencesGoWhileTheTaskIsClaimed) {
  model([] {
    StateTask& task = make_idle();
    bool ended = false;
    loom::Thread others = start([&, woken = task.waker()]() mutable {
      task.drop_join(false);
      std::move(woken).wake();
    });
    loom::Thread dumping = start([&] { dump(task); });
    others.join();
    dumping.join();
    work_to_the_end(task, ended);
    expect(ended, "a wake-up was lost");
  });
}

TEST(R150, TwoDumpsAndAWakeUp) {
  model(bounded(3, std::nullopt), [] {
    StateTask& task = make_idle();
    bool ended = false;
    loom::Thread waking = start([woken = task.waker()]() mutable { std::move(woken).wake(); });
    loom::Thread first = start([&] { dump(task); });
    loom::Thread second = start([&] { dump(task); });
    waking.join();
    first.join();
    second.join();
    work_to_the_end(task, ended);
    expect(ended, "a wake-up was lost");
    static_cast<void>(task.take_output());
  });
}

// A reference from nothing, for a large frame: the task may be complete when it is given back.
TEST(R150, AReferenceOfADumpKeepsTheMemory) {
  bool retained_once = false;
  model([&] {
    StateTask& task = make_idle();
    // Ours, so that the memory is there at the first look, as a registry's lock has it.
    const Waker kept = task.waker();
    bool ended = false;
    loom::Thread others = start([&, woken = task.waker()]() mutable {
      task.drop_join(false);
      std::move(woken).wake();
      work_to_the_end(task, ended);
    });
    if (task.state().retain_if_idle(StateTask::kRuntime)) {
      retained_once = true;
      const Waker reference = task.adopt();
      dump(task);
    }
    others.join();
    work_to_the_end(task, ended);
    expect(ended, "a wake-up was lost");
  });
  EXPECT_TRUE(retained_once);
}

// No handle, no waker: the walk of the end would be alone with the task, and free its memory
// without a word, if the dump had no reference.
TEST(R150, AReferenceOfADumpIsSeenByWhoeverWouldBeAlone) {
  model([] {
    StateTask& task = make_idle();
    task.drop_join(false);
    expect(task.state().retain_if_idle(StateTask::kRuntime), "it is idle");
    bool ended = false;
    loom::Thread ending = start([&] {
      ended = task.state().claim_for_shutdown(StateTask::kRuntime);
      if (ended) task.cancel_and_complete();
    });
    {
      const Waker reference = task.adopt();
      dump(task);
    }
    ending.join();
    if (ended) return;
    // What the dump held when the end looked is left to the next look.
    expect(task.state().claim_for_shutdown(StateTask::kRuntime), "the end overlooks an idle task");
    task.cancel_and_complete();
  });
}

// The end of a runtime as in MultiThread::finish() and CurrentThread::stop_tasks(): it claims what
// is idle, and sleeps until there is a reason to look again. What has to hold: it is woken.
TEST(R150, ATaskThatADumpHoldsIsNotForgottenByTheEnd) {
  bool looked_twice = false;
  model([&] {
    StateTask& task = make_idle();
    task.drop_join(false);
    loom::Atomic<bool> stopping{false};
    loom::Atomic<bool> walk_again{true};
    loom::Mutex mutex;
    loom::Condvar unparked;
    bool token = false;
    // The dump has begun before the end, which is why it may look at the task at all.
    expect(task.state().claim_for_dump(StateTask::kRuntime) == Claim::kClaimed, "it is idle");
    loom::Thread dumping = start([&] {
      task.touch_frame();
      expect(!task.suspend(0), "nobody wakes it");
      // note_stray_resume()
      walk_again.exchange(true, std::memory_order_acq_rel);
      if (!stopping.load(std::memory_order_seq_cst)) return;
      const std::lock_guard lock(mutex);
      token = true;
      unparked.notify_one();
    });
    stopping.store(true, std::memory_order_seq_cst);
    int walks = 0;
    for (bool ended = false; !ended;) {
      if (walk_again.exchange(false, std::memory_order_acq_rel)) {
        ++walks;
        if (task.state().claim_for_shutdown(StateTask::kRuntime)) {
          task.cancel_and_complete();
          ended = true;
        }
        continue;
      }
      std::unique_lock lock(mutex);
      unparked.wait(lock, [&] { return token; });
      token = false;
    }
    looked_twice |= walks == 2;
    dumping.join();
  });
  EXPECT_TRUE(looked_twice);
}

// --- Glances

constexpr std::source_location place_a() { return std::source_location::current(); }
constexpr std::source_location place_b() { return std::source_location::current(); }

// A block that is one task after the other, without what is not looked at.
class Block {
 public:
  Block() { become(1, place_a()); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() { std::destroy_at(&header().word()); }

  FrameHeader& header() noexcept {
    // SAFETY(cast): as a block of the frame allocator, whose header is written field by field.
    return *reinterpret_cast<FrameHeader*>(memory_);
  }
  void become(std::uint64_t id, std::source_location where) {
    // relaxed: as allocate_frame().
    header().word().store(FrameHeader::kNestedWord, std::memory_order_relaxed);
    header().id = id;
    header().spawned_at = where;
    TaskState(header()).init(StateTask::kRuntime);
  }
  void end() {
    // relaxed: as free_block().
    header().word().store(FrameHeader::kFreeWord, std::memory_order_relaxed);
  }

 private:
  alignas(FrameHeader) unsigned char memory_[sizeof(FrameHeader)] = {};
};

TEST(R150, AGlanceIsOfOneTask) {
  bool saw_first = false;
  bool saw_second = false;
  bool saw_none = false;
  model([&] {
    Block block;
    loom::Thread other = start([&] {
      block.end();
      block.become(2, place_b());
    });
    const std::optional<internal::Glance> seen =
        internal::glance(block.header(), StateTask::kRuntime);
    if (!seen.has_value()) {
      saw_none = true;
    } else {
      (seen->id == 1 ? saw_first : saw_second) = true;
      const std::source_location expected = seen->id == 1 ? place_a() : place_b();
      expect(seen->spawned_at.line() == expected.line(), "the id of one, the place of another");
      expect(seen->state == Claim::kQueued, "a new task is queued");
    }
    other.join();
  });
  EXPECT_TRUE(saw_first);
  EXPECT_TRUE(saw_second);
  EXPECT_TRUE(saw_none);
}

}  // namespace
}  // namespace weft::loom_test
