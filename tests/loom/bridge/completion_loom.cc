// Models of Completion: callbacks, dropped copies and the awaitable, against each other.
//
// Spec: R-180. Protocol: runtime/completion.h, pairings [CM1] .. [CM4].
//
// Explored to the end: two threads with copies, and an awaitable that polls or goes. The value is
// in a Cell and checked itself; the shared cell is in memory of the checker.

#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <weft/runtime/completion.h>

namespace weft::loom_test {
namespace {

using Wait = internal::CompletionWait<Checked>;

bool poll(Wait& wait, const CountingTask& task) {
  Context cx(task.waker());
  return wait.poll(cx);
}

TEST(R180, ACallAgainstTheWait) {
  model([] {
    CountingTask task;
    {
      Wait wait;
      Thread caller([done = wait.start()] { expect(done(Checked(7)), "refused"); });
      const bool is_ready = poll(wait, task) || poll(wait, task);
      if (is_ready) expect(wait.take().get() == 7, "the value is lost");
      caller.join();
      if (!is_ready) {
        expect(task.was_woken() && poll(wait, task), "not woken for the value");
        expect(wait.take().get() == 7, "the value is lost");
      }
      wait.close();
    }
  });
}

TEST(R180, TwoCallsAgainstTheWait) {
  model(bounded(3, std::nullopt), [] {
    CountingTask task;
    Wait wait;
    bool first_counts = false;
    bool second_counts = false;
    {
      const Completion<Checked> done = wait.start();
      Thread first([&first_counts, done] { first_counts = done(Checked(1)); });
      Thread second([&second_counts, done] { second_counts = done(Checked(2)); });
      const bool is_ready = poll(wait, task);
      first.join();
      second.join();
      if (!is_ready) expect(task.wake_count() == 1 && poll(wait, task), "not woken once");
    }
    expect(first_counts != second_counts, "both counted, or none");
    expect(wait.take().get() == (first_counts ? 1 : 2), "another value");
    wait.close();
  });
}

TEST(R180, ACallAgainstTheEndOfTheWait) {
  model([] {
    CountingTask task;
    bool counts = false;
    std::optional<Wait> wait(std::in_place);
    Thread caller([&counts, done = wait->start()] { counts = done(Checked(7)); });
    const bool is_ready = poll(*wait, task);
    const bool was_open = wait->close();
    expect(!is_ready || !was_open, "completed and still open");
    wait.reset();
    caller.join();
    expect(counts != was_open, "taken by a wait that had ended, or lost by one that had not");
  });
}

TEST(R180, TheLastCopyAgainstTheWait) {
  model([] {
    CountingTask task;
    Wait wait;
    bool is_ready = false;
    {
      std::optional<Completion<Checked>> done(wait.start());
      Thread other([copy = std::optional(*done)]() mutable { copy.reset(); });
      done.reset();
      is_ready = poll(wait, task);
      other.join();
    }
    if (!is_ready) expect(task.was_woken() && poll(wait, task), "not woken");
    expect(wait.was_dropped(), "ended and not dropped");
    wait.close();
  });
}

TEST(R180, ACallAgainstADroppedCopy) {
  model([] {
    CountingTask task;
    Wait wait;
    {
      std::optional<Completion<Checked>> done(wait.start());
      Thread other([copy = std::optional(*done)]() mutable {
        expect((*copy)(Checked(3)), "refused");
        copy.reset();
      });
      done.reset();
      const bool is_ready = poll(wait, task);
      other.join();
      if (!is_ready) expect(task.was_woken() && poll(wait, task), "not woken");
    }
    expect(!wait.was_dropped(), "dropped though it was called");
    expect(wait.take().get() == 3, "the value is lost");
    wait.close();
  });
}

TEST(R180, WhatPrecededTheEndOfTheWaitIsVisible) {
  model([] {
    Checked value(0);
    std::optional<Wait> wait(std::in_place);
    const Completion<Checked> kept = wait->start();  // or it might be dropped before
    Thread caller([&value, done = kept] {
      if (done.is_closed()) expect(value.get() == 1, "not visible");
    });
    value.set(1);
    expect(wait->close(), "nobody called");
    wait.reset();
    caller.join();
  });
}

}  // namespace
}  // namespace weft::loom_test
