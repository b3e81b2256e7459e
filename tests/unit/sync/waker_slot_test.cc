#include <weft/runtime/waker_slot.h>

#include <utility>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <weft/loom/thread.h>

namespace weft::internal {
namespace {

using test_support::MockTask;

void register_in(WakerSlot& slot, const MockTask& task) {
  const Waker waker = task.waker();
  Context cx(waker);
  slot.register_waker(cx);
}

TEST(SY116, RegisterStoresTheWaker) {
  WakerSlot slot;
  MockTask task;
  register_in(slot, task);
  EXPECT_EQ(task.waker_ref_count(), 2);
  EXPECT_EQ(task.wake_count(), 0);
}

TEST(SY116, RegisteringAnotherReplacesTheFirst) {
  WakerSlot slot;
  MockTask first, second;
  register_in(slot, first);
  register_in(slot, second);
  EXPECT_EQ(first.waker_ref_count(), 1);
  slot.wake();
  EXPECT_EQ(first.wake_count(), 0);
  EXPECT_EQ(second.wake_count(), 1);
}

// Copying a waker of it wakes the slot: the wake-up finds a registration going on.
class WakesOnCopy final : public Wakeable {
 public:
  explicit WakesOnCopy(WakerSlot& slot) noexcept : Wakeable(1, &kOps), slot_(slot) {}
  int wakes = 0;
  int copies = 0;

 private:
  static WakesOnCopy& of(Wakeable* target) noexcept { return *static_cast<WakesOnCopy*>(target); }
  static void wake(Wakeable* target) noexcept { ++of(target).wakes; }
  static void retain(Wakeable* target) noexcept {
    ++of(target).copies;
    of(target).slot_.wake();
  }
  static void release(Wakeable*) noexcept {}
  static constexpr WakeOps kOps = {&wake, &wake, &retain, &release};
  WakerSlot& slot_;
};

TEST(SY116, AWakeDuringRegistrationReachesTheRegistering) {
  WakerSlot slot;
  WakesOnCopy target(slot);
  const Waker waker = Waker::adopt(&target);
  Context cx(waker);
  slot.register_waker(cx);
  EXPECT_EQ(target.copies, 1);
  EXPECT_EQ(target.wakes, 1);
  // Nothing is left in the slot.
  slot.wake();
  EXPECT_EQ(target.wakes, 1);
}

TEST(SY116, AnEquivalentWakerIsNotCopiedAgain) {
  WakerSlot slot;
  MockTask task;
  register_in(slot, task);
  register_in(slot, task);
  EXPECT_EQ(task.waker_ref_count(), 2);
}

TEST(SY117, WakeWakesOnceAndForgets) {
  WakerSlot slot;
  MockTask task;
  register_in(slot, task);
  slot.wake();
  EXPECT_EQ(task.wake_count(), 1);
  EXPECT_EQ(task.waker_ref_count(), 1);
  slot.wake();
  EXPECT_EQ(task.wake_count(), 1);
}

TEST(SY117, WakeBeforeAnyRegistrationDoesNothing) {
  WakerSlot slot;
  slot.wake();
  slot.wake_if_registered();
  MockTask task;
  register_in(slot, task);
  EXPECT_EQ(task.wake_count(), 0);
  slot.wake_if_registered();
  EXPECT_EQ(task.wake_count(), 1);
}

TEST(SY118, TakeDropsTheInterest) {
  WakerSlot slot;
  MockTask task;
  register_in(slot, task);
  {
    const Waker taken = slot.take();
    EXPECT_TRUE(taken.will_wake(task.waker()));
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  slot.wake();
  EXPECT_EQ(task.wake_count(), 0);
  EXPECT_FALSE(slot.take());
}

TEST(SY118, RegisterThenLookNeverMissesAChange) {
  for (int round = 0; round < 2000; ++round) {
    WakerSlot slot;
    loom::Atomic<bool> ready{false};
    MockTask task;
    Result<loom::Thread> producer = loom::Thread::spawn({}, [&] {
      ready.exchange(true, std::memory_order_seq_cst);
      if (round % 2 == 0) {
        slot.wake();
      } else {
        slot.wake_if_registered();
      }
    });
    ASSERT_TRUE(producer);
    register_in(slot, task);
    const bool seen = ready.load(std::memory_order_seq_cst);
    producer->join();
    EXPECT_TRUE(seen || task.wake_count() == 1) << round;
  }
}

}  // namespace
}  // namespace weft::internal
