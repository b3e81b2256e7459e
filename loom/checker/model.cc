// The loop over executions: limits, progress, replay. Interface: model.h.

#include <weft/loom/checker/model.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/sys.h>
#include <weft/loom/checker/checkpoint.h>
#include <weft/loom/checker/execution.h>

namespace weft::loom::checker {
namespace {

using Clock = std::chrono::steady_clock;
using internal::Execution;

// While it lives, an abort inside the model prints the interleaving that led there.
class AbortReporter {
 public:
  explicit AbortReporter(const std::string& name) {
    reported_name = &name;
    struct ::sigaction action = {};
    action.sa_handler = [](int) {
      const Execution* const execution = Execution::current();
      if (execution == nullptr) return;
      // Not in general allowed in a signal handler; abort() raised this one synchronously, and the
      // process is at its end.
      const std::string text = execution->report("the program aborts") +
                               "replay: WEFT_LOOM_REPLAY='" + *reported_name + "/" +
                               const_cast<Execution*>(execution)->path().encode() + "'\n";
      std::fputs(text.c_str(), stderr);
    };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    installed_ = sys::sigaction(SIGABRT, &action, &before_).has_value();
  }
  ~AbortReporter() {
    if (installed_) static_cast<void>(sys::sigaction(SIGABRT, &before_, nullptr));
  }
  AbortReporter(const AbortReporter&) = delete;
  AbortReporter& operator=(const AbortReporter&) = delete;

 private:
  static const std::string* reported_name;
  struct ::sigaction before_ = {};
  bool installed_ = false;
};
const std::string* AbortReporter::reported_name = nullptr;

std::string seconds(std::chrono::nanoseconds duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f s", std::chrono::duration<double>(duration).count());
  return text;
}

std::string summary(const CheckResult& result) {
  char rate[32];
  std::snprintf(rate, sizeof rate, "%.0f/s", result.rate());
  return std::to_string(result.iterations) + " executions, depth " + std::to_string(result.depth) +
         ", " + seconds(result.duration) + ", " + rate;
}

class Search {
 public:
  Search(const Options& options, std::string name)
      : options_(options),
        name_(std::move(name)),
        checkpoint_(options_, name_),
        path_(options_),
        execution_(options_, path_) {}

  CheckResult run(const std::function<void()>& body) {
    const AbortReporter reporter(name_);
    const Clock::time_point begin = Clock::now();
    next_progress_ = begin + options_.progress_interval;
    bool more = prepare_replay() && resume();
    while (more) {
      if (auto failure = execution_.run(body)) {
        set_failure(std::move(*failure));
      }
      ++result_.iterations;
      result_.depth = std::max(result_.depth, path_.size());
      more = !result_.failure && advance(begin);
    }
    result_.duration = Clock::now() - begin;
    if (done_ && !replaying_) checkpoint_.remove();
    return std::move(result_);
  }

 private:
  bool prepare_replay() {
    std::string_view text = options_.replay;
    if (const char* const variable = std::getenv("WEFT_LOOM_REPLAY");
        text.empty() && variable != nullptr) {
      text = variable;
      const std::size_t slash = text.rfind('/');
      if (slash == std::string_view::npos || text.substr(0, slash) != name_) return true;
    }
    if (text.empty()) return true;
    const std::size_t slash = text.rfind('/');
    if (slash != std::string_view::npos) text.remove_prefix(slash + 1);
    replaying_ = true;
    if (path_.set_replay(text)) return true;
    limit(FailureKind::kMisuse, "this is no replay string: " + std::string(text));
    return false;
  }

  // Goes on from the checkpoint, if there is one. False if it is of another search.
  bool resume() {
    if (!checkpoint_.enabled() || replaying_) return true;
    if (options_.randomized) {
      limit(FailureKind::kMisuse, "Options::checkpoint_file is not for random executions");
      return false;
    }
    internal::SearchState state;
    const auto loaded = checkpoint_.load(state);
    if (loaded == internal::Checkpoint::Loaded::kNothing) return true;
    if (loaded == internal::Checkpoint::Loaded::kForeign || !path_.restore(state.path)) {
      limit(FailureKind::kMisuse, "the checkpoint " + checkpoint_.file() +
                                      " is of another model or of other options; remove it");
      return false;
    }
    result_.iterations = result_.resumed_at = state.iterations;
    result_.depth = state.depth;
    return true;
  }

