// Threads attach and leave all the time, while tasks spawn, wake each other, yield, sleep and
// block; and the runtime ends with threads attached.

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <source_location>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/scale.h>
#include <weft/runtime/runtime.h>
#include <weft/time/sleep.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using runtime::Builder;
using runtime::Runtime;
using test_support::AsyncEvent;
using test_support::scaled;

constexpr int kThreads = 3;
constexpr int kVisits = scaled(400);
constexpr int kRounds = scaled(200);

Task<> set(std::shared_ptr<AsyncEvent> event) {
  event->set();
  co_return;
}

// What a program does, once: another task is spawned and waited for, in one of several ways.
Task<int> work(int number) {
  const auto event = std::make_shared<AsyncEvent>();
  auto child = spawn(set(event));
  if (number % 3 == 0) co_await yield_now();
  if (number % 8 == 2) block_in_place([] {});
  if (number % 16 == 0) co_await time::sleep(1ms);
  bool joined = false;
  if (number % 8 == 1) {
    joined = block_in_place(
        [&child] { return runtime::Handle::current().block_on(std::move(child)).has_value(); });
  } else {
    co_await event->wait();
    joined = (co_await child).has_value();
  }
  co_return joined ? 1 : 0;
}

// Attaches the calling thread again and again. Each visit ends by a request of a task, which any
// worker may run.
void visit(Runtime& rt, int visits) {
  for (int i = 0; i < visits; ++i) {
    std::stop_source stop;
    (void)rt.spawn(
        [](std::stop_source source, int number) -> Task<> {
          const int done = co_await work(number);
          EXPECT_EQ(done, 1);
          source.request_stop();
        },
        stop, i);
    EXPECT_FALSE(rt.attach_current_thread(stop.get_token()).has_value());
  }
}

TEST(R165, NothingIsLostWhileThreadsComeAndGo) {
  Runtime rt = Builder::new_multi_thread().worker_threads(2).enable_all().build().value();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&rt] { visit(rt, kVisits); });
  const int done = rt.block_on([](int count) -> Task<int> {
    int sum = 0;
    for (int i = 0; i < count; ++i) {
      std::vector<JoinHandle<int>> tasks;
      for (int k = 0; k < 10; ++k) tasks.push_back(spawn(work(i + k)));
      for (auto& task : tasks) {
        const JoinResult<int> result = co_await task;
        sum += result.value();
      }
    }
    co_return sum;
  }(kVisits));
  EXPECT_EQ(done, 10 * kVisits);
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(rt.metrics().num_workers(), 2U + kThreads);
}

TEST(R165, TheRuntimeEndsWithThreadsOnTheirWayInAndOut) {
  for (int round = 0; round < kRounds; ++round) {
    std::optional<Runtime> rt =
        Builder::new_multi_thread().worker_threads(2).enable_all().build().value();
    std::atomic<int> lent{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      // Attaching goes through the scheduler, which the handle keeps.
      threads.emplace_back([&lent, handle = rt->handle()](std::stop_token stop) {
        ++lent;
        lent.notify_one();
        (void)handle.scheduler().attach_current_thread(stop, std::source_location::current());
      });
    }
    // The even ones block for nothing, and not for a task.
    for (int i = 0; i < 20; ++i) (void)rt->spawn(work(2 * i));
    lent.wait(0);
    if (round % 2 == 0) threads.front().request_stop();
    rt.reset();
    for (std::jthread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace weft
