// The walk over all frames at shutdown, beside everything that may happen to their memory.
//
// Spec: docs/decisions/0004-slab-walk.md is what these models are to prove.
//
// Explored: one runtime walks, while another thread takes a block through all its roles: free, a
// nested frame, a task of another runtime that is queued, running, idle and complete, free again; a
// task that the walking runtime refused and that its spawner cancels, at once or step by step; a
// second runtime that walks at the same time; frames too large for a slab. The frames' contents are
// Cells: a task that is claimed wrongly, twice, or before it is visible, is a race, and one that is
// overlooked is left over.
//
// The allocator makes no steps here (loom/free_blocks.h). Where a block has to wander, it is put on
// a shelf of one place, which orders as little as any allocator may. frame_allocator_loom.cc is
// about the allocator itself.
//
// Not explored: the header of a slab that is published during a walk is plain memory that the
// checker does not see; more than two runtimes.

#include <memory>

#include <tests/loom/support/model.h>
#include <weft/loom/atomic.h>
#include <weft/loom/cell.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/coroutine/frame_registry.h>
#include <weft/runtime/task/task_state.h>

namespace weft::loom_test {
namespace {

using internal::FrameHeader;
using internal::FrameRegistry;
using internal::FreeBlock;
using internal::TaskState;

constexpr std::uint32_t kFirst = 7;
constexpr std::uint32_t kSecond = 8;

// Where a freed block lies until any thread takes it.
class Shelf {
 public:
  // SAFETY(lifetime): a block without a frame; its first word says so.
  void put(FrameHeader* block) {
    // relaxed: as free_block(FrameHeader*).
    block->word().store(FrameHeader::kFreeWord, std::memory_order_relaxed);
    FrameHeader* const other = place_.exchange(block, std::memory_order_acq_rel);
    if (other != nullptr) internal::free_block(other);
  }
  // Null if there is none.
  FrameHeader* take() { return place_.exchange(nullptr, std::memory_order_acq_rel); }
  void clear() {
    if (FrameHeader* const block = take()) internal::free_block(block);
  }

