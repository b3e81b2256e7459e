// Models of the broadcast channel.
//
// Spec: LM-28; SY-91 .. SY-97. Protocol: sync/internal/broadcast_ring.h, pairing [R1].
//
// Explored: senders, receivers that keep up, lag, wait, or go away meanwhile, and the end from both
// sides. Values stand in Cells: a value that is copied while it is overwritten is found, and its
// number tells whether one was lost or came twice. Most bodies are bounded by two preemptions.
//
// Not shown: values whose copying throws; more than a ring of two.

#include <cstdint>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <weft/sync/broadcast.h>

namespace weft::loom_test {
namespace {

namespace broadcast = sync::broadcast;
using Sender = broadcast::Sender<Checked>;
using Receiver = broadcast::Receiver<Checked>;

void send(const Sender& sender, int value) {
  expect(sender.send(Checked(value)).has_value(), "refused though there are receivers");
}
void expect_next(Receiver& receiver, int value) {
  auto received = block_on(receiver.recv());
  expect(received && received->get() == value, "lost, twice, or out of order");
}
void expect_closed(Receiver& receiver) {
  auto received = block_on(receiver.recv());
  expect(!received && received.error().is_closed(), "a value after the last one");
}

TEST(LM28, EveryReceiverGetsEveryValue) {
  model(bounded(2, 4), [] {
    auto made = broadcast::channel<Checked>(2);
    Sender sender = std::move(made.first);
    Receiver one = std::move(made.second);
    Receiver two = sender.subscribe();
    const auto receive = [](Receiver& receiver) {
      expect_next(receiver, 1);
      expect_next(receiver, 2);
    };
    Thread first([&] { receive(one); });
    Thread second([&] { receive(two); });
    send(sender, 1);
    send(sender, 2);
    first.join();
    second.join();
  });
}

TEST(LM28, TwoSendersOneReceiver) {
  model(bounded(2, std::nullopt), [] {
    auto made = broadcast::channel<Checked>(2);
    Receiver receiver = std::move(made.second);
    Thread first([sender = made.first] { send(sender, 1); });
    Thread second([sender = std::move(made.first)]() mutable {
      auto gone = std::move(sender);
      send(gone, 2);
    });
    int sum = 0;
    for (int i = 0; i < 2; ++i) {
      auto received = block_on(receiver.recv());
      expect(received.has_value(), "lost, or closed too early");
      sum += received->get();
    }
    expect(sum == 3, "lost or twice");
    first.join();
    second.join();
  });
}

// SY-93: what is lost is counted; the values received and those lost are all there were.
TEST(LM28, LostValuesAreCounted) {
  model([] {
    auto made = broadcast::channel<Checked>(2);
    Receiver receiver = std::move(made.second);
    Thread producer([sender = std::move(made.first)]() mutable {
      auto gone = std::move(sender);
      for (int i = 1; i <= 3; ++i) send(gone, i);
    });
    CountingTask task;
    std::uint64_t count = 0;
    int last = 0;
    const auto take = [&] {
      auto received = receiver.try_recv();
      if (received) {
        expect(received->get() == static_cast<int>(++count), "lost or twice, and not told");
        last = received->get();
      } else if (received.error().is_lagged()) {
        expect(received.error().lagged() > 0, "told of a loss that was none");
        count += received.error().lagged();
      } else {
        return false;
      }
      return true;
    };
    for (int i = 0; i < 2; ++i) static_cast<void>(take());
    producer.join();
    while (take()) {
    }
    expect(count == 3 && last == 3, "a value is lost and was not counted");
  });
}

// SY-95, SY-96: a receiver goes away while values are sent that it wanted.
TEST(LM28, AReceiverGoesMeanwhile) {
  model([] {
    auto made = broadcast::channel<Checked>(2);
    Receiver stays = made.first.subscribe();
    Thread goes([receiver = std::move(made.second)]() mutable {
      auto gone = std::move(receiver);
      static_cast<void>(gone.try_recv());
    });
    send(made.first, 1);
    send(made.first, 2);
    goes.join();
    expect(made.first.size() == 2, "values that are wanted are gone");
    expect_next(stays, 1);
    expect_next(stays, 2);
    expect(made.first.size() == 0, "values that nobody wants are there");
  });
}

TEST(LM28, SendersOverflowWhileReceiversGo) {
  model(bounded(2, 3), [] {
    auto made = broadcast::channel<Checked>(1);
    Sender& sender = made.first;
    Thread first([other = sender] {
      for (int i = 0; i < 2; ++i) static_cast<void>(other.send(Checked(i)));
    });
    Thread goes([receiver = sender.subscribe()]() mutable {
      auto gone = std::move(receiver);
      static_cast<void>(gone.try_recv());
    });
    {
      auto gone = std::move(made.second);
      static_cast<void>(sender.send(Checked(7)));
      static_cast<void>(gone.try_recv());
    }
    first.join();
    goes.join();
    expect(sender.size() == 0, "values that nobody wants are there");
  });
}

// The last sender's end is told to who waits, after all values.
TEST(LM28, TheLastSenderEndsTheWait) {
  model(bounded(3, 4), [] {
    Checked value(0);
    auto made = broadcast::channel<Checked>(2);
    Receiver receiver = std::move(made.second);
    Thread ends([&value, sender = std::move(made.first)]() mutable {
      auto gone = std::move(sender);
      send(gone, 1);
      value.set(1);
    });
    expect_next(receiver, 1);
    expect_closed(receiver);
    expect(value.get() == 1, "what preceded a sender's end is not visible");
    ends.join();
  });
}
// Nothing is sent after the last sender has gone: closed is never told too early.
TEST(LM28, NoValueAfterTheEnd) {
  model([] {
    auto made = broadcast::channel<Checked>(2);
    Receiver receiver = std::move(made.second);
    Thread ends([sender = std::move(made.first)]() mutable {
      auto gone = std::move(sender);
      send(gone, 1);
    });
    auto received = receiver.try_recv();
    if (!received) expect(received.error().is_empty(), "closed before the last value");
    ends.join();
    if (!received) expect(receiver.try_recv().has_value(), "the value is lost");
  });
}

// SY-97: closed() is woken when the last receiver goes.
TEST(LM28, ClosedIsWoken) {
  model([] {
    Checked value(0);
    auto made = broadcast::channel<Checked>(1);
    Thread goes([&value, receiver = std::move(made.second)]() mutable {
      auto gone = std::move(receiver);
      value.set(1);
    });
    block_on(made.first.closed());
    expect(value.get() == 1, "what preceded the receiver's end is not visible");
    goes.join();
  });
}

// A waiting receiver goes away while a value is sent.
TEST(LM28, AWaitGoesAway) {
  model([] {
    CountingTask task;
    auto made = broadcast::channel<Checked>(1);
    Thread sends([&] { send(made.first, 1); });
    {
      Polled wait(made.second.recv());
      static_cast<void>(wait.poll(task));
    }
    sends.join();
    expect(made.second.try_recv().has_value(), "the value is lost");
  });
}

// A sender is made from a weak one while the last one goes.
TEST(LM28, UpgradeAgainstTheEnd) {
  model([] {
    auto made = broadcast::channel<Checked>(1);
    Receiver receiver = std::move(made.second);
    bool was_sent = false;
    Thread upgrades([&was_sent, weak = made.first.downgrade()]() mutable {
      auto gone = std::move(weak);
      if (auto sender = gone.upgrade()) was_sent = sender->send(Checked(1)).has_value();
    });
    {
      auto gone = std::move(made.first);
    }
    upgrades.join();
    auto received = receiver.try_recv();
    expect(received.has_value() == was_sent, "sent and not received, or the other way round");
    if (!received) expect(received.error().is_closed(), "not closed without senders");
  });
}

}  // namespace
}  // namespace weft::loom_test
