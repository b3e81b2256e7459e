// Topic: tuning. A runtime that is not the default one, a computation that is fair, and numbers.
//
//   $ topic_tuning

#include <cstdint>
#include <cstdio>
#include <vector>

#include <weft/weft.h>

namespace {

// One thread for all tasks, and at most four for blocking jobs.
weft::runtime::Builder small_runtime() {
  auto builder = weft::runtime::Builder::new_multi_thread();
  builder.worker_threads(1).max_blocking_threads(4).thread_name("small").enable_all();
  return builder;
}

std::uint64_t square(std::uint64_t n) { return n * n; }

// Computes for long without waiting for anything: it offers to step aside after each piece.
weft::Task<std::uint64_t> sum_of_squares(std::uint64_t count) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 1; i <= count; ++i) {
    sum += square(i);
    if (i % 1000 == 0) co_await weft::consume_budget();
  }
  co_return sum;
}

// Work for the processor alone, on a blocking thread, with a bound on how much of it at a time.
weft::Task<std::uint64_t> compute_aside(weft::sync::Semaphore& processors, std::uint64_t n) {
  const auto permit = co_await processors.acquire();
  auto job = weft::spawn_blocking(square, n);
  const auto result = co_await job;
  co_return permit ? result.value() : 0;
}

void print_metrics(const weft::runtime::RuntimeMetrics& metrics) {
  std::uint64_t polls = 0;
  std::uint64_t steals = 0;
  for (std::size_t worker = 0; worker < metrics.num_workers(); ++worker) {
    polls += metrics.worker_poll_count(worker);
    steals += metrics.worker_steal_count(worker);
  }
  std::printf("workers: %zu, stolen: %d, polls: %s\n", metrics.num_workers(),
              static_cast<int>(steals), polls > 0 ? "some" : "none");
}

}  // namespace

WEFT_MAIN_RUNTIME(small_runtime())

weft::Task<int> co_main(int, char**) {
  const std::uint64_t sum = co_await sum_of_squares(10'000);
  std::printf("sum: %llu\n", static_cast<unsigned long long>(sum));

  weft::sync::Semaphore processors(2);
  const std::uint64_t squared = co_await compute_aside(processors, 12);
  std::printf("squared: %d\n", static_cast<int>(squared));

  print_metrics(weft::runtime::Handle::current().metrics());
  co_return 0;
}
