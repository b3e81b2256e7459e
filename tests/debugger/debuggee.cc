// What debugger_test.py looks at: tasks that wait in every way the commands know, and values for
// the printers. All of it stands still when stop_here() is called: there is one thread, and whoever
// calls has let the others run until they wait. The script knows the names of functions and values.

#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/builder.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/select.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>
#include <weft/sync/broadcast.h>
#include <weft/sync/mpsc.h>
#include <weft/sync/mutex.h>
#include <weft/sync/oneshot.h>
#include <weft/sync/watch.h>
#include <weft/task/builder.h>
#include <weft/time/sleep.h>

namespace debuggee {

using weft::Task;
namespace sync = weft::sync;

struct Values {
  weft::Result<int> good = 42;
  weft::Result<int> bad = weft::Err(weft::Errc::closed);
  weft::Result<void> missing = weft::Err(std::errc::no_such_file_or_directory);
  weft::Result<void> done;
  std::pair<sync::mpsc::Sender<int>, sync::mpsc::Receiver<int>> bounded =
      sync::mpsc::channel<int>(8);
  std::pair<sync::mpsc::Sender<int>, sync::mpsc::Receiver<int>> queue = sync::mpsc::channel<int>(8);
  std::pair<sync::mpsc::UnboundedSender<int>, sync::mpsc::UnboundedReceiver<int>> unbounded =
      sync::mpsc::unbounded_channel<int>();
  std::pair<sync::oneshot::Sender<int>, sync::oneshot::Receiver<int>> once =
      sync::oneshot::channel<int>();
  std::pair<sync::watch::Sender<int>, sync::watch::Receiver<int>> watched = sync::watch::channel(7);
  std::pair<sync::broadcast::Sender<int>, sync::broadcast::Receiver<int>> cast =
      sync::broadcast::channel<int>(16);
  sync::Mutex<int> locked{5};
  sync::Mutex<int> unlocked{6};
  std::optional<weft::JoinHandle<int>> handle;
  std::optional<Task<int>> unstarted;
};

[[gnu::noinline]] void stop_here(Values& values) {
  // Not optimized away, nor its argument.
  asm volatile("" : : "r"(&values) : "memory");
}

// Three frames deep, and the innermost waits for a message.
Task<int> innermost(sync::mpsc::Receiver<int>& receiver) {
  const std::optional<int> message = co_await receiver.recv();
  co_return message.value_or(0);
}
Task<int> middle(sync::mpsc::Receiver<int>& receiver) {
  co_return co_await innermost(receiver) + 1;
}
Task<int> outermost(sync::mpsc::Receiver<int>& receiver) {
  co_return co_await middle(receiver) + 1;
}

// Two branches, each a coroutine.
Task<> patient() { co_await weft::time::sleep(std::chrono::hours(1)); }
Task<> choosing(sync::mpsc::UnboundedReceiver<int>& receiver) {
  co_await weft::select(patient(), receiver.recv());
}

Task<> hold(sync::Mutex<int>& mutex) {
  const auto guard = co_await mutex.lock();
  co_await weft::time::sleep(std::chrono::hours(1));
}
Task<> want(sync::Mutex<int>& mutex) { const auto guard = co_await mutex.lock(); }

// Its frame is too large for the slabs.
Task<int> spacious() {
  std::array<char, 5000> room{};
  co_await weft::time::sleep(std::chrono::hours(1));
  co_return room[room.size() / 2];
}

Task<int> finished() { co_return 3; }

// Runs while the debugger looks: two frames of a chain that is not suspended.
Task<> stopping(Values& values) {
  co_await weft::yield_now();
  stop_here(values);
}
Task<> stopper(Values& values) { co_await stopping(values); }

Task<> all(Values& values) {
  values.handle =
      weft::task::Builder().name("deep").spawn(outermost(values.bounded.second)).value();
  weft::spawn(choosing(values.unbounded.second));
  weft::spawn(hold(values.locked));
  weft::spawn(want(values.locked));
  weft::spawn(spacious());
  const auto kept = weft::spawn(finished());
  values.queue.first.try_send(1).value();
  values.queue.first.try_send(2).value();
  for (int i = 0; i < 10; ++i) co_await weft::yield_now();
  values.unstarted = finished();
  for (int i = 1; i <= 3; ++i) values.cast.first.send(i).value();
  (co_await weft::spawn(stopper(values))).value();
}

}  // namespace debuggee

int main() {
  debuggee::Values values;  // outlives the tasks that refer to it
  auto runtime = weft::runtime::Builder::new_current_thread().enable_all().build().value();
  runtime.block_on(debuggee::all(values));
  std::puts("done");
  return 0;
}
