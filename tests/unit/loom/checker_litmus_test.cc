// What the checker finds against what C++ allows: named litmus tests and random programs, each
// outcome set compared exactly with the axioms' (tests/support/memory_model.h).

#include <weft/loom/checker/atomic.h>

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/memory_model.h>
#include <weft/base/rng.h>
#include <weft/loom/checker/model.h>
#include <weft/loom/checker/region.h>
#include <weft/loom/checker/thread.h>

namespace weft::loom::checker {
namespace {

using test_support::allowed_outcomes;
using test_support::Instruction;
using test_support::Kind;
using test_support::LitmusOutcome;
using test_support::Program;
using test_support::to_string;

constexpr auto rlx = std::memory_order_relaxed;
constexpr auto acq = std::memory_order_acquire;
constexpr auto rel = std::memory_order_release;
constexpr auto acq_rel = std::memory_order_acq_rel;
constexpr auto sc = std::memory_order_seq_cst;

Instruction read(int location, std::memory_order order) {
  return {Kind::kLoad, location, 0, order};
}
Instruction write(int location, int value, std::memory_order order) {
  return {Kind::kStore, location, value, order};
}
Instruction swap(int location, int value, std::memory_order order) {
  return {Kind::kExchange, location, value, order};
}
Instruction compare(int location, int expected, int value, std::memory_order success,
                    std::memory_order failure) {
  return {Kind::kCompareExchange, location, value, success, expected, failure};
}
Instruction barrier(std::memory_order order) { return {Kind::kFence, 0, 0, order}; }

void run_thread(const std::vector<Instruction>& code, std::vector<Atomic<int>>& places,
                std::vector<int>& seen) {
  for (const Instruction& what : code) {
    if (what.kind == Kind::kFence) {
      fence(what.order);
      continue;
    }
    Atomic<int>& place = places[static_cast<std::size_t>(what.location)];
    switch (what.kind) {
      case Kind::kLoad:
        seen.push_back(place.load(what.order));
        break;
      case Kind::kStore:
        place.store(what.value, what.order);
        break;
      case Kind::kExchange:
        seen.push_back(place.exchange(what.value, what.order));
        break;
      case Kind::kCompareExchange: {
        int expected = what.expected;
        place.compare_exchange_strong(expected, what.value, what.order, what.failure);
        seen.push_back(expected);
        break;
      }
      case Kind::kFence:
        break;
    }
  }
}

struct Explored {
  std::set<LitmusOutcome> outcomes;
  CheckResult result;
};

// `whole`: thread 0 is not interrupted.
Explored explore(const Program& program, const Options& options = {}, bool whole = false) {
  Explored explored;
  explored.result = check(
      [&] {
        std::vector<Atomic<int>> places(static_cast<std::size_t>(program.locations));
        std::vector<std::vector<int>> seen(program.threads.size());
        std::vector<Thread> threads;
        for (std::size_t i = 1; i < program.threads.size(); ++i) {
          threads.emplace_back([&, i] { run_thread(program.threads[i], places, seen[i]); });
        }
        {
          std::optional<Uninterrupted> region;
          if (whole) region.emplace();
          run_thread(program.threads[0], places, seen[0]);
        }
        for (Thread& thread : threads) thread.join();
        LitmusOutcome outcome;
        for (const auto& part : seen) outcome.insert(outcome.end(), part.begin(), part.end());
        for (const Atomic<int>& place : places) outcome.push_back(place.unsync_load());
        explored.outcomes.insert(outcome);
      },
      options);
  return explored;
}

// Explores and compares with the axioms.
std::set<LitmusOutcome> outcomes_of(const Program& program) {
  const Explored explored = explore(program);
  EXPECT_TRUE(explored.result.passed());
  const std::set<LitmusOutcome> allowed = allowed_outcomes(program);
  EXPECT_EQ(explored.outcomes, allowed)
      << to_string(program) << "\nfound   " << to_string(explored.outcomes) << "\nallowed "
      << to_string(allowed);
  return explored.outcomes;
}

// Whether some outcome begins with these reads.
bool found(const std::set<LitmusOutcome>& outcomes, const std::vector<int>& reads) {
  for (const LitmusOutcome& outcome : outcomes) {
    if (std::equal(reads.begin(), reads.end(), outcome.begin())) return true;
  }
  return false;
}

Program store_buffering(std::memory_order store, std::memory_order load) {
  return {2, {{write(0, 1, store), read(1, load)}, {write(1, 1, store), read(0, load)}}};
}

TEST(TE25, StoreBufferingIsFoundUnlessSequentiallyConsistent) {
  EXPECT_TRUE(found(outcomes_of(store_buffering(rlx, rlx)), {0, 0}));
  EXPECT_TRUE(found(outcomes_of(store_buffering(rel, acq)), {0, 0}));
  EXPECT_TRUE(found(outcomes_of(store_buffering(sc, acq)), {0, 0}));
  EXPECT_FALSE(found(outcomes_of(store_buffering(sc, sc)), {0, 0}));
}

TEST(TE25, SequentiallyConsistentFencesForbidStoreBuffering) {
  EXPECT_FALSE(found(outcomes_of({2,
                                  {{write(0, 1, rlx), barrier(sc), read(1, rlx)},
                                   {write(1, 1, rlx), barrier(sc), read(0, rlx)}}}),
                     {0, 0}));
  EXPECT_TRUE(found(outcomes_of({2,
                                 {{write(0, 1, rlx), barrier(acq_rel), read(1, rlx)},
                                  {write(1, 1, rlx), barrier(acq_rel), read(0, rlx)}}}),
                    {0, 0}));
  EXPECT_FALSE(found(
      outcomes_of(
          {2, {{write(0, 1, sc), read(1, sc)}, {write(1, 1, rlx), barrier(sc), read(0, rlx)}}}),
      {0, 0}));
}

Program message_passing(std::memory_order store, std::memory_order load) {
  return {2, {{read(1, load), read(0, rlx)}, {write(0, 1, rlx), write(1, 1, store)}}};
}

TEST(TE22, MessagePassingNeedsReleaseAndAcquire) {
  EXPECT_FALSE(found(outcomes_of(message_passing(rel, acq)), {1, 0}));
  EXPECT_TRUE(found(outcomes_of(message_passing(rlx, acq)), {1, 0}));
  EXPECT_TRUE(found(outcomes_of(message_passing(rel, rlx)), {1, 0}));
}

TEST(TE25, FencesPassMessages) {
  EXPECT_FALSE(found(outcomes_of({2,
                                  {{read(1, rlx), barrier(acq), read(0, rlx)},
                                   {write(0, 1, rlx), barrier(rel), write(1, 1, rlx)}}}),
                     {1, 0}));
  EXPECT_TRUE(found(
      outcomes_of(
          {2, {{read(1, rlx), read(0, rlx)}, {write(0, 1, rlx), barrier(rel), write(1, 1, rlx)}}}),
      {1, 0}));
}

// Two readers see two independent writes in opposite orders.
Program independent_reads(std::memory_order store, std::memory_order load) {
  return {2,
          {{read(0, load), read(1, load)},
           {read(1, load), read(0, load)},
           {write(0, 1, store)},
           {write(1, 1, store)}}};
}

TEST(TE25, IndependentWritesAreSeenInOneOrderOnlyIfSequentiallyConsistent) {
  EXPECT_TRUE(found(outcomes_of(independent_reads(rel, acq)), {1, 0, 1, 0}));
  EXPECT_FALSE(found(outcomes_of(independent_reads(sc, sc)), {1, 0, 1, 0}));
}

TEST(TE23, ReadsOfOneLocationDoNotGoBack) {
  EXPECT_FALSE(found(outcomes_of({1, {{read(0, rlx), read(0, rlx)}, {write(0, 1, rlx)}}}), {1, 0}));
  // Nor do two readers disagree about the order of two writes.
  const auto outcomes = outcomes_of({1,
                                     {{read(0, rlx), read(0, rlx)},
                                      {read(0, rlx), read(0, rlx)},
                                      {write(0, 1, rlx)},
                                      {write(0, 2, rlx)}}});
  EXPECT_FALSE(found(outcomes, {1, 2, 2, 1}));
  EXPECT_TRUE(found(outcomes, {1, 2, 1, 2}));
}

TEST(TE22, WritesKeepTheirOrderWithWritesAndReads) {
  // CoWW
  const auto writes = outcomes_of({1, {{write(0, 1, rlx), write(0, 2, rlx)}}});
  EXPECT_EQ(writes, (std::set<LitmusOutcome>{{2}}));
  // CoRW1, CoRW2: what was read does not come later than what the reader then writes.
  outcomes_of({1, {{read(0, rlx), write(0, 1, rlx)}, {write(0, 2, rlx)}}});
  EXPECT_EQ(outcomes_of({1, {{read(0, rlx), write(0, 1, rlx)}}}),
            (std::set<LitmusOutcome>{{0, 1}}));
}

TEST(TE22, ModificationOrderIsNotTheOrderOfExecution) {
  // 2+2W: each thread's first write ends up last.
  const auto outcomes = outcomes_of(
      {2, {{write(0, 1, rlx), write(1, 2, rlx)}, {write(1, 1, rlx), write(0, 2, rlx)}}});
  EXPECT_TRUE(outcomes.contains({1, 1}));
  EXPECT_FALSE(
      outcomes_of({2, {{write(0, 1, sc), write(1, 2, sc)}, {write(1, 1, sc), write(0, 2, sc)}}})
          .contains({1, 1}));
}

TEST(TE24, ReadModifyWritesContinueAReleaseSequence) {
  const auto through = [](Instruction middle) {
    return outcomes_of(
        {2, {{read(1, acq), read(0, rlx)}, {write(0, 1, rlx), write(1, 1, rel)}, {middle}}});
  };
  // An exchange of 2 may read the 0, though; what it returned is the third read.
  EXPECT_FALSE(found(through(swap(1, 2, rlx)), {2, 0, 1}));
  EXPECT_TRUE(found(through(swap(1, 2, rlx)), {2, 0, 0}));
  EXPECT_TRUE(found(through(write(1, 2, rlx)), {2, 0}));
}

TEST(TE24, ReadModifyWritesAreAtomic) {
  const auto outcomes = outcomes_of({1, {{swap(0, 1, rlx)}, {swap(0, 2, rlx)}, {swap(0, 3, rlx)}}});
  EXPECT_EQ(outcomes.size(), 6u) << "one for each order";
}

TEST(TE24, FailedCompareExchangeIsALoadWithTheFailureOrder) {
  const auto passing = [](std::memory_order failure) {
    return outcomes_of(
        {2,
         {{compare(1, 7, 8, rlx, failure), read(0, rlx)}, {write(0, 1, rlx), write(1, 1, rel)}}});
  };
  EXPECT_FALSE(found(passing(acq), {1, 0}));
  EXPECT_TRUE(found(passing(rlx), {1, 0}));
  // One that succeeds takes part in modification order: of two that expect the same, one fails.
  const auto both = outcomes_of({1, {{compare(0, 0, 1, rlx, rlx)}, {compare(0, 0, 2, rlx, rlx)}}});
  EXPECT_EQ(both, (std::set<LitmusOutcome>{{0, 1, 1}, {2, 0, 2}}));
}

TEST(TE25, LoadBufferingIsNotFound) {
  // Allowed by C++; out of reach of any checker that executes a store only when its turn comes.
  EXPECT_FALSE(
      found(outcomes_of({2, {{read(0, rlx), write(1, 1, rlx)}, {read(1, rlx), write(0, 1, rlx)}}}),
            {1, 1}));
}

class RandomPrograms {
 public:
  explicit RandomPrograms(const char* seed) : random_(runtime::RngSeed::from_bytes(seed)) {}

