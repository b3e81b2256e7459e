// What does it cost to run /bin/true and to wait for it, one after the other and eight at a time,
// in a process that holds 1 GiB?
//
// Peers: tokio (202 us at eight). A child that were started by fork(2) would have the page tables
// of all that memory copied: BM_fork_true does so, for comparison.

#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <vector>

#include <benches/support/bench.h>
#include <benches/support/require.h>
#include <weft/process/process.h>

namespace {

constexpr std::size_t kHeld = std::size_t{1} << 30;
constexpr int kEach = 16;

// Every page of it has been written to.
const std::vector<char>& held_memory() {
  static const std::vector<char> held(kHeld, 1);
  return held;
}

weft::Task<> run_some() {
  for (int i = 0; i < kEach; ++i) {
    weft::process::Command command("/bin/true");
    const weft::Result<weft::process::ExitStatus> end = co_await command.status();
    bench::require(end && end->success(), "/bin/true has failed");
  }
}

weft::Task<> run_at_once(int tasks) {
  std::vector<weft::JoinHandle<void>> running;
  for (int i = 0; i < tasks; ++i) running.push_back(weft::spawn(run_some()));
  for (auto& task : running) {
    const auto joined = co_await task;
    joined.value();
  }
}

void BM_true(benchmark::State& state) {
  const std::vector<char>& held = held_memory();
  benchmark::DoNotOptimize(held.data());
  const auto rt = bench::make_runtime();
  const int tasks = static_cast<int>(state.range(0));
  for (auto _ : state) bench::run(rt, run_at_once(tasks));
  bench::report_per_operation(state, static_cast<double>(tasks) * kEach);
}
WEFT_BENCH(BM_true)->Arg(1)->Arg(8);

weft::Task<> run_with_hook() {
  weft::process::Command command("/bin/true");
  command.pre_exec([] { return weft::Result<void>(); });
  const weft::Result<weft::process::ExitStatus> end = co_await command.status();
  bench::require(end && end->success(), "/bin/true has failed");
}

// With a hook, hence by fork.
void BM_fork_true(benchmark::State& state) {
  const std::vector<char>& held = held_memory();
  benchmark::DoNotOptimize(held.data());
  const auto rt = bench::make_runtime();
  for (auto _ : state) bench::run(rt, run_with_hook());
  bench::report_per_operation(state, 1);
}
WEFT_BENCH(BM_fork_true);

}  // namespace
