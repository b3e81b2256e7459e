// Levels, printing, failing. Interface: model.h.

#include <tests/loom/support/model.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <weft/loom/checker/model.h>

namespace weft::loom_test {
namespace {

namespace checker = loom::checker;

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::optional<unsigned> bound_of(const Extent& extent) {
  if (const std::string_view text = environment("WEFT_LOOM_BOUND"); !text.empty()) {
    unsigned bound = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), bound);
    if (text == "none") return std::nullopt;
    if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size()) return bound;
    ADD_FAILURE() << "WEFT_LOOM_BOUND='" << text << "': give a number or 'none'";
  }
  const std::string_view level = environment("WEFT_LOOM_LEVEL");
  EXPECT_TRUE(level.empty() || level == "quick" || level == "full")
      << "WEFT_LOOM_LEVEL='" << level << "': give 'quick' or 'full'";
  return level == "full" ? extent.full : extent.quick;
}

std::string test_name() {
  const ::testing::TestInfo* const test = ::testing::UnitTest::GetInstance()->current_test_info();
  return std::string(test->test_suite_name()) + "." + test->name();
}

void print(const checker::Options& options, const checker::CheckResult& result) {
  const double seconds = std::chrono::duration<double>(result.duration).count();
  const std::string bound = options.randomized ? "random"
                            : options.preemption_bound
                                ? "bound " + std::to_string(*options.preemption_bound)
                                : "exhaustive";
  std::printf("[  MODEL   ] %s: %s, %llu executions, depth %zu, %.2f s, %.0f/s\n",
              options.name.c_str(), bound.c_str(),
              static_cast<unsigned long long>(result.iterations), result.depth, seconds,
              static_cast<double>(result.iterations) / seconds);
}

}  // namespace

void model(const Extent& extent, const std::function<void()>& body) {
  checker::Options options;
  options.name = test_name();
  if (extent.random_iterations != 0) {
    options.randomized = true;
    options.random_iterations = extent.random_iterations;
  } else {
    options.preemption_bound = bound_of(extent);
  }
  options.spurious_wakeups = extent.spurious_wakeups;
  options.spurious_failures = extent.spurious_failures;
  options.explore_allocators = extent.explore_allocators;
  options.max_branches = extent.max_branches;
  options.stack_size = extent.stack_size;
  const checker::CheckResult result = checker::check(body, options);
  print(options, result);
  if (!result.passed()) ADD_FAILURE() << result.failure->report;
}

void model(const std::function<void()>& body) { model(exhaustive(), body); }

}  // namespace weft::loom_test
