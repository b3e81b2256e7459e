// Models of the oneshot channel.
//
// Spec: LM-31; SY-58 .. SY-65. Protocol: sync/internal/oneshot_core.h, pairings [O1] .. [O5].
//
// Explored to the end: one thread for each half. The value and both wakers stand in Cells, so two
// halves that are at one of them at the same time are found, as is a block that is freed too early,
// twice, or never.
//
// Not shown: a waker whose copying throws (Waker's does not).

#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <weft/sync/oneshot.h>

namespace weft::loom_test {
namespace {

namespace oneshot = sync::oneshot;

TEST(LM31, SentIsReceived) {
  model([] {
    auto [tx, rx] = oneshot::channel<Checked>();
    Thread sender([own_tx = std::move(tx)]() mutable {
      expect(own_tx.send(Checked(7)).has_value(), "refused though the receiver is there");
    });
    auto received = block_on(rx);
    expect(received.has_value() && received->get() == 7, "the value is lost");
    sender.join();
  });
}

TEST(LM31, ADestroyedSenderEndsTheWait) {
  model([] {
    auto [tx, rx] = oneshot::channel<Checked>();
    Thread sender([own_tx = std::move(tx)]() mutable {
      {
        auto gone = std::move(own_tx);
      }
    });
    expect(!block_on(rx).has_value(), "a value out of nothing");
    sender.join();
  });
}

// SY-64: the wait goes on in another task, and then in a third.
TEST(LM31, TheReceiverChangesItsTask) {
  model([] {
    CountingTask tasks[3];
    auto [tx, rx] = oneshot::channel<Checked>();
    Thread sender(
        [own_tx = std::move(tx)]() mutable { static_cast<void>(own_tx.send(Checked(7))); });
    bool is_done = false;
    {
      Polled wait(rx);
      int last = 0;
      for (; last < 3 && !is_done; ++last) is_done = wait.poll(tasks[last]);
      if (!is_done) {
        sender.join();
        expect(tasks[2].was_woken(), "the task that polled last was not woken");
        expect(wait.poll(tasks[2]), "woken without a value");
      }
      expect(wait.take().value().get() == 7, "the value is lost");
    }
    if (is_done) sender.join();
  });
}

// The same task polls again: its waker stays where it is.
TEST(LM31, TheReceiverPollsAgain) {
  model([] {
    CountingTask task;
    auto [tx, rx] = oneshot::channel<Checked>();
    Thread sender(
        [own_tx = std::move(tx)]() mutable { static_cast<void>(own_tx.send(Checked(7))); });
    Polled wait(rx);
    const bool is_done = wait.poll(task) || wait.poll(task);
    sender.join();
    if (!is_done) expect(task.was_woken() && wait.poll(task), "the receiver was not woken");
    expect(wait.take().value().get() == 7, "the value is lost");
  });
}

// SY-61: a send that succeeded before close() can still be received; one that failed has its value.
TEST(LM31, CloseAgainstSend) {
  model([] {
    bool was_sent = false;
    auto [tx, rx] = oneshot::channel<Checked>();
    Thread sender([&was_sent, own_tx = std::move(tx)]() mutable {
      auto sent = own_tx.send(Checked(7));
      was_sent = sent.has_value();
      if (!sent) expect(sent.error().get() == 7, "the refused value is not given back");
    });
    rx.close();
    auto received = rx.try_recv();
    sender.join();
    expect(received.has_value() == was_sent, "sent and not received, or the other way round");
    if (received) expect(received->get() == 7, "another value");
  });
}
TEST(LM31, CloseAgainstSendAwaited) {
  model([] {
    bool was_sent = false;
    auto [tx, rx] = oneshot::channel<Checked>();
    Thread sender([&was_sent, own_tx = std::move(tx)]() mutable {
      was_sent = own_tx.send(Checked(7)).has_value();
    });
    CountingTask task;
    {
      Polled wait(rx);
      if (!wait.poll(task)) {
        rx.close();
        expect(wait.poll(task), "closed and still waiting");
      }
      auto received = wait.take();
      sender.join();
      expect(received.has_value() == was_sent, "sent and not received, or the other way round");
    }
  });
}

// SY-65: closed() is woken by close() and by the receiver's end; what preceded is visible.
TEST(LM31, ClosedIsWoken) {
  model([] {
    Checked value(0);
    auto [tx, rx] = oneshot::channel<Checked>();
    Thread receiver([&value, own_rx = std::move(rx)]() mutable {
      value.set(1);
      {
        auto gone = std::move(own_rx);
      }
    });
    block_on(tx.closed());
    expect(value.get() == 1, "what preceded close() is not visible");
    expect(tx.is_closed(), "woken though it is open");
    expect(!tx.send(Checked(7)).has_value(), "sent to nobody");
    receiver.join();
  });
}
TEST(LM31, TheSenderChangesItsTask) {
  model([] {
    CountingTask tasks[3];
    Checked value(0);
    auto [tx, rx] = oneshot::channel<Checked>();
    Thread receiver([&value, own_rx = std::move(rx)]() mutable {
      value.set(1);
      own_rx.close();
    });
    bool is_done = false;
    {
      Polled wait(tx.closed());
      for (CountingTask& task : tasks) is_done = is_done || wait.poll(task);
      if (is_done) expect(value.get() == 1, "what preceded close() is not visible");
      receiver.join();
      if (!is_done) expect(tasks[2].was_woken() && wait.poll(tasks[2]), "the sender was not woken");
    }
    auto done = std::move(tx);
  });
}
// Whether it is closed is asked without a wait, and tells what preceded.
TEST(LM31, IsClosedAcquires) {
  model([] {
    Checked value(0);
    auto [tx, rx] = oneshot::channel<Checked>();
    Thread receiver([&value, own_rx = std::move(rx)]() mutable {
      value.set(1);
      own_rx.close();
      {
        auto gone = std::move(own_rx);
      }
    });
    if (tx.is_closed()) expect(value.get() == 1, "what preceded close() is not visible");
    auto refused = tx.send(Checked(7));
    if (!refused) expect(value.get() == 1, "what preceded close() is not visible");
    receiver.join();
  });
}
// Both ask at the same time: the sender polls closed() and sends, the receiver polls and goes.
TEST(LM31, BothHalvesWait) {
  model([] {
    CountingTask tasks[2];
    auto [tx, rx] = oneshot::channel<Checked>();
    Thread sender([&tasks, own_tx = std::move(tx)]() mutable {
      {
        Polled closed(own_tx.closed());
        static_cast<void>(closed.poll(tasks[0]));
      }
      static_cast<void>(own_tx.send(Checked(7)));
    });
    {
      auto gone = std::move(rx);
      Polled wait(gone);
      static_cast<void>(wait.poll(tasks[1]));
    }
    sender.join();
  });
}

// SY-63: the receiver goes after it polled; the value is destroyed, or given back.
TEST(LM31, TheReceiverGoesAfterItPolled) {
  model([] {
    CountingTask task;
    auto [tx, rx] = oneshot::channel<Checked>();
    Thread sender(
        [own_tx = std::move(tx)]() mutable { static_cast<void>(own_tx.send(Checked(7))); });
    {
      auto gone = std::move(rx);
      Polled wait(gone);
      static_cast<void>(wait.poll(task));
    }
    sender.join();
  });
}

TEST(LM31, TryRecvUntilItIsThere) {
  model([] {
    auto [tx, rx] = oneshot::channel<Checked>();
    Thread sender(
        [own_tx = std::move(tx)]() mutable { static_cast<void>(own_tx.send(Checked(7))); });
    auto received = rx.try_recv();
    sender.join();
    if (!received) {
      expect(received.error().is_empty(), "closed though it was sent");
      received = rx.try_recv();
    }
    expect(received->get() == 7, "the value is lost");
  });
}

}  // namespace
}  // namespace weft::loom_test
