// WakeGroup, which join_all of many stands on: docs/spec/runtime.md; T-70.

#include <weft/runtime/wake_group.h>

#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <weft/runtime/context.h>
#include <weft/runtime/ref_counted.h>

namespace weft {
namespace {

using internal::SlotContext;
using internal::WakeGroup;
using test_support::MockTask;

// One round; returns what was woken, and keeps a waker of each in `wakers`.
std::vector<std::uint32_t> run_round(WakeGroup& group, const MockTask& task,
                                     std::vector<Waker>& wakers) {
  const Waker waker = task.waker();
  Context cx(waker);
  std::vector<std::uint32_t> parts;
  group.begin_round(cx);
  while (group.has_woken()) {
    const std::uint32_t part = group.take_woken();
    SlotContext slot(group, part, cx);
    wakers[part] = slot.get().clone_waker();
    parts.push_back(part);
  }
  return parts;
}

TEST(R110, EveryPartCountsAsWokenAtFirst) {
  MockTask task;
  auto group = make_ref<WakeGroup>(3U);
  std::vector<Waker> wakers(3);
  EXPECT_EQ(run_round(*group, task, wakers), (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_TRUE(run_round(*group, task, wakers).empty());
  group->close();
}

TEST(R110, PartsAreReportedOnceInTheOrderOfTheirWakeUps) {
  MockTask task;
  auto group = make_ref<WakeGroup>(3U);
  std::vector<Waker> wakers(3);
  run_round(*group, task, wakers);
  wakers[2].wake();
  wakers[0].wake();
  wakers[2].wake();
  EXPECT_EQ(task.wake_count(), 1) << "the computation needs only one wake-up";
  EXPECT_EQ(run_round(*group, task, wakers), (std::vector<std::uint32_t>{2, 0}));
  wakers[2].wake();
  EXPECT_EQ(task.wake_count(), 2);
  EXPECT_EQ(run_round(*group, task, wakers), (std::vector<std::uint32_t>{2}));
  group->close();
}

TEST(R110, WakersOfOnePartAreEqualThoseOfTwoAreNot) {
  MockTask task;
  auto group = make_ref<WakeGroup>(2U);
  std::vector<Waker> first(2), second(2);
  run_round(*group, task, first);
  first[0].wake();
  first[1].wake();
  run_round(*group, task, second);
  EXPECT_TRUE(first[0].will_wake(second[0]));
  EXPECT_FALSE(first[0].will_wake(first[1]));
  group->close();
}

TEST(R110, RoundThatIsNotFinishedIsContinued) {
  MockTask task;
  auto group = make_ref<WakeGroup>(4U);
  std::vector<Waker> wakers(4);
  run_round(*group, task, wakers);
  const Waker waker = task.waker();
  Context cx(waker);
  for (int i : {3, 1, 0}) wakers[static_cast<std::size_t>(i)].wake();
  group->begin_round(cx);
  EXPECT_EQ(group->take_woken(), 3U);
  wakers[3].wake();
  wakers[1].wake();
  EXPECT_EQ(run_round(*group, task, wakers), (std::vector<std::uint32_t>{1, 0, 3}));
  group->close();
}

TEST(R110, TheComputationMayBeAnotherOneEachRound) {
  MockTask first, second;
  auto group = make_ref<WakeGroup>(1U);
  std::vector<Waker> wakers(1);
  run_round(*group, first, wakers);
  run_round(*group, second, wakers);
  wakers[0].wake();
  EXPECT_EQ(first.wake_count(), 0);
  EXPECT_EQ(second.wake_count(), 1);
  EXPECT_EQ(first.waker_ref_count(), 1);
  group->close();
}

TEST(T70, WakeAfterCloseIsHarmless) {
  MockTask task;
  std::vector<Waker> wakers(2);
  {
    auto group = make_ref<WakeGroup>(2U);
    run_round(*group, task, wakers);
    group->close();
  }
  wakers[0].wake();
  std::move(wakers[1]).wake();
  EXPECT_EQ(task.wake_count(), 0);
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(R160, NoWakeUpOfManyThreadsIsLost) {
  constexpr std::uint32_t kParts = 64;
  constexpr int kThreads = 4;
  constexpr int kWakes = 2000;
  MockTask task;
  auto group = make_ref<WakeGroup>(kParts);
  std::vector<Waker> wakers(kParts);
  run_round(*group, task, wakers);
  // Each thread counts in `posted` before it wakes; the computation counts what it has seen.
  std::vector<loom::Atomic<int>> posted(kParts);
  std::vector<int> seen(kParts);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t, mine = wakers] {
      for (int i = 0; i < kWakes; ++i) {
        const auto part = static_cast<std::uint32_t>((i * 7 + t) % static_cast<int>(kParts));
        posted[part].fetch_add(1, std::memory_order_relaxed);  // relaxed: the wake publishes it
        mine[part].wake();
      }
    });
  }
  std::vector<Waker> again(kParts);
  const auto look = [&] {
    for (const std::uint32_t part : run_round(*group, task, again)) {
      seen[part] = posted[part].load(std::memory_order_relaxed);  // relaxed: as above
    }
  };
  for (int i = 0; i < 1000; ++i) look();
  for (std::thread& thread : threads) thread.join();
  look();
  int total = 0;
  for (const int count : seen) total += count;
  EXPECT_EQ(total, kThreads * kWakes);
  group->close();
}

}  // namespace
}  // namespace weft
