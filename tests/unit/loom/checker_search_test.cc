// How a search is steered: limits, checkpoints, whom it prefers, what is left out, what it reports.

#include <weft/loom/checker/model.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <set>
#include <string>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>
#include <weft/loom/checker/atomic.h>
#include <weft/loom/checker/cell.h>
#include <weft/loom/checker/mutex.h>
#include <weft/loom/checker/region.h>
#include <weft/loom/checker/thread.h>

namespace weft::loom::checker {
namespace {

constexpr auto rlx = std::memory_order_relaxed;
constexpr auto acq = std::memory_order_acquire;
constexpr auto rel = std::memory_order_release;
constexpr auto sc = std::memory_order_seq_cst;

using Outcomes = std::set<std::pair<int, int>>;

// Two threads that store and load twice each: some dozens of executions.
void store_and_load(Outcomes& outcomes) {
  Atomic<int> x{0};
  Atomic<int> y{0};
  int seen = 0;
  Thread other([&] {
    x.store(1, rlx);
    x.store(2, rlx);
    seen = y.load(rlx);
  });
  y.store(1, rlx);
  y.store(2, rlx);
  const int mine = x.load(rlx);
  other.join();
  outcomes.insert({mine, seen});
}

// A file that is not there yet, and is gone afterwards.
class CheckpointFile {
 public:
  CheckpointFile() {
    static int count = 0;
    path_ = testing::TempDir() + "weft_loom_checkpoint_" + std::to_string(::getpid()) + "_" +
            std::to_string(++count);
    std::remove(path_.c_str());
  }
  ~CheckpointFile() { std::remove(path_.c_str()); }
  CheckpointFile(const CheckpointFile&) = delete;
  CheckpointFile& operator=(const CheckpointFile&) = delete;

  const std::string& path() const { return path_; }
  bool exists() const { return std::ifstream(path_).good(); }

