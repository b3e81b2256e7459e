// The text that Prometheus reads: its grammar, and what it says.

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/metrics_support.h>
#include <weft/runtime/metrics/internal/prometheus_writer.h>
#include <weft/runtime/metrics/prometheus.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using internal::PrometheusWriter;

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value;
};

struct Family {
  std::string type;
  std::string help;
  std::vector<Sample> samples;
};

using Families = std::map<std::string, Family>;

// A reader of the format that accepts nothing but it: https://prometheus.io/docs/instrumenting/
// exposition_formats. Comments other than HELP and TYPE, and time stamps, we do not write.
class Reader {
 public:
  explicit Reader(const std::string& text) {
    EXPECT_TRUE(text.ends_with('\n'));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) read_line(line);
    for (const auto& [name, family] : families_) EXPECT_FALSE(family.type.empty()) << name;
  }
  const Families& families() const { return families_; }

 private:
  void read_line(const std::string& line) {
    static const std::regex help(R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ([^\\]+))");
    static const std::regex type(R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram))");
    static const std::regex sample(
        R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? ([0-9.]+))re");
    std::smatch match;
    if (std::regex_match(line, match, help)) {
      EXPECT_FALSE(families_.contains(match[1])) << "a family twice: " << line;
      current_ = match[1];
      families_[current_].help = match[2];
    } else if (std::regex_match(line, match, type)) {
      EXPECT_EQ(match[1], current_) << "TYPE follows HELP";
      EXPECT_TRUE(families_[current_].samples.empty()) << "and comes before the samples";
      families_[current_].type = match[2];
    } else if (std::regex_match(line, match, sample)) {
      add_sample(match[1], match[3], match[4]);
    } else {
      ADD_FAILURE() << "not a line of the format: " << line;
    }
  }

  void add_sample(const std::string& name, const std::string& labels, const std::string& value) {
    ASSERT_FALSE(current_.empty()) << "a sample outside of a family: " << name;
    Family& family = families_[current_];
    const std::string suffix = name.substr(std::min(current_.size(), name.size()));
    EXPECT_TRUE(name.starts_with(current_)) << "a sample of another family: " << name;
    const bool is_part = suffix == "_bucket" || suffix == "_sum" || suffix == "_count";
    EXPECT_EQ(is_part, family.type == "histogram") << name;
    if (family.type == "counter") {
      EXPECT_TRUE(name.ends_with("_total")) << name;
    }
    Sample sample{name, read_labels(labels), std::strtod(value.c_str(), nullptr)};
    for (const Sample& other : family.samples) {
      EXPECT_FALSE(other.name == name && other.labels == sample.labels) << "twice: " << name;
    }
    family.samples.push_back(std::move(sample));
  }

  static std::map<std::string, std::string> read_labels(const std::string& text) {
    static const std::regex label(
        R"re(([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$))re");
    std::map<std::string, std::string> labels;
    for (auto i = std::sregex_iterator(text.begin(), text.end(), label);
         i != std::sregex_iterator(); ++i) {
      EXPECT_TRUE(labels.emplace((*i)[1], unescape((*i)[2])).second) << "a label twice: " << text;
    }
    return labels;
  }

  static std::string unescape(const std::string& text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\') {
        plain += text[i];
      } else {
        ++i;
        plain += text.at(i) == 'n' ? '\n' : text.at(i);
      }
    }
    return plain;
  }

  Families families_;
  std::string current_;
};

Families read(const std::string& text) { return Reader(text).families(); }

double only_value(const Families& families, const std::string& name) {
  const Family& family = families.at(name);
  EXPECT_EQ(family.samples.size(), 1U) << name;
  return family.samples.at(0).value;
}

Builder with_histograms(Builder builder) {
  return builder.metrics_poll_time_histogram(HistogramConfiguration::linear(1h, 3))
      .metrics_schedule_latency_histogram(HistogramConfiguration::log());
}

TEST(R148, PrometheusTextKeepsToTheGrammar) {
  for (const test_support::Kind kind : test_support::kKinds) {
    SCOPED_TRACE(name_of(kind));
    Runtime rt = with_histograms(test_support::builder_of(kind).name("mail")).build().value();
    auto task = rt.spawn(yield_times(3));
    rt.block_on(task).value();
    const Families families = read(prometheus_text(rt.metrics(), {{"service", "x"}}));
    EXPECT_EQ(families.size(), 24U);
    for (const auto& [name, family] : families) {
      EXPECT_TRUE(name.starts_with("weft_runtime_")) << name;
      EXPECT_FALSE(family.samples.empty()) << name;
      for (const Sample& sample : family.samples) {
        EXPECT_EQ(sample.labels.at("service"), "x") << name;
        EXPECT_EQ(sample.labels.at("runtime"), "mail") << name;
        EXPECT_EQ(sample.labels.contains("worker"), name.starts_with("weft_runtime_worker_"));
        EXPECT_EQ(sample.labels.contains("le"), sample.name.ends_with("_bucket")) << name;
      }
    }
  }
}

