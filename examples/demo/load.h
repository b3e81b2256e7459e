// The two sides of the demo: a server that echoes, and clients that ask it as fast as they can.

#ifndef WEFT_EXAMPLES_DEMO_LOAD_H_
#define WEFT_EXAMPLES_DEMO_LOAD_H_

#include <atomic>
#include <cstdint>
#include <optional>

#include <examples/demo/latency_histogram.h>
#include <weft/weft.h>

namespace demo {

// What all clients count together, for the live line. Each counter stands alone, so relaxed
// accesses do.
struct Counters {
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> timers_fired = 0;
};

struct ClientResult {
  LatencyHistogram latencies;
  std::optional<weft::Error> failure;  // why it did not go on to the end
};

// Accepts connections, each in a task that echoes, until it is aborted.
weft::Task<> serve_echo(weft::net::TcpListener listener);

// Sends 64 bytes, waits for them to come back, and again, with a millisecond's rest now and then,
// until `end`. `counters` must outlive it.
weft::Task<ClientResult> run_client(weft::net::SocketAddr server, weft::time::Instant end,
                                    Counters& counters);

}  // namespace demo

#endif  // WEFT_EXAMPLES_DEMO_LOAD_H_
