// What the demo shows: the live line while it runs, the tables at its end.

#ifndef WEFT_EXAMPLES_DEMO_SCREEN_H_
#define WEFT_EXAMPLES_DEMO_SCREEN_H_

#include <chrono>
#include <cstddef>
#include <optional>

#include <examples/demo/latency_histogram.h>
#include <examples/demo/load.h>
#include <weft/weft.h>

namespace demo {

// Prints how it is going until it is aborted: on a terminal one line, rewritten in place, else a
// line each second. `counters` must outlive it.
weft::Task<> show_progress(const Counters& counters, weft::runtime::RuntimeMetrics metrics);

// Ends the live line.
void end_progress();

struct Summary {
  std::chrono::nanoseconds elapsed{};
  std::size_t clients = 0;
  std::size_t clients_served = 0;            // those that got an answer
  std::optional<weft::Error> first_failure;  // of those that did not go on to the end
  LatencyHistogram latencies;
};

void print_summary(const Summary& summary);
void print_runtime(const weft::runtime::RuntimeMetrics& metrics, std::uint64_t timers_fired);

}  // namespace demo

#endif  // WEFT_EXAMPLES_DEMO_SCREEN_H_
