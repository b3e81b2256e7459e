// from_callback, Completion: values from callbacks, whenever and wherever they come, or do not.

#include <weft/runtime/from_callback.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/select.h>
#include <weft/time/timeout.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using test_support::Counted;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::Polled;

template <class T>
using Kept = std::optional<Completion<T>>;

// Starts an operation that keeps its completion in `kept`.
template <class T>
auto into(Kept<T>& kept) {
  return [&kept](Completion<T> done) { kept.emplace(std::move(done)); };
}

TEST(R180, YieldsWhatTheCallbackIsGiven) {
  on_every_kind([](runtime::Runtime& rt) {
    std::optional<std::thread> thread;
    const Result<int> result =
        rt.block_on([](std::optional<std::thread>& caller) -> Task<Result<int>> {
          co_return co_await from_callback<int>(
              [&caller](auto done) { caller.emplace([done] { done(7); }); });
        }(thread));
    EXPECT_EQ(result.value(), 7);
    thread->join();
  });
}

TEST(R180, BeginsWithTheFirstPoll) {
  MockTask task;
  int calls = 0;
  Kept<int> kept;
  auto waits = from_callback<int>([&](Completion<int> done) {
    ++calls;
    kept.emplace(std::move(done));
  });
  EXPECT_EQ(calls, 0);
  auto moved = std::move(waits);
  Polled polled(std::move(moved));
  EXPECT_EQ(calls, 0);
  EXPECT_FALSE(polled.poll(task));
  EXPECT_FALSE(polled.poll(task));
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE((*kept)(5));
  EXPECT_EQ(task.wake_count(), 1);
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(polled.take().value(), 5);
}

TEST(R180, MayBeCalledInsideTheInitiatingFunction) {
  MockTask task;
  Polled polled(from_callback<std::string>([](auto done) { EXPECT_TRUE(done("at once")); }));
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(task.wake_count(), 0);
  EXPECT_EQ(polled.take().value(), "at once");
}

TEST(R180, OfNothing) {
  MockTask task;
  Polled polled(from_callback<void>([](auto done) { EXPECT_TRUE(done()); }));
  static_assert(std::is_same_v<decltype(polled.take()), Result<void>>);
  EXPECT_TRUE(polled.poll(task));
  EXPECT_TRUE(polled.take().has_value());
}

TEST(R180, OfSeveralValues) {
  MockTask task;
  Polled polled(
      from_callback<std::pair<int, std::string>>([](auto done) { EXPECT_TRUE(done(3, "three")); }));
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(polled.take().value(), std::pair(3, std::string("three")));
}

TEST(R180, OfWhatCanOnlyBeMoved) {
  MockTask task;
  Polled polled(from_callback<std::unique_ptr<int>>(
      [](auto done) { EXPECT_TRUE(done(std::make_unique<int>(4))); }));
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(*polled.take().value(), 4);
}

TEST(R180, AResultIsNotWrappedAgain) {
  MockTask task;
  Polled good(from_callback<Result<int>>([](auto done) { done(1); }));
  static_assert(std::is_same_v<decltype(good.take()), Result<int>>);
  EXPECT_TRUE(good.poll(task));
  EXPECT_EQ(good.take().value(), 1);

  Polled bad(from_callback<Result<int>>([](auto done) { done(Err(Error(std::errc::io_error))); }));
  EXPECT_TRUE(bad.poll(task));
  EXPECT_EQ(bad.take().error(), std::errc::io_error);

  Polled dropped(from_callback<Result<int>>([](auto) {}));
  EXPECT_TRUE(dropped.poll(task));
  EXPECT_EQ(dropped.take().error(), Error(Errc::closed));

  // One whose error cannot say that it was dropped is.
  struct Refused {};
  using Other = Result<int, Refused>;
  Polled other(from_callback<Other>([](auto done) { done(Err(Refused())); }));
  static_assert(std::is_same_v<decltype(other.take()), Result<Other>>);
  EXPECT_TRUE(other.poll(task));
  EXPECT_FALSE(other.take().value().has_value());
}

TEST(R180, TheFirstCallCounts) {
  MockTask task;
  Kept<int> kept;
  Polled polled(from_callback<int>(into(kept)));
  EXPECT_FALSE(polled.poll(task));
  const Completion<int> copy = *kept;
  EXPECT_TRUE(copy(1));
  EXPECT_FALSE((*kept)(2));
  EXPECT_FALSE(copy.fail(std::make_exception_ptr(std::runtime_error("late"))));
  EXPECT_EQ(task.wake_count(), 1);
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(polled.take().value(), 1);
  EXPECT_FALSE(copy(3));
}

