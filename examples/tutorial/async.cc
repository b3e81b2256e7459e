// Tutorial, chapter Async in depth: a thing to wait for, a task that waits, and an executor, all
// small enough to see through.
//
//   $ tutorial_async

#include <cstdio>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <weft/testing/testing.h>
#include <weft/weft.h>

namespace {

// Happens once. Any thread may set it, one task may wait for it; it outlives both.
class Event {
 public:
  void set() {
    weft::Waker waker;
    {
      const std::lock_guard lock(mutex_);
      is_set_ = true;
      waker = std::move(waker_);
    }
    waker.wake();  // after unlocking; an empty waker wakes nobody
  }

  // One step: it has happened, or whoever sets it will wake the task that asks.
  weft::Poll<> poll(weft::Context& cx) {
    const std::lock_guard lock(mutex_);
    if (is_set_) return {};
    waker_ = cx.clone_waker();
    return weft::kPending;
  }

  // The steps as something to await.
  auto wait() {
    return weft::poll_fn([this](weft::Context& cx) { return poll(cx); });
  }

 private:
  std::mutex mutex_;
  bool is_set_ = false;  // guarded by mutex_, as is the next one
  weft::Waker waker_;    // of who waits; empty if nobody does
};

weft::Task<> wait_and_tell(Event& event, const char* what) {
  std::printf("%s: waits\n", what);
  co_await event.wait();
  std::printf("%s: goes on\n", what);
}

// A task that is polled by hand: nothing runs between two polls.
void poll_by_hand() {
  Event event;
  auto task = weft::test::spawn(wait_and_tell(event, "by hand"));
  std::printf("first poll: %s\n", task.poll().is_ready() ? "ready" : "pending");
  event.set();
  std::printf("woken: %s\n", task.is_woken() ? "yes" : "no");
  std::printf("second poll: %s\n", task.poll().is_ready() ? "ready" : "pending");
}

// An executor: polls every task once, then those that were woken, until nobody is. A real one
// sleeps when nobody is woken; here nothing else can happen, so it ends.
void run(std::vector<weft::Task<>> tasks) {
  std::vector<weft::test::TestTask<weft::Task<>>> running;
  running.reserve(tasks.size());  // a task that was polled does not move
  for (auto& task : tasks) running.push_back(weft::test::spawn(std::move(task)));

  std::vector<bool> is_done(running.size(), false);
  for (std::size_t i = 0; i < running.size(); ++i) is_done[i] = running[i].poll().is_ready();
  for (bool progress = true; progress;) {
    progress = false;
    for (std::size_t i = 0; i < running.size(); ++i) {
      if (is_done[i] || !running[i].is_woken()) continue;
      is_done[i] = running[i].poll().is_ready();
      progress = true;
    }
  }
}

weft::Task<> set_after(Event& mine, Event& other) {
  co_await mine.wait();
  std::printf("one sets the other's event\n");
  other.set();
}

}  // namespace

weft::Task<int> co_main(int, char**) {
  poll_by_hand();

  Event first;
  Event second;
  std::vector<weft::Task<>> tasks;
  tasks.push_back(wait_and_tell(second, "last"));
  tasks.push_back(set_after(first, second));
  tasks.push_back([](Event& event) -> weft::Task<> {
    event.set();
    co_return;
  }(first));
  run(std::move(tasks));

  // The same Event in weft's own runtime, set by a thread that knows nothing of it.
  Event event;
  std::thread setter([&event] { event.set(); });
  co_await wait_and_tell(event, "from a thread");
  setter.join();
  co_return 0;
}
