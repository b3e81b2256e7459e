// The walk over the slabs at shutdown, beside a second runtime that spawns and frees all the time.

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <utility>

#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/runtime.h>

namespace weft {
namespace {

using runtime::Builder;
using runtime::Runtime;

constexpr int kRounds = 60;
constexpr int kParked = 200;

struct CountsItsEnd {
  explicit CountsItsEnd(std::atomic<int>& ended) noexcept : ended_(ended) {}
  CountsItsEnd(const CountsItsEnd&) = delete;
  CountsItsEnd& operator=(const CountsItsEnd&) = delete;
  ~CountsItsEnd() { ++ended_; }

 private:
  std::atomic<int>& ended_;
};

Task<> parked(std::atomic<int>* begun, std::atomic<int>* ended) {
  const CountsItsEnd counts(*ended);
  ++*begun;
  co_await poll_fn([](Context&) -> Poll<> { return kPending; });
}

Task<int> nested(int depth) {
  if (depth == 0) co_return 0;
  co_await yield_now();
  co_return 1 + co_await nested(depth - 1);
}

// Spawns tasks of the same size classes, with nested frames, until told to stop.
Task<long> churn(std::atomic<bool>* stop) {
  long rounds = 0;
  while (!*stop) {
    auto one = spawn(nested(4));
    auto two = spawn(nested(2));
    const int depth = (co_await one).value() + (co_await two).value();
    EXPECT_EQ(depth, 6) << "a task of this runtime was cancelled by the other's walk";
    ++rounds;
  }
  co_return rounds;
}

TEST(R119, ShutdownCancelsItsOwnTasksAndNoOthers) {
  const std::size_t frames = internal::live_frames();
  {
    std::atomic<bool> stop{false};
    Runtime busy = Builder::new_multi_thread().worker_threads(2).build().value();
    auto first = busy.spawn(churn(&stop));
    auto second = busy.spawn(churn(&stop));
    for (int round = 0; round < kRounds; ++round) {
      std::atomic<int> begun{0};
      std::atomic<int> ended{0};
      {
        Runtime short_lived = Builder::new_multi_thread().worker_threads(2).build().value();
        for (int i = 0; i < kParked; ++i) (void)short_lived.spawn(parked(&begun, &ended));
        // Some rounds end with tasks still queued, some with all of them parked.
        if (round % 2 == 0) {
          short_lived.block_on([](std::atomic<int>* count) -> Task<> {
            while (*count < kParked) co_await yield_now();
          }(&begun));
        }
      }
      EXPECT_EQ(ended, begun) << "a parked task was not found";
    }
    stop = true;
    EXPECT_GT(busy.block_on(first).value(), 0);
    EXPECT_GT(busy.block_on(second).value(), 0);
  }
  EXPECT_EQ(internal::live_frames(), frames);
}

}  // namespace
}  // namespace weft
