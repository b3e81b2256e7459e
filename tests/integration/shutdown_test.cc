// Wake-ups from foreign threads while a runtime shuts down, and after it is gone.

#include <atomic>
#include <barrier>
#include <cstddef>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <tests/support/scale.h>
#include <tests/support/waker_board.h>
#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/runtime.h>

namespace weft {
namespace {

using internal::live_frames;
using runtime::Runtime;
using test_support::Counted;
using test_support::Kind;
using test_support::WakerBoard;

constexpr std::size_t kTasks = test_support::scaled(10'000);
constexpr std::size_t kThreads = 4;

Task<> wait_at(WakerBoard& board, std::size_t place, Counted) { co_await board.wait(place); }

std::vector<Waker> spawn_waiting_tasks(const Runtime& rt, WakerBoard& board,
                                       std::atomic<int>& alive) {
  for (std::size_t i = 0; i < kTasks; ++i) rt.spawn(wait_at(board, i, Counted(alive)));
  rt.block_on(board.until_full());
  return board.take();
}

// Shuts `rt` down while kThreads threads wake all tasks.
void shut_down_while_waking(std::optional<Runtime>& rt, const std::vector<Waker>& wakers) {
  std::barrier together(kThreads + 1);
  std::vector<std::thread> threads;
  for (std::size_t first = 0; first < kThreads; ++first) {
    threads.emplace_back([&, first] {
      together.arrive_and_wait();
      for (std::size_t i = first; i < wakers.size(); i += kThreads) wakers[i].wake();
    });
  }
  together.arrive_and_wait();
  rt.reset();
  for (std::thread& thread : threads) thread.join();
}

TEST(R151, TenThousandTasksAreWokenByForeignThreadsDuringShutdown) {
  const std::size_t frames_before = live_frames();
  for (const Kind kind : test_support::kKinds) {
    SCOPED_TRACE(name_of(kind));
    for (int round = 0; round < 5; ++round) {
      std::atomic<int> alive{0};
      WakerBoard board(kTasks);
      std::optional<Runtime> rt = test_support::make_runtime(kind);
      const std::vector<Waker> wakers = spawn_waiting_tasks(*rt, board, alive);
      EXPECT_EQ(alive, static_cast<int>(kTasks));
      shut_down_while_waking(rt, wakers);
      EXPECT_EQ(alive, 0) << "each task was destroyed, and once";
      board.take();
    }
  }
  EXPECT_EQ(live_frames(), frames_before);
}

TEST(R151, WakersOutliveTheirRuntime) {
  const std::size_t frames_before = live_frames();
  test_support::on_every_kind([](Runtime& made) {
    std::atomic<int> alive{0};
    WakerBoard board(kTasks);
    std::optional<Runtime> rt = std::move(made);
    std::vector<Waker> wakers = spawn_waiting_tasks(*rt, board, alive);
    rt.reset();
    EXPECT_EQ(alive, 0);
    for (const Waker& waker : wakers) waker.wake();
    while (!wakers.empty()) wakers.pop_back();
    board.take();
  });
  EXPECT_EQ(live_frames(), frames_before);
}

}  // namespace
}  // namespace weft
