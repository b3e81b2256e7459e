// What do more workers bring to an echo server, and what do they cost where there are fewer
// processors than workers?
//
// 64 connections; the server on 1, 2 and 4 workers, all of it, the load included, on all processors
// (`cpus:0`), on two and on one. The runtime without the network: runtime_scaling.cc.

#include <benches/support/bench.h>
#include <benches/support/echo_clients.h>
#include <benches/support/echo_server.h>
#include <benches/support/processors.h>

namespace {

constexpr std::size_t kConnections = 64;
constexpr std::size_t kRounds = 100;  // for each iteration

void BM_scaling_echo(benchmark::State& state) {
  const bench::OnProcessors pinned(static_cast<int>(state.range(1)));
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  bench::EchoClients clients(bench::start_echo_server(rt), kConnections);
  clients.run(10);
  for (auto _ : state) clients.run(kRounds);
  bench::report_per_operation(state, kRounds * kConnections);
}
WEFT_BENCH(BM_scaling_echo)->ArgNames({"workers", "cpus"})->ArgsProduct({{1, 2, 4}, {0, 2, 1}});

}  // namespace
