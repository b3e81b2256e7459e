// ok: api.md; T-2 and T-71 (order of destruction), T-72 (exceptions), R-159 (constant stack).

#include <weft/runtime/ok.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <tests/support/stack_extent.h>
#include <weft/base/result.h>
#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/join.h>
#include <weft/runtime/select.h>
#include <weft/runtime/task.h>

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

Task<Result<int>> success(int n) { co_return n; }
Task<Result<int>> failure(Errc code) { co_return Err(code); }
Task<Result<void>> success_void() { co_return Result<void>(); }
Task<Result<int>> after(Probe<Result<int>>& probe) { co_return co_await probe.wait(); }

auto note(Log& log, const char* what) {
  return OnDestroy([&log, what] { log.push_back(what); });
}

TEST(T71, OkYieldsTheValue) {
  MockTask task;
  const auto sum = []() -> Task<Result<std::string>> {
    int n = co_await ok(success(1));
    co_await ok(success_void());
    Probe<Result<std::unique_ptr<int>>> probe;
    probe.complete(std::make_unique<int>(2));
    std::unique_ptr<int> p = co_await ok(probe.wait());
    Task<Result<int>> later = success(3);
    n += co_await ok(later);
    Task<Result<int>> moved = success(4);
    n += co_await ok(std::move(moved));
    co_return std::to_string(n + *p);
  };
  Polled run(sum());
  ASSERT_TRUE(run.poll(task));
  EXPECT_EQ(run.take(), std::string("10"));
}

// What ends it, by the ways that ok() has.
enum class Way { kTask, kBorrowedTask, kReadyLeaf, kWaitingLeaf, kStartedTask };

Task<Result<std::string>> fails(Way way, Probe<Result<int>>& probe, Log& log) {
  auto first = note(log, "first");
  auto second = note(log, "second");
  switch (way) {
    case Way::kTask: {
      auto inner = note(log, "inner");
      co_await ok(failure(Errc::closed));
      break;
    }
    case Way::kBorrowedTask: {
      Task<Result<int>> borrowed = after(probe);
      co_await ok(borrowed);
      break;
    }
    case Way::kReadyLeaf:
    case Way::kWaitingLeaf:
      co_await ok(probe.wait());
      break;
    case Way::kStartedTask: {
      Task<Result<int>> started = after(probe);
      Probe<> other;
      other.complete(0);
      auto v = co_await select_biased(started, other.wait());
      static_cast<void>(v);
      co_await ok(std::move(started));
      break;
    }
  }
  log.push_back("not reached");
  co_return "value";
}

Task<int> awaiter_of(Way way, Probe<Result<int>>& probe, Log& log) {
  Result<std::string> r = co_await fails(way, probe, log);
  log.push_back(r ? "value" : r.error().to_string());
  co_return 1;
}

