// Task: docs/spec/runtime.md R-157..R-160, R-167; docs/spec/task.md T-64, T-69..T-72.
//
// Without a runtime: a task's chain of frames is driven by hand. What spawn adds is in
// spawn_test.cc.

#include <weft/runtime/task.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <tests/support/stack_extent.h>
#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/join.h>
#include <weft/runtime/match.h>
#include <weft/runtime/select.h>

namespace weft {
namespace {

using test_support::MockTask;
using test_support::NoteOnDestroy;
using test_support::OnDestroy;
using test_support::Polled;
using test_support::Probe;
using test_support::SlowProbe;
using test_support::StackExtent;

using Log = std::vector<std::string>;

auto note(Log& log, std::string what) {
  return OnDestroy([&log, what = std::move(what)] { log.push_back(what); });
}

Task<int> value_of(Probe<>& probe) { co_return co_await probe.wait(); }

TEST(R158, CallingMakesATaskAndRunsNothing) {
  bool ran = false;
  const auto body = [](bool* out) -> Task<> {
    *out = true;
    co_return;
  };
  const std::size_t before = internal::live_frames();
  {
    Task<> task = body(&ran);
    EXPECT_EQ(internal::live_frames(), before + 1);
  }
  EXPECT_FALSE(ran);
  EXPECT_EQ(internal::live_frames(), before);
}

TEST(R158, YieldsValuesOfEveryKind) {
  MockTask task;
  struct NoDefault {
    explicit NoDefault(int n) : value(n) {}
    int value;
  };
  const auto make = [](int n) -> Task<NoDefault> { co_return NoDefault(n); };
  const auto box = [](int n) -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(n); };
  const auto text = []() -> Task<std::string> { co_return "converted"; };
  const auto use = [&]() -> Task<std::string> {
    const NoDefault a = co_await make(1);
    std::unique_ptr<int> b = co_await box(2);
    std::string c = co_await text();
    co_return c + std::to_string(a.value + *b);
  };
  Polled run(use());
  ASSERT_TRUE(run.poll(task));
  EXPECT_EQ(run.take(), "converted3");
}

Task<int> deep(int levels, Probe<>& probe) {
  if (levels == 0) co_return co_await probe.wait();
  const int n = co_await deep(levels - 1, probe);
  co_return n + 1;
}

TEST(R158, WakeUpPollsTheInnermostLeafAloneHoweverDeep) {
  MockTask task;
  Probe<> probe;
  Polled run(deep(50, probe));
  for (int i = 1; i <= 5; ++i) {
    EXPECT_FALSE(run.poll(task));
    EXPECT_EQ(probe.polls(), i);
  }
  probe.complete(0);
  ASSERT_TRUE(run.poll(task));
  EXPECT_EQ(run.take(), 50);
}

TEST(R158, DestroyingTheOutermostDestroysTheChain) {
  MockTask task;
  Probe<> probe;
  const std::size_t before = internal::live_frames();
  {
    Polled run(deep(50, probe));
    EXPECT_FALSE(run.poll(task));
    EXPECT_EQ(internal::live_frames(), before + 51);
  }
  EXPECT_EQ(internal::live_frames(), before);
  EXPECT_EQ(probe.alive(), 0);
  EXPECT_EQ(task.waker_ref_count(), 1);
}

// Waits in every position: a leaf, a child, a borrowed Task, select, join, several levels.
Task<int> many_awaits(Probe<>& probe, Log& log) {
  auto outer = note(log, "outer");
  int sum = co_await probe.wait();
  sum += co_await value_of(probe);
  Task<int> borrowed = value_of(probe);
  sum += co_await borrowed;
  {
    auto inner = note(log, "inner");
    auto v = co_await select(value_of(probe), probe.wait());
    sum += match(v, [](int n) { return n; }, [](int n) { return n; });
    auto [deepest, selected] = co_await join(deep(3, probe), select(value_of(probe)));
    sum += deepest + std::get<0>(selected);
  }
  co_return sum;
}

TEST(R157, DestroyedAfterAnyPollUnregistersEverything) {
  constexpr int kAwaits = 6;
  const std::size_t before = internal::live_frames();
  for (int polls = 0; polls <= kAwaits + 1; ++polls) {
    MockTask task;
    Probe<> probe;
    Log log;
    {
      Polled run(many_awaits(probe, log));
      for (int i = 0; i < polls; ++i) {
        if (i > 0) probe.let_one_through(1);
        EXPECT_EQ(run.poll(task), i == kAwaits);
        if (i == kAwaits) {
          EXPECT_EQ(run.take(), kAwaits + 3);
          break;
        }
      }
    }
    EXPECT_EQ(probe.alive(), 0);
    EXPECT_FALSE(probe.has_waker());
    EXPECT_EQ(task.waker_ref_count(), 1);
    EXPECT_EQ(internal::live_frames(), before);
    EXPECT_EQ(log.empty(), polls == 0) << "a task that never ran has no locals";
  }
}

Task<> ready() { co_return; }

Task<long> loop(long rounds, StackExtent& extent) {
  long done = 0;
  for (long i = 0; i < rounds; ++i) {
    co_await ready();
    Probe<> probe;
    probe.complete(1);
    done += co_await probe.wait();
    extent.note();
  }
  co_return done;
}

constexpr int kMany = 1'000'000;

TEST(R159, LoopOverAwaitsThatCompleteAtOnceRunsInConstantStack) {
  MockTask task;
  StackExtent extent;
  Polled run(loop(kMany, extent));
  ASSERT_TRUE(run.poll(task));
  EXPECT_EQ(run.take(), kMany);
  EXPECT_LT(extent.bytes(), 4096U);
}

Task<int> descend(int levels, Probe<>& probe, StackExtent& extent) {
  NoteOnDestroy local(extent);
  extent.note();
  if (levels == 0) co_return co_await probe.wait();
  const int n = co_await descend(levels - 1, probe, extent);
  extent.note();
  co_return n + 1;
}

TEST(R159, RecursionCompletesInConstantStack) {
  MockTask task;
  Probe<> probe;
  StackExtent extent;
  const std::size_t before = internal::live_frames();
  {
    Polled run(descend(kMany, probe, extent));
    EXPECT_FALSE(run.poll(task));
    probe.complete(0);
    ASSERT_TRUE(run.poll(task));
    EXPECT_EQ(run.take(), kMany);
  }
  EXPECT_LT(extent.bytes(), 4096U);
  EXPECT_EQ(internal::live_frames(), before);
}

TEST(R159, RecursionIsDestroyedInConstantStack) {
  MockTask task;
  Probe<> probe;
  const std::size_t before = internal::live_frames();
  StackExtent extent;
  {
    Polled run(descend(kMany, probe, extent));
    EXPECT_FALSE(run.poll(task));
  }
  EXPECT_LT(extent.bytes(), 4096U);
  EXPECT_EQ(internal::live_frames(), before);
  EXPECT_EQ(probe.alive(), 0);
}

TEST(R159, ExceptionGoesUpInConstantStack) {
  MockTask task;
  Probe<> probe;
  StackExtent extent;
  Polled run(descend(10'000, probe, extent));
  EXPECT_FALSE(run.poll(task));
  probe.fail("bottom");
  ASSERT_TRUE(run.poll(task));
  EXPECT_THROW(run.take(), std::runtime_error);
  // Each level has an exception in flight while it is left, and no more than that.
  EXPECT_LT(extent.bytes(), 16384U);
}

TEST(R160, WakingResumesNothing) {
  MockTask task;
  Probe<> probe;
  int after = 0;
  const auto use = [](Probe<>& p, int* out) -> Task<> {
    static_cast<void>(co_await p.wait());
    ++*out;
  };
  Polled run(use(probe, &after));
  EXPECT_FALSE(run.poll(task));
  probe.complete(1);
  EXPECT_EQ(task.wake_count(), 1);
  EXPECT_EQ(after, 0);
  EXPECT_TRUE(run.poll(task));
  EXPECT_EQ(after, 1);
}

Task<int*> address_of_local(Probe<>& probe, int** at) {
  int local = 0;
  *at = &local;
  local = co_await probe.wait();
  co_return &local;
}

TEST(T69, FrameDoesNotMoveWhenTheTaskDoes) {
  MockTask task;
  Probe<> probe, other;
  int* at = nullptr;
  Task<int*> first = address_of_local(probe, &at);
  {
    other.complete(0);
    Polled lost(select_biased(first, other.wait()));
    ASSERT_TRUE(lost.poll(task));
  }
  Task<int*> second = std::move(first);
  const auto use = [](Task<int*> inner) -> Task<int*> { co_return co_await std::move(inner); };
  Polled run(use(std::move(second)));
  EXPECT_FALSE(run.poll(task));
  probe.complete(1);
  ASSERT_TRUE(run.poll(task));
  EXPECT_EQ(run.take(), at);
}

TEST(T64, BorrowedTaskThatHasEndedIsNotResumedAgain) {
  MockTask task;
  int runs = 0;
  const auto body = [](int* out) -> Task<int> { co_return ++*out; };
  Task<int> ended = body(&runs);
  {
    Polled first(ended);
    ASSERT_TRUE(first.poll(task));
  }
  const auto use = [](Task<int> inner) -> Task<int> { co_return co_await std::move(inner); };
  Polled second(use(std::move(ended)));
  ASSERT_TRUE(second.poll(task));
  EXPECT_EQ(second.take(), 1);
  EXPECT_EQ(runs, 1);
}

TEST(T70, WakerMayOutliveTheTask) {
  MockTask task;
  Waker late = task.waker();
  {
    Probe<> probe;
    Polled run(value_of(probe));
    EXPECT_FALSE(run.poll(task));
  }
  late.wake();
  EXPECT_TRUE(task.take_woken());
}

TEST(T71, LocalsAreDestroyedInReverseInnermostFrameFirst) {
  MockTask task;
  Probe<> probe;
  Log log;
  const auto inner = [](Probe<>& p, Log& out) -> Task<int> {
    auto a = note(out, "inner 1");
    auto b = note(out, "inner 2");
    co_return co_await p.wait();
  };
  const auto outer = [](Task<int> child, Log& out) -> Task<int> {
    auto a = note(out, "outer 1");
    auto b = note(out, "outer 2");
    co_return co_await std::move(child);
  };
  {
    Polled run(outer(inner(probe, log), log));
    EXPECT_FALSE(run.poll(task));
  }
  EXPECT_EQ(log, (Log{"inner 2", "inner 1", "outer 2", "outer 1"}));
}

TEST(T71, ResultThatIsNotTakenDiesWithTheTask) {
  MockTask task;
  auto shared = std::make_shared<int>(1);
  {
    const auto body = [](std::shared_ptr<int> p) -> Task<std::shared_ptr<int>> { co_return p; };
    Polled run(body(shared));
    ASSERT_TRUE(run.poll(task));
    EXPECT_GE(shared.use_count(), 2);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(T72, ExceptionComesOutOfCoAwait) {
  MockTask task;
  const auto fail = [](std::string text) -> Task<> {
    throw std::runtime_error(text);
    co_return;
  };
  const auto pass = [](Task<> inner) -> Task<> { co_await std::move(inner); };
  const auto use = [&]() -> Task<std::string> {
    std::string text;
    try {
      co_await pass(fail("deep"));
    } catch (const std::runtime_error& error) {
      text = error.what();
    }
    Task<> borrowed = fail(" borrowed");
    try {
      co_await borrowed;
    } catch (const std::runtime_error& error) {
      text += error.what();
    }
    co_return text;
  };
  const std::size_t before = internal::live_frames();
  {
    Polled run(use());
    ASSERT_TRUE(run.poll(task));
    EXPECT_EQ(run.take(), "deep borrowed");
  }
  EXPECT_EQ(internal::live_frames(), before);
}

TEST(R167, DestroyingAStartedTaskWithALiveScopeByHandIsFatal) {
  MockTask task;
  const auto body = [](SlowProbe& slow) -> Task<> { co_await slow.wait(); };
  EXPECT_DEATH(
      {
        SlowProbe slow;
        Polled run(body(slow));
        static_cast<void>(run.poll(task));
        run.cancel();
      },
      "contains a live scope");
}

TEST(R167, DestroyingOneWithoutALiveScopeIsNot) {
  MockTask task;
  SlowProbe slow;
  Probe<> probe;
  const auto wait_slowly = [](SlowProbe& p) -> Task<> { co_await p.wait(); };
  const auto body = [](Task<> scope, Probe<>& p) -> Task<> {
    // The borrowed one and the combinator could hold a scope, but do not.
    co_await join(scope, select(value_of(p), p.wait()));
  };
  slow.complete();
  {
    Polled run(body(wait_slowly(slow), probe));
    EXPECT_FALSE(run.poll(task));
  }
  EXPECT_EQ(slow.cancel_polls(), 0);
  EXPECT_EQ(probe.alive() + slow.alive(), 0);
}

}  // namespace
}  // namespace weft
