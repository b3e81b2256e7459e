// prometheus_text: the numbers of a runtime as a Prometheus server reads them.
//
// Spec: R-148.
//
// The text exposition format, version 0.0.4: for each family of numbers a line of help, a line with
// its type, and its samples. Names begin with `weft_runtime_`; durations are in seconds. Each
// sample of a worker has the label `worker`. A runtime that was named (Builder::name) has the label
// `runtime`; further labels tell several runtimes or programs apart.
//
//   const std::string body = runtime::prometheus_text(metrics, {{"service", "mail"}});
//   const std::string head = "Content-Type: " + std::string(runtime::kPrometheusContentType);

#ifndef WEFT_RUNTIME_METRICS_PROMETHEUS_H_
#define WEFT_RUNTIME_METRICS_PROMETHEUS_H_

#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/runtime/metrics.h>
#include <weft/runtime/metrics/task_metrics.h>

namespace weft::runtime {

// What an HTTP server sends along as Content-Type.
inline constexpr std::string_view kPrometheusContentType =
    "text/plain; version=0.0.4; charset=utf-8";

// Names and values. A name consists of letters, digits and underscores, does not begin with a digit
// or with two underscores, and is none of ours (runtime, worker, le): else a check failure. A value
// is any UTF-8 text.
using PrometheusLabels = std::vector<std::pair<std::string, std::string>>;

// All that RuntimeMetrics has. Histograms only if they are enabled.
std::string prometheus_text(const RuntimeMetrics& metrics, const PrometheusLabels& labels = {},
                            std::source_location where = std::source_location::current());
// What a TaskMonitor has measured, under names that begin with `weft_task_`. The label `task` says
// which kind of task that was. To have several monitors in one text, pass them all to one call: a
// family's samples have to stand together.
std::string prometheus_text(const std::vector<std::pair<std::string, TaskMetrics>>& tasks,
                            const PrometheusLabels& labels = {},
                            std::source_location where = std::source_location::current());

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_METRICS_PROMETHEUS_H_
