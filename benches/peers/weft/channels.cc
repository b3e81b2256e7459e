// Rows about channels: oneshot, mpsc, watch, broadcast.

#include <benches/peers/weft/support.h>

namespace {

namespace broadcast = weft::sync::broadcast;
namespace mpsc = weft::sync::mpsc;
namespace oneshot = weft::sync::oneshot;
namespace watch = weft::sync::watch;
using peers::Countdown;
using peers::Laps;
using peers::Row;
using peers::Run;

constexpr int kOperations = 100'000;
constexpr int kValues = 100'000;  // of all producers together
constexpr std::size_t kCapacity = 1024;
constexpr int kReceivers = 8;
constexpr int kBatch = 100;
constexpr int kBatches = 50;

weft::Task<> oneshot_same_task(Laps& laps) {
  while (laps.next()) {
    for (int i = 0; i < kOperations; ++i) {
      auto [sender, receiver] = oneshot::channel<int>();
      sender.send(i).value();
      const auto value = co_await receiver;
      value.value();
    }
  }
}
const Row kOneshot("oneshot_same_task",
                   [](Run& run) { return peers::in_task(run, kOperations, oneshot_same_task); });

weft::Task<> produce(mpsc::Sender<int> sender, int count) {
  for (int i = 0; i < count; ++i) {
    const auto sent = co_await sender.send(i);
    if (!sent) co_return;
  }
}

weft::Task<> produce(mpsc::UnboundedSender<int> sender, int count) {
  for (int i = 0; i < count; ++i) {
    if (!sender.send(i)) co_return;
  }
  co_return;
}

// Takes `sender`, so that the channel ends with the producers.
template <class Sender>
void spawn_producers(Sender sender, int producers) {
  for (int i = 0; i < producers; ++i) weft::spawn(produce(sender, kValues / producers));
}

template <class Receiver>
weft::Task<> consume(Receiver receiver) {
  long sum = 0;
  for (;;) {
    const auto value = co_await receiver.recv();
    if (!value) break;
    sum += *value;
  }
  peers::keep(sum);
}

template <int kProducers>
weft::Task<> bounded(Laps& laps) {
  while (laps.next()) {
    auto [sender, receiver] = mpsc::channel<int>(kCapacity);
    spawn_producers(std::move(sender), kProducers);
    co_await consume(std::move(receiver));
  }
}

template <int kProducers>
weft::Task<> unbounded(Laps& laps) {
  while (laps.next()) {
    auto [sender, receiver] = mpsc::unbounded_channel<int>();
    spawn_producers(std::move(sender), kProducers);
    co_await consume(std::move(receiver));
  }
}
const Row kBounded1("mpsc_bounded_1p1c",
                    [](Run& run) { return peers::in_task(run, kValues, bounded<1>); });
const Row kBounded4("mpsc_bounded_4p1c",
                    [](Run& run) { return peers::in_task(run, kValues, bounded<4>); });
const Row kUnbounded1("mpsc_unbounded_1p1c",
                      [](Run& run) { return peers::in_task(run, kValues, unbounded<1>); });
const Row kUnbounded4("mpsc_unbounded_4p1c",
                      [](Run& run) { return peers::in_task(run, kValues, unbounded<4>); });

weft::Task<> create_and_drop(Laps& laps) {
  while (laps.next()) {
    for (int i = 0; i < kOperations; ++i) {
      const auto channel = mpsc::channel<int>(kCapacity);
      peers::keep(channel);
    }
  }
  co_return;
}
const Row kCreateDrop("mpsc_create_drop",
                      [](Run& run) { return peers::in_task(run, kOperations, create_and_drop); });

weft::Task<> watch_send(Laps& laps) {
  const auto [sender, receiver] = watch::channel<int>(0);
  while (laps.next()) {
    for (int i = 0; i < kOperations; ++i) sender.send(i).value();
  }
  co_return;
}
const Row kWatchSend("watch_send",
                     [](Run& run) { return peers::in_task(run, kOperations, watch_send); });

weft::Task<> watch_borrow(Laps& laps) {
  const auto [sender, receiver] = watch::channel<int>(1);
  int sum = 0;
  while (laps.next()) {
    for (int i = 0; i < kOperations; ++i) sum += *receiver.borrow();
  }
  peers::keep(sum);
  co_return;
}
const Row kWatchBorrow("watch_borrow",
                       [](Run& run) { return peers::in_task(run, kOperations, watch_borrow); });

// Arrives after each batch.
weft::Task<> listen(broadcast::Receiver<int> receiver, Countdown& countdown) {
  for (;;) {
    const auto value = co_await receiver.recv();
    if (!value) co_return;
    if (*value == kBatch - 1) countdown.arrive();
  }
}

weft::Task<> broadcast_batches(Laps& laps) {
  Countdown countdown;
  std::vector<weft::JoinHandle<void>> listeners;
  {
    const broadcast::Sender<int> sender(kCapacity);
    for (int i = 0; i < kReceivers; ++i) {
      listeners.push_back(weft::spawn(listen(sender.subscribe(), countdown)));
    }
    while (laps.next()) {
      for (int batch = 0; batch < kBatches; ++batch) {
        countdown.reset(kReceivers);
        for (int i = 0; i < kBatch; ++i) sender.send(i).value();
        co_await countdown.wait();
      }
    }
  }
  co_await peers::join_all(std::move(listeners));
}
const Row kBroadcast("broadcast_1_8", [](Run& run) {
  return peers::in_task(run, kBatch * kBatches, broadcast_batches);
});

}  // namespace