TEST(R180, ACallbackThatIsDroppedEndsTheWait) {
  MockTask task;
  Kept<int> kept;
  Polled polled(from_callback<int>(into(kept)));
  EXPECT_FALSE(polled.poll(task));
  {
    const Completion<int> copy = *kept;
    kept.reset();
    EXPECT_FALSE(task.take_woken()) << "one copy is left";
  }
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(polled.take().error(), Error(Errc::closed));
}

TEST(R180, AnExceptionMayBeItsValue) {
  MockTask task;
  Polled polled(from_callback<int>([](auto done) {
    EXPECT_TRUE(done.fail(std::make_exception_ptr(std::runtime_error("refused"))));
  }));
  EXPECT_TRUE(polled.poll(task));
  EXPECT_THROW(static_cast<void>(polled.take()), std::runtime_error);
}

TEST(R180, WhatTheInitiatingFunctionThrowsComesOut) {
  MockTask task;
  int cancelled = 0;
  {
    Polled polled(from_callback<int>([](Completion<int>) { throw std::runtime_error("no"); },
                                     [&] { ++cancelled; }));
    EXPECT_TRUE(polled.poll(task));
    EXPECT_THROW(static_cast<void>(polled.take()), std::runtime_error);
  }
  EXPECT_EQ(cancelled, 0) << "nothing was begun";
}

TEST(R180, WhatMakingTheValueThrowsIsTheCallers) {
  struct Picky {
    explicit Picky(int n) {
      if (n < 0) throw std::out_of_range("negative");
    }
  };
  MockTask task;
  Kept<Picky> kept;
  Polled polled(from_callback<Picky>(into(kept)));
  EXPECT_FALSE(polled.poll(task));
  EXPECT_THROW((*kept)(-1), std::out_of_range);
  EXPECT_FALSE(polled.poll(task));
  EXPECT_TRUE((*kept)(1));
  EXPECT_TRUE(polled.poll(task));
}

