// Models of Mutex and RwLock: what they add to the batch semaphore (semaphore_loom.cc).
//
// Spec: LM-32; SY-27, SY-30, SY-36 .. SY-38.
//
// Explored: two threads to the end, three with two preemptions. Every access to the guarded value
// is checked for races.
//
// Not shown: the owner that a dump sees, which synchronises nothing.

#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <weft/sync/mutex.h>
#include <weft/sync/rw_lock.h>

namespace weft::loom_test {
namespace {

using sync::Mutex;
using sync::RwLock;

TEST(LM32, TheMutexExcludes) {
  model([] {
    Mutex<Checked> mutex(Checked(0));
    Thread other([&] {
      auto guard = block_on(mutex.lock());
      guard->set(guard->get() + 1);
    });
    {
      auto guard = mutex.try_lock();
      if (!guard) guard.emplace(block_on(mutex.lock()));
      (*guard)->set((*guard)->get() + 1);
    }
    other.join();
    expect(mutex.get_mut().get() == 2, "an update is lost");
  });
}

TEST(LM32, ACancelledLockGoesToTheNext) {
  model([] {
    Mutex<Checked> mutex(Checked(0));
    CountingTask tasks[2];
    auto held = mutex.try_lock();
    std::optional<Polled<decltype(mutex.lock())>> first(mutex.lock());
    Polled second(mutex.lock());
    expect(!first->poll(tasks[0]) && !second.poll(tasks[1]), "locked twice");
    Thread unlocker([&] {
      (*held)->set(1);
      held.reset();
    });
    first.reset();
    const bool is_done = second.poll(tasks[1]);
    if (is_done) expect(second.take()->get() == 1, "the value is not visible");
    unlocker.join();
    if (is_done) return;
    expect(tasks[1].was_woken() && second.poll(tasks[1]), "the lock stopped at who is gone");
  });
}

TEST(LM32, WritersExcludeEachOther) {
  model([] {
    RwLock<Checked> lock(Checked(0));
    const auto write = [&] {
      auto guard = block_on(lock.write());
      guard->set(guard->get() + 1);
    };
    Thread other(write);
    write();
    other.join();
    expect(lock.get_mut().get() == 2, "an update is lost");
  });
}

TEST(LM32, ReadersAndAWriterExcludeEachOther) {
  model(bounded(2, 3), [] {
    RwLock<Checked> lock(Checked(0), 10);
    const auto read = [&] {
      auto guard = block_on(lock.read());
      const int value = guard->get();
      expect(value == 0 || value == 1, "a value out of nothing");
    };
    Thread first(read);
    Thread second(read);
    {
      auto guard = block_on(lock.write());
      guard->set(guard->get() + 1);
    }
    first.join();
    second.join();
  });
}

// SY-38: what a writer wrote is what it reads after downgrading: no other writer comes between.
TEST(LM32, NoWriterComesBetweenADowngrade) {
  model([] {
    RwLock<Checked> lock(Checked(0), 10);
    Thread other([&] {
      auto guard = block_on(lock.write());
      guard->set(2);
    });
    {
      auto guard = block_on(lock.write());
      guard->set(1);
      auto reading = std::move(guard).downgrade();
      expect(reading->get() == 1, "a writer came between");
    }
    other.join();
    expect(lock.get_mut().get() >= 1, "the writes are lost");
  });
}

// SY-36: a writer that gives up hands on what it had gathered.
TEST(LM32, ReadersBehindACancelledWriterGoOn) {
  model([] {
    RwLock<Checked> lock(Checked(0), 3);
    CountingTask tasks[2];
    auto held = lock.try_read();
    std::optional<Polled<decltype(lock.write())>> writer(lock.write());
    Polled reader(lock.read());
    expect(!writer->poll(tasks[0]) && !reader.poll(tasks[1]), "the queue was overtaken");
    Thread other([&] { held.reset(); });
    writer.reset();
    other.join();
    expect(tasks[1].was_woken() && reader.poll(tasks[1]), "the reader still waits");
  });
}

}  // namespace
}  // namespace weft::loom_test
