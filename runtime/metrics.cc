#include <weft/runtime/metrics.h>

#include <weft/base/check.h>

namespace weft::runtime {
namespace {

// relaxed: one writer, and readers want a recent value.
std::uint64_t read(const loom::Atomic<std::uint64_t>& counter) noexcept {
  return counter.load(std::memory_order_relaxed);
}

}  // namespace

const internal::WorkerMetrics& RuntimeMetrics::worker(std::size_t index,
                                                      std::source_location where) const {
  WEFT_CHECK(index < num_workers(), "RuntimeMetrics: there is no worker with this number", where);
  return scheduler_->worker_metrics(static_cast<unsigned>(index));
}

std::uint64_t RuntimeMetrics::worker_park_count(std::size_t index,
                                                std::source_location where) const {
  return (worker_park_unpark_count(index, where) + 1) / 2;
}

std::uint64_t RuntimeMetrics::worker_park_unpark_count(std::size_t index,
                                                       std::source_location where) const {
  return read(worker(index, where).park_unpark_count);
}

std::chrono::nanoseconds RuntimeMetrics::worker_total_busy_duration(
    std::size_t index, std::source_location where) const {
  return std::chrono::nanoseconds(read(worker(index, where).busy_nanoseconds));
}

std::uint64_t RuntimeMetrics::worker_poll_count(std::size_t index,
                                                std::source_location where) const {
  return read(worker(index, where).polls);
}

std::uint64_t RuntimeMetrics::worker_steal_count(std::size_t index,
                                                 std::source_location where) const {
  return read(worker(index, where).steals);
}

std::uint64_t RuntimeMetrics::worker_spawn_count(std::size_t index,
                                                 std::source_location where) const {
  return read(worker(index, where).spawned);
}

}  // namespace weft::runtime