  bool save_checkpoint() {
    if (!checkpoint_.enabled() || replaying_) return true;
    if (checkpoint_.save({result_.iterations, result_.depth, path_.save()})) return true;
    limit(FailureKind::kMisuse, "cannot write the checkpoint " + checkpoint_.file());
    return false;
  }

  // Whether there is another execution to run.
  bool advance(Clock::time_point begin) {
    const std::uint64_t run = result_.iterations - result_.resumed_at;
    done_ = (options_.randomized && run >= options_.random_iterations) || !path_.next();
    if (done_) return false;
    if (within_limits(run, begin)) {
      const bool due = options_.checkpoint_interval != 0 &&
                       run % options_.checkpoint_interval == 0 && checkpoint_.enabled();
      return !due || save_checkpoint();
    }
    return save_checkpoint() && false;
  }

  bool within_limits(std::uint64_t run, Clock::time_point begin) {
    if (options_.max_iterations != 0 && run >= options_.max_iterations) {
      limit(FailureKind::kIterationLimit,
            "not exhausted after " + std::to_string(result_.iterations) +
                " executions (Options::max_iterations): make the body smaller, set a "
                "preemption_bound, or use Options::random");
      return false;
    }
    // A clock is read, at most, once in so many executions.
    if (run % 64 != 0) return true;
    const Clock::time_point now = Clock::now();
    if (options_.max_duration.count() != 0 && now - begin > options_.max_duration) {
      limit(FailureKind::kTimeLimit, "not exhausted after " + seconds(now - begin) +
                                         " (Options::max_duration) and " +
                                         std::to_string(result_.iterations) + " executions");
      return false;
    }
    if (options_.progress_interval.count() != 0 && now >= next_progress_) {
      next_progress_ = now + options_.progress_interval;
      result_.duration = now - begin;
      std::fprintf(stderr, "weft: loom: %s: %s so far\n", name_.c_str(), summary(result_).c_str());
    }
    return true;
  }

  void limit(FailureKind kind, const std::string& message) {
    result_.failure = Failure{.kind = kind, .message = message, .report = {}, .replay = {}};
    result_.failure->report = "weft: loom: " + name_ + ": " + message + "\n";
  }

  void set_failure(Failure failure) {
    done_ = true;
    failure.replay = name_ + "/" + path_.encode();
    failure.report = "weft: loom: " + name_ + ": execution " +
                     std::to_string(result_.iterations + 1) + ": " + failure.report +
                     "replay: WEFT_LOOM_REPLAY='" + failure.replay + "'\n";
    result_.failure = std::move(failure);
  }

  const Options options_;
  const std::string name_;
  const internal::Checkpoint checkpoint_;
  internal::Path path_;
  Execution execution_;
  CheckResult result_;
  Clock::time_point next_progress_;
  bool replaying_ = false;
  bool done_ = false;  // nothing is left to explore
};

}  // namespace

CheckResult check(const std::function<void()>& body, const Options& options,
                  std::source_location where) {
  WEFT_CHECK(Execution::current() == nullptr, "loom::checker::check: called inside of a model",
             where);
  return Search(options, options.name.empty() ? internal::describe(where) : options.name).run(body);
}

void model(const std::function<void()>& body, const Options& options, std::source_location where) {
  const CheckResult result = check(body, options, where);
  if (!result.passed()) {
    std::fputs(result.failure->report.c_str(), stderr);
    weft::internal::fatal("loom: the model fails: see above", where);
  }
  const std::string name = options.name.empty() ? internal::describe(where) : options.name;
  std::fprintf(stderr, "weft: loom: %s: passed, %s\n", name.c_str(), summary(result).c_str());
}

}  // namespace weft::loom::checker
