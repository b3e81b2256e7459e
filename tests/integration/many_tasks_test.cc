// A million tasks alive at the same time.

#include <atomic>
#include <cstddef>
#include <optional>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <tests/support/scale.h>
#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/runtime.h>
#include <weft/sync/notify.h>

namespace weft {
namespace {

using internal::live_frames;
using runtime::Runtime;
using test_support::Counted;
using test_support::Event;

constexpr std::size_t kTasks = test_support::scaled(1'000'000);

// Where the tasks wait, and how many have got there.
struct Hall {
  sync::Notify gate;
  std::atomic<std::size_t> missing{kTasks};
  std::atomic<std::size_t> passed{0};
  std::atomic<int> alive{0};
  Event all_wait;

  void arrive() {
    if (missing.fetch_sub(1) == 1) all_wait.set();
  }
};

Task<> pass_gate(Hall& hall, Counted) {
  auto opened = hall.gate.notified();  // hears notify_waiters() from now on
  hall.arrive();
  co_await opened;
  hall.passed.fetch_add(1);
}

std::vector<JoinHandle<void>> spawn_all(const Runtime& rt, Hall& hall) {
  std::vector<JoinHandle<void>> handles;
  handles.reserve(kTasks);
  for (std::size_t i = 0; i < kTasks; ++i) {
    handles.push_back(rt.spawn(pass_gate(hall, Counted(hall.alive))));
  }
  hall.all_wait.wait();
  return handles;
}

Task<std::size_t> count_cancelled(std::vector<JoinHandle<void>>& handles) {
  std::size_t cancelled = 0;
  for (auto& handle : handles) {
    const auto joined = co_await handle;
    if (!joined && joined.error().is_cancelled()) ++cancelled;
  }
  co_return cancelled;
}

TEST(R36, AMillionTasksWaitAndAreAllWoken) {
  const std::size_t frames_before = live_frames();
  {
    Hall hall;
    const Runtime rt = test_support::multi_thread(4);
    std::vector<JoinHandle<void>> handles = spawn_all(rt, hall);
    EXPECT_EQ(rt.metrics().num_alive_tasks(), kTasks);
    EXPECT_EQ(live_frames(), frames_before + kTasks) << "one block each";
    hall.gate.notify_waiters();
    EXPECT_EQ(rt.block_on(count_cancelled(handles)), 0u);
    EXPECT_EQ(hall.passed, kTasks);
    EXPECT_EQ(hall.alive, 0);
  }
  EXPECT_EQ(live_frames(), frames_before);
}

TEST(T5, AMillionTasksAreAborted) {
  const std::size_t frames_before = live_frames();
  {
    Hall hall;
    const Runtime rt = test_support::multi_thread(4);
    std::vector<JoinHandle<void>> handles = spawn_all(rt, hall);
    for (const auto& handle : handles) handle.abort();
    EXPECT_EQ(rt.block_on(count_cancelled(handles)), kTasks);
    EXPECT_EQ(hall.passed, 0u);
    EXPECT_EQ(hall.alive, 0);
  }
  EXPECT_EQ(live_frames(), frames_before);
}

TEST(R38, AMillionTasksAreCancelledByShutdown) {
  const std::size_t frames_before = live_frames();
  Hall hall;
  std::optional<Runtime> rt = test_support::multi_thread(4);
  std::vector<JoinHandle<void>> handles = spawn_all(*rt, hall);
  rt.reset();
  EXPECT_EQ(hall.alive, 0);
  EXPECT_EQ(hall.passed, 0u);
  for (const auto& handle : handles) EXPECT_TRUE(handle.is_finished());
  handles.clear();
  EXPECT_EQ(live_frames(), frames_before);
}

}  // namespace
}  // namespace weft
