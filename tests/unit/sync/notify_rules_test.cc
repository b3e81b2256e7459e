// The rules of all primitives (SY-3 .. SY-8), for Notify.

#include <utility>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/wake_hook.h>
#include <weft/runtime/coop.h>
#include <weft/sync/notify.h>

namespace weft::sync {
namespace {

using test_support::MockTask;
using test_support::Polled;
using test_support::WakeHook;

using Wait = Polled<Notified>;

TEST(SY3, ADestroyedNotifiedLeavesNoTrace) {
  Notify notify;
  MockTask gone, stays;
  Wait other(notify.notified());
  {
    Wait wait(notify.notified());
    ASSERT_FALSE(wait.poll(gone));
    ASSERT_FALSE(other.poll(stays));
  }
  EXPECT_EQ(gone.waker_ref_count(), 1);
  notify.notify_one();
  EXPECT_FALSE(gone.take_woken());
  EXPECT_TRUE(other.poll(stays));
}

TEST(SY3, TheLastDestroyedNotifiedLetsPermitsBeStoredAgain) {
  Notify notify;
  MockTask task;
  {
    Wait wait(notify.notified());
    ASSERT_FALSE(wait.poll(task));
  }
  notify.notify_one();
  EXPECT_TRUE(Wait(notify.notified()).poll(task));
}

TEST(SY5, AWakeThatCallsBackIntoTheNotifyDoesNotDeadlock) {
  struct State {
    Notify notify;
    int wakes = 0;
  } state;
  WakeHook hook([&s = state] {
    ++s.wakes;
    s.notify.notify_one();
    s.notify.notify_waiters();
  });
  const Waker waker = hook.waker();
  Context cx(waker);
  Wait a(state.notify.notified()), b(state.notify.notified());
  ASSERT_FALSE(a.poll(cx));
  ASSERT_FALSE(b.poll(cx));
  state.notify.notify_one();
  EXPECT_EQ(state.wakes, 2);
}

// Counts retains and releases; a release calls into a Notify.
class CountingTarget final : public Wakeable {
 public:
  explicit CountingTarget(Notify* notify) noexcept : Wakeable(1, &kOps), notify_(notify) {}
  Waker waker() noexcept {
    retain(this);
    return Waker::adopt(this);
  }
  int retains() const noexcept { return retains_; }
  int references() const noexcept { return references_; }

 private:
  static CountingTarget& of(Wakeable* target) noexcept {
    return *static_cast<CountingTarget*>(target);
  }
  static void wake_by_ref(Wakeable*) noexcept {}
  static void wake(Wakeable* target) noexcept { release(target); }
  static void retain(Wakeable* target) noexcept {
    ++of(target).retains_;
    ++of(target).references_;
  }
  static void release(Wakeable* target) noexcept {
    --of(target).references_;
    if (of(target).notify_ != nullptr) of(target).notify_->notify_waiters();
  }
  static constexpr WakeOps kOps = {&wake, &wake_by_ref, &retain, &release};
  Notify* notify_;
  int retains_ = 0;
  int references_ = 0;
};

TEST(SY5, AReplacedWakerIsReleasedAfterUnlocking) {
  Notify notify;
  CountingTarget target(&notify);
  const Waker waker = target.waker();
  MockTask task;
  Wait wait(notify.notified());
  {
    Context cx(waker);
    ASSERT_FALSE(wait.poll(cx));
  }
  ASSERT_EQ(target.references(), 2);
  // The target's release calls notify_waiters(), which takes the lock, and reaches this very wait.
  ASSERT_FALSE(wait.poll(task));
  EXPECT_EQ(target.references(), 1);
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(wait.poll(task));
}

TEST(SY6, OnlyTheLatestTaskIsWoken) {
  Notify notify;
  MockTask first, second;
  Wait wait(notify.notified());
  ASSERT_FALSE(wait.poll(first));
  ASSERT_FALSE(wait.poll(second));
  EXPECT_EQ(first.waker_ref_count(), 1);
  notify.notify_one();
  EXPECT_FALSE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
}

TEST(SY6, AnEquivalentWakerIsNotCopied) {
  Notify notify;
  CountingTarget target(nullptr);
  const Waker waker = target.waker();
  Wait wait(notify.notified());
  Context cx(waker);
  ASSERT_FALSE(wait.poll(cx));
  const int before = target.retains();
  ASSERT_FALSE(wait.poll(cx));
  ASSERT_FALSE(wait.poll(cx));
  EXPECT_EQ(target.retains(), before);
}

TEST(SY8, NotifyTakesNoBudget) {
  Notify notify;
  MockTask task;
  Budget budget = Budget::initial();
  for (int i = 0; i < 2 * Budget::kUnits; ++i) {
    notify.notify_one();
    ASSERT_TRUE(Wait(notify.notified()).poll(task, budget));
  }
  EXPECT_TRUE(budget.has_remaining());
}

}  // namespace
}  // namespace weft::sync
