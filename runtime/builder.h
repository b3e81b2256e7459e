// Builder: how a runtime is made.
//
// Spec: R-1..R-18, R-20, R-22, R-55, R-147, R-172, R-173.
//
//   auto rt = weft::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
//
// Setters chain and return the builder, which can build several runtimes. Drivers are off until
// they are enabled. A value that makes no sense (zero threads) is a check failure at the setter.

#ifndef WEFT_RUNTIME_BUILDER_H_
#define WEFT_RUNTIME_BUILDER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <source_location>
#include <string>

#include <weft/base/result.h>
#include <weft/base/rng.h>
#include <weft/runtime/metrics/histogram_configuration.h>
#include <weft/runtime/scheduler/config.h>
#include <weft/runtime/stall_report.h>

namespace weft::runtime {

class LocalRuntime;
class Runtime;

// Copyable; used by one thread at a time.
class Builder {
  using Where = std::source_location;

 public:
  // Tasks run on several threads. Workers: WEFT_WORKER_THREADS if that is set, else one for each
  // processor that this process may use.
  static Builder new_multi_thread();
  // Tasks run on the thread that is in Runtime::block_on.
  static Builder new_current_thread();

  // Not 0. Ignored by current_thread.
  Builder& worker_threads(std::size_t count, Where where = Where::current());
  // Threads for spawn_blocking; not 0, default 512 (or WEFT_MAX_BLOCKING_THREADS). Workers come on
  // top.
  Builder& max_blocking_threads(std::size_t count, Where where = Where::current());
  // How many foreign threads may be in Runtime::attach_current_thread at a time; default 8. Costs a
  // few bytes for each; what a worker needs is made when one attaches. Ignored by current_thread.
  Builder& max_attached_threads(std::size_t count);
  // Of the runtime, for Handle::name(). Not blank.
  Builder& name(std::string name, Where where = Where::current());
  // Of its threads; default "weft-worker". The system keeps 15 bytes.
  Builder& thread_name(std::string name);
  // The same, called once for each thread.
  Builder& thread_name_fn(std::function<std::string()> make_name);
  // Bytes; default 2 MiB (or WEFT_THREAD_STACK_SIZE). The system's least wins.
  Builder& thread_stack_size(std::size_t bytes);
  // How long a blocking thread stays idle before it ends; default 10 s.
  Builder& thread_keep_alive(std::chrono::nanoseconds duration);

  // On each thread of the runtime, before its first and after its last work.
  Builder& on_thread_start(std::function<void()> hook);
  Builder& on_thread_stop(std::function<void()> hook);
  // Around each wait for work. May spawn and wake.
  Builder& on_thread_park(std::function<void()> hook);
  Builder& on_thread_unpark(std::function<void()> hook);
  // For each task: when it is spawned, when it has ended, and around each poll. They must not
  // throw; what they throw is dropped.
  Builder& on_task_spawn(std::function<void(const TaskMeta&)> hook);
  Builder& on_task_terminate(std::function<void(const TaskMeta&)> hook);
  Builder& on_before_task_poll(std::function<void(const TaskMeta&)> hook);
  Builder& on_after_task_poll(std::function<void(const TaskMeta&)> hook);

  // Measures each poll for RuntimeMetrics::poll_time_histogram_bucket_count(), which takes two
  // looks at the clock. Off by default.
  Builder& metrics_poll_time_histogram(
      HistogramConfiguration configuration = HistogramConfiguration::linear());
  // Measures how long each task was runnable before a poll, for the hooks around polls. Takes two
  // looks at the clock for each poll, and some memory for each task. Off by default.
  Builder& track_task_schedule_latency();
  // The same, also for RuntimeMetrics::schedule_latency_histogram_bucket_count().
  Builder& metrics_schedule_latency_histogram(
      HistogramConfiguration configuration = HistogramConfiguration::linear());

  // Reports each task that holds a worker for longer than `limit` in one resume, once, with where
  // it was spawned and where it is: a thread of the runtime's own sends the worker's thread a
  // signal (SA_RESTART). At least 1 ms. Off by default; WEFT_STALL_MS, in milliseconds, turns it on
  // and goes before this.
  Builder& detect_stalls(std::chrono::nanoseconds limit, Where where = Where::current());
  // Gets the reports, on that thread, one at a time; without one they go to standard error. It must
  // not wait for the runtime's end. What it throws is dropped. After an end that does not wait, as
  // shutdown_background(), one more may come.
  Builder& on_stall(std::function<void(const StallReport&)> hook);
  // Records what the runtime's threads do and writes it to this file when the runtime has been
  // stopped, or by std::exit, for Perfetto or chrome://tracing: the last 16384 events of each
  // thread. An existing file is replaced, with one without events at first; one that cannot be
  // written is said on standard error. Off by default; WEFT_TRACE turns it on and goes before this:
  // the second runtime of a process that it names a file for writes to file.2.json, and so on.
  Builder& trace_to(std::string path, Where where = Where::current());

  // Every how many ticks a worker looks at the injection queue first; not 0. Default: 31 for
  // current_thread, tuned by how long tasks run for multi_thread.
  Builder& global_queue_interval(std::uint32_t ticks, Where where = Where::current());
  // At most how many ticks pass between two polls of the driver; not 0, default 61.
  Builder& event_interval(std::uint32_t ticks, Where where = Where::current());
  // A task woken or spawned by another goes to the back of the queue instead of running next.
  Builder& disable_lifo_slot();
  // A worker, or a thread of the blocking pool, that is about to wait spins for up to 50 us first,
  // if that has paid off lately: faster round trips for some processor time. On by default.
  Builder& adaptive_spin(bool enabled);
  // How many events are taken from the system at once; default 1024, not 0.
  Builder& max_io_events_per_tick(std::size_t count, Where where = Where::current());

  Builder& enable_io();
  Builder& enable_time();
  Builder& enable_all() { return enable_io().enable_time(); }
  // The clock stands still from the beginning (TM-6). current_thread only.
  Builder& start_paused(bool paused, Where where = Where::current());
  // kShutdownRuntime: current_thread only.
  Builder& unhandled_exception(UnhandledException policy, Where where = Where::current());
  // Makes select's choices and the like the same in each run.
  Builder& rng_seed(RngSeed seed);

  // Fails if the system has no descriptors, memory or threads for it. A check failure if an
  // environment variable that is used has no positive number in it.
  Result<Runtime> build(Where where = Where::current()) const;
  // The same for a runtime that belongs to the calling thread (local_runtime.h). current_thread
  // only.
  Result<LocalRuntime> build_local(Where where = Where::current()) const;

 private:
  explicit Builder(RuntimeFlavor flavor);

  // With what was left to defaults and the environment filled in.
  internal::RuntimeConfig complete_config(Where where) const;
  void fill_in_sizes(internal::RuntimeConfig& config, Where where) const;

  internal::RuntimeConfig config_;
  std::optional<unsigned> workers_;
  std::optional<unsigned> max_blocking_threads_;
  std::optional<std::size_t> stack_size_;
};

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_BUILDER_H_
