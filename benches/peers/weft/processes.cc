// The row about processes: /bin/true, eight at once.

#include <utility>
#include <vector>

#include <benches/peers/weft/support.h>

namespace {

using peers::Laps;
using peers::Row;
using peers::Run;

constexpr int kAtOnce = 8;
constexpr int kEach = 10;

weft::Task<> run_some() {
  for (int i = 0; i < kEach; ++i) {
    weft::process::Command command("/bin/true");
    const weft::Result<weft::process::ExitStatus> end = co_await command.status();
    end.value();
  }
}

weft::Task<> run_programs(Laps& laps) {
  while (laps.next()) {
    std::vector<weft::JoinHandle<void>> running;
    for (int i = 0; i < kAtOnce; ++i) running.push_back(weft::spawn(run_some()));
    co_await peers::join_all(std::move(running));
  }
}

const Row kProcessTrue8("process_true_8", [](Run& run) {
  return peers::in_task(run, kAtOnce * kEach, run_programs);
});

}  // namespace
