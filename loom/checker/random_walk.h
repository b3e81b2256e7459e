// RandomWalk: decisions by chance, for bodies too large to exhaust.
//
// Spec: TE-31.
//
// Design. The probabilistic scheduler of Burckhardt et al. (PCT): every thread has a random
// priority and the highest that can run runs; at a few random moments the running thread drops
// below all others. A bug that needs d such moments is found with a probability that falls with the
// d-th power of the length, not exponentially as for random switches at every step. Each execution
// draws its own d, and the length is taken from the executions before. What an operation does is
// drawn evenly.

#ifndef WEFT_LOOM_CHECKER_RANDOM_WALK_H_
#define WEFT_LOOM_CHECKER_RANDOM_WALK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <weft/base/rng.h>
#include <weft/loom/checker/clock.h>
#include <weft/loom/checker/step.h>

namespace weft::loom::checker::internal {

class RandomWalk {
 public:
  explicit RandomWalk(std::uint64_t seed);

  // `length`: decisions of the longest execution so far, 0 if none.
  void begin_execution(std::size_t length);
  // `thread` has nothing to do until another one has done something.
  void give_way(ThreadId thread) noexcept { priorities_[thread] = --lowest_; }
  // Who runs next, of `enabled`; `current` ran until now.
  ThreadId pick(Bits enabled, ThreadId current);
  std::uint32_t below(std::uint32_t count) noexcept { return random_.below(count); }

 private:
  FastRand random_;
  std::array<std::uint32_t, kMaxThreads> priorities_{};
  std::vector<std::size_t> changes_;  // steps at which the running thread drops
  std::uint32_t lowest_ = 0;
  std::size_t step_ = 0;
};

}  // namespace weft::loom::checker::internal

#endif  // WEFT_LOOM_CHECKER_RANDOM_WALK_H_
