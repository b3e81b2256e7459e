// What does a request cost an echo server: 64 bytes there and back, on one connection, and on up to
// 10,000 at once? `server_cpu` is processor time of everything but the load, for each request.
//
// Beside it: a raw epoll loop on one thread. Peer: tokio (64 connections; 5.7 / 8.0 / 6.8 us on 1,
// 2 and 4 workers, where the raw loop takes 5.1).

#include <algorithm>
#include <chrono>

#include <benches/support/bench.h>
#include <benches/support/echo_clients.h>
#include <benches/support/echo_server.h>
#include <benches/support/raw_epoll_echo.h>

namespace {

constexpr std::size_t kRequests = 8'000;  // of all connections together, and one each at least

void load(benchmark::State& state, std::uint16_t port, std::size_t connections) {
  bench::EchoClients clients(port, connections);
  clients.run(2);
  const std::size_t rounds = std::max<std::size_t>(kRequests / connections, 1);
  const std::chrono::nanoseconds before = bench::processor_time_of_others();
  for (auto _ : state) clients.run(rounds);
  const std::chrono::duration<double> used = bench::processor_time_of_others() - before;
  const auto requests = static_cast<double>(rounds * connections);
  state.counters["server_cpu"] =
      benchmark::Counter(used.count() / requests, benchmark::Counter::kAvgIterations);
  bench::report_per_operation(state, requests);
}

void BM_tcp_echo(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  load(state, bench::start_echo_server(rt), static_cast<std::size_t>(state.range(1)));
}
WEFT_BENCH(BM_tcp_echo)
    ->ArgNames({"workers", "connections"})
    ->ArgsProduct({{1, 2, 4}, {1, 64, 1'000, 10'000}});

void BM_tcp_echo_raw_epoll(benchmark::State& state) {
  const bench::RawEpollEcho server;
  load(state, server.port(), static_cast<std::size_t>(state.range(0)));
}
WEFT_BENCH(BM_tcp_echo_raw_epoll)->ArgName("connections")->Arg(1)->Arg(64)->Arg(1'000)->Arg(10'000);

}  // namespace