 private:
  std::string path_;
};

TEST(TE14, SearchGoesOnFromItsCheckpoint) {
  Outcomes all;
  const CheckResult whole = check([&] { store_and_load(all); });
  ASSERT_TRUE(whole.passed());
  ASSERT_GT(whole.iterations, 10u);

  const CheckpointFile file;
  const Options options{.name = "pieces",
                        .max_iterations = 5,
                        .checkpoint_file = file.path(),
                        .checkpoint_interval = 2};
  Outcomes found;
  std::uint64_t runs = 0;
  CheckResult piece;
  do {
    piece = check([&] { store_and_load(found); }, options);
    EXPECT_EQ(piece.resumed_at, 5 * runs);
    EXPECT_EQ(file.exists(), !piece.passed());
    if (!piece.passed()) {
      ASSERT_EQ(piece.failure->kind, FailureKind::kIterationLimit);
    }
  } while (!piece.passed() && ++runs < 100);
  EXPECT_EQ(piece.iterations, whole.iterations) << "none is repeated, none left out";
  EXPECT_EQ(found, all);
}

TEST(TE14, CheckpointIsWrittenWhileTheSearchGoesOn) {
  const CheckpointFile file;
  bool seen = false;
  Outcomes outcomes;
  const CheckResult result = check(
      [&] {
        seen = seen || file.exists();
        store_and_load(outcomes);
      },
      {.checkpoint_file = file.path(), .checkpoint_interval = 4});
  EXPECT_TRUE(result.passed());
  EXPECT_TRUE(seen);
  EXPECT_FALSE(file.exists()) << "the search is complete";
}

TEST(TE14, CheckpointOfAnotherSearchIsRefused) {
  const CheckpointFile file;
  Outcomes outcomes;
  Options options{.name = "one", .max_iterations = 2, .checkpoint_file = file.path()};
  const auto body = [&] { store_and_load(outcomes); };
  ASSERT_FALSE(check(body, options).passed());
  options.preemption_bound = 1;
  const CheckResult refused = check(body, options);
  ASSERT_FALSE(refused.passed());
  EXPECT_EQ(refused.failure->kind, FailureKind::kMisuse);
  EXPECT_NE(refused.failure->message.find("remove it"), std::string::npos);
  EXPECT_EQ(refused.iterations, 0u);
  EXPECT_TRUE(file.exists()) << "it is not ours to remove";
}

// Some hundred thousand: all orders of three times five updates.
void many_executions() {
  Atomic<int> value{0};
  const auto add = [&] {
    for (int i = 0; i < 5; ++i) value.fetch_add(1, rlx);
  };
  Thread one(add);
  Thread two(add);
  add();
  one.join();
  two.join();
}

TEST(TE14, TimeLimitIsReported) {
  const CheckResult result = check(many_executions, {.max_duration = std::chrono::milliseconds(1)});
  ASSERT_FALSE(result.passed());
  EXPECT_EQ(result.failure->kind, FailureKind::kTimeLimit);
  EXPECT_NE(result.failure->message.find("max_duration"), std::string::npos);
}

TEST(TE14, LongSearchesReportTheirProgress) {
  testing::internal::CaptureStderr();
  const CheckResult result =
      check(many_executions, {.name = "slow",
                              .max_iterations = 20'000,
                              .progress_interval = std::chrono::milliseconds(1)});
  const std::string output = testing::internal::GetCapturedStderr();
  EXPECT_GT(result.rate(), 0);
  EXPECT_GT(result.depth, 0u);
  EXPECT_NE(output.find("slow: "), std::string::npos);
  EXPECT_NE(output.find(" executions, depth "), std::string::npos);
  EXPECT_NE(output.find("/s so far"), std::string::npos);
}

TEST(TE15, TheThreadThatRanGoesOnAndThenTheOneThatYieldedLeast) {
  std::string first;
  std::uint64_t runs = 0;
  EXPECT_TRUE(check([&] {
                std::string order;
                Atomic<int> value{0};
                Thread a([&] {
                  order += 'a';
                  yield_now();
                  value.load(rlx);
                  order += 'A';
                });
                Thread b([&] {
                  value.store(1, rlx);  // so that a spinning thread may look again
                  order += 'b';
                });
                Thread c([&] {
                  value.load(rlx);
                  order += 'c';
                });
                for (int i = 0; i < 3; ++i) {
                  value.load(rlx);
                  order += 'm';
                }
                a.join();
                b.join();
                c.join();
                if (++runs == 1) first = order;
              }).passed());
  EXPECT_EQ(first, "mmmabcA");
}

// The other thread may have read the old value after this one stored the new one. Then both spin,
// and it is for the other one to look again.
void ping_pong() {
  Atomic<int> turn{0};
  Thread other([&] {
    while (turn.load(rlx) != 1) yield_now();
    turn.store(2, rlx);
  });
  turn.store(1, rlx);
  while (turn.load(rlx) != 2) yield_now();
  other.join();
}

TEST(TE18, WhereAllThreadsSpinTheyLookInTurn) {
  EXPECT_TRUE(check(ping_pong).passed());
  EXPECT_TRUE(check(ping_pong, {.preemption_bound = 0}).passed());
  EXPECT_TRUE(check(ping_pong, Options::random(1, 500)).passed());
}

TEST(TE19, UnexploredCodeMakesNoDecisions) {
  const auto body = [](bool explored, Outcomes& outcomes) {
    if (explored) {
      store_and_load(outcomes);
      return;
    }
    const Unexplored setup;
    store_and_load(outcomes);
  };
  Outcomes all;
  Outcomes some;
  EXPECT_TRUE(check([&] { body(true, all); }).passed());
  const CheckResult result = check([&] { body(false, some); });
  EXPECT_TRUE(result.passed());
  EXPECT_TRUE(some.contains({0, 2})) << "main first, without interruption: " << some.size();
  EXPECT_LT(some.size(), all.size());
}

TEST(TE19, ExplorationEndsWithTheRegion) {
  Outcomes all;
  Outcomes after;
  const CheckResult plain = check([&] { store_and_load(all); });
  const CheckResult result = check([&] {
    stop_exploring();
    Atomic<int> before{0};
    for (int i = 0; i < 4; ++i) before.fetch_add(1, sc);
    explore();
    store_and_load(after);
  });
  EXPECT_TRUE(result.passed());
  EXPECT_EQ(after, all);
  EXPECT_EQ(result.iterations, plain.iterations);
}

TEST(TE19, ExploreWithoutStopIsFatal) {
  EXPECT_DEATH(model([] { explore(); }), "stop_exploring");
}

TEST(TE19, UninterruptedStepsAreSeenAsOne) {
  const auto explore_pair = [](bool uninterrupted) {
    std::set<int> seen;
    EXPECT_TRUE(check([&] {
                  Atomic<int> value{0};
                  Thread other([&] { seen.insert(value.load(sc)); });
                  const auto write = [&] {
                    value.store(1, sc);
                    value.store(2, sc);
                  };
                  if (uninterrupted) {
                    const Uninterrupted whole;
                    write();
                  } else {
                    write();
                  }
                  other.join();
                }).passed());
    return seen;
  };
  EXPECT_EQ(explore_pair(false), (std::set<int>{0, 1, 2}));
  EXPECT_EQ(explore_pair(true), (std::set<int>{0, 2}));
}

TEST(TE20, HappensBeforePassesFromThreadToThread) {
  const auto body = [](std::memory_order middle) {
    Cell<int> data{0};
    Atomic<bool> first{false};
    Mutex mutex;
    Cell<bool> second{false};
    Thread writer([&] {
      data.with_mut([](int& value) { value = 1; });
      first.store(true, rel);
    });
    Thread between([&] {
      if (!first.load(middle)) return;
      mutex.lock();
      second.with_mut([](bool& value) { value = true; });
      mutex.unlock();
    });
    mutex.lock();
    const bool told = second.with([](bool value) { return value; });
    mutex.unlock();
    if (told) data.with([](int value) { expect(value == 1, "the writer came before"); });
    writer.join();
    between.join();
  };
  EXPECT_TRUE(check([&] { body(acq); }).passed());
  const CheckResult broken = check([&] { body(rlx); });
  ASSERT_FALSE(broken.passed());
  EXPECT_EQ(broken.failure->kind, FailureKind::kDataRace);
}

TEST(TE21, EveryStoreIsKeptAndNoReaderGoesBack) {
  constexpr int kStores = 9;
  Outcomes found;
  EXPECT_TRUE(check([&] {
                Atomic<int> value{0};
                Thread writer([&] {
                  for (int i = 1; i <= kStores; ++i) value.store(i, rlx);
                });
                const int one = value.load(rlx);
                const int two = value.load(rlx);
                writer.join();
                found.insert({one, two});
                expect(value.load(rlx) == kStores, "join() makes the last store known");
              }).passed());
  Outcomes expected;
  for (int i = 0; i <= kStores; ++i) {
    for (int j = i; j <= kStores; ++j) expected.insert({i, j});
  }
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace weft::loom::checker
