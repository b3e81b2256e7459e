// Rows about tasks that give way to each other: yields, ping-pong, notifications.

#include <benches/peers/weft/support.h>

namespace {

namespace oneshot = weft::sync::oneshot;
using peers::Countdown;
using peers::Laps;
using peers::Row;
using peers::Run;
using weft::sync::Notify;

constexpr int kYielding = 200;
constexpr int kYields = 1000;
constexpr int kPairs = 1000;
constexpr int kRounds = 20'000;

weft::Task<> yield_often() {
  for (int i = 0; i < kYields; ++i) co_await weft::yield_now();
}

weft::Task<> yield_many(Laps& laps) {
  while (laps.next()) {
    std::vector<weft::JoinHandle<void>> handles;
    for (int i = 0; i < kYielding; ++i) handles.push_back(weft::spawn(yield_often()));
    co_await peers::join_all(std::move(handles));
  }
}
const Row kYieldMany("yield_many",
                     [](Run& run) { return peers::in_task(run, kYielding * kYields, yield_many); });

weft::Task<> answer(oneshot::Receiver<int> ping, oneshot::Sender<int> pong) {
  const auto value = co_await ping;
  pong.send(*value).value();
}

weft::Task<> play(Countdown& countdown) {
  auto [ping_sender, ping] = oneshot::channel<int>();
  auto [pong_sender, pong] = oneshot::channel<int>();
  weft::spawn(answer(std::move(ping), std::move(pong_sender)));
  ping_sender.send(1).value();
  const auto value = co_await pong;
  value.value();
  countdown.arrive();
}

weft::Task<> ping_pong(Laps& laps) {
  Countdown countdown;
  while (laps.next()) {
    countdown.reset(kPairs);
    for (int i = 0; i < kPairs; ++i) weft::spawn(play(countdown));
    co_await countdown.wait();
  }
}
const Row kPingPong("ping_pong", [](Run& run) { return peers::in_task(run, kPairs, ping_pong); });

weft::Task<> send_back(Notify& ping, Notify& pong) {
  for (int i = 0; i < kRounds; ++i) {
    co_await ping.notified();
    pong.notify_one();
  }
}

weft::Task<> notify_ping_pong(Laps& laps) {
  Notify ping;
  Notify pong;
  while (laps.next()) {
    auto other = weft::spawn(send_back(ping, pong));
    for (int i = 0; i < kRounds; ++i) {
      ping.notify_one();
      co_await pong.notified();
    }
    const auto joined = co_await other;
    joined.value();
  }
}
const Row kNotify("notify_ping_pong",
                  [](Run& run) { return peers::in_task(run, kRounds, notify_ping_pong); });

}  // namespace
