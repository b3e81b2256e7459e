// TraceEvent: one thing that a thread of a traced runtime has done.
//
// Spec: R-173.

#ifndef WEFT_RUNTIME_TRACE_TRACE_EVENT_H_
#define WEFT_RUNTIME_TRACE_TRACE_EVENT_H_

#include <algorithm>
#include <array>
#include <climits>
#include <cstdint>
#include <source_location>
#include <string_view>

namespace weft::internal {

enum class TraceKind : std::uint8_t {
  kRun,       // a task was polled
  kRoot,      // block_on's argument was, on a current_thread runtime
  kSpawn,     // a task was queued for the first time
  kWake,      // a task was queued again
  kPark,      // the thread waited for work
  kBlocking,  // a job of spawn_blocking ran
  kSteal,     // tasks were taken from another worker; at one moment
  kTimers,    // timers fired; at one moment
};

// 64 bytes, which hold most names.
struct TraceEvent {
  static constexpr unsigned kNoWorker = UINT_MAX;

  std::int64_t begin = 0;  // nanoseconds of the steady clock
  std::int64_t end = 0;
  std::uint64_t number = 0;  // the task's id; for kSteal and kTimers how many
  std::source_location where;
  TraceKind kind = TraceKind::kRun;
  std::uint8_t name_length = 0;
  std::array<char, 26> name{};
  unsigned worker = kNoWorker;

  void set_name(std::string_view full) noexcept {
    name_length = static_cast<std::uint8_t>(std::min(full.size(), name.size()));
    std::copy_n(full.begin(), name_length, name.begin());
  }
  std::string_view name_view() const noexcept { return {name.data(), name_length}; }
};

static_assert(sizeof(TraceEvent) == 64);

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TRACE_TRACE_EVENT_H_
