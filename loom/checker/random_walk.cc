// Priorities and their changes. Interface and design: random_walk.h.

#include <weft/loom/checker/random_walk.h>

#include <algorithm>
#include <string>

namespace weft::loom::checker::internal {
namespace {

constexpr std::uint32_t kMiddle = 1u << 30;

}  // namespace

RandomWalk::RandomWalk(std::uint64_t seed)
    : random_(runtime::RngSeed::from_bytes(std::to_string(seed))) {}

void RandomWalk::begin_execution(std::size_t length) {
  step_ = 0;
  lowest_ = kMiddle;
  for (std::uint32_t& priority : priorities_) priority = kMiddle + random_.below(kMiddle);
  changes_.clear();
  const auto range = static_cast<std::uint32_t>(std::max<std::size_t>(length, 16));
  for (std::uint32_t left = random_.below(4); left > 0; --left) {
    changes_.push_back(random_.below(range));
  }
}

ThreadId RandomWalk::pick(Bits enabled, ThreadId current) {
  const bool changes = std::find(changes_.begin(), changes_.end(), step_) != changes_.end();
  if (changes && current != kNoThread) priorities_[current] = --lowest_;
  ++step_;
  ThreadId best = kNoThread;
  for (ThreadId i = 0; i < kMaxThreads; ++i) {
    if ((enabled >> i & 1) == 0) continue;
    if (best == kNoThread || priorities_[i] > priorities_[best]) best = i;
  }
  return best;
}

}  // namespace weft::loom::checker::internal
