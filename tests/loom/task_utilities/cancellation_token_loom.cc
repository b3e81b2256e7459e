// CancellationToken and TaskTracker: waiting against what ends the wait.
//
// Explored: cancelling a token, or its parent, while another thread waits, makes children, or drops
// handles of the tree; the two orders of locks, from parent to child and from child to parent,
// against each other. Nodes are new in each execution: one that leaks, or is used after its end, is
// found by the sanitizers that models run under as well. Not explored: std::stop_token, which the
// checker does not know.

#include <optional>
#include <utility>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <weft/loom/atomic.h>
#include <weft/task/cancellation_token.h>
#include <weft/task/task_tracker.h>

namespace weft::loom_test {
namespace {

TEST(LM33, CancelAgainstWait) {
  model([] {
    const CancellationToken token;
    loom::Thread waiter = start([&] {
      block_on(token.cancelled());
      expect(token.is_cancelled(), "woken without a reason");
    });
    token.cancel();
    waiter.join();
  });
}

TEST(LM33, WhatPrecededTheCancellationIsVisible) {
  model([] {
    loom::Cell<int> written{0};
    const CancellationToken token;
    loom::Thread waiter = start([&] {
      if (token.is_cancelled()) written.with([](int value) { expect(value == 1, "not visible"); });
    });
    written.with_mut([](int& value) { value = 1; });
    token.cancel();
    waiter.join();
  });
}

TEST(LM33, AParentIsCancelledWhileAChildIsMade) {
  model([] {
    const CancellationToken parent;
    loom::Thread other = start([&] {
      const CancellationToken child = parent.child_token();
      block_on(child.cancelled());
    });
    parent.cancel();
    other.join();
  });
}

TEST(LM33, AChildsHandleIsDroppedWhileItsParentIsCancelled) {
  model([] {
    const CancellationToken parent;
    std::optional<CancellationToken> child = parent.child_token();
    loom::Thread other = start([&] { child.reset(); });
    parent.cancel();
    other.join();
  });
}

TEST(LM33, AMiddleTokenIsDroppedWhileTheRootIsCancelled) {
  model([] {
    const CancellationToken root;
    std::optional<CancellationToken> middle = root.child_token();
    const CancellationToken leaf = middle->child_token();
    loom::Thread other = start([&] { middle.reset(); });
    root.cancel();
    expect(leaf.is_cancelled(), "the leaf was cut off");
    other.join();
  });
}

TEST(LM33, ParentAndChildAreCancelledAtOnce) {
  model([] {
    CountingTask task;
    const CancellationToken parent;
    const CancellationToken child = parent.child_token();
    const CancellationToken grandchild = child.child_token();
    {
      Polled wait(grandchild.cancelled());
      expect(!wait.poll(task), "not cancelled yet");
      loom::Thread other = start([&] { child.cancel(); });
      parent.cancel();
      other.join();
      expect(task.wake_count() == 1, "woken more than once, or not at all");
    }
    expect(grandchild.is_cancelled(), "both have returned");
  });
}

TEST(LM33, ParentAndChildAreDroppedAtOnce) {
  model([] {
    std::optional<CancellationToken> parent(std::in_place);
    std::optional<CancellationToken> child = parent->child_token();
    const CancellationToken grandchild = child->child_token();
    loom::Thread other = start([&] { child.reset(); });
    parent.reset();
    other.join();
    expect(!grandchild.is_cancelled(), "nobody has cancelled it");
  });
}

TEST(LM33, TwoSiblingsAreDroppedAtOnce) {
  model([] {
    const CancellationToken parent;
    std::optional<CancellationToken> first = parent.child_token();
    std::optional<CancellationToken> second = parent.child_token();
    loom::Thread other = start([&] { first.reset(); });
    second.reset();
    other.join();
    parent.cancel();
  });
}

TEST(T40, TheLastTokenAgainstClose) {
  model([] {
    loom::Cell<int> done{0};
    TaskTracker tracker;
    std::optional<TaskTrackerToken> token = tracker.token();
    loom::Thread task = start([&] {
      done.with_mut([](int& value) { value = 1; });
      token.reset();
    });
    tracker.close();
    block_on(tracker.wait());
    done.with([](int value) { expect(value == 1, "the task's work is not visible"); });
    task.join();
  });
}

TEST(T41, TheMomentIsOverWhenTheWaiterLooks) {
  model([] {
    CountingTask task;
    TaskTracker tracker;
    std::optional<TaskTrackerToken> token = tracker.token();
    tracker.close();
    {
      Polled wait(tracker.wait());
      loom::Thread other = start([&] {
        token.reset();
        token = tracker.token();
      });
      const bool was_ready = wait.poll(task);
      other.join();
      expect(was_ready || task.wake_count() == 1, "the moment was missed");
      expect(was_ready || wait.poll(task), "the moment was forgotten");
    }
    token.reset();
  });
}

TEST(T41, TwoTokensGoWhileATrackerIsWaitedFor) {
  model([] {
    TaskTracker tracker;
    std::optional<TaskTrackerToken> first = tracker.token();
    std::optional<TaskTrackerToken> second = tracker.token();
    tracker.close();
    loom::Thread one = start([&] { first.reset(); });
    loom::Thread two = start([&] { second.reset(); });
    block_on(tracker.wait());
    one.join();
    two.join();
  });
}

}  // namespace
}  // namespace weft::loom_test
