// What the Builder was told, in the form that schedulers and the blocking pool read.
//
// Spec: R-3..R-18, R-20, R-147, R-149, R-172, R-173.

#ifndef WEFT_RUNTIME_SCHEDULER_CONFIG_H_
#define WEFT_RUNTIME_SCHEDULER_CONFIG_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>

#include <weft/base/rng.h>
#include <weft/runtime/metrics/histogram_configuration.h>
#include <weft/runtime/task_id.h>

namespace weft::runtime {

// What hooks are told about a task.
class TaskMeta {
 public:
  TaskMeta(TaskId id, std::source_location spawned_at, std::string_view name = {},
           std::optional<std::chrono::nanoseconds> schedule_latency = std::nullopt) noexcept
      : id_(id), spawned_at_(spawned_at), name_(name), schedule_latency_(schedule_latency) {}
  TaskId id() const noexcept { return id_; }
  // Where spawn was called.
  std::source_location spawned_at() const noexcept { return spawned_at_; }
  // What task::Builder named it; empty if nothing. Good for as long as the hook runs.
  std::string_view name() const noexcept { return name_; }
  // How long the task was runnable before this poll of it began. In the hooks around a poll, and
  // only if Builder::track_task_schedule_latency() asked for it.
  std::optional<std::chrono::nanoseconds> schedule_latency() const noexcept {
    return schedule_latency_;
  }

 private:
  TaskId id_;
  std::source_location spawned_at_;
  std::string_view name_;
  std::optional<std::chrono::nanoseconds> schedule_latency_;
};

// What happens when an exception leaves a task: only its JoinHandle sees it, or the runtime stops.
enum class UnhandledException : std::uint8_t { kIgnore, kShutdownRuntime };

enum class RuntimeFlavor : std::uint8_t { kCurrentThread, kMultiThread };

struct StallReport;

}  // namespace weft::runtime

namespace weft::internal {

class Observer;

using ThreadHook = std::function<void()>;
using TaskHook = std::function<void(const runtime::TaskMeta&)>;

// What is called around the life of each task, and whether it is measured how long it waits
// in queues: all that makes a runtime look closer at its tasks.
struct TaskHooks {
  TaskHook on_spawn, on_terminate, before_poll, after_poll;
  bool track_latency = false;
  // Of stalls and of the trace; null if neither is on.
  std::shared_ptr<Observer> observer;

  bool any() const noexcept {
    return on_spawn || on_terminate || before_poll || after_poll || track_latency ||
           observer != nullptr;
  }
};

// Immutable once the runtime runs; shared by all its threads.
struct RuntimeConfig {
  runtime::RuntimeFlavor flavor = runtime::RuntimeFlavor::kMultiThread;
  std::string name;
  unsigned workers = 1;
  unsigned max_blocking_threads = 512;
  unsigned max_attached_threads = 8;
  std::function<std::string()> thread_name;
  std::size_t thread_stack_size = 2 * 1024 * 1024;
  std::chrono::nanoseconds thread_keep_alive = std::chrono::seconds(10);
  ThreadHook on_thread_start, on_thread_stop, on_thread_park, on_thread_unpark;
  TaskHooks task_hooks;
  std::optional<runtime::HistogramConfiguration> poll_time_histogram;
  std::optional<runtime::HistogramConfiguration> schedule_latency_histogram;
  std::optional<std::chrono::nanoseconds> stall_limit;  // none: stalls are not looked for
  std::function<void(const runtime::StallReport&)> on_stall;
  std::string trace_path;                              // empty: no trace
  std::optional<std::uint32_t> global_queue_interval;  // none: tuned
  std::uint32_t event_interval = 61;
  bool lifo_slot = true;
  bool adaptive_spin = true;
  std::size_t max_io_events_per_tick = 1024;
  bool enable_io = false;
  bool enable_time = false;
  bool start_paused = false;
  runtime::UnhandledException unhandled_exception = runtime::UnhandledException::kIgnore;
  std::optional<runtime::RngSeed> rng_seed;
  // The number of the thread that alone may drive the runtime; 0: any.
  std::uint64_t owner_thread = 0;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_CONFIG_H_
