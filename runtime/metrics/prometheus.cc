#include <weft/runtime/metrics/prometheus.h>

#include <array>
#include <optional>

#include <weft/runtime/metrics/internal/prometheus_writer.h>

namespace weft::runtime {
namespace {

using internal::PrometheusWriter;
using std::chrono::nanoseconds;

// A number of the runtime, and one of each worker.
struct RuntimeFamily {
  const char* name;
  const char* type;
  const char* help;
  std::uint64_t (*value)(const RuntimeMetrics&);
};
struct WorkerFamily {
  const char* name;
  const char* type;
  const char* help;
  std::uint64_t (*value)(const RuntimeMetrics&, std::size_t worker);
};
struct WorkerTime {
  const char* name;
  const char* type;
  const char* help;
  nanoseconds (*value)(const RuntimeMetrics&, std::size_t worker);
};

using Metrics = const RuntimeMetrics&;

constexpr std::array kRuntimeFamilies = {
    RuntimeFamily{"weft_runtime_workers", "gauge", "Workers of the runtime.",
                  [](Metrics m) -> std::uint64_t { return m.num_workers(); }},
    RuntimeFamily{"weft_runtime_alive_tasks", "gauge", "Tasks spawned and not complete.",
                  [](Metrics m) { return m.num_alive_tasks(); }},
    RuntimeFamily{"weft_runtime_spawned_tasks_total", "counter", "Tasks spawned.",
                  [](Metrics m) { return m.spawned_tasks_count(); }},
    RuntimeFamily{"weft_runtime_global_queue_depth", "gauge", "Tasks in the injection queue.",
                  [](Metrics m) { return m.global_queue_depth(); }},
    RuntimeFamily{"weft_runtime_remote_schedules_total", "counter",
                  "Tasks queued by threads that are no workers.",
                  [](Metrics m) { return m.remote_schedule_count(); }},
    RuntimeFamily{"weft_runtime_budget_forced_yields_total", "counter",
                  "Budgets that were used up.",
                  [](Metrics m) { return m.budget_forced_yield_count(); }},
    RuntimeFamily{"weft_runtime_blocking_threads", "gauge",
                  "Threads of the blocking pool, without the workers.",
                  [](Metrics m) -> std::uint64_t { return m.num_blocking_threads(); }},
    RuntimeFamily{"weft_runtime_idle_blocking_threads", "gauge",
                  "Threads of the blocking pool that have nothing to do.",
                  [](Metrics m) -> std::uint64_t { return m.num_idle_blocking_threads(); }},
    RuntimeFamily{"weft_runtime_blocking_queue_depth", "gauge",
                  "Blocking jobs that wait for a thread.",
                  [](Metrics m) -> std::uint64_t { return m.blocking_queue_depth(); }},
    RuntimeFamily{"weft_runtime_io_fds_registered_total", "counter", "Descriptors registered.",
                  [](Metrics m) { return m.io_driver_fd_registered_count(); }},
    RuntimeFamily{"weft_runtime_io_fds_deregistered_total", "counter", "Descriptors deregistered.",
                  [](Metrics m) { return m.io_driver_fd_deregistered_count(); }},
    RuntimeFamily{"weft_runtime_io_ready_events_total", "counter",
                  "Events of descriptors that the system has reported.",
                  [](Metrics m) { return m.io_driver_ready_count(); }},
};

constexpr std::array kWorkerFamilies = {
    WorkerFamily{"weft_runtime_worker_parks_total", "counter", "Times a worker went to sleep.",
                 [](Metrics m, std::size_t w) { return m.worker_park_count(w); }},
    WorkerFamily{"weft_runtime_worker_noops_total", "counter",
                 "Times a worker slept again without having polled a task.",
                 [](Metrics m, std::size_t w) { return m.worker_noop_count(w); }},
    WorkerFamily{"weft_runtime_worker_polls_total", "counter", "Polls of tasks.",
                 [](Metrics m, std::size_t w) { return m.worker_poll_count(w); }},
    WorkerFamily{"weft_runtime_worker_local_schedules_total", "counter",
                 "Tasks spawned or woken on a worker.",
                 [](Metrics m, std::size_t w) { return m.worker_local_schedule_count(w); }},
    WorkerFamily{"weft_runtime_worker_overflows_total", "counter",
                 "Times the queue of a worker was full.",
                 [](Metrics m, std::size_t w) { return m.worker_overflow_count(w); }},
    WorkerFamily{"weft_runtime_worker_steals_total", "counter", "Tasks taken from other workers.",
                 [](Metrics m, std::size_t w) { return m.worker_steal_count(w); }},
    WorkerFamily{"weft_runtime_worker_steal_operations_total", "counter",
                 "Times tasks were taken from other workers.",
                 [](Metrics m, std::size_t w) { return m.worker_steal_operations(w); }},
    WorkerFamily{"weft_runtime_worker_local_queue_depth", "gauge", "Tasks in a worker's queue.",
                 [](Metrics m, std::size_t w) { return m.worker_local_queue_depth(w); }},
};

constexpr std::array kWorkerTimes = {
    WorkerTime{"weft_runtime_worker_busy_seconds_total", "counter", "Time a worker was awake.",
               [](Metrics m, std::size_t w) { return m.worker_total_busy_duration(w); }},
    WorkerTime{"weft_runtime_worker_mean_poll_seconds", "gauge",
               "Mean time of a poll, newer ones counting for more.",
               [](Metrics m, std::size_t w) { return m.worker_mean_poll_time(w); }},
};

// One of the two histograms.
struct HistogramFamily {
  const char* name;
  const char* help;
  std::size_t buckets;
  HistogramRange (RuntimeMetrics::*range)(std::size_t, std::source_location) const;
  std::uint64_t (RuntimeMetrics::*count)(std::size_t, std::size_t, std::source_location) const;
  nanoseconds (RuntimeMetrics::*sum)(std::size_t, std::source_location) const;
};

void write_histogram(PrometheusWriter& writer, Metrics metrics, const HistogramFamily& family,
                     std::size_t worker) {
  const auto where = std::source_location::current();
  std::uint64_t so_far = 0;
  for (std::size_t bucket = 0; bucket < family.buckets; ++bucket) {
    so_far += (metrics.*family.count)(worker, bucket, where);
    const nanoseconds end = (metrics.*family.range)(bucket, where).end;
    // Our bound does not belong to the bucket and theirs does: a nanosecond, which no clock tells.
    const bool is_last = bucket + 1 == family.buckets;
    const PrometheusWriter::With bound(writer, "le",
                                       is_last ? "+Inf" : PrometheusWriter::seconds(end));
    writer.sample("_bucket", std::to_string(so_far));
  }
  writer.sample("_sum", PrometheusWriter::seconds((metrics.*family.sum)(worker, where)));
  writer.sample("_count", std::to_string(so_far));
}

template <class F>
void for_each_worker(PrometheusWriter& writer, Metrics metrics, F&& write) {
  for (std::size_t worker = 0; worker < metrics.num_workers(); ++worker) {
    const PrometheusWriter::With label(writer, "worker", std::to_string(worker));
    write(worker);
  }
}

void write_histograms(PrometheusWriter& writer, Metrics metrics) {
  const std::array families = {
      HistogramFamily{"weft_runtime_worker_poll_seconds", "How long polls took.",
                      metrics.poll_time_histogram_num_buckets(),
                      &RuntimeMetrics::poll_time_histogram_bucket_range,
                      &RuntimeMetrics::poll_time_histogram_bucket_count,
                      &RuntimeMetrics::poll_time_histogram_sum},
      HistogramFamily{"weft_runtime_worker_schedule_latency_seconds",
                      "How long tasks were runnable before they were polled.",
                      metrics.schedule_latency_histogram_num_buckets(),
                      &RuntimeMetrics::schedule_latency_histogram_bucket_range,
                      &RuntimeMetrics::schedule_latency_histogram_bucket_count,
                      &RuntimeMetrics::schedule_latency_histogram_sum},
  };
  for (const HistogramFamily& family : families) {
    if (family.buckets == 0) continue;
    writer.family(family.name, "histogram", family.help);
    for_each_worker(writer, metrics,
                    [&](std::size_t worker) { write_histogram(writer, metrics, family, worker); });
  }
}

// What TaskMetrics has: numbers, and stretches of time of which there are as many.
struct TaskNumber {
  const char* name;
  const char* help;
  std::uint64_t TaskMetrics::* value;
};
struct TaskTime {
  const char* name;   // and `_total` or `_seconds_total`
  const char* count;  // what there are so many of
  const char* time;
  TimedCount TaskMetrics::* value;
};

constexpr std::array kTaskNumbers = {
    TaskNumber{"weft_task_instrumented_total", "Instrumented tasks.", &TaskMetrics::instrumented},
    TaskNumber{"weft_task_dropped_total", "Instrumented tasks that have ended.",
               &TaskMetrics::dropped},
};
constexpr std::array kTaskTimes = {
    TaskTime{"weft_task_first_polls", "Tasks polled for the first time.",
             "Time until the first poll.", &TaskMetrics::first_polls},
    TaskTime{"weft_task_idle", "Waits for something.", "Time spent waiting for something.",
             &TaskMetrics::idle},
    TaskTime{"weft_task_scheduled", "Waits for a worker.", "Time spent waiting for a worker.",
             &TaskMetrics::scheduled},
    TaskTime{"weft_task_polls", "Polls.", "Time spent being polled.", &TaskMetrics::polls},
    TaskTime{"weft_task_slow_polls", "Polls that were slow.", "Time spent in slow polls.",
             &TaskMetrics::slow_polls},
    TaskTime{"weft_task_long_delays", "Long waits for a worker.",
             "Time spent in long waits for a worker.", &TaskMetrics::long_delays},
};

using Tasks = std::vector<std::pair<std::string, TaskMetrics>>;

template <class F>
void write_task_family(PrometheusWriter& writer, const std::string& name, const char* help,
                       const Tasks& tasks, F&& value_of) {
  writer.family(name, "counter", help);
  for (const auto& [task, metrics] : tasks) {
    const PrometheusWriter::With label(writer, "task", task);
    writer.sample(value_of(metrics));
  }
}

}  // namespace

std::string prometheus_text(const RuntimeMetrics& metrics, const PrometheusLabels& labels,
                            std::source_location where) {
  PrometheusWriter writer(labels, where);
  const std::optional<std::string> name = metrics.name();
  std::optional<PrometheusWriter::With> runtime_label;
  if (name.has_value()) runtime_label.emplace(writer, "runtime", *name);
  for (const RuntimeFamily& family : kRuntimeFamilies) {
    writer.family(family.name, family.type, family.help);
    writer.sample(family.value(metrics));
  }
  for (const WorkerFamily& family : kWorkerFamilies) {
    writer.family(family.name, family.type, family.help);
    for_each_worker(writer, metrics,
                    [&](std::size_t worker) { writer.sample(family.value(metrics, worker)); });
  }
  for (const WorkerTime& family : kWorkerTimes) {
    writer.family(family.name, family.type, family.help);
    for_each_worker(writer, metrics,
                    [&](std::size_t worker) { writer.sample(family.value(metrics, worker)); });
  }
  write_histograms(writer, metrics);
  runtime_label.reset();
  return std::move(writer).take();
}

std::string prometheus_text(const Tasks& tasks, const PrometheusLabels& labels,
                            std::source_location where) {
  PrometheusWriter writer(labels, where);
  for (const TaskNumber& number : kTaskNumbers) {
    write_task_family(writer, number.name, number.help, tasks,
                      [&](const TaskMetrics& metrics) { return metrics.*number.value; });
  }
  for (const TaskTime& stretch : kTaskTimes) {
    const std::string name = stretch.name;
    write_task_family(writer, name + "_total", stretch.count, tasks,
                      [&](const TaskMetrics& metrics) { return (metrics.*stretch.value).count; });
    write_task_family(writer, name + "_seconds_total", stretch.time, tasks,
                      [&](const TaskMetrics& metrics) { return (metrics.*stretch.value).total; });
  }
  return std::move(writer).take();
}

}  // namespace weft::runtime
