// IoState and IoRecord: readiness, waiters, closing, against the driver that reports.
//
// Explored: reports of the driver against an operation that finds the readiness used up, so that a
// newer edge survives a late "would block"; calls against close, so that the descriptor is closed
// once, after the last call; waits in both forms, by queue node and by slot, against a report, a
// shutdown and each other; a queued wait that is given up while it is being woken.
//
// Not explored: the driver's own lists of records, and the kernel. The descriptor is a Cell here:
// whoever uses it reads, whoever closes it writes.

#include <optional>
#include <utility>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <weft/loom/atomic.h>
#include <weft/loom/cell.h>
#include <weft/runtime/driver/io_driver.h>
#include <weft/runtime/driver/io_record.h>
#include <weft/runtime/driver/io_state.h>

namespace weft::loom_test {
namespace {

using internal::IoDirection;
using internal::IoDriver;
using internal::IoKind;
using internal::IoRecord;
using internal::IoSeen;
using internal::IoState;
using internal::IoWaiter;
using runtime::Ready;

// A kernel's buffer that bytes arrive in, and what a read of it says.
class Buffer {
 public:
  // relaxed: the report and the read's look at the state are what orders them.
  void arrive() { bytes_.fetch_add(1, std::memory_order_relaxed); }
  // False: it would block.
  bool read() {
    int bytes = bytes_.load(std::memory_order_relaxed);
    while (bytes > 0) {
      if (bytes_.compare_exchange_weak(bytes, bytes - 1, std::memory_order_relaxed)) return true;
    }
    return false;
  }

 private:
  loom::Atomic<int> bytes_{0};
};

// Two bytes come; the reader may find the first and clear the readiness while the second arrives.
TEST(R135, ALateWouldBlockDoesNotEraseANewerReport) {
  model([] {
    IoState state;
    Buffer buffer;
    loom::Thread driver = start([&] {
      for (int i = 0; i < 2; ++i) {
        buffer.arrive();
        state.add(Ready::kReadable);
      }
    });
    int got = 0;
    for (int i = 0; i < 3; ++i) {
      const IoSeen seen = state.look();
      if (!seen.ready().intersects(Ready::kReadable)) continue;
      if (buffer.read()) {
        ++got;
      } else {
        state.clear(Ready::kReadable, seen);
      }
    }
    driver.join();
    expect(got == 2 || state.look().ready().intersects(Ready::kReadable),
           "a byte waits and nobody will be told");
  });
}

// The descriptor behind a state word, closed by who ends the last call on it.
struct Descriptor {
  IoState state;
  loom::Cell<bool> open{true};

