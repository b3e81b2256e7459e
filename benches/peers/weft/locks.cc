// Rows about locks: mutex, semaphore, readers and writers.

#include <benches/peers/weft/support.h>

namespace {

using peers::Laps;
using peers::Row;
using peers::Run;
using weft::sync::Mutex;

constexpr int kOperations = 100'000;  // of all tasks together

weft::Task<> lock_often(Mutex<long>& mutex, int count) {
  for (int i = 0; i < count; ++i) {
    const auto guard = co_await mutex.lock();
    ++*guard;
  }
}

weft::Task<> mutex_uncontended(Laps& laps) {
  Mutex<long> mutex(0);
  while (laps.next()) co_await lock_often(mutex, kOperations);
}
const Row kUncontended("mutex_uncontended", [](Run& run) {
  return peers::in_task(run, kOperations, mutex_uncontended);
});

template <int kTasks>
weft::Task<> mutex_shared(Laps& laps) {
  Mutex<long> mutex(0);
  while (laps.next()) {
    std::vector<weft::JoinHandle<void>> handles;
    for (int i = 0; i < kTasks; ++i) {
      handles.push_back(weft::spawn(lock_often(mutex, kOperations / kTasks)));
    }
    co_await peers::join_all(std::move(handles));
  }
}
const Row kMutex4("mutex_4",
                  [](Run& run) { return peers::in_task(run, kOperations, mutex_shared<4>); });
const Row kMutex100("mutex_100",
                    [](Run& run) { return peers::in_task(run, kOperations, mutex_shared<100>); });

weft::Task<> semaphore(Laps& laps) {
  weft::sync::Semaphore permits(1);
  while (laps.next()) {
    for (int i = 0; i < kOperations; ++i) {
      const auto permit = co_await permits.acquire();
      permit.value();
    }
  }
}
const Row kSemaphore("semaphore_uncontended",
                     [](Run& run) { return peers::in_task(run, kOperations, semaphore); });

weft::Task<> read_lock(Laps& laps) {
  weft::sync::RwLock<long> lock(1);
  long sum = 0;
  while (laps.next()) {
    for (int i = 0; i < kOperations; ++i) {
      const auto guard = co_await lock.read();
      sum += *guard;
    }
  }
  peers::keep(sum);
}
const Row kRead("rwlock_read",
                [](Run& run) { return peers::in_task(run, kOperations, read_lock); });

weft::Task<> write_lock(Laps& laps) {
  weft::sync::RwLock<long> lock(0);
  while (laps.next()) {
    for (int i = 0; i < kOperations; ++i) {
      const auto guard = co_await lock.write();
      ++*guard;
    }
  }
}
const Row kWrite("rwlock_write",
                 [](Run& run) { return peers::in_task(run, kOperations, write_lock); });

}  // namespace