TEST(R148, PrometheusTextSaysWhatTheMetricsSay) {
  std::optional<RuntimeMetrics> metrics;
  {
    Runtime rt =
        with_histograms(test_support::builder_of(test_support::Kind::kTwoWorkers)).build().value();
    metrics = rt.metrics();
    for (int i = 0; i < 10; ++i) {
      auto task = rt.spawn(yield_times(2));
      rt.block_on(task).value();
    }
  }
  const Families families = read(prometheus_text(*metrics));
  EXPECT_EQ(only_value(families, "weft_runtime_workers"), 2.0);
  EXPECT_EQ(only_value(families, "weft_runtime_spawned_tasks_total"), 10.0);
  EXPECT_EQ(only_value(families, "weft_runtime_remote_schedules_total"), 10.0);
  EXPECT_EQ(only_value(families, "weft_runtime_alive_tasks"), 0.0);
  const Family& polls = families.at("weft_runtime_worker_polls_total");
  ASSERT_EQ(polls.samples.size(), 2U);
  for (std::size_t worker = 0; worker < 2; ++worker) {
    EXPECT_EQ(polls.samples[worker].labels.at("worker"), std::to_string(worker));
    EXPECT_EQ(polls.samples[worker].value, static_cast<double>(metrics->worker_poll_count(worker)));
  }
  const Family& busy = families.at("weft_runtime_worker_busy_seconds_total");
  EXPECT_DOUBLE_EQ(busy.samples.at(0).value,
                   std::chrono::duration<double>(metrics->worker_total_busy_duration(0)).count());
  EXPECT_EQ(polls.samples[0].labels.size(), 1U) << "the runtime has no name";
}

TEST(R148, PrometheusHistogramsAreCumulative) {
  Runtime rt = Builder::new_current_thread()
                   .metrics_poll_time_histogram(HistogramConfiguration::linear(250ms, 3))
                   .build()
                   .value();
  for (int i = 0; i < 4; ++i) {
    auto task = rt.spawn(yield_times(1));
    rt.block_on(task).value();
  }
  const RuntimeMetrics metrics = rt.metrics();
  const Families families = read(prometheus_text(metrics));
  const Family& family = families.at("weft_runtime_worker_poll_seconds");
  EXPECT_EQ(family.type, "histogram");
  ASSERT_EQ(family.samples.size(), 5U);
  const std::vector<std::string> bounds = {"0.25", "0.5", "+Inf"};
  double so_far = 0;
  for (std::size_t bucket = 0; bucket < 3; ++bucket) {
    const Sample& sample = family.samples[bucket];
    EXPECT_EQ(sample.name, "weft_runtime_worker_poll_seconds_bucket");
    EXPECT_EQ(sample.labels.at("le"), bounds[bucket]);
    so_far += static_cast<double>(metrics.poll_time_histogram_bucket_count(0, bucket));
    EXPECT_EQ(sample.value, so_far);
  }
  EXPECT_EQ(family.samples[2].value, 8.0);
  EXPECT_EQ(family.samples[3].name, "weft_runtime_worker_poll_seconds_sum");
  EXPECT_DOUBLE_EQ(family.samples[3].value,
                   std::chrono::duration<double>(metrics.poll_time_histogram_sum(0)).count());
  EXPECT_EQ(family.samples[4].name, "weft_runtime_worker_poll_seconds_count");
  EXPECT_EQ(family.samples[4].value, 8.0);
}

TEST(R148, BoundsOfPrometheusHistogramsGrow) {
  const Runtime rt = with_histograms(Builder::new_current_thread()).build().value();
  const Families families = read(prometheus_text(rt.metrics()));
  const Family& family = families.at("weft_runtime_worker_schedule_latency_seconds");
  ASSERT_EQ(family.samples.size(), 119U + 2U);
  double last = 0;
  for (std::size_t bucket = 0; bucket < 119; ++bucket) {
    const std::string& le = family.samples[bucket].labels.at("le");
    const double bound = le == "+Inf" ? HUGE_VAL : std::strtod(le.c_str(), nullptr);
    EXPECT_GT(bound, last);
    last = bound;
  }
  EXPECT_EQ(last, HUGE_VAL);
}

