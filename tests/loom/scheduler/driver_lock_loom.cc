// DriverLock: nobody is left alone with work, or with the driver.
//
// The two pairs that must not miss each other ([D2], [D3] of driver_lock.h), with the idle word and
// a run queue as the other half of each. Exhaustive. What the workers make of it, whole runtimes
// show (watch_loom.cc).

#include <tests/loom/support/model.h>
#include <tests/support/fake_tasks.h>
#include <weft/loom/cell.h>
#include <weft/runtime/scheduler/driver_lock.h>
#include <weft/runtime/scheduler/idle.h>
#include <weft/runtime/scheduler/local_queue.h>

namespace weft::loom_test {
namespace {

using internal::BasicLocalQueue;
using internal::DriverLock;
using internal::Idle;
using test_support::FakeTasks;

TEST(R86, OneHolderAtATimeAndTheNextSeesItsWork) {
  model([] {
    DriverLock lock;
    loom::Cell<int> driver(0);
    const auto use = [&] {
      if (!lock.try_lock()) return;
      driver.with_mut([](int& turns) { ++turns; });
      lock.unlock();
    };
    loom::Thread other = start(use);
    use();
    other.join();
    expect(!lock.is_held(), "nobody gave it back");
  });
}

// One goes to sleep while the other leaves the driver: it gets the driver, or is seen.
TEST(R92, WhoFindsTheDriverHeldIsSeenByItsHolder) {
  model([] {
    DriverLock lock;
    Idle idle(2);
    expect(lock.try_lock(), "nobody holds it");
    bool is_parked = false;
    loom::Thread sleeper = start([&] {
      idle.go_to_sleep(1, false);
      is_parked = !lock.try_lock();
    });
    lock.unlock();
    const bool arms_watch = idle.sleeping() != 0;
    sleeper.join();
    expect(!is_parked || arms_watch, "a sleeper without a driver, and nobody arms the watch");
  });
}

// One goes to sleep in the driver while the other queues a task silently.
TEST(R92, WhoSleepsInTheDriverSeesTheTaskOrIsClaimed) {
  model([] {
    FakeTasks tasks(1);
    DriverLock lock;
    BasicLocalQueue<4> queue;
    bool watches = false;
    loom::Thread holder = start([&] {
      expect(lock.try_lock(), "nobody holds it");
      lock.stop_watching();
      watches = !queue.empty();
      if (watches) lock.resume_watching();
    });
    expect(queue.push(tasks[0]), "an empty ring is full");
    const bool wakes = lock.claim_unwatched();
    holder.join();
    expect(watches || wakes, "the task is looked after by nobody");
    static_cast<void>(queue.pop());
  });
}

// Two that queue something: one of them wakes the holder, which is enough.
TEST(R92, OneOfTwoWakesWhoSleepsInTheDriver) {
  model([] {
    DriverLock lock;
    expect(lock.try_lock(), "nobody holds it");
    lock.stop_watching();
    bool other_wakes = false;
    loom::Thread other = start([&] { other_wakes = lock.claim_unwatched(); });
    const bool wakes = lock.claim_unwatched();
    other.join();
    expect(wakes != other_wakes, "not one of the two wakes it");
  });
}

}  // namespace
}  // namespace weft::loom_test
