// on, from_callback and from_awaitable, with threads that race: wakes, aborts and calls at any
// moment.

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/executors.h>
#include <weft/weft.h>

namespace weft {
namespace {

using runtime::pool_executor;
using test_support::Counted;
using test_support::FunctionPool;

runtime::Runtime two_workers() {
  return runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().value();
}

// Values go through a channel between pieces that run on the pool and pieces that do not.
Task<int> ping(sync::mpsc::Sender<int> out, sync::mpsc::Receiver<int> in, int rounds) {
  int sum = 0;
  for (int i = 0; i < rounds; ++i) {
    static_cast<void>(co_await out.send(i));
    const auto back = co_await in.recv();
    sum += back.value_or(-1000000);
  }
  co_return sum;
}

TEST(R166, PiecesOnThePoolTalkToEachOther) {
  const runtime::Runtime rt = two_workers();
  FunctionPool pool(3);
  constexpr int kPairs = 8;
  constexpr int kRounds = 200;
  std::vector<JoinHandle<int>> handles;
  for (int i = 0; i < kPairs; ++i) {
    auto [a_out, b_in] = sync::mpsc::channel<int>(1);
    auto [b_out, a_in] = sync::mpsc::channel<int>(1);
    auto piece = [](FunctionPool& threads, Task<int> work, bool is_there) -> Task<int> {
      if (is_there) co_return co_await on(pool_executor(threads), std::move(work));
      co_return co_await std::move(work);
    };
    handles.push_back(
        rt.spawn(piece(pool, ping(std::move(a_out), std::move(a_in), kRounds), true)));
    handles.push_back(
        rt.spawn(piece(pool, ping(std::move(b_out), std::move(b_in), kRounds), i % 2 == 0)));
  }
  for (auto& handle : handles) {
    EXPECT_EQ(rt.block_on(handle).value(), kRounds * (kRounds - 1) / 2);
  }
}

TEST(R166, AbortedAtAnyMoment) {
  const runtime::Runtime rt = two_workers();
  std::atomic<int> alive{0};
  {
    FunctionPool pool(2);
    const auto work = [](Counted) -> Task<int> {
      for (int i = 0; i < 20; ++i) co_await yield_now();
      co_return 1;
    };
    const auto there = [](FunctionPool& threads, Task<int> piece) -> Task<int> {
      co_return co_await on(pool_executor(threads), std::move(piece));
    };
    for (int round = 0; round < 300; ++round) {
      auto handle = rt.spawn(there(pool, work(Counted(alive))));
      for (int i = 0; i < round % 7; ++i) rt.block_on(yield_now());
      handle.abort();
      const auto result = rt.block_on(handle);
      EXPECT_TRUE(result || result.error().is_cancelled());
      EXPECT_EQ(alive.load(), 0) << "its frame is gone when the handle says so";
    }
  }
}

TEST(R166, RuntimesEndWhilePiecesRun) {
  FunctionPool pool(2);
  std::atomic<int> alive{0};
  const auto work = [](Counted) -> Task<> {
    for (;;) co_await yield_now();
  };
  const auto there = [](FunctionPool& threads, Task<> piece) -> Task<> {
    co_await on(pool_executor(threads), std::move(piece));
  };
  for (int round = 0; round < 40; ++round) {
    {
      const runtime::Runtime rt = two_workers();
      for (int i = 0; i < 4; ++i) static_cast<void>(rt.spawn(there(pool, work(Counted(alive)))));
      for (int i = 0; i < round % 5; ++i) rt.block_on(yield_now());
    }
    EXPECT_EQ(alive.load(), 0);
  }
}

TEST(R180, CallsRaceWithTheEndOfTheWait) {
  const runtime::Runtime rt = two_workers();
  std::atomic<int> alive{0};
  std::atomic<int> taken{0};
  int received = 0;
  {
    FunctionPool pool(2);
    const auto wait = [](FunctionPool& threads, std::atomic<int>& count,
                         std::atomic<int>& counted_calls) -> Task<bool> {
      // Two that call, and one that forgets.
      const auto start = [&](Completion<Counted> done) {
        for (int i = 0; i < 2; ++i) {
          threads.submit([&count, &counted_calls, done] {
            if (done(Counted(count))) ++counted_calls;
          });
        }
        threads.submit([done] {});
      };
      const auto counted = co_await from_callback<Counted>(start);
      co_return counted.has_value();
    };
    for (int round = 0; round < 500; ++round) {
      auto handle = rt.spawn(wait(pool, alive, taken));
      if (round % 2 == 0) rt.block_on(yield_now());
      if (round % 3 == 0) handle.abort();
      const auto result = rt.block_on(handle);
      if (!result) continue;
      EXPECT_TRUE(*result);
      ++received;
    }
  }  // when all have called
  EXPECT_GE(taken.load(), received);
  EXPECT_EQ(alive.load(), 0);
}

TEST(R182, ForeignResumptionsRaceWithTheEndOfTheWait) {
  const runtime::Runtime rt = two_workers();
  std::atomic<int> alive{0};
  {
    FunctionPool pool(2);
    struct OnThePool {
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> waiting) const {
        pool->submit([waiting] { waiting.resume(); });
      }
      int await_resume() const noexcept { return 1; }
      FunctionPool* pool;
      Counted counted;
    };
    const auto wait = [](FunctionPool& threads, std::atomic<int>& count) -> Task<int> {
      OnThePool awaiter{&threads, Counted(count)};
      co_return co_await from_awaitable(std::move(awaiter));
    };
    for (int round = 0; round < 500; ++round) {
      auto handle = rt.spawn(wait(pool, alive));
      if (round % 2 == 0) rt.block_on(yield_now());
      if (round % 3 == 0) handle.abort();
      const auto result = rt.block_on(handle);
      EXPECT_TRUE(!result || *result == 1);
    }
  }  // when all have been resumed
  EXPECT_EQ(alive.load(), 0);
}

}  // namespace
}  // namespace weft
