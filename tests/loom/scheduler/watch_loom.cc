// The watch: what a driver's turn has made ready is run although the worker that polled is stuck.
//
// Nobody is woken for tasks that a turn of the driver makes ready (worker.h); a tick of the watch
// timer is what finds them when their worker blocks. Here it blocks for good, in the middle of a
// task, until the other one has run: a tick that does not come, or comes to nobody, is a deadlock.
//
// Whole runtimes of two workers over the modelled kernel. Timers end when nothing else can happen,
// the watch at any time after it was armed. Explored as far as named, and sampled beyond.

#include <chrono>
#include <mutex>
#include <utility>

#include <tests/loom/scheduler/event.h>
#include <tests/loom/support/model_kernel.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>
#include <weft/time/sleep.h>

namespace weft::loom_test {
namespace {

// Blocks threads until two have come.
class Barrier {
 public:
  void arrive_and_wait() {
    std::unique_lock lock(mutex_);
    if (++arrived_ == 2) changed_.notify_all();
    changed_.wait(lock, [this] { return arrived_ >= 2; });
  }

 private:
  loom::Mutex mutex_;
  loom::Condvar changed_;
  int arrived_ = 0;  // guarded by mutex_
};

Task<void> sleep_and_meet(std::chrono::milliseconds duration, Barrier* barrier) {
  co_await time::sleep(duration);
  barrier->arrive_and_wait();
}

Task<void> join_both(JoinHandle<void> first, JoinHandle<void> second) {
  static_cast<void>(co_await std::move(first));
  static_cast<void>(co_await std::move(second));
}

void two_sleepers_meet(int second_sleeps) {
  Barrier barrier;
  const Ticker ticker;
  runtime::Runtime rt = make_runtime(workers(2).enable_time());
  JoinHandle<void> first = rt.spawn(sleep_and_meet(std::chrono::milliseconds(1), &barrier));
  JoinHandle<void> second =
      rt.spawn(sleep_and_meet(std::chrono::milliseconds(second_sleeps), &barrier));
  rt.block_on(join_both(std::move(first), std::move(second)));
}

// Both timers end in the same turn: the second task is queued behind the one that blocks.
TEST(R92, ATaskQueuedBehindABlockedOneIsTaken) {
  runtime_model(bounded(0, 1), [] { two_sleepers_meet(1); });
}
TEST(R92, ATaskQueuedBehindABlockedOneIsTakenInRandomOrders) {
  runtime_model(sampled(10'000), [] { two_sleepers_meet(1); });
}

// The second timer is due later: the driver itself has to be taken over.
TEST(R92, TheDriverOfABlockedWorkerIsTakenOver) {
  runtime_model(bounded(0, 1), [] { two_sleepers_meet(5); });
}
TEST(R92, TheDriverOfABlockedWorkerIsTakenOverInRandomOrders) {
  runtime_model(sampled(10'000), [] { two_sleepers_meet(5); });
}

// Tasks that yielded are queued again without waking anybody, too. One spawns the other, and the
// driver has no turn before both have yielded, so that they are queued at the same time.
Task<void> yield_and_meet(Barrier* barrier) {
  co_await yield_now();
  barrier->arrive_and_wait();
}

Task<void> spawn_yield_and_meet(Barrier* barrier) {
  JoinHandle<void> other = spawn(yield_and_meet(barrier));
  co_await yield_now();
  barrier->arrive_and_wait();
  static_cast<void>(co_await std::move(other));
}

void two_yielders_meet() {
  Barrier barrier;
  const Ticker ticker;
  runtime::Runtime rt = make_runtime(workers(2).enable_time().event_interval(100));
  static_cast<void>(rt.block_on(rt.spawn(spawn_yield_and_meet(&barrier))));
}

TEST(R92, ATaskThatYieldedBehindABlockedOneIsTaken) {
  runtime_model(bounded(0, 1), [] { two_yielders_meet(); });
}
TEST(R92, ATaskThatYieldedBehindABlockedOneIsTakenInRandomOrders) {
  runtime_model(sampled(10'000), [] { two_yielders_meet(); });
}

}  // namespace
}  // namespace weft::loom_test
