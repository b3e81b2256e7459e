// PrometheusWriter: writes the text exposition format of Prometheus, line by line.
//
// Spec: R-148.

#ifndef WEFT_RUNTIME_METRICS_INTERNAL_PROMETHEUS_WRITER_H_
#define WEFT_RUNTIME_METRICS_INTERNAL_PROMETHEUS_WRITER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

#include <weft/runtime/metrics/prometheus.h>

namespace weft::internal {

class PrometheusWriter {
 public:
  // Labels that every sample has. A check failure at `where` if a name is not allowed.
  PrometheusWriter(const runtime::PrometheusLabels& labels, std::source_location where);

  // A label more for the samples that follow, for its lifetime.
  class With {
   public:
    With(PrometheusWriter& writer, std::string_view name, std::string_view value);
    ~With();
    With(const With&) = delete;
    With& operator=(const With&) = delete;

   private:
    PrometheusWriter& writer_;
    const std::size_t length_;  // of the labels without ours
  };

  // Begins a family, whose samples have to follow. `type`: counter, gauge, histogram.
  void family(std::string_view name, std::string_view type, std::string_view help);
  // A sample of the family; `suffix` is appended to its name.
  void sample(std::uint64_t value) { sample({}, std::to_string(value)); }
  void sample(std::chrono::nanoseconds value) { sample({}, seconds(value)); }
  void sample(std::string_view suffix, std::string_view value);

  // As an exact decimal fraction, without an exponent.
  static std::string seconds(std::chrono::nanoseconds value);

  std::string take() && { return std::move(text_); }

 private:
  void add_label(std::string_view name, std::string_view value);

  std::string text_;
  std::string family_;
  std::string labels_;  // without the braces
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_METRICS_INTERNAL_PROMETHEUS_WRITER_H_
