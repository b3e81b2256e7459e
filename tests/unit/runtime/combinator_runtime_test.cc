// select, join, ok and their like inside tasks of a runtime: T-2, T-5, T-20, T-60, T-63, T-66,
// What they do by themselves is in select_test.cc, join_test.cc, ok_test.cc.

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/probe.h>
#include <tests/support/runtimes.h>
#include <weft/base/result.h>
#include <weft/base/rng.h>
#include <weft/runtime/builder.h>
#include <weft/runtime/join.h>
#include <weft/runtime/join_all.h>
#include <weft/runtime/ok.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/select.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/try_join.h>
#include <weft/runtime/yield_now.h>

namespace weft {
namespace {

using test_support::AsyncEvent;
using test_support::Counted;
using test_support::on_every_kind;
using test_support::OnDestroy;
using test_support::SlowProbe;

Task<Result<int>> fail_after(AsyncEvent& event) {
  co_await event.wait();
  co_return Err(Errc::closed);
}

Task<Result<std::string>> use_ok(AsyncEvent& event, std::atomic<int>& alive) {
  Counted local(alive);
  const int n = co_await ok(fail_after(event));
  co_return std::to_string(n);
}

TEST(T2, TaskEndedByOkIsDestroyedBeforeItsResultIsSeen) {
  on_every_kind([](runtime::Runtime& rt) {
    std::atomic<int> alive{0};
    AsyncEvent event;
    auto handle = rt.spawn(use_ok(event, alive));
    event.set();
    const auto result = rt.block_on(std::move(handle));
    EXPECT_EQ(alive.load(), 0);
    ASSERT_TRUE(result);
    ASSERT_FALSE(*result);
    EXPECT_EQ(result->error(), Errc::closed);
  });
}

TEST(T2, BlockOnOfATaskEndedByOkYieldsTheError) {
  on_every_kind([](runtime::Runtime& rt) {
    std::atomic<int> alive{0};
    AsyncEvent event;
    event.set();
    const Result<std::string> result = rt.block_on(use_ok(event, alive));
    EXPECT_EQ(alive.load(), 0);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), Errc::closed);
  });
}

TEST(T4, DetachedTaskThatOkEndsIsDestroyed) {
  on_every_kind([](runtime::Runtime& rt) {
    AsyncEvent event, gone;
    const auto body = [](AsyncEvent& start, AsyncEvent& end) -> Task<Result<int>> {
      OnDestroy local([&end] { end.set(); });
      co_return co_await ok(fail_after(start));
    };
    {
      auto handle = rt.spawn(body(event, gone));
    }
    event.set();
    rt.block_on(gone.wait());
    EXPECT_EQ(event.waiting(), 0U);
  });
}

TEST(T63, JoinHandleThatLosesMayBeAwaitedAgain) {
  on_every_kind([](runtime::Runtime& rt) {
    AsyncEvent event;
    const int n = rt.block_on([](AsyncEvent& go) -> Task<int> {
      auto handle = spawn(
          [](AsyncEvent& e) -> Task<int> {
            co_await e.wait();
            co_return 5;
          },
          std::ref(go));
      auto first = co_await select_biased(handle, yield_now());
      if (first.index() != 1) co_return -1;
      go.set();
      auto late = co_await handle;
      co_return late ? *late : -2;
    }(event));
    EXPECT_EQ(n, 5);
  });
}

TEST(T66, JoinAllOfThousandHandlesOnEveryKind) {
  on_every_kind([](runtime::Runtime& rt) {
    const long sum = rt.block_on([]() -> Task<long> {
      std::vector<JoinHandle<int>> handles;
      for (int i = 0; i < 1000; ++i) {
        handles.push_back(spawn(
            [](int n) -> Task<int> {
              for (int k = 0; k < n % 5; ++k) co_await yield_now();
              co_return n;
            },
            i));
      }
      long total = 0;
      auto results = co_await join_all(handles);
      for (auto& result : results) total += *result;
      co_return total;
    }());
    EXPECT_EQ(sum, 999L * 1000 / 2);
  });
}

TEST(T20, YieldsInsideJoinAllOfManyCompleteOnEveryKind) {
  on_every_kind([](runtime::Runtime& rt) {
    std::vector<Task<int>> tasks;
    for (int i = 0; i < 100; ++i) {
      tasks.push_back([](int n) -> Task<int> {
        for (int k = 0; k < n; ++k) co_await yield_now();
        co_return n;
      }(i));
    }
    const std::vector<int> results = rt.block_on(join_all(std::move(tasks)));
    ASSERT_EQ(results.size(), 100U);
    EXPECT_EQ(results[99], 99);
  });
}

TEST(T67, TryJoinOfTasksThatUseOk) {
  on_every_kind([](runtime::Runtime& rt) {
    std::atomic<int> alive{0};
    AsyncEvent never, event;
    event.set();
    const auto result = rt.block_on(try_join(use_ok(never, alive), use_ok(event, alive)));
    EXPECT_EQ(alive.load(), 0);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), Errc::closed);
    EXPECT_EQ(never.waiting(), 0U);
  });
}

std::vector<std::size_t> winners_with_seed(const char* seed) {
  runtime::Runtime rt = runtime::Builder::new_current_thread()
                            .rng_seed(runtime::RngSeed::from_bytes(seed))
                            .build()
                            .value();
  return rt.block_on([]() -> Task<std::vector<std::size_t>> {
    const auto ready = []() -> Task<> { co_return; };
    std::vector<std::size_t> winners;
    for (int i = 0; i < 64; ++i) {
      auto v = co_await select(ready(), ready(), ready());
      winners.push_back(v.index());
    }
    co_return winners;
  }());
}

TEST(R18, OrderOfSelectIsReproducibleWithASeed) {
  EXPECT_EQ(winners_with_seed("one"), winners_with_seed("one"));
  EXPECT_NE(winners_with_seed("one"), winners_with_seed("two"));
}

// For one thread only, as SlowProbe is.
TEST(R167, AbortDrivesTheScopesInsideCombinatorsToTheirEnd) {
  runtime::Runtime rt = test_support::current_thread();
  SlowProbe slow;
  std::atomic<int> alive{0};
  const auto wait_slowly = [](SlowProbe& probe, std::atomic<int>& count) -> Task<> {
    Counted local(count);
    co_await probe.wait();
  };
  AsyncEvent never;
  auto handle = rt.spawn([](Task<> scope, AsyncEvent& event) -> Task<> {
    Task<> borrowed = std::move(scope);
    co_await join(event.wait(), select(borrowed, event.wait()));
  }(wait_slowly(slow, alive), never));
  rt.block_on(yield_now());
  EXPECT_EQ(alive.load(), 1);
  handle.abort();
  rt.block_on(yield_now());
  EXPECT_GE(slow.cancel_polls(), 1);
  EXPECT_FALSE(handle.is_finished());
  EXPECT_EQ(alive.load(), 1) << "the frame waits for the scope";
  slow.let_end();
  const auto result = rt.block_on(std::move(handle));
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().is_cancelled());
  EXPECT_EQ(alive.load(), 0);
  EXPECT_EQ(never.waiting(), 0U);
}

}  // namespace
}  // namespace weft
