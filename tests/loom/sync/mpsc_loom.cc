// Models of the mpsc channels.
//
// Spec: LM-29; SY-66 .. SY-89. Protocols: sync/internal/mpsc_block.h ([B1] .. [B3]),
// mpsc_list.h ([L1], [L2]), mpsc_permits.h ([P1]), mpsc_channel.h ([C1]).
//
// Explored: sending, receiving, closing from either side, counting, over blocks of 2 slots instead
// of 32, so that blocks are appended, handed over and used again within a few messages. Messages
// stand in Cells, blocks in tracked memory. Two threads are exhausted where that is a matter of
// seconds, everything else is bounded by preemptions.
//
// Not shown: more than three blocks; overflow of the counts.

#include <array>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <weft/loom/atomic.h>
#include <weft/sync/mpsc.h>

namespace weft::loom_test {
namespace {

namespace mpsc = sync::mpsc;

// --- The list

// Two producers: nothing is lost, nothing comes twice, and each one's order is kept. How many
// messages each sends decides how many blocks there are.
void check_two_producers(int each) {
  auto [tx, rx] = mpsc::unbounded_channel<Checked>();
  const auto produce = [each](mpsc::UnboundedSender<Checked> sender, int first) {
    for (int i = 0; i < each; ++i) static_cast<void>(sender.send(Checked(first + i)));
  };
  Thread one([&produce, sender = tx]() mutable { produce(std::move(sender), 0); });
  Thread two([&produce, sender = std::move(tx)]() mutable { produce(std::move(sender), 10); });
  std::array<int, 2> next = {0, 10};
  while (auto message = block_on(rx.recv())) {
    const int value = message->get();
    expect(value == next[value >= 10 ? 1 : 0]++, "lost, twice, or out of order");
  }
  expect(next[0] == each && next[1] == 10 + each, "a message is lost");
  one.join();
  two.join();
}
TEST(LM29, TwoProducersKeepTheirOrder) {
  model(bounded(2, 3), [] { check_two_producers(1); });
}
TEST(LM29, TwoProducersOverSeveralBlocks) {
  model(bounded(1, 2), [] { check_two_producers(3); });
}

// One producer fills block after block while the receiver takes without waiting: blocks are
// released, reclaimed and appended again.
TEST(LM29, BlocksAreReused) {
  model(bounded(2, 3), [] {
    CountingTask task;
    auto [tx, rx] = mpsc::unbounded_channel<Checked>();
    Thread producer([sender = std::move(tx)]() mutable {
      for (int i = 0; i < 7; ++i) static_cast<void>(sender.send(Checked(i)));
    });
    int next = 0;
    const auto take = [&] {
      Polled wait(rx.recv());
      if (!wait.poll(task)) return false;
      auto message = wait.take();
      if (message) expect(message->get() == next++, "lost, twice, or out of order");
      return message.has_value();
    };
    for (int i = 0; i < 5; ++i) static_cast<void>(take());
    producer.join();
    while (take()) {
    }
    expect(next == 7, "a message is lost");
  });
}

// Two senders stand in the same full list: both make a block, one of them is too many.
TEST(LM29, TwoProducersAppendABlock) {
  model(bounded(3, std::nullopt), [] {
    CountingTask task;
    auto [tx, rx] = mpsc::unbounded_channel<Checked>();
    for (int i = 0; i < 2; ++i) static_cast<void>(tx.send(Checked(i)));
    Thread one([sender = tx] {
      for (int i = 2; i < 4; ++i) static_cast<void>(sender.send(Checked(i)));
    });
    for (int i = 2; i < 4; ++i) static_cast<void>(tx.send(Checked(i)));
    int count = 0;
    for (int i = 0; i < 4; ++i) {
      Polled wait(rx.recv());
      if (wait.poll(task) && wait.take()) ++count;
    }
    one.join();
    for (;;) {
      Polled wait(rx.recv());
      if (!wait.poll(task)) break;
      static_cast<void>(wait.take());
      ++count;
    }
    expect(count == 6, "a message is lost");
  });
}

// --- Ends

TEST(LM29, TheLastSenderEndsTheChannel) {
  model(bounded(2, 3), [] {
    Checked value(0);
    auto [tx, rx] = mpsc::unbounded_channel<int>();
    Thread one([&value, sender = tx]() mutable {
      value.set(1);
      {
        auto gone = std::move(sender);
      }
    });
    Thread two([sender = std::move(tx)]() mutable {
      {
        auto gone = std::move(sender);
      }
    });
    expect(!block_on(rx.recv()).has_value(), "a message out of nothing");
    expect(value.get() == 1, "what preceded a sender's end is not visible");
    one.join();
    two.join();
  });
}

TEST(LM29, WhoFindsTheSendersGoneSeesWhatPreceded) {
  model([] {
    Checked value(0);
    auto [tx, rx] = mpsc::unbounded_channel<int>();
    Thread sender([&value, own_tx = std::move(tx)]() mutable {
      auto gone = std::move(own_tx);
      value.set(1);
    });
    if (rx.is_closed()) expect(value.get() == 1, "what preceded the end is not visible");
    sender.join();
  });
}

// The channel is freed by whoever leaves last, and once.
TEST(LM29, BothEndsLeave) {
  model([] {
    auto [tx, rx] = mpsc::channel<Checked>(1);
    Thread sender([own_tx = std::move(tx)]() mutable {
      auto gone = std::move(own_tx);
      static_cast<void>(gone.try_send(Checked(7)));
    });
    {
      auto gone = std::move(rx);
    }
    sender.join();
  });
  model([] {
    auto [tx, rx] = mpsc::unbounded_channel<Checked>();
    Thread sender([own_tx = std::move(tx)]() mutable {
      auto gone = std::move(own_tx);
      static_cast<void>(gone.send(Checked(7)));
    });
    {
      auto gone = std::move(rx);
    }
    sender.join();
  });
}

TEST(LM29, AWeakSenderKeepsTheMemory) {
  model([] {
    auto [tx, rx] = mpsc::channel<Checked>(1);
    Thread other([weak = tx.downgrade()]() mutable {
      auto gone = std::move(weak);
      if (auto sender = gone.upgrade()) static_cast<void>(sender->try_send(Checked(7)));
    });
    {
      auto gone = std::move(tx);
    }
    {
      auto gone = std::move(rx);
    }
    other.join();
  });
}

TEST(LM29, ClosedIsWoken) {
  model([] {
    Checked value(0);
    auto [tx, rx] = mpsc::channel<int>(1);
    Thread receiver([&value, own_rx = std::move(rx)]() mutable {
      value.set(1);
      auto gone = std::move(own_rx);
    });
    block_on(tx.closed());
    expect(value.get() == 1, "what preceded close() is not visible");
    receiver.join();
  });
}
TEST(LM29, ClosedIsWokenUnbounded) {
  model([] {
    Checked value(0);
    auto [tx, rx] = mpsc::unbounded_channel<int>();
    Thread receiver([&value, own_rx = std::move(rx)]() mutable {
      value.set(1);
      auto gone = std::move(own_rx);
    });
    block_on(tx.closed());
    expect(value.get() == 1, "what preceded close() is not visible");
    receiver.join();
  });
}

// A send that succeeded is received, also when the channel is closed meanwhile.
TEST(LM29, CloseAgainstSend) {
  model(bounded(3, std::nullopt), [] {
    int sent = 0;
    Checked value(0);
    auto [tx, rx] = mpsc::unbounded_channel<Checked>();
    Thread sender([&, sender = std::move(tx)]() mutable {
      for (int i = 0; i < 2; ++i) {
        auto result = sender.send(Checked(i));
        if (result) {
          ++sent;
        } else {
          expect(value.get() == 1, "what preceded close() is not visible");
        }
      }
      auto gone = std::move(sender);
    });
    value.set(1);
    rx.close();
    int received = 0;
    while (block_on(rx.recv())) ++received;
    sender.join();
    expect(received == sent, "a message is lost, or refused and received");
  });
}

// --- Permits

TEST(LM29, ACapacityOfOne) {
  model(bounded(3, std::nullopt), [] {
    auto [tx, rx] = mpsc::channel<Checked>(1);
    Thread sender([own_tx = std::move(tx)]() mutable {
      for (int i = 0; i < 2; ++i) {
        expect(block_on(own_tx.send(Checked(i))).has_value(), "refused");
      }
      auto gone = std::move(own_tx);
    });
    for (int i = 0; i < 2; ++i) {
      auto message = block_on(rx.recv());
      expect(message && message->get() == i, "lost or out of order");
    }
    expect(!block_on(rx.recv()).has_value(), "a message out of nothing");
    sender.join();
  });
}

// A sender that has just queued, and a receiver that has just given back: one sees the other.
TEST(LM29, AReturnedPermitReachesTheQueuedSender) {
  model([] {
    CountingTask task;
    auto [tx, rx] = mpsc::channel<Checked>(1);
    static_cast<void>(tx.try_send(Checked(1)));
    Thread receiver(
        [&the_rx = rx] { expect(the_rx.try_recv().has_value(), "the message is lost"); });
    {
      Polled send(tx.reserve());
      const bool is_done = send.poll(task);
      receiver.join();
      if (!is_done) expect(task.was_woken() && send.poll(task), "the slot is lost");
      static_cast<void>(send.take());
    }
    expect(tx.capacity() == 1, "the slot is not back");
  });
}

// What the receiver did with the slot's last message precedes the next permit.
TEST(LM29, TheSlotIsFreeWhenThePermitIsThere) {
  model([] {
    Checked value(0);
    auto [tx, rx] = mpsc::channel<int>(1);
    static_cast<void>(tx.try_send(1));
    Thread receiver([&, &the_rx = rx] {
      value.set(1);
      static_cast<void>(the_rx.try_recv());
    });
    if (tx.try_reserve()) expect(value.get() == 1, "what preceded the receipt is not visible");
    receiver.join();
  });
}

// The same for a permit that the sender fetches together with an earlier one.
TEST(LM29, BothSlotsAreFreeWhenTwoPermitsAreFetched) {
  model([] {
    Checked value(0);
    auto [tx, rx] = mpsc::channel<int>(2);
    for (int i = 0; i < 2; ++i) static_cast<void>(tx.try_send(i));
    Thread receiver([&, &the_rx = rx] {
      static_cast<void>(the_rx.try_recv());
      value.set(1);
      static_cast<void>(the_rx.try_recv());
    });
    const auto first = tx.try_reserve();
    const auto second = tx.try_reserve();
    if (first && second) expect(value.get() == 1, "what preceded the receipt is not visible");
    receiver.join();
  });
}

// A sender whose permit is older than all that the others did still finds the end of the list.
TEST(LM29, AnOldPermitAgainstAReusedBlock) {
  model(bounded(3, std::nullopt), [] {
    auto [tx, rx] = mpsc::channel<Checked>(4);
    std::optional permit(*tx.try_reserve());
    Thread sender([&] { std::move(*permit).send(Checked(7)); });
    for (int i = 0; i < 3; ++i) static_cast<void>(tx.try_send(Checked(i)));
    int received = 0;
    // One more than there are for certain: the receiver then looks whether a block is free.
    for (int i = 0; i < 4; ++i) {
      if (rx.try_recv()) ++received;
    }
    sender.join();
    while (rx.try_recv()) ++received;
    expect(received == 4, "a message is lost");
  });
}

// Permits on their way from the receiver's count to the semaphore are not counted twice: a closed
// channel does not end while a permit is out.
TEST(LM29, AMovedPermitDoesNotEndAClosedChannel) {
  model(bounded(3, std::nullopt), [] {
    CountingTask task;
    auto [tx, rx] = mpsc::channel<Checked>(2);
    const std::optional permit(*tx.try_reserve());
    static_cast<void>(tx.try_send(Checked(1)));
    static_cast<void>(rx.try_recv());
    Thread sender([&the_tx = tx] { static_cast<void>(the_tx.try_reserve()); });
    rx.close();
    {
      Polled end(rx.recv());
      expect(!end.poll(task), "the channel has ended with a permit out");
    }
    sender.join();
  });
}

// SY-83: the receiver of a closed channel waits for the permits that are out.
TEST(LM29, AReturnedPermitEndsAClosedChannel) {
  model(bounded(3, std::nullopt), [] {
    auto [tx, rx] = mpsc::channel<Checked>(2);
    std::optional permit(*tx.try_reserve());
    static_cast<void>(tx.try_send(Checked(1)));
    Thread sender([&] { permit.reset(); });
    rx.close();
    int received = 0;
    while (block_on(rx.recv())) ++received;
    expect(received == 1, "the message is lost");
    sender.join();
  });
}
TEST(LM29, ACancelledReserveEndsAClosedChannel) {
  model(bounded(3, std::nullopt), [] {
    CountingTask task;
    auto [tx, rx] = mpsc::channel<Checked>(2);
    static_cast<void>(tx.try_send(Checked(1)));
    std::optional<Polled<decltype(tx.reserve_many(2))>> reserve(tx.reserve_many(2));
    expect(!reserve->poll(task), "more permits than there are");
    Thread sender([&] { reserve.reset(); });
    rx.close();
    int received = 0;
    while (block_on(rx.recv())) ++received;
    expect(received == 1, "the message is lost");
    sender.join();
  });
}
TEST(LM29, AFailingTryReserveEndsAClosedChannel) {
  model(bounded(3, std::nullopt), [] {
    auto [tx, rx] = mpsc::channel<Checked>(1);
    static_cast<void>(tx.try_send(Checked(1)));
    Thread sender([&the_tx = tx] { static_cast<void>(the_tx.try_reserve()); });
    expect(block_on(rx.recv()).has_value(), "the message is lost");
    rx.close();
    expect(!block_on(rx.recv()).has_value(), "a message out of nothing");
    sender.join();
  });
}

TEST(LM29, CloseAgainstBoundedSend) {
  model(bounded(2, 3), [] {
    int sent = 0;
    auto [tx, rx] = mpsc::channel<Checked>(1);
    Thread sender([&sent, own_tx = std::move(tx)]() mutable {
      for (int i = 0; i < 2; ++i) {
        if (block_on(own_tx.send(Checked(i)))) ++sent;
      }
      auto gone = std::move(own_tx);
    });
    int received = 0;
    if (block_on(rx.recv())) ++received;
    rx.close();
    while (block_on(rx.recv())) ++received;
    sender.join();
    expect(received == sent, "a message is lost, or refused and received");
  });
}

// --- Looking without waiting

TEST(LM29, TryRecvAgainstTwoSenders) {
  model(bounded(2, 3), [] {
    auto [tx, rx] = mpsc::unbounded_channel<Checked>();
    Thread one([sender = tx] { static_cast<void>(sender.send(Checked(1))); });
    Thread two([sender = tx] { static_cast<void>(sender.send(Checked(2))); });
    int received = 0;
    for (int i = 0; i < 2; ++i) {
      if (rx.try_recv()) ++received;
    }
    one.join();
    two.join();
    while (rx.try_recv()) ++received;
    expect(received == 2, "a message is lost");
  });
}

// SY-87, at the first message of a block and at its last.
void check_size(int before) {
  model([=] {
    auto [tx, rx] = mpsc::unbounded_channel<int>();
    for (int i = 0; i < before; ++i) {
      static_cast<void>(tx.send(i));
      expect(rx.try_recv().has_value(), "a message is lost");
      expect(rx.is_empty(), "not empty after the last message");
    }
    loom::Atomic<bool> was_sent{false};
    Thread sender([&, sender = std::move(tx)]() mutable {
      static_cast<void>(sender.send(7));
      was_sent.store(true, std::memory_order_release);
      auto gone = std::move(sender);
    });
    const bool has_to_be_there = was_sent.load(std::memory_order_acquire);
    const std::size_t size = rx.size();
    expect(size == 1 || (size == 0 && !has_to_be_there), "a wrong number of messages");
    expect(rx.is_empty() ? !has_to_be_there : true, "empty after a message was sent");
    sender.join();
    expect(rx.size() == 1 && !rx.is_empty(), "the end of the senders counts as a message");
    expect(rx.try_recv().has_value() && rx.is_empty(), "not empty after the last message");
  });
}
TEST(LM29, SizeDuringASend) { check_size(0); }
TEST(LM29, SizeDuringTheLastSendOfABlock) { check_size(1); }
TEST(LM29, SizeDuringTheFirstSendOfABlock) { check_size(2); }
TEST(LM29, SizeDuringASendBehindABlock) { check_size(3); }

// The same while the receiver closes.
TEST(LM29, SizeDuringClose) {
  for (int before = 0; before < 4; ++before) {
    model([=] {
      bool was_sent = false;
      auto [tx, rx] = mpsc::unbounded_channel<int>();
      for (int i = 0; i < before; ++i) static_cast<void>(tx.send(i));
      Thread sender([&was_sent, &the_tx = tx] { was_sent = the_tx.send(7).has_value(); });
      rx.close();
      const std::size_t size = rx.size();
      sender.join();
      const std::size_t sent = static_cast<std::size_t>(before) + (was_sent ? 1 : 0);
      expect(size == sent && rx.size() == sent, "a refused message counts");
      expect(rx.is_empty() == (sent == 0), "empty with messages, or the other way round");
    });
  }
}

TEST(LM29, TheReceiverIsToldOnce) {
  model([] {
    CountingTask before;
    CountingTask after;
    auto [tx, rx] = mpsc::unbounded_channel<Checked>();
    Thread sender([&the_tx = tx] { static_cast<void>(the_tx.send(Checked(7))); });
    Polled wait(rx.recv());
    const bool is_done = wait.poll(before) || wait.poll(after);
    sender.join();
    if (!is_done) expect(after.was_woken() && wait.poll(after), "the receiver was not woken");
    expect(wait.take()->get() == 7, "the message is lost");
  });
}

}  // namespace
}  // namespace weft::loom_test