  Program next(std::size_t threads, std::size_t length, bool fences) {
    Program program{2, {}};
    int value = 0;
    for (std::size_t t = 0; t < threads; ++t) {
      std::vector<Instruction> code;
      for (std::size_t i = 0; i < length; ++i) code.push_back(instruction(++value, fences));
      program.threads.push_back(code);
    }
    return program;
  }

 private:
  Instruction instruction(int value, bool fences) {
    const int place = static_cast<int>(random_.below(2));
    const std::array<std::memory_order, 3> loads{rlx, acq, sc};
    const std::array<std::memory_order, 3> stores{rlx, rel, sc};
    const std::array<std::memory_order, 3> both{rlx, acq_rel, sc};
    const std::uint32_t order = random_.below(3);
    switch (random_.below(fences ? 10 : 9)) {
      case 0:
      case 1:
      case 2:
        return read(place, loads[order]);
      case 3:
      case 4:
      case 5:
        return write(place, value, stores[order]);
      case 8:
        return compare(place, static_cast<int>(random_.below(static_cast<std::uint32_t>(value))),
                       value, both[order], loads[random_.below(order + 1)]);
      case 9:
        return barrier(std::array{acq, rel, sc}[order]);
      default:
        return swap(place, value, both[order]);
    }
  }

  FastRand random_;
};

TEST(TE25, RandomProgramsOfTwoThreadsHaveExactlyTheAllowedOutcomes) {
  RandomPrograms programs("two threads");
  for (int i = 0; i < 400 && !testing::Test::HasFailure(); ++i)
    outcomes_of(programs.next(2, 3, true));
}

TEST(TE25, RandomProgramsOfThreeThreadsHaveExactlyTheAllowedOutcomes) {
  RandomPrograms programs("three threads");
  for (int i = 0; i < 200 && !testing::Test::HasFailure(); ++i)
    outcomes_of(programs.next(3, 2, true));
}

TEST(TE16, ReductionLosesNoOutcome) {
  RandomPrograms programs("reduction");
  std::uint64_t reduced = 0;
  std::uint64_t full = 0;
  for (int i = 0; i < 12 && !testing::Test::HasFailure(); ++i) {
    const Program program = programs.next(3, 2, false);
    const Explored with = explore(program);
    const Explored without = explore(program, {.reduce = false});
    EXPECT_EQ(with.outcomes, without.outcomes) << to_string(program);
    reduced += with.result.iterations;
    full += without.result.iterations;
  }
  EXPECT_LT(reduced * 10, full);
}

// Sequentially consistent, so that nothing can be seen in between but by running in between.
TEST(TE19, ReductionLosesNoOutcomeOfUninterruptedSteps) {
  RandomPrograms programs("uninterrupted");
  bool restricts = false;
  for (int i = 0; i < 40 && !testing::Test::HasFailure(); ++i) {
    Program program = programs.next(2, 3, false);
    for (auto& thread : program.threads) {
      for (Instruction& what : thread) what.order = what.failure = sc;
    }
    const std::set<LitmusOutcome> whole = explore(program, {}, true).outcomes;
    EXPECT_EQ(whole, explore(program, {.reduce = false}, true).outcomes) << to_string(program);
    restricts = restricts || whole != explore(program).outcomes;
  }
  EXPECT_TRUE(restricts);
}

TEST(TE17, APreemptionBoundLargeEnoughLosesNoOutcome) {
  RandomPrograms programs("bounded");
  for (int i = 0; i < 60 && !testing::Test::HasFailure(); ++i) {
    const Program program = programs.next(3, 2, false);
    EXPECT_EQ(explore(program, {.preemption_bound = 6}).outcomes, allowed_outcomes(program))
        << to_string(program);
  }
}

}  // namespace
}  // namespace weft::loom::checker