void check_order(Way way, bool is_ready) {
  MockTask task;
  Log log;
  const std::size_t before = internal::live_frames();
  Probe<Result<int>> probe;
  {
    Polled run(awaiter_of(way, probe, log));
    if (is_ready) {
      probe.complete(Err(Errc::closed));
    } else {
      EXPECT_FALSE(run.poll(task));
      EXPECT_EQ(log, Log());
      probe.complete(Err(Errc::closed));
      EXPECT_TRUE(task.take_woken());
    }
    ASSERT_TRUE(run.poll(task));
    EXPECT_EQ(run.take(), 1);
  }
  Log expected{"second", "first", Error(Errc::closed).to_string()};
  if (way == Way::kTask) expected.insert(expected.begin(), "inner");
  EXPECT_EQ(log, expected);
  EXPECT_EQ(internal::live_frames(), before);
  EXPECT_EQ(probe.alive(), 0);
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(T71, ErrorDestroysTheLocalsInReverseBeforeTheAwaiterGoesOn) {
  check_order(Way::kTask, true);
  check_order(Way::kBorrowedTask, true);
  check_order(Way::kReadyLeaf, true);
  check_order(Way::kStartedTask, true);
}

TEST(T71, SoItDoesAfterASuspension) {
  check_order(Way::kBorrowedTask, false);
  check_order(Way::kWaitingLeaf, false);
  check_order(Way::kStartedTask, false);
}

TEST(T71, ErrorOfARootEndsItsStrand) {
  MockTask task;
  for (const Way way :
       {Way::kTask, Way::kBorrowedTask, Way::kReadyLeaf, Way::kWaitingLeaf, Way::kStartedTask}) {
    Log log;
    const std::size_t before = internal::live_frames();
    Probe<Result<int>> probe;
    {
      Polled run(fails(way, probe, log));
      if (way == Way::kReadyLeaf) probe.complete(Err(Errc::closed));
      if (!run.poll(task)) {
        probe.complete(Err(Errc::closed));
        ASSERT_TRUE(run.poll(task));
      }
      EXPECT_EQ(log.back(), "first") << "the frame is gone, the result is not";
      Result<std::string> r = run.take();
      ASSERT_FALSE(r);
      EXPECT_EQ(r.error(), Errc::closed);
    }
    EXPECT_EQ(internal::live_frames(), before);
  }
}

TEST(T71, ResultThatIsNeverTakenIsDestroyed) {
  MockTask task;
  struct Text {
    Text(Error) : text(std::make_unique<std::string>("long enough to be on the heap, surely")) {}
    std::unique_ptr<std::string> text;
  };
  const std::size_t before = internal::live_frames();
  {
    Task<Result<int, Text>> run = []() -> Task<Result<int, Text>> {
      co_return co_await ok(failure(Errc::closed));
    }();
    Polled polled(run);
    ASSERT_TRUE(polled.poll(task));
  }
  EXPECT_EQ(internal::live_frames(), before);
}

TEST(T71, BorrowedTaskSurvivesTheTaskThatItEnded) {
  MockTask task;
  Task<Result<int>> borrowed = failure(Errc::elapsed);
  const auto use = [](Task<Result<int>>& inner) -> Task<Result<int>> {
    co_return co_await ok(inner);
  };
  Polled run(use(borrowed));
  ASSERT_TRUE(run.poll(task));
  EXPECT_EQ(run.take().error(), Errc::elapsed);
}

TEST(T71, ErrorConvertsToTheEnclosingTasksError) {
  MockTask task;
  const auto code = []() -> Task<Result<int, std::error_code>> {
    co_return co_await ok(failure(Errc::closed));
  };
  Polled run(code());
  ASSERT_TRUE(run.poll(task));
  EXPECT_EQ(run.take().error(), make_error_code(Errc::closed));
}

TEST(T72, ExceptionOfTheAwaitableComesOutOfOk) {
  MockTask task;
  const auto throws = []() -> Task<Result<int>> {
    throw std::runtime_error("x");
    co_return 0;
  };
  const auto use = [](Task<Result<int>> inner) -> Task<Result<int>> {
    int caught = 0;
    try {
      co_await ok(std::move(inner));
    } catch (const std::runtime_error&) {
      ++caught;
    }
    Probe<Result<int>> probe;
    probe.fail("y");
    try {
      co_await ok(probe.wait());
    } catch (const std::runtime_error&) {
      ++caught;
    }
    co_return caught;
  };
  Polled run(use(throws()));
  ASSERT_TRUE(run.poll(task));
  EXPECT_EQ(run.take(), 2);
}

TEST(T72, ConversionOfTheErrorThatThrowsEndsTheTaskWithTheException) {
  MockTask task;
  struct Unwilling {
    Unwilling(Error) { throw std::logic_error("no"); }
  };
  Log log;
  const std::size_t before = internal::live_frames();
  const auto inner = [](Log& out) -> Task<Result<int, Unwilling>> {
    auto local = note(out, "local");
    co_return co_await ok(failure(Errc::closed));
  };
  {
    Polled run(inner(log));
    ASSERT_TRUE(run.poll(task));
    EXPECT_EQ(log, Log{"local"});
    EXPECT_THROW(static_cast<void>(run.take()), std::logic_error);
  }
  EXPECT_EQ(internal::live_frames(), before);
}

TEST(T63, TaskThatOkEndedIsABranchLikeAnyOther) {
  MockTask task;
  Probe<Result<int>> probe;
  Probe<> never;
  const auto use = [](Probe<Result<int>>& p) -> Task<Result<int>> {
    co_return co_await ok(after(p));
  };
  const std::size_t before = internal::live_frames();
  {
    Task<Result<int>> borrowed = use(probe);
    Polled run(join(select(never.wait(), borrowed), select(use(probe), never.wait())));
    EXPECT_FALSE(run.poll(task));
    probe.complete(Err(Errc::closed));
    ASSERT_TRUE(run.poll(task));
    auto [left, right] = run.take();
    EXPECT_EQ(std::get<1>(left).error(), Errc::closed);
    EXPECT_EQ(std::get<0>(right).error(), Errc::closed);
  }
  EXPECT_EQ(internal::live_frames(), before);
}

TEST(R167, CancelGoesThroughOk) {
  MockTask task;
  SlowProbe slow;
  Probe<> other;
  const auto slow_result = [](SlowProbe& p) -> Task<Result<int>> {
    co_await p.wait();
    co_return 1;
  };
  const auto use = [](Task<Result<int>>& borrowed) -> Task<Result<int>> {
    co_return co_await ok(borrowed);
  };
  Task<Result<int>> borrowed = slow_result(slow);
  Polled run(select_biased(use(borrowed), other.wait()));
  EXPECT_FALSE(run.poll(task));
  other.complete(1);
  EXPECT_FALSE(run.poll(task));
  EXPECT_EQ(slow.cancel_polls(), 1);
  slow.let_end();
  EXPECT_TRUE(run.poll(task));
}

TEST(T70, TaskSuspendedInOkMayBeDestroyed) {
  MockTask task;
  Log log;
  const std::size_t before = internal::live_frames();
  for (const Way way : {Way::kBorrowedTask, Way::kWaitingLeaf, Way::kStartedTask}) {
    Probe<Result<int>> probe;
    {
      Polled run(awaiter_of(way, probe, log));
      EXPECT_FALSE(run.poll(task));
    }
    EXPECT_EQ(probe.alive(), 0);
  }
  EXPECT_EQ(internal::live_frames(), before);
  EXPECT_EQ(task.waker_ref_count(), 1);
}

Task<Result<int>> descend(int levels, Probe<Result<int>>& probe, StackExtent& extent) {
  NoteOnDestroy local(extent);
  if (levels == 0) co_return co_await ok(probe.wait());
  const int n = co_await ok(descend(levels - 1, probe, extent));
  co_return n + 1;
}

constexpr int kLevels = 100'000;

TEST(R159, ErrorGoesUpThroughAnyNumberOfLevelsInConstantStack) {
  MockTask task;
  const std::size_t before = internal::live_frames();
  for (const bool is_ready : {true, false}) {
    Probe<Result<int>> probe;
    StackExtent extent;
    if (is_ready) probe.complete(Err(Errc::closed));
    Polled run(descend(kLevels, probe, extent));
    if (!run.poll(task)) {
      probe.complete(Err(Errc::closed));
      ASSERT_TRUE(run.poll(task));
    }
    EXPECT_EQ(run.take().error(), Errc::closed);
    EXPECT_LT(extent.bytes(), 8192U);
  }
  EXPECT_EQ(internal::live_frames(), before);
}

TEST(R159, ValueGoesUpThroughOkInConstantStack) {
  MockTask task;
  Probe<Result<int>> probe;
  StackExtent extent;
  probe.complete(0);
  Polled run(descend(kLevels, probe, extent));
  ASSERT_TRUE(run.poll(task));
  EXPECT_EQ(run.take(), kLevels);
  EXPECT_LT(extent.bytes(), 8192U);
}

}  // namespace
}  // namespace weft