TEST(R180, ACallAfterTheAwaitIsGoneFindsNobody) {
  MockTask task;
  Kept<Counted> kept;
  std::atomic<int> alive{0};
  {
    Polled polled(from_callback<Counted>(into(kept)));
    EXPECT_FALSE(polled.poll(task));
    EXPECT_FALSE(kept->is_closed());
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  EXPECT_TRUE(kept->is_closed());
  EXPECT_FALSE((*kept)(Counted(alive)));
  EXPECT_EQ(alive.load(), 0);
  EXPECT_EQ(task.wake_count(), 0);
}

TEST(R180, AValueThatNobodyTakesIsDestroyed) {
  MockTask task;
  std::atomic<int> alive{0};
  {
    Kept<Counted> kept;
    Polled polled(from_callback<Counted>(into(kept)));
    EXPECT_FALSE(polled.poll(task));
    EXPECT_TRUE((*kept)(Counted(alive)));
    EXPECT_EQ(alive.load(), 1);
  }
  EXPECT_EQ(alive.load(), 0);
}

TEST(R180, ACallbackThatNeverComesIsWaitedForUntilTheTimeout) {
  const runtime::Runtime rt = test_support::paused_current_thread();
  Kept<int> kept;
  const auto result = rt.block_on(time::timeout(1h, from_callback<int>(into(kept))));
  EXPECT_FALSE(result.has_value());
  EXPECT_TRUE(kept->is_closed());
}

TEST(R180, IsCancelledIfItIsDestroyedBeforeTheCall) {
  MockTask task;
  Kept<int> kept;
  std::vector<int> cancelled;
  const auto start = [&](Completion<int> done) {
    kept.emplace(std::move(done));
    return 42;
  };
  const auto cancel = [&](int handle) {
    cancelled.push_back(handle);
    // As libraries do that report the end of a cancelled operation.
    EXPECT_FALSE((*kept)(-1));
  };
  {
    Polled polled(from_callback<int>(start, cancel));
    EXPECT_FALSE(polled.poll(task));
  }
  EXPECT_EQ(cancelled, std::vector<int>{42});
}

TEST(R180, IsCancelledWithoutAHandle) {
  MockTask task;
  Kept<int> kept;
  int cancelled = 0;
  {
    Polled polled(from_callback<int>(into(kept), [&] { ++cancelled; }));
    EXPECT_FALSE(polled.poll(task));
  }
  EXPECT_EQ(cancelled, 1);
}

TEST(R180, IsNotCancelledAfterTheCall) {
  MockTask task;
  Kept<int> kept;
  int cancelled = 0;
  {
    Polled taken(from_callback<int>([](auto done) { done(1); }, [&] { ++cancelled; }));
    EXPECT_TRUE(taken.poll(task));
  }
  {
    Polled called(from_callback<int>(into(kept), [&] { ++cancelled; }));
    EXPECT_FALSE(called.poll(task));
    EXPECT_TRUE((*kept)(1));
  }
  {
    Polled dropped(from_callback<int>(into(kept), [&] { ++cancelled; }));
    EXPECT_FALSE(dropped.poll(task));
    kept.reset();
  }
  {
    auto unpolled = from_callback<int>(into(kept), [&] { ++cancelled; });
    auto moved = std::move(unpolled);
    static_cast<void>(moved);
  }
  EXPECT_EQ(cancelled, 0);
}

TEST(R180, ALoserOfASelectIsCancelled) {
  on_every_kind([](runtime::Runtime& rt) {
    Kept<int> kept;
    int cancelled = 0;
    const auto race = [](Kept<int>& completion, int& count) -> Task<std::size_t> {
      auto first = co_await select(from_callback<int>(into(completion), [&count] { ++count; }),
                                   from_callback<int>([](auto done) { done(1); }));
      co_return first.index();
    };
    const std::size_t winner = rt.block_on(race(kept, cancelled));
    EXPECT_EQ(winner, 1u);
    EXPECT_EQ(cancelled, kept.has_value() ? 1 : 0) << "what was not begun is not cancelled";
  });
}

// --- As a C library sees it

struct CRequest {
  void (*callback)(void* user, int status) = nullptr;
  void* user = nullptr;
};

TEST(R180, TravelsThroughAPointer) {
  MockTask task;
  CRequest request;
  Polled polled(from_callback<int>([&request](Completion<int> done) {
    request.callback = [](void* user, int status) { Completion<int>::adopt(user)(status); };
    request.user = std::move(done).release();
  }));
  EXPECT_FALSE(polled.poll(task));
  request.callback(request.user, 9);
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(polled.take().value(), 9);
}

TEST(R180, AnAdoptedCompletionMayBeDropped) {
  MockTask task;
  void* user = nullptr;
  Polled polled(
      from_callback<int>([&](Completion<int> done) { user = std::move(done).release(); }));
  EXPECT_FALSE(polled.poll(task));
  static_cast<void>(Completion<int>::adopt(user));
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(polled.take().error(), Error(Errc::closed));
}

TEST(R180, FitsAStdFunction) {
  MockTask task;
  std::function<void(int)> callback;
  Polled polled(from_callback<int>([&](Completion<int> done) { callback = std::move(done); }));
  EXPECT_FALSE(polled.poll(task));
  callback(3);
  EXPECT_TRUE(polled.poll(task));
  EXPECT_EQ(polled.take().value(), 3);
}

TEST(R180, AMovedFromCompletionIsFatal) {
  Kept<int> kept;
  MockTask task;
  Polled polled(from_callback<int>(into(kept)));
  EXPECT_FALSE(polled.poll(task));
  const Completion<int> moved = std::move(*kept);
  EXPECT_DEATH((*kept)(1), "Completion: it was moved from, or released");
}

TEST(R180, CompletingTakesOneUnitOfBudget) {
  MockTask task;
  Budget budget = Budget::initial();
  for (int i = 0; i < Budget::kUnits; ++i) {
    Polled polled(from_callback<void>([](auto done) { done(); }));
    EXPECT_TRUE(polled.poll(task, budget));
  }
  Polled late(from_callback<void>([](auto done) { done(); }));
  EXPECT_FALSE(late.poll(task, budget));
}

TEST(R180, WaitsForAnotherTaskAfterItWasPassedOn) {
  MockTask first;
  MockTask second;
  Kept<int> kept;
  Polled polled(from_callback<int>(into(kept)));
  EXPECT_FALSE(polled.poll(first));
  EXPECT_FALSE(polled.poll(second));
  EXPECT_TRUE((*kept)(1));
  EXPECT_EQ(first.wake_count(), 0);
  EXPECT_EQ(second.wake_count(), 1);
}

}  // namespace
}  // namespace weft