TEST(R148, HistogramsThatAreNotEnabledAreLeftOut) {
  const Runtime rt = Builder::new_current_thread().build().value();
  const Families families = read(prometheus_text(rt.metrics()));
  EXPECT_EQ(families.size(), 22U);
  EXPECT_FALSE(families.contains("weft_runtime_worker_poll_seconds"));
  EXPECT_FALSE(families.contains("weft_runtime_worker_schedule_latency_seconds"));
}

TEST(R148, LabelsOfPrometheusAreEscaped) {
  const std::string hostile = "back\\slash \"quoted\"\nsecond line, {braces} ü";
  const Runtime rt = Builder::new_current_thread().name(hostile).build().value();
  const std::string text = prometheus_text(rt.metrics(), {{"other", hostile}});
  EXPECT_NE(text.find(R"(runtime="back\\slash \"quoted\"\nsecond line, {braces} ü")"),
            std::string::npos);
  for (const auto& [name, family] : read(text)) {
    for (const Sample& sample : family.samples) {
      EXPECT_EQ(sample.labels.at("runtime"), hostile);
      EXPECT_EQ(sample.labels.at("other"), hostile);
    }
  }
}

TEST(R148, NamesThatCannotBeLabelsAreFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto text = [](const std::string& label) {
    return prometheus_text(Builder::new_current_thread().build().value().metrics(),
                           {{label, "value"}});
  };
  for (const char* const label :
       {"", "1st", "two words", "a-b", "__name__", "worker", "runtime", "le", "task", "ü"}) {
    EXPECT_DEATH((void)text(label), "metrics_prometheus_test.*label") << label;
  }
  for (const char* const label : {"a", "_a", "A1_b", "workers"}) {
    EXPECT_NE(text(label).find(std::string(label) + "=\"value\""), std::string::npos);
  }
}

TEST(R148, SecondsAreExactDecimals) {
  EXPECT_EQ(PrometheusWriter::seconds(0ns), "0");
  EXPECT_EQ(PrometheusWriter::seconds(1ns), "0.000000001");
  EXPECT_EQ(PrometheusWriter::seconds(100us), "0.0001");
  EXPECT_EQ(PrometheusWriter::seconds(1500ms), "1.5");
  EXPECT_EQ(PrometheusWriter::seconds(20s), "20");
  EXPECT_EQ(PrometheusWriter::seconds(10s + 10ns), "10.00000001");
}

TEST(R148, TaskMetricsHaveATextToo) {
  TaskMetrics mail;
  mail.instrumented = 3;
  mail.dropped = 1;
  mail.first_polls = {.count = 2, .total = 20ms};
  mail.polls = {.count = 5, .total = 1500ms};
  mail.slow_polls = {.count = 1, .total = 1s};
  TaskMetrics web;
  web.instrumented = 7;
  const Families families =
      read(prometheus_text({{"mail", mail}, {"w\"eb", web}}, {{"service", "x"}}));
  EXPECT_EQ(families.size(), 14U);
  for (const auto& [name, family] : families) {
    EXPECT_EQ(family.type, "counter") << name;
    ASSERT_EQ(family.samples.size(), 2U) << name;
    EXPECT_EQ(family.samples[0].labels.at("task"), "mail");
    EXPECT_EQ(family.samples[1].labels.at("task"), "w\"eb");
    EXPECT_EQ(family.samples[0].labels.at("service"), "x");
  }
  const auto of_mail = [&](const std::string& name) { return families.at(name).samples[0].value; };
  EXPECT_EQ(of_mail("weft_task_instrumented_total"), 3.0);
  EXPECT_EQ(of_mail("weft_task_dropped_total"), 1.0);
  EXPECT_EQ(of_mail("weft_task_first_polls_total"), 2.0);
  EXPECT_EQ(of_mail("weft_task_first_polls_seconds_total"), 0.02);
  EXPECT_EQ(of_mail("weft_task_polls_total"), 5.0);
  EXPECT_EQ(of_mail("weft_task_polls_seconds_total"), 1.5);
  EXPECT_EQ(of_mail("weft_task_slow_polls_seconds_total"), 1.0);
  EXPECT_EQ(families.at("weft_task_instrumented_total").samples[1].value, 7.0);
}

}  // namespace
}  // namespace weft::runtime