 private:
  // release in put() -> acquire in take(): what its last user did.
  loom::Atomic<FrameHeader*> place_{nullptr};
};

// What a coroutine's frame holds.
struct Body {
  explicit Body(std::uint32_t runtime) : owner(runtime) {}
  loom::Cell<std::uint32_t> owner;  // 0: a nested frame
};

constexpr std::size_t kSmall = sizeof(Body);
constexpr std::size_t kLarge = 4096;

Body& body_of(FrameHeader* frame) {
  // SAFETY(cast): every frame and task here begins with a Body.
  return *static_cast<Body*>(frame->frame_address());
}

FrameHeader* make_nested_frame() {
  void* const memory = internal::allocate_frame(kSmall);
  // SAFETY(storage): of at least that size, and aligned.
  std::construct_at(static_cast<Body*>(memory), 0u);
  // SAFETY(cast): every frame has its header in front.
  return static_cast<FrameHeader*>(memory) - 1;
}

void use_and_free_nested_frame() {
  FrameHeader* const frame = make_nested_frame();
  body_of(frame).owner.with([](std::uint32_t owner) { expect(owner == 0, "somebody else's"); });
  std::destroy_at(&body_of(frame));
  internal::deallocate_frame(frame->frame_address());
}

// A block as spawn leaves it: a task that is queued, with a JoinHandle.
void become_task(FrameHeader* block, std::uint32_t runtime) {
  // SAFETY(storage): the block has room for a Body and holds none.
  std::construct_at(&body_of(block), runtime);
  // relaxed: as allocate_frame() and init_task().
  block->word().store(FrameHeader::kNestedWord, std::memory_order_relaxed);
  block->block_is_kept = true;
  block->join_waker.store(nullptr, std::memory_order_relaxed);
  TaskState(*block).init(runtime);
}

FrameHeader* make_task(std::uint32_t runtime, std::size_t size = kSmall) {
  void* const memory = internal::allocate_frame(size);
  // SAFETY(cast): every frame has its header in front.
  FrameHeader* const task = static_cast<FrameHeader*>(memory) - 1;
  become_task(task, runtime);
  return task;
}

void touch(FrameHeader* task, std::uint32_t runtime) {
  body_of(task).owner.with_mut([runtime](std::uint32_t& owner) {
    expect(owner == runtime, "the frame is another runtime's");
  });
}

void free_task(FrameHeader* task, Shelf* shelf) {
  shelf == nullptr ? internal::free_block(task) : shelf->put(task);
}

// With RUNNING held: the frame goes, and the block with it if nobody else refers to it.
void end_task(FrameHeader* task, std::uint32_t runtime, Shelf* shelf = nullptr) {
  touch(task, runtime);
  std::destroy_at(&body_of(task));
  const TaskState::Completion done = TaskState(*task).complete(0, [] {});
  if (done.free_task) free_task(task, shelf);
}

void drop_handle(FrameHeader* task, Shelf* shelf = nullptr) {
  if (TaskState(*task).drop_join_interest(false, [] {})) free_task(task, shelf);
}

void become_idle(FrameHeader* task, std::uint32_t runtime) {
  expect(TaskState(*task).start() == TaskState::Start::kRun, "a new task is cancelled");
  touch(task, runtime);
  expect(TaskState(*task).suspend(0) == TaskState::Suspend::kIdle, "nobody wakes it");
}

FrameHeader* make_idle_task(std::uint32_t runtime, std::size_t size = kSmall) {
  FrameHeader* const task = make_task(runtime, size);
  become_idle(task, runtime);
  return task;
}

// What cancel_idle_tasks() does (scheduler/task_walk.cc); how many tasks it claimed.
int walk(std::uint32_t runtime, Shelf* shelf = nullptr) {
  int claimed = 0;
  FrameRegistry::instance().for_each_slab_block([&](FreeBlock* block) {
    // SAFETY(cast): every block starts with a FrameHeader's first word; the rest is looked at only
    // if it is a task of ours.
    auto* const task = reinterpret_cast<FrameHeader*>(block);
    if (!TaskState(*task).claim_for_shutdown(runtime)) return;
    ++claimed;
    end_task(task, runtime, shelf);
  });
  FrameHeader* large = nullptr;
  FrameRegistry::instance().for_each_large_block([&](void* block) {
    // SAFETY(cast): as above.
    auto* const task = static_cast<FrameHeader*>(block);
    if (!TaskState(*task).claim_for_shutdown(runtime)) return;
    task->queue_next = large;
    large = task;
  });
  while (large != nullptr) {
    FrameHeader* const task = large;
    large = task->queue_next;
    ++claimed;
    end_task(task, runtime);
  }
  return claimed;
}

// An idle task's last poll, on a thread of its runtime.
void wake_and_end(FrameHeader* task, std::uint32_t runtime, Shelf* shelf = nullptr) {
  TaskState state(*task);
  expect(state.wake_by_ref() == TaskState::Wake::kSubmit, "an idle task is not queued");
  expect(state.start() == TaskState::Start::kRun, "another runtime's task is cancelled");
  end_task(task, runtime, shelf);
}

// A task of another runtime from its spawn to its end, idle in between.
void run_task_of(std::uint32_t runtime, std::size_t size = kSmall) {
  FrameHeader* const task = make_idle_task(runtime, size);
  wake_and_end(task, runtime);
  drop_handle(task);
}

TEST(R119, AWalkLeavesABlockThatChangesItsRolesAlone) {
  model([] {
    FrameHeader* const idle = make_idle_task(kFirst);
    loom::Thread other = start([&] {
      run_task_of(kSecond);
      use_and_free_nested_frame();
    });
    expect(walk(kFirst) == 1, "the walk has not found the one idle task");
    drop_handle(idle);
    other.join();
  });
}

// The walker frees a block, which the other runtime makes a task of, and then a nested frame, while
// the walk goes on; and the other way round.
TEST(R119, ABlockThatTheWalkFreesIsUsedByAnotherRuntimeAtOnce) {
  bool reused = false;
  model([&] {
    Shelf shelf;
    FrameHeader* const spare = make_idle_task(kSecond);
    drop_handle(make_idle_task(kFirst));
    loom::Thread other = start([&] {
      wake_and_end(spare, kSecond, &shelf);
      drop_handle(spare, &shelf);
      for (int i = 0; i < 2; ++i) {
        FrameHeader* const block = shelf.take();
        if (block == nullptr) continue;
        reused |= block != spare;
        become_task(block, kSecond);
        become_idle(block, kSecond);
        wake_and_end(block, kSecond, &shelf);
        drop_handle(block, &shelf);
      }
    });
    expect(walk(kFirst, &shelf) == 1, "the walk has not found the one idle task");
    other.join();
    shelf.clear();
  });
  EXPECT_TRUE(reused);
}

TEST(R119, ATaskThatItsSpawnerCancelsIsNotClaimed) {
  model([] {
    drop_handle(make_idle_task(kFirst));
    loom::Thread spawner = start([&] {
      FrameHeader* const refused = make_task(kFirst);
      if (TaskState(*refused).start() == TaskState::Start::kRun) {
        TaskState(*refused).mark_cancelled();
      }
      end_task(refused, kFirst);
      drop_handle(refused);
      use_and_free_nested_frame();
    });
    expect(walk(kFirst) == 1, "the walk has claimed a task that its spawner cancels");
    spawner.join();
  });
}

// The same, but what the refused task waits for takes a while to end (poll_cancel).
TEST(R119, ATaskThatItsSpawnerCancelsStepByStepIsNotClaimed) {
  model([] {
    loom::Thread spawner = start([&] {
      FrameHeader* const refused = make_task(kFirst);
      TaskState state(*refused);
      if (state.start() == TaskState::Start::kRun) state.mark_cancelled();
      touch(refused, kFirst);
      expect(state.suspend(0) == TaskState::Suspend::kIdle, "nobody wakes it");
      // What it waits for wakes it.
      expect(state.wake_by_ref() == TaskState::Wake::kSubmit, "an idle task is not queued");
      expect(state.start() == TaskState::Start::kCancel, "a cancelled task runs");
      end_task(refused, kFirst);
      drop_handle(refused);
    });
    expect(walk(kFirst) == 0, "the walk has claimed a task that is being cancelled");
    spawner.join();
  });
}

TEST(R119, TwoRuntimesWalkAtTheSameTime) {
  model([] {
    drop_handle(make_idle_task(kFirst));
    drop_handle(make_idle_task(kSecond));
    loom::Thread other = start([] { expect(walk(kSecond) == 1, "a walk has overlooked a task"); });
    expect(walk(kFirst) == 1, "a walk has overlooked a task");
    other.join();
  });
}

// A handle on a foreign thread, and a wake-up that comes first and queues the task.
TEST(R119, TheWalkAndAForeignHandleThatGoes) {
  model([] {
    FrameHeader* const idle = make_idle_task(kFirst);
    loom::Thread other = start([&] {
      drop_handle(idle);
      run_task_of(kSecond);
    });
    expect(walk(kFirst) == 1, "the walk has not found the one idle task");
    other.join();
  });
}

TEST(R119, AWalkBesideFramesTooLargeForASlab) {
  model([] {
    drop_handle(make_idle_task(kFirst, kLarge));
    loom::Thread other = start([&] { run_task_of(kSecond, kLarge); });
    expect(walk(kFirst) == 1, "the walk has not found the one idle task");
    other.join();
  });
}

// More frames than a slab has room for: another one is published under the walk.
TEST(R119, AWalkBesideANewSlab) {
  model([] {
    drop_handle(make_idle_task(kFirst));
    FrameHeader* const nested[] = {make_nested_frame(), make_nested_frame(), make_nested_frame()};
    loom::Thread other = start([&] { run_task_of(kSecond); });
    expect(walk(kFirst) == 1, "the walk has not found the one idle task");
    other.join();
    for (FrameHeader* const frame : nested) {
      std::destroy_at(&body_of(frame));
      internal::deallocate_frame(frame->frame_address());
    }
  });
}

}  // namespace
}  // namespace weft::loom_test
