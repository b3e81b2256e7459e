// demo: an echo server and 200 clients in one program, for five seconds, with a look inside.
//
//   $ make demo
//
// Everything here is a task on one runtime with as many threads as the machine has processors: the
// server, each of its connections, each client, and what prints the live line. They talk through
// real sockets on the loopback interface. See demo/load.cc for the interesting part.
//
// Options: --seconds N, --clients N.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <sys/resource.h>
#include <vector>

#include <examples/demo/load.h>
#include <examples/demo/screen.h>
#include <examples/support/arguments.h>
#include <weft/weft.h>

namespace {

// How many clients the system has descriptors for: each needs two, one for its end of the
// connection and one for the server's. Raises the limit first, as far as anybody may.
std::size_t clients_possible() {
  constexpr rlim_t kOthers = 32;
  rlimit limit{};
  // SAFETY(syscall): fills in the limit, and sets it to what the system says is allowed. If that is
  // refused after all, some clients are, and the summary says so.
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur > kOthers ? (limit.rlim_cur - kOthers) / 2 : 1;
}

// Runs the clients until `end` and adds up what they saw.
weft::Task<demo::Summary> run_clients(weft::net::SocketAddr server, std::size_t count,
                                      weft::time::Instant end, demo::Counters& counters) {
  std::vector<weft::JoinHandle<demo::ClientResult>> clients;
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(weft::spawn(demo::run_client(server, end, counters)));
  }
  demo::Summary summary;
  summary.clients = count;
  for (auto& client : clients) {
    const auto result = co_await client;
    if (!result) continue;
    summary.latencies.add(result->latencies);
    if (result->latencies.count() > 0) ++summary.clients_served;
    if (!summary.first_failure) summary.first_failure = result->failure;
  }
  co_return summary;
}

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  const examples::Arguments arguments(argc, argv, {"--seconds", "--clients"});
  if (!arguments.usable()) co_return 2;
  const std::chrono::seconds duration(arguments.number("--seconds", 5));
  const std::size_t wanted = arguments.number("--clients", 200);
  const std::size_t clients = std::min(wanted, clients_possible());
  if (clients < wanted) {
    std::printf("The limit of open files (ulimit -n) has room for %zu clients.\n", clients);
  }

  auto listener = co_await weft::net::TcpListener::bind("127.0.0.1:0");
  if (!listener) {
    std::fprintf(stderr, "demo: cannot listen: %s\n", listener.error().to_string().c_str());
    co_return 1;
  }
  const auto address = listener->local_addr();
  const auto metrics = weft::runtime::Handle::current().metrics();
  std::printf("%zu clients ask an echo server on %s for %u s, on %zu worker threads.\n", clients,
              address->to_string().c_str(), static_cast<unsigned>(duration.count()),
              metrics.num_workers());
  std::fflush(stdout);

  demo::Counters counters;
  const auto start = weft::time::Clock::now();
  auto server = weft::spawn(demo::serve_echo(*std::move(listener)));
  auto progress = weft::spawn(demo::show_progress(counters, metrics));
  demo::Summary summary = co_await run_clients(*address, clients, start + duration, counters);
  summary.elapsed = weft::time::Clock::now() - start;

  progress.abort();
  server.abort();
  [[maybe_unused]] const auto ended = co_await weft::join(progress, server);
  demo::end_progress();
  demo::print_summary(summary);
  demo::print_runtime(metrics, counters.timers_fired);
  co_return summary.clients_served > 0 ? 0 : 1;
}
