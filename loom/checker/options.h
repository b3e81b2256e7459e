// Options and CheckResult: how a model is explored, and what came out.
//
// Spec: TE-14, TE-17, TE-29, TE-31.

#ifndef WEFT_LOOM_CHECKER_OPTIONS_H_
#define WEFT_LOOM_CHECKER_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace weft::loom::checker {

struct Options {
  // In messages and in front of the replay string; empty: the file and line of the call.
  std::string name{};

  // Explore only executions with at most so many preemptions (switches away from a thread that
  // could have gone on). Nothing: all executions.
  std::optional<unsigned> preemption_bound{};

  // Reaching any of these is a failure with a message: what was not explored is not checked.
  unsigned max_threads = 8;           // main included; at most 8
  std::size_t max_branches = 10'000;  // decisions in one execution; a spin loop makes too many
  std::uint64_t max_iterations = 0;   // in this run; 0: no limit
  std::chrono::milliseconds max_duration{0};  // 0: no limit

  // Once per condition variable and execution, a wait ends without a notification.
  bool spurious_wakeups = true;
  // A weak compare-exchange may fail although the value is the expected one, so often in an
  // execution (fewer branches: loops around it behave alike). 0: never.
  unsigned spurious_failures = 0;

  // Allocators of weft that recycle memory run step by step. False: FreeBlocks takes their place,
  // which makes no steps.
  bool explore_allocators = false;

  // False: explore every interleaving instead of one of each class of equivalent ones. For testing
  // the checker; takes far longer.
  bool reduce = true;

  std::size_t stack_size = std::size_t{256} << 10;  // bytes, of each model thread
  // A line about progress on standard error this often; zero: never.
  std::chrono::milliseconds progress_interval{5'000};

  // The search is saved in this file after every `checkpoint_interval` executions and when a limit
  // ends it; the next check() of the same model goes on from there. The file is removed when the
  // search is complete or finds a failure. Empty: no checkpoints. Not with `randomized`.
  std::string checkpoint_file{};
  std::uint64_t checkpoint_interval = 20'000;

  // Instead of exploring: `random_iterations` executions, each with threads of random priority
  // that change at a few random moments, and random choices elsewhere. For bodies too large to
  // exhaust. The same seed gives the same executions.
  bool randomized = false;
  std::uint64_t seed = 0;
  std::uint64_t random_iterations = 0;
  static Options random(std::uint64_t seed, std::uint64_t iterations) {
    Options options;
    options.randomized = true;
    options.seed = seed;
    options.random_iterations = iterations;
    return options;
  }

  // One execution: the one a failure's replay string describes. Empty: explore.
  std::string replay{};
};

enum class FailureKind : std::uint8_t {
  kDataRace,          // two plain accesses, or a plain and an atomic one, that nothing keeps apart
  kDeadlock,          // threads are left and none can go on: also a lost wake-up
  kLeak,              // tracked memory was not given back
  kDoubleFree,        // tracked memory was given back twice, or never was tracked
  kUseAfterFree,      // an object was used after its destruction
  kAssertion,         // expect() was given false
  kException,         // an exception left a model thread
  kMisuse,            // a call broke its contract: unlocking another's mutex, not joining a thread
  kNotDeterministic,  // the same decisions led elsewhere than before
  kThreadLimit,
  kBranchLimit,
  kIterationLimit,
  kTimeLimit,
};

struct Failure {
  FailureKind kind;
  std::string message;  // one line
  std::string report;   // with the interleaving, operation by operation, and the replay string
  std::string replay;   // for Options::replay, or for the variable WEFT_LOOM_REPLAY
};

struct [[nodiscard]] CheckResult {
  std::optional<Failure> failure;
  std::uint64_t iterations = 0;  // executions run, with those before the checkpoint
  std::uint64_t resumed_at = 0;  // of these, how many before the checkpoint
  std::size_t depth = 0;         // decisions in the longest execution
  std::chrono::nanoseconds duration{0};

  // Executions per second of this run.
  double rate() const noexcept {
    const double seconds = std::chrono::duration<double>(duration).count();
    return seconds > 0 ? static_cast<double>(iterations - resumed_at) / seconds : 0;
  }

  bool passed() const noexcept { return !failure.has_value(); }
};

}  // namespace weft::loom::checker

#endif  // WEFT_LOOM_CHECKER_OPTIONS_H_
