// The library behind sensors.h: one thread that answers in the order of the sensors' speed.

#include <examples/bridge_c_callbacks/sensors.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

using Clock = std::chrono::steady_clock;

struct sensors {
  struct Operation {
    int sensor;
    sensors_callback* callback;
    void* user;
    std::optional<Clock::time_point> due;  // none: never answers

    void end(sensors_status status) const { callback(user, status, 20.0 + sensor); }
  };

  sensors() : thread([this] { answer(); }) {}
  ~sensors() {
    {
      const std::lock_guard lock(mutex);
      is_closed = true;
    }
    changed.notify_all();
    thread.join();
    for (const auto& [number, operation] : operations) operation.end(SENSORS_CANCELLED);
  }

  unsigned long read(Operation operation) {
    const std::lock_guard lock(mutex);
    operations.emplace(++last_number, operation);
    changed.notify_all();
    return last_number;
  }

  // Takes an operation out; whoever has it ends it.
  std::optional<Operation> take(unsigned long number) {
    const std::lock_guard lock(mutex);
    const auto found = operations.find(number);
    if (found == operations.end()) return std::nullopt;
    const Operation operation = found->second;
    operations.erase(found);
    return operation;
  }

  void answer() {
    std::unique_lock lock(mutex);
    while (!is_closed) {
      auto next = operations.end();
      for (auto it = operations.begin(); it != operations.end(); ++it) {
        if (!it->second.due) continue;
        if (next == operations.end() || *it->second.due < *next->second.due) next = it;
      }
      if (next == operations.end()) {
        changed.wait(lock);
      } else if (Clock::now() < *next->second.due) {
        const Clock::time_point due = *next->second.due;
        changed.wait_until(lock, due);
      } else {
        const Operation operation = next->second;
        operations.erase(next);
        lock.unlock();
        operation.end(operation.sensor > 9 ? SENSORS_UNKNOWN : SENSORS_OK);
        lock.lock();
      }
    }
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::map<unsigned long, Operation> operations;  // guarded by mutex
  unsigned long last_number = 0;                  // guarded by mutex
  bool is_closed = false;                         // guarded by mutex
  std::thread thread;
};

sensors* sensors_open() { return new sensors(); }
void sensors_close(sensors* library) { delete library; }

unsigned long sensors_read(sensors* library, int sensor, sensors_callback* callback, void* user) {
  std::optional<Clock::time_point> due;
  if (sensor < 8 || sensor > 9) due = Clock::now() + std::chrono::milliseconds(sensor % 10);
  return library->read({sensor, callback, user, due});
}

void sensors_cancel(sensors* library, unsigned long operation) {
  if (const auto taken = library->take(operation)) taken->end(SENSORS_CANCELLED);
}
