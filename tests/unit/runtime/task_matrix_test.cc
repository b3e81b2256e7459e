// Everything that can happen to a task in every order: R-156.

#include <atomic>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>

namespace weft {
namespace {

using runtime::Runtime;
using test_support::AsyncEvent;
using test_support::Counted;
using test_support::Kind;
using test_support::MockTask;
using test_support::Polled;

enum class Body { kEnds, kThrows };
enum class When { kNever, kAtOnce, kAfterFirstResume, kAfterTheEnd, kAfterReading };
enum class By { kJoinHandle, kAbortHandle };

// {runtime, body, JoinHandle polled first, when it is dropped, when aborted, by what, AbortHandle
// dropped early}
using Case = std::tuple<Kind, Body, bool, When, When, By, bool>;

std::string name_of_when(When when) {
  switch (when) {
    case When::kNever:
      return "Never";
    case When::kAtOnce:
      return "AtOnce";
    case When::kAfterFirstResume:
      return "AfterFirstResume";
    case When::kAfterTheEnd:
      return "AfterTheEnd";
    case When::kAfterReading:
      return "AfterReading";
  }
  return "";
}

std::string name_of_case(const testing::TestParamInfo<Case>& info) {
  const auto& [kind, body, polled, drop, abort, by, early] = info.param;
  return std::string(name_of(kind)) + (body == Body::kEnds ? "Ends" : "Throws") +
         (polled ? "Polled" : "Unpolled") + "Drop" + name_of_when(drop) + "Abort" +
         name_of_when(abort) + (by == By::kJoinHandle ? "ByJoin" : "ByAbort") +
         (early ? "Early" : "Late");
}

class R156 : public testing::TestWithParam<Case> {
 protected:
  // What the task has been through; the counters outlive it.
  struct Life {
    std::atomic<int> frames{0};   // alive
    std::atomic<int> made{0};     // frames ever
    std::atomic<int> outputs{0};  // alive
    std::atomic<bool> returned{false};
    AsyncEvent suspended_in;
    AsyncEvent frame_gone;
  };

  static Task<Counted> run(Body body, Life& life) {
    test_support::OnDestroy gone([&life] { life.frame_gone.set(); });
    Counted frame(life.frames);
    ++life.made;
    co_await life.suspended_in.wait();
    if (body == Body::kThrows) throw std::runtime_error("body");
    life.returned = true;
    co_return Counted(life.outputs);
  }

  void act_if(When now) {
    const auto& [kind, body, polled, drop, abort, by, early] = GetParam();
    if (abort == now) {
      if (by == By::kAbortHandle && abort_handle_) {
        abort_handle_->abort();
      } else if (by == By::kJoinHandle && handle_) {
        handle_->abort();
      } else {
        return drop_if(now);  // there is nothing left to abort with
      }
      if (now != When::kAfterTheEnd && now != When::kAfterReading) aborted_before_the_end_ = true;
    }
    drop_if(now);
  }
  void drop_if(When now) {
    if (std::get<3>(GetParam()) == now) {
      polled_.reset();
      handle_.reset();
    }
  }

