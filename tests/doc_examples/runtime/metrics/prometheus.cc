// The example in runtime/metrics/prometheus.h; tools/doc_examples.py keeps the two equal.

#include <weft/runtime/metrics/prometheus.h>

#include <string>

#include <gtest/gtest.h>

#include <weft/runtime/runtime.h>

namespace weft {
namespace {

TEST(R148, PrometheusExample) {
  const runtime::Runtime rt = runtime::Builder::new_current_thread().build().value();
  const runtime::RuntimeMetrics metrics = rt.metrics();
  // [example]
  const std::string body = runtime::prometheus_text(metrics, {{"service", "mail"}});
  const std::string head = "Content-Type: " + std::string(runtime::kPrometheusContentType);
  // [end]
  EXPECT_NE(body.find("weft_runtime_workers{service=\"mail\"} 1\n"), std::string::npos);
  EXPECT_EQ(head, "Content-Type: text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace
}  // namespace weft
