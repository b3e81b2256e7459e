// The demo's output. Interface: screen.h.

#include <examples/demo/screen.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <string>
#include <unistd.h>
#include <vector>

namespace demo {
namespace {

using namespace std::chrono_literals;
using weft::runtime::RuntimeMetrics;

constexpr int kBarWidth = 44;

bool is_terminal() {
  // SAFETY(syscall): asks about a descriptor that every program has.
  return ::isatty(STDOUT_FILENO) == 1;
}

// 1234567 -> "1,234,567".
std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t from_end = 3; from_end < digits.size(); from_end += 4) {
    digits.insert(digits.size() - from_end, 1, ',');
  }
  return digits;
}

// In microseconds below a millisecond, else in milliseconds.
std::string readable(std::chrono::nanoseconds duration) {
  std::array<char, 32> text;
  const double microseconds = static_cast<double>(duration.count()) / 1e3;
  if (microseconds < 1000) {
    std::snprintf(text.data(), text.size(), "%.0f us", microseconds);
  } else {
    std::snprintf(text.data(), text.size(), "%.1f ms", microseconds / 1e3);
  }
  return text.data();
}

void print_row(const char* name, const std::string& value, const char* explanation) {
  std::printf("  %-18s %14s   %s\n", name, value.c_str(), explanation);
}

// One row for each power of two, without the ends where next to nothing fell into.
void print_histogram(const LatencyHistogram& latencies) {
  struct Row {
    std::chrono::nanoseconds from, to;
    std::uint64_t count;
  };
  std::vector<Row> rows;
  std::uint64_t most = 1;
  for (std::chrono::nanoseconds from = 1024ns; from < 60s; from *= 2) {
    const std::uint64_t count = latencies.count_between(from, 2 * from);
    rows.push_back({from, 2 * from, count});
    most = std::max(most, count);
  }
  const auto is_empty = [&](const Row& row) { return row.count * 20'000 < latencies.count(); };
  while (!rows.empty() && is_empty(rows.back())) rows.pop_back();
  rows.erase(rows.begin(), std::find_if_not(rows.begin(), rows.end(), is_empty));
  for (const Row& row : rows) {
    const int width = static_cast<int>(row.count * kBarWidth / most);
    std::printf("  %8s - %8s  %6.2f %%  %s\n", readable(row.from).c_str(), readable(row.to).c_str(),
                100.0 * static_cast<double>(row.count) / static_cast<double>(latencies.count()),
                std::string(static_cast<std::size_t>(width), '#').c_str());
  }
}

// The sum of a counter over all workers.
template <class Count>
std::uint64_t sum_of(const RuntimeMetrics& metrics, Count count) {
  std::uint64_t sum = 0;
  for (std::size_t worker = 0; worker < metrics.num_workers(); ++worker) sum += count(worker);
  return sum;
}

}  // namespace

weft::Task<> show_progress(const Counters& counters, RuntimeMetrics metrics) {
  const bool in_place = is_terminal();
  const auto period = in_place ? std::chrono::milliseconds(100) : std::chrono::milliseconds(1000);
  const auto start = weft::time::Clock::now();
  auto ticks = weft::time::interval_at(start + period, period);
  auto last_time = start;
  std::uint64_t last_requests = 0;
  for (;;) {
    co_await ticks.tick();
    const auto now = weft::time::Clock::now();
    const std::uint64_t requests = counters.requests.load(std::memory_order_relaxed);
    const double rate = static_cast<double>(requests - last_requests) /
                        std::chrono::duration<double>(now - last_time).count();
    std::printf("%s%4.1f s   %9s requests/s   %5" PRIu64 " tasks alive   %9s timers fired%s",
                in_place ? "\r  " : "  ", std::chrono::duration<double>(now - start).count(),
                with_commas(static_cast<std::uint64_t>(rate)).c_str(), metrics.num_alive_tasks(),
                with_commas(counters.timers_fired.load(std::memory_order_relaxed)).c_str(),
                in_place ? "  " : "\n");
    std::fflush(stdout);
    last_time = now;
    last_requests = requests;
  }
}

void end_progress() {
  if (is_terminal()) std::printf("\n");
}

void print_summary(const Summary& summary) {
  const LatencyHistogram& latencies = summary.latencies;
  const double seconds = std::chrono::duration<double>(summary.elapsed).count();
  std::printf("\nWhat the clients saw\n");
  if (summary.clients_served < summary.clients) {
    std::printf("  only %zu of %zu clients were served", summary.clients_served, summary.clients);
    if (summary.first_failure) std::printf(": %s", summary.first_failure->to_string().c_str());
    std::printf(" (see ulimit -n)\n");
  }
  print_row("requests", with_commas(latencies.count()), "64 bytes there and back");
  print_row(
      "rate",
      with_commas(static_cast<std::uint64_t>(static_cast<double>(latencies.count()) / seconds)) +
          "/s",
      "all clients together");
  print_row("latency p50", readable(latencies.percentile(0.5)), "half of the requests were faster");
  print_row("latency p99", readable(latencies.percentile(0.99)), "all but one in a hundred were");
  print_row("latency p99.9", readable(latencies.percentile(0.999)),
            "all but one in a thousand were");
  if (latencies.count() == 0) return;
  std::printf("\nHow long a request took\n");
  print_histogram(latencies);
}

void print_runtime(const RuntimeMetrics& metrics, std::uint64_t timers_fired) {
  const auto sum = [&](auto member) {
    return with_commas(
        sum_of(metrics, [&](std::size_t worker) { return (metrics.*member)(worker, {}); }));
  };
  std::printf("\nWhat the runtime did for it\n");
  print_row("worker threads", std::to_string(metrics.num_workers()), "one for each processor");
  print_row("tasks spawned", sum(&RuntimeMetrics::worker_spawn_count),
            "one for each client and each connection, and a few more");
  print_row("polls", sum(&RuntimeMetrics::worker_poll_count), "a task ran until its next wait");
  print_row("steals", sum(&RuntimeMetrics::worker_steal_count),
            "tasks that an idle worker took from a busy one");
  print_row("parks", sum(&RuntimeMetrics::worker_park_count),
            "a worker had nothing to do and went to sleep");
  print_row("timers fired", with_commas(timers_fired), "the clients' rests");
}

}  // namespace demo