  std::optional<JoinHandle<Counted>> handle_;
  std::optional<AbortHandle> abort_handle_;
  std::optional<Polled<JoinHandle<Counted>&>> polled_;
  bool aborted_before_the_end_ = false;
};

TEST_P(R156, FrameGoesOnceAndTheResultIsWhatItShouldBe) {
  const auto& [kind, body, polled_first, drop, abort, by, early] = GetParam();
  const std::size_t frames_before = internal::live_frames();
  Life life;
  MockTask joiner;
  {
    Runtime rt = test_support::make_runtime(kind);
    handle_ = rt.spawn(run(body, life));
    abort_handle_ = handle_->abort_handle();
    if (polled_first) {
      polled_.emplace(*handle_);
      EXPECT_FALSE(polled_->poll(joiner));
    }
    if (early && by == By::kJoinHandle) abort_handle_.reset();
    act_if(When::kAtOnce);

    // A task that was aborted before its first resume may never be suspended.
    if (aborted_before_the_end_) {
      rt.block_on(yield_now());
    } else {
      rt.block_on(life.suspended_in.until_waiting(1));
      act_if(When::kAfterFirstResume);
    }
    life.suspended_in.set();
    if (life.made > 0) rt.block_on(life.frame_gone.wait());
    polled_.reset();
    if (handle_) rt.block_on(test_support::finished(*handle_));
    act_if(When::kAfterTheEnd);

    if (handle_) {
      JoinResult<Counted> result = rt.block_on(*handle_);
      if (result.has_value()) {
        EXPECT_EQ(body, Body::kEnds);
        EXPECT_EQ(life.outputs, 1);
      } else if (result.error().is_exception()) {
        EXPECT_EQ(body, Body::kThrows);
      } else {
        EXPECT_TRUE(aborted_before_the_end_) << "cancelled without an abort";
      }
      EXPECT_TRUE(aborted_before_the_end_ || result.has_value() == (body == Body::kEnds));
    }
    act_if(When::kAfterReading);
  }
  polled_.reset();
  handle_.reset();
  abort_handle_.reset();
  EXPECT_EQ(life.frames, 0);
  EXPECT_LE(life.made, 1);
  EXPECT_EQ(life.outputs, 0);
  EXPECT_TRUE(life.made == 1 || aborted_before_the_end_);
  if (body == Body::kThrows) {
    EXPECT_FALSE(life.returned);
  }
  EXPECT_EQ(joiner.waker_ref_count(), 1);
  EXPECT_EQ(internal::live_frames(), frames_before);
}

INSTANTIATE_TEST_SUITE_P(
    All, R156,
    testing::Combine(testing::ValuesIn(test_support::kKinds),
                     testing::Values(Body::kEnds, Body::kThrows), testing::Bool(),
                     testing::Values(When::kAtOnce, When::kAfterFirstResume, When::kAfterTheEnd,
                                     When::kAfterReading),
                     testing::Values(When::kNever, When::kAtOnce, When::kAfterFirstResume,
                                     When::kAfterTheEnd, When::kAfterReading),
                     testing::Values(By::kJoinHandle, By::kAbortHandle), testing::Bool()),
    name_of_case);

struct ThrowsWhenDestroyed {
  explicit ThrowsWhenDestroyed(bool armed_now) : armed(armed_now) {}
  ThrowsWhenDestroyed(ThrowsWhenDestroyed&& other) noexcept
      : armed(std::exchange(other.armed, false)) {}
  ~ThrowsWhenDestroyed() noexcept(false) {
    if (armed) throw std::runtime_error("from a destructor");
  }
  bool armed;
};

Task<int> destroyed_at_the_end() {
  ThrowsWhenDestroyed local(true);
  co_await yield_now();
  co_return 1;
}
Task<int> destroyed_by_an_exception() {
  ThrowsWhenDestroyed local(true);
  co_await yield_now();
  throw std::logic_error("body");
}
Task<int> destroyed_by_an_abort(AsyncEvent& never) {
  ThrowsWhenDestroyed local(true);
  co_await never.wait();
  local.armed = false;
  co_return 1;
}

TEST(R156, DestructorThatThrowsAtTheEndOfTheBodyIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = test_support::current_thread();
        (void)rt.block_on(rt.spawn(destroyed_at_the_end()));
      },
      "task_matrix_test\\.cc:[0-9]+: .*destructor");
}

TEST(R156, DestructorThatThrowsWhileTheBodysExceptionUnwindsIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = test_support::current_thread();
        (void)rt.block_on(rt.spawn(destroyed_by_an_exception()));
      },
      "terminate");
}

TEST(R156, DestructorThatThrowsDuringAnAbortIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = test_support::current_thread();
        AsyncEvent never;
        auto task = rt.spawn(destroyed_by_an_abort(never));
        rt.block_on(never.until_waiting(1));
        task.abort();
        (void)rt.block_on(task);
      },
      "task_matrix_test\\.cc:[0-9]+: .*destructor");
}

// A result whose destructor may throw is refused by the compiler.
template <class T>
concept PossibleResult = requires(internal::TaskPromise<T>& promise, T value) {
  promise.return_value(std::move(value));
};
static_assert(PossibleResult<Counted>);
static_assert(!PossibleResult<ThrowsWhenDestroyed>);

}  // namespace
}  // namespace weft