  void call() {
    if (!state.begin_call()) return;
    open.with([](bool is_open) { expect(is_open, "a call on a closed descriptor"); });
    if (state.end_call()) shut();
  }
  void close() {
    if (!state.begin_close()) return;
    open.with([](bool is_open) { expect(is_open, "a closed descriptor is deregistered"); });
    if (state.end_close()) shut();
  }
  void shut() {
    open.with_mut([](bool& is_open) { expect(std::exchange(is_open, false), "closed twice"); });
  }
};

TEST(NG10, TheLastOfTwoCallsAndTheCloseClosesTheDescriptor) {
  model([] {
    Descriptor descriptor;
    loom::Thread first = start([&] { descriptor.call(); });
    loom::Thread second = start([&] { descriptor.call(); });
    descriptor.close();
    first.join();
    second.join();
    descriptor.open.with([](bool is_open) { expect(!is_open, "nobody has closed it"); });
  });
}

TEST(NG10, TwoThreadsCloseItOnce) {
  model([] {
    Descriptor descriptor;
    loom::Thread other = start([&] { descriptor.close(); });
    descriptor.close();
    other.join();
    descriptor.open.with([](bool is_open) { expect(!is_open, "nobody has closed it"); });
  });
}

TEST(NG3, ADescriptorIsTakenBackOnlyWhileNoCallUsesIt) {
  bool taken_once = false;
  bool in_use_once = false;
  model([&] {
    Descriptor descriptor;
    loom::Thread other = start([&] { descriptor.call(); });
    switch (descriptor.state.begin_take()) {
      case IoState::Take::kTaken:
        taken_once = true;
        descriptor.shut();
        expect(descriptor.state.end_close(), "a call has begun on it");
        break;
      case IoState::Take::kInUse:
        in_use_once = true;
        break;
      case IoState::Take::kWasClosed:
        expect(false, "nobody closes it");
    }
    other.join();
  });
  EXPECT_TRUE(taken_once);
  EXPECT_TRUE(in_use_once);
}

// --- Waiting

// A record without a driver and a descriptor: it is never closed.
RefPtr<IoRecord> make_record() {
  return RefPtr<IoRecord>::adopt(new IoRecord(RefPtr<IoDriver>(), OwnedFd(), IoKind::kStream));
}

// The leaf's poll: true once it is ready or shut down.
bool poll(IoRecord& record, IoWaiter& waiter, const CountingTask& task) {
  Context cx(task.waker());
  for (;;) {
    const IoSeen seen = record.look();
    if (seen.is_shut_down() || seen.ready().intersects(Ready::kReadable)) return true;
    if (record.wait(waiter, Ready::kReadable, cx)) return false;
  }
}

bool poll_slot(IoRecord& record, const CountingTask& task) {
  Context cx(task.waker());
  for (;;) {
    const IoSeen seen = record.look();
    if (seen.is_shut_down() || seen.ready().intersects(Ready::kReadable)) return true;
    if (record.wait(IoDirection::kRead, cx)) return false;
  }
}

TEST(R134, AQueuedWaitSeesAReportOrIsWoken) {
  model([] {
    const RefPtr<IoRecord> record = make_record();
    CountingTask task;
    loom::Thread driver = start([&] { record->report(Ready::kReadable); });
    {
      IoWaiter waiter;
      const bool ready = poll(*record, waiter, task);
      driver.join();
      expect(ready || task.wake_count() == 1, "a wait is not woken by a report");
      expect(poll(*record, waiter, task), "what was reported is not seen");
    }
    expect(task.waker_count() == 0, "a waker stays behind");
  });
}

TEST(R134, ASlotSeesAReportOrIsWoken) {
  model([] {
    const RefPtr<IoRecord> record = make_record();
    CountingTask task;
    loom::Thread driver = start([&] { record->report(Ready::kReadable); });
    const bool ready = poll_slot(*record, task);
    driver.join();
    expect(ready || task.wake_count() == 1, "a wait is not woken by a report");
    expect(poll_slot(*record, task), "what was reported is not seen");
  });
}

// Readers of both forms and a report that concerns all.
TEST(R133, AllReadersAreWoken) {
  model(bounded(3, std::nullopt), [] {
    const RefPtr<IoRecord> record = make_record();
    CountingTask queued;
    CountingTask slotted;
    loom::Thread driver = start([&] { record->report(Ready::kReadable); });
    bool slot_ready = false;
    loom::Thread other = start([&] { slot_ready = poll_slot(*record, slotted); });
    IoWaiter waiter;
    const bool ready = poll(*record, waiter, queued);
    driver.join();
    other.join();
    expect(ready || queued.wake_count() == 1, "a queued wait is not woken");
    expect(slot_ready || slotted.wake_count() == 1, "a slot is not woken");
  });
}

TEST(R138, AWaitSeesTheShutdownOrIsWoken) {
  model([] {
    const RefPtr<IoRecord> record = make_record();
    CountingTask task;
    loom::Thread driver = start([&] { record->shut_down(); });
    IoWaiter waiter;
    const bool ended = poll(*record, waiter, task);
    driver.join();
    expect(ended || task.wake_count() == 1, "a wait outlives its driver");
    expect(poll(*record, waiter, task), "the shutdown is not seen");
  });
}

// The task gives the wait up, and its node, while the driver wakes it.
TEST(R134, AWaitIsGivenUpWhileItIsWoken) {
  model([] {
    const RefPtr<IoRecord> record = make_record();
    CountingTask task;
    CountingTask other;
    IoWaiter stays;
    expect(!poll(*record, stays, other), "nothing is ready");
    std::optional<IoWaiter> waiter(std::in_place);
    expect(!poll(*record, *waiter, task), "nothing is ready");
    loom::Thread driver = start([&] { record->report(Ready::kReadable); });
    waiter.reset();
    driver.join();
    expect(task.waker_count() == 0, "a waker stays behind");
    expect(other.wake_count() == 1, "who still waits is not woken");
  });
}

// It waits anew in the same node, at once.
TEST(R134, AWokenNodeIsQueuedAgain) {
  model([] {
    const RefPtr<IoRecord> record = make_record();
    CountingTask task;
    IoWaiter waiter;
    expect(!poll(*record, waiter, task), "nothing is ready");
    loom::Thread driver = start([&] {
      record->report(Ready::kWritable);
      record->report(Ready::kReadable);
    });
    waiter.leave();
    const bool ready = poll(*record, waiter, task);
    driver.join();
    expect(ready || task.was_woken(), "a wait is not woken by a report");
  });
}

}  // namespace
}  // namespace weft::loom_test
