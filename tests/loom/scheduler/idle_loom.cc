// Who makes work against who goes to sleep: no task stays behind while a worker sleeps.
//
// Idle is the real one, and so is the injection queue in the models that name it; what a worker and
// a maker of work do with them is written down here in the order in which worker_sleep.cc and
// multi_thread.cc do it, so that every interleaving can be explored, with nothing else around. That
// the real ones keep to this order is what the models of whole runtimes are for.
//
// A sleeper here sleeps until it is unparked: a lost wake-up is a deadlock.

#include <array>
#include <optional>
#include <utility>

#include <tests/loom/support/model_kernel.h>
#include <tests/support/fake_tasks.h>
#include <weft/loom/atomic.h>
#include <weft/loom/checker/signals.h>
#include <weft/runtime/scheduler/idle.h>
#include <weft/runtime/scheduler/inject_queue.h>
#include <weft/runtime/scheduler/local_queue.h>

namespace weft::loom_test {
namespace {

using internal::BasicLocalQueue;
using internal::FrameHeader;
using internal::Idle;
using internal::InjectQueue;
using test_support::FakeTasks;

template <unsigned Workers>
struct Sleepers {
  Idle idle{Workers};
  std::array<loom::checker::Signals, Workers> beds;

  // Idle's side of MultiThread::notify_one().
  void notify_one() {
    if (!idle.should_notify()) return;
    if (const std::optional<unsigned> sleeper = idle.claim_sleeper()) beds[*sleeper].raise(1);
  }

  // Worker::sleep(): true if it is to look again, as a searcher; it has slept if it had to.
  template <class HasWork>
  void sleep(unsigned worker, bool was_searching, HasWork has_work) {
    idle.go_to_sleep(worker, was_searching);
    if (has_work()) {
      static_cast<void>(idle.wake_up(worker, true));
      return;
    }
    do {
      beds[worker].wait();
    } while (idle.is_sleeping(worker));
  }
};

// A searcher that gives up, against a thread that pushes to the injection queue.
TEST(R77, AForeignThreadPushesWhileTheLastSearcherGivesUp) {
  model([] {
    FakeTasks tasks(1);
    Sleepers<1> workers;
    InjectQueue queue;
    expect(workers.idle.try_start_search(), "nobody searches");
    loom::Thread maker = start([&] {
      expect(queue.push(tasks[0]), "an open queue refused a task");
      workers.notify_one();
    });
    while (queue.pop() == nullptr) {
      workers.sleep(0, true, [&] { return queue.length() != 0; });
    }
    static_cast<void>(workers.idle.stop_search());
    maker.join();
    expect(workers.idle.searching() == 0 && workers.idle.sleeping() == 0, "the word is wrong");
  });
}

// A worker that pushes to its own ring, against one that gives up; the thief is the only one who
// will take the task, since the owner is busy for good.
TEST(R77, AWorkerPushesWhileTheOtherOneGivesUp) {
  model([] {
    FakeTasks tasks(1);
    Sleepers<2> workers;
    BasicLocalQueue<4> owners;
    BasicLocalQueue<4> thiefs;
    expect(workers.idle.try_start_search(), "nobody searches");
    loom::Thread owner = start([&] {
      expect(owners.push(tasks[0]), "an empty ring is full");
      workers.notify_one();
    });
    while (owners.steal_into(thiefs) == nullptr) {
      workers.sleep(0, true, [&] { return !owners.empty(); });
    }
    static_cast<void>(workers.idle.stop_search());
    owner.join();
    expect(workers.idle.searching() == 0 && workers.idle.sleeping() == 0, "the word is wrong");
  });
}

// Two tasks, two makers, one sleeper that was not searching: each task is found, and the sleeper is
// claimed once for a sleep.
TEST(R76, TwoMakersClaimOneSleeper) {
  model(bounded(3, std::nullopt), [] {
    FakeTasks tasks(2);
    Sleepers<1> workers;
    InjectQueue queue;
    const auto make = [&](int which) {
      expect(queue.push(tasks[static_cast<std::size_t>(which)]), "an open queue refused a task");
      workers.notify_one();
    };
    loom::Thread first = start([&] { make(0); });
    loom::Thread second = start([&] { make(1); });
    bool searching = false;
    for (int found = 0; found < 2;) {
      if (queue.pop() != nullptr) {
        ++found;
        if (std::exchange(searching, false)) static_cast<void>(workers.idle.stop_search());
        continue;
      }
      workers.sleep(0, searching, [&] { return queue.length() != 0; });
      searching = true;
    }
    first.join();
    second.join();
    if (searching) static_cast<void>(workers.idle.stop_search());
    expect(workers.idle.searching() == 0 && workers.idle.sleeping() == 0, "the word is wrong");
  });
}

// The chain: two workers sleep, one maker pushes two tasks and is seen by a searcher from the first
// on, so that the second wakes nobody. Who finds a task and was the last searcher wakes the other;
// each worker takes one task and no more.
TEST(R79, TheLastSearcherThatFindsWorkWakesAnother) {
  model(bounded(2, 3), [] {
    FakeTasks tasks(2);
    Sleepers<2> workers;
    InjectQueue queue;
    const auto work = [&](unsigned worker) {
      bool searching = false;
      while (queue.pop() == nullptr) {
        workers.sleep(worker, searching, [&] { return queue.length() != 0; });
        searching = true;
      }
      if (!searching) return;
      if (workers.idle.stop_search() && queue.length() != 0) workers.notify_one();
    };
    loom::Thread first = start([&] { work(0); });
    loom::Thread second = start([&] { work(1); });
    for (std::size_t i = 0; i < 2; ++i) {
      expect(queue.push(tasks[i]), "an open queue refused a task");
      workers.notify_one();
    }
    first.join();
    second.join();
    expect(workers.idle.searching() == 0 && workers.idle.sleeping() == 0, "the word is wrong");
  });
}

// Leaving by oneself against being claimed: exactly one of the two happens.
TEST(R78, AWorkerThatWakesByItselfIsNotClaimedAsWell) {
  model([] {
    Sleepers<2> workers;
    workers.idle.go_to_sleep(0, false);
    bool claimed = false;
    loom::Thread maker = start([&] { claimed = workers.idle.claim_sleeper().has_value(); });
    const bool left = workers.idle.wake_up(0, false);
    maker.join();
    expect(left != claimed, "a sleeper both left and was claimed, or neither");
    expect(workers.idle.searching() == (claimed ? 1u : 0u), "the word is wrong");
    expect(workers.idle.sleeping() == 0, "a worker is counted as asleep that is not");
  });
}

}  // namespace
}  // namespace weft::loom_test
