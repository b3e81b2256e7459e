// Models of the watch channel.
//
// Spec: LM-32; SY-101 .. SY-111. Protocol: sync/internal/watch_state.h, pairings [W1] and [W2].
//
// Explored: changes against waits, versions and values that belong together, and the end of either
// side. The value stands in a Cell: reading it while it is written is found. Bodies with two
// threads are exhausted, those with three bounded by two preemptions.
//
// Not shown: tokio's model with five receivers, which this checker cannot exhaust; two do the same
// to the state. The lock of the value has models of its own (once_loom.cc).

#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <weft/sync/watch.h>

namespace weft::loom_test {
namespace {

namespace watch = sync::watch;

TEST(LM32, AChangeIsSeenAndTheLastOneKept) {
  model(bounded(2, 3), [] {
    auto made = watch::channel(Checked(0));
    Thread changes([sender = std::move(made.first)]() mutable {
      auto gone = std::move(sender);
      static_cast<void>(gone.send(Checked(1)));
      static_cast<void>(gone.send(Checked(2)));
    });
    int last = 0;
    while (block_on(made.second.changed())) {
      const int value = made.second.borrow_and_update()->get();
      expect(value >= last, "an older value");
      last = value;
    }
    expect(last == 2, "the last value before the end is lost");
    changes.join();
  });
}

TEST(LM32, TwoReceiversSeeAChange) {
  model(bounded(2, 4), [] {
    auto made = watch::channel(Checked(0));
    const auto wait = [](watch::Receiver<Checked> receiver) {
      expect(block_on(receiver.changed()).has_value(), "closed instead of changed");
      expect(receiver.borrow()->get() == 1, "another value");
    };
    Thread first([&wait, receiver = made.second] { wait(receiver); });
    Thread second([&wait, receiver = std::move(made.second)] { wait(receiver); });
    static_cast<void>(made.first.send(Checked(1)));
    first.join();
    second.join();
  });
}

// SY-109: a borrowed value has the version that it is said to have.
TEST(LM32, VersionAndValueBelongTogether) {
  model([] {
    auto made = watch::channel(Checked(0));
    Thread changes([&] { made.first.send_replace(Checked(1)); });
    {
      const auto value = made.second.borrow();
      expect(value.has_changed() == (value->get() == 1), "a value with the version of another");
    }
    {
      const auto value = made.second.borrow_and_update();
      expect(value.has_changed() == (value->get() == 1), "a value with the version of another");
    }
    changes.join();
  });
}

// SY-106.
TEST(LM32, WaitForGivesAValueThatFits) {
  model(bounded(2, 3), [] {
    auto made = watch::channel(Checked(0));
    Thread changes([sender = std::move(made.first)]() mutable {
      auto gone = std::move(sender);
      for (int i = 1; i <= 2; ++i) gone.send_modify([&](Checked& value) { value.set(i); });
    });
    {
      auto found = block_on(made.second.wait_for([](const Checked& v) { return v.get() == 2; }));
      expect(found.has_value(), "the value is lost: the last one is tested after the end");
      expect((*found)->get() == 2, "a value that does not fit");
    }
    changes.join();
  });
}
TEST(LM32, WaitForEndsWithTheSenders) {
  model(bounded(3, 4), [] {
    auto made = watch::channel(Checked(0));
    Thread changes([sender = std::move(made.first)]() mutable {
      auto gone = std::move(sender);
      gone.send_replace(Checked(1));
    });
    {
      auto found = block_on(made.second.wait_for([](const Checked& v) { return v.get() == 5; }));
      expect(!found.has_value(), "a value out of nothing");
    }
    expect(!made.second.has_changed().has_value(), "not closed");
    changes.join();
  });
}

// SY-111: two senders go; the receiver is told once the last has, and sees what both did.
TEST(LM32, TwoSendersGo) {
  model(bounded(2, std::nullopt), [] {
    Checked value(0);
    auto made = watch::channel(Checked(0));
    Thread first([&value, sender = made.first]() mutable {
      auto gone = std::move(sender);
      value.set(1);
    });
    Thread second([sender = std::move(made.first)]() mutable { auto gone = std::move(sender); });
    expect(!block_on(made.second.changed()).has_value(), "changed by nobody");
    expect(value.get() == 1, "what preceded a sender's end is not visible");
    first.join();
    second.join();
  });
}

TEST(LM32, ClosedIsWokenByTheLastReceiver) {
  model([] {
    Checked value(0);
    auto made = watch::channel(Checked(0));
    Thread goes([&value, receiver = std::move(made.second)]() mutable {
      auto gone = std::move(receiver);
      value.set(1);
    });
    block_on(made.first.closed());
    expect(value.get() == 1, "what preceded the receiver's end is not visible");
    expect(!made.first.send(Checked(1)).has_value(), "sent to nobody");
    goes.join();
  });
}

// What the value's writer did before is visible to who sees the version.
TEST(LM32, AVersionPublishes) {
  model([] {
    Checked value(0);
    auto made = watch::channel(Checked(0));
    Thread changes([&] {
      value.set(1);
      made.first.send_replace(Checked(1));
    });
    if (*made.second.has_changed()) expect(value.get() == 1, "the value is not visible");
    changes.join();
  });
}

TEST(LM32, AWaitForAChangeGoesAway) {
  model([] {
    CountingTask task;
    auto made = watch::channel(Checked(0));
    Thread changes([&] { made.first.send_replace(Checked(1)); });
    {
      Polled wait(made.second.changed());
      static_cast<void>(wait.poll(task));
    }
    changes.join();
    expect(*made.second.has_changed(), "a wait that was not taken marks nothing as seen");
  });
}

}  // namespace
}  // namespace weft::loom_test
