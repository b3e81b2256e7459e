// Access, Step: what a model thread is about to do, as far as other threads are concerned.
//
// Spec: TE-12, TE-16.
//
// Design. Exploration asks one question of two steps A and B of different threads, A executed
// first: do executions with B first show anything that executions with A first cannot? Only then
// must both orders be run. The answer is a bit test: what A `was` against what B looks for,
// `against` (Execution::conflicts).
//
//   atomics              two accesses, if one writes
//   both seq_cst         yes: the order in which they run is their place in the single order S
//   lock, lock           yes; an unlock matters only to try_lock, which observes it
//   condition variable   all operations on it
//   seq_cst fence        against every other fence and every seq_cst access
//
// A load may read an older store than the newest, a store may go in front of another. What that
// shows is most often shown by running the step earlier as well, which is tried anyway. So such an
// outcome is taken only where the step cannot come earlier, because the newer store is in its past
// (StoreHistory::forced). Every behaviour then belongs to one class of executions that differ only
// in the order of steps without a conflict; and it matters that the relation is symmetric.
//
// With a bound on preemptions an earlier step may be out of reach. There all outcomes are taken
// where they are found, which makes many orders superfluous, and the relation is not symmetric:
//
//   A store, B load      no: B may read what was there before A
//   A load, B store      yes: A could have read B's value
//   A store, B store     no: B may go in front of A in modification order
//   A update, B store    yes: A could have read B's value. A store, B update: no
//   both updates         yes
//   both seq_cst         if one writes, or if A's load forbade something to B (kRaised)

#ifndef WEFT_LOOM_CHECKER_STEP_H_
#define WEFT_LOOM_CHECKER_STEP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <source_location>

#include <weft/loom/checker/clock.h>

namespace weft::loom::checker::internal {

using ObjectId = std::uint32_t;
struct MutexState;

// A small set, of threads or of access bits.
using Bits = std::uint8_t;

namespace access {
inline constexpr Bits kReads = 1;
inline constexpr Bits kOrdered = 2;  // seq_cst
inline constexpr Bits kRaised = 4;   // seq_cst, and later seq_cst accesses see less because of it
inline constexpr Bits kWrites = 8;   // of atomics only
inline constexpr Bits kLocks = 8;
inline constexpr Bits kUnlocks = 16;
inline constexpr Bits kTries = 32;      // looked whether it is locked
inline constexpr Bits kExclusive = 64;  // does not commute with anything that looks for it
inline constexpr Bits kShared = 128;    // commutes with its like, not with kExclusive
inline constexpr std::size_t kKinds = 8;
}  // namespace access

struct Access {
  ObjectId object = 0;
  Bits was = 0;      // of this access, for those that come later
  Bits against = 0;  // of earlier accesses, those whose order with this one matters
};

// What has to be so before the step can run.
enum class WaitFor : std::uint8_t { kNothing, kUnlocked, kFinished, kSignal };

struct Step {
  std::array<Access, 2> accesses{};
  std::uint8_t access_count = 0;
  WaitFor wait = WaitFor::kNothing;
  ThreadId thread = kNoThread;        // kFinished: whom to wait for
  const MutexState* mutex = nullptr;  // kUnlocked, kSignal: which one
  std::source_location where;

  void add(Access access) noexcept { accesses[access_count++] = access; }
};

}  // namespace weft::loom::checker::internal

#endif  // WEFT_LOOM_CHECKER_STEP_H_
