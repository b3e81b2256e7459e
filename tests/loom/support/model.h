// model: runs a body under the model checker, as a test.
//
// Spec: TE-14, TE-17, TE-29.
//
//   TEST(LM27, TwoWakersAndARegistrant) {
//     loom_test::model([] {
//       Shared shared;                                    // everything is made anew each time
//       loom::Thread other = loom_test::start([&] { shared.slot.wake(); });
//       expect(shared.ready(), "...");
//       other.join();
//     });
//   }
//
// How far a model is explored depends on the level, WEFT_LOOM_LEVEL in the environment:
//   quick  (the default; `make loom`) up to Extent::quick preemptions
//   full   (`make loom-full`)         up to Extent::full
// An Extent without a number is explored to the end, and that is what small models are. A number in
// WEFT_LOOM_BOUND takes the place of both, "none" removes the bound.
//
// Each model prints one line: how many executions, the decisions in the longest, the time, and
// executions per second. A failure of the model is a failure of the test, with the interleaving and
// a line WEFT_LOOM_REPLAY='...'. A failing WEFT_CHECK inside of the body ends the program, after
// the same text.

#ifndef WEFT_TESTS_LOOM_SUPPORT_MODEL_H_
#define WEFT_TESTS_LOOM_SUPPORT_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <source_location>
#include <utility>

#include <gtest/gtest.h>

#include <weft/loom/checker/allocation.h>
#include <weft/loom/checker/thread.h>
#include <weft/loom/thread.h>

namespace weft::loom_test {

using loom::checker::expect;

// How many preemptions (switches away from a thread that could have gone on) an execution may have.
// No number: any.
struct Extent {
  std::optional<unsigned> quick{};
  std::optional<unsigned> full{};

  // Not to be exhausted at all: so many executions with random schedules, whatever the level says.
  std::uint64_t random_iterations = 0;

  // Condition variables wake up for no reason, once each.
  bool spurious_wakeups = true;
  // So many weak compare-exchanges of each thread fail for no reason.
  unsigned spurious_failures = 0;
  // Allocators that recycle memory are part of the model (loom/free_blocks.h).
  bool explore_allocators = false;
  std::size_t max_branches = 10'000;
  std::size_t stack_size = std::size_t{256} << 10;  // bytes, of each model thread
};

// The first goes with models that take seconds; others name their bounds.
inline constexpr Extent exhaustive() noexcept { return {}; }
inline constexpr Extent bounded(unsigned quick, std::optional<unsigned> full) noexcept {
  Extent extent;
  extent.quick = quick;
  extent.full = full;
  return extent;
}

// Explores `body`. In messages and replay strings it has the name of the running test.
void model(const Extent& extent, const std::function<void()>& body);
void model(const std::function<void()>& body);

// A model thread.
template <class F>
loom::Thread start(F&& fn, std::source_location where = std::source_location::current()) {
  return loom::Thread(std::forward<F>(fn), where);
}

}  // namespace weft::loom_test

#endif  // WEFT_TESTS_LOOM_SUPPORT_MODEL_H_
