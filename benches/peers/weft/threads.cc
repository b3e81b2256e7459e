// Rows about threads: jobs that may block, starting and stopping a runtime.

#include <vector>

#include <benches/peers/weft/support.h>

namespace {

using peers::Laps;
using peers::Row;
using peers::Run;

constexpr int kJobs = 512;

template <int kAtOnce>
weft::Task<> run_jobs(Laps& laps) {
  std::vector<weft::JoinHandle<int>> handles;
  while (laps.next()) {
    for (int done = 0; done < kJobs; done += kAtOnce) {
      handles.clear();
      for (int i = 0; i < kAtOnce; ++i) handles.push_back(weft::spawn_blocking([] { return 1; }));
      for (auto& handle : handles) {
        const auto joined = co_await handle;
        joined.value();
      }
    }
  }
}
const Row kBlocking("spawn_blocking",
                    [](Run& run) { return peers::in_task(run, kJobs, run_jobs<1>); });
const Row kBlocking16("spawn_blocking_16",
                      [](Run& run) { return peers::in_task(run, kJobs, run_jobs<16>); });

const Row kStartStop("runtime_start_stop", [](Run& run) {
  constexpr int kRuntimes = 20;
  while (run.laps.next()) {
    for (int i = 0; i < kRuntimes; ++i) {
      const auto rt = peers::make_runtime(run.workers);
      peers::keep(rt);
    }
  }
  return run.laps.per_operation(kRuntimes);
});

}  // namespace
