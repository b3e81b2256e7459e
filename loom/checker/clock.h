// VectorClock and View: what one model thread knows of the others.
//
// Spec: TE-16, TE-20, TE-25.
//
// Design. A thread counts its own steps; a vector clock holds, for every thread, up to which step
// of it something is known. An event is known if its thread's entry has reached its time. Zero is
// "nothing": times start at 1.

#ifndef WEFT_LOOM_CHECKER_CLOCK_H_
#define WEFT_LOOM_CHECKER_CLOCK_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weft::loom::checker::internal {

inline constexpr std::size_t kMaxThreads = 8;
using ThreadId = std::uint8_t;
inline constexpr ThreadId kNoThread = 0xff;
using Time = std::uint32_t;

class VectorClock {
 public:
  Time& operator[](ThreadId thread) noexcept { return times_[thread]; }
  Time operator[](ThreadId thread) const noexcept { return times_[thread]; }

  void join(const VectorClock& other) noexcept {
    for (std::size_t i = 0; i < kMaxThreads; ++i) times_[i] = std::max(times_[i], other.times_[i]);
  }

  // This clock as a set of single events, one a thread: whether `known` has reached any of them.
  bool any_known_to(const VectorClock& known) const noexcept {
    for (std::size_t i = 0; i < kMaxThreads; ++i) {
      if (times_[i] != 0 && times_[i] <= known.times_[i]) return true;
    }
    return false;
  }
  bool any() const noexcept {
    return std::any_of(times_.begin(), times_.end(), [](Time time) { return time != 0; });
  }

  // A thread other than `self` that has an event here which `known` has not reached; or kNoThread.
  ThreadId unknown_to(const VectorClock& known, ThreadId self) const noexcept {
    for (ThreadId i = 0; i < kMaxThreads; ++i) {
      if (i != self && times_[i] > known.times_[i]) return i;
    }
    return kNoThread;
  }

 private:
  std::array<Time, kMaxThreads> times_{};
};

// What happens before a point of a thread. `happened` is the C++ relation. The other two serve
// seq_cst fences: a fence that happens before this point came, in the single order, after earlier
// fences with all that happened before those (`fenced`), and after earlier seq_cst accesses
// (`ordered`, their times only).
struct View {
  VectorClock happened;
  VectorClock fenced;
  VectorClock ordered;

  void join(const View& other) noexcept {
    happened.join(other.happened);
    fenced.join(other.fenced);
    ordered.join(other.ordered);
  }
};

}  // namespace weft::loom::checker::internal

#endif  // WEFT_LOOM_CHECKER_CLOCK_H_
