// What the primitives say of a task that waits for them.

#include <map>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/dump.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>
#include <weft/sync/sync.h>

namespace weft::sync {
namespace {

using runtime::AwaitPoint;
using runtime::Dump;
using runtime::Handle;

// The one wait of a task that awaits what `make` makes, as text, from "waiting on" on; then the
// task is aborted.
template <class F>
Task<std::string> wait_of(F make) {
  auto task = spawn([&make]() -> Task<> { static_cast<void>(co_await make()); });
  co_await yield_now();
  const Dump dump = co_await Handle::current().dump();
  const AwaitPoint* const wait = dump.find(task.id())->sole_wait();
  EXPECT_NE(wait, nullptr) << dump.to_string();
  if (wait == nullptr) co_return std::string();
  EXPECT_NE(wait->object(), nullptr);
  std::string text(wait->waiting_on());
  for (const AwaitPoint::Note& note : wait->notes()) {
    text += ", ";
    if (note.number.has_value()) text += std::to_string(*note.number) + ' ';
    text += note.text;
  }
  if (wait->holder().has_value()) text += ", held";
  task.abort();
  static_cast<void>(co_await task);
  co_return text;
}

template <class F>
void in_task(F fn) {
  runtime::Runtime rt = test_support::current_thread();
  EXPECT_TRUE(rt.block_on(rt.spawn(fn)).has_value());
}

TEST(R150, AMutexNamesItsOwner) {
  in_task([]() -> Task<> {
    Mutex<int> mutex;
    {
      const auto guard = co_await mutex.lock();
      const std::string held = co_await wait_of([&] { return mutex.lock(); });
      EXPECT_EQ(held, "mutex, held");
    }
    const auto guard = mutex.try_lock();
    const std::string unknown = co_await wait_of([&] { return mutex.lock(); });
    EXPECT_EQ(unknown, "mutex") << "a try_lock() has no owner";
  });
}

TEST(R150, ARwLockNamesItsWriter) {
  in_task([]() -> Task<> {
    RwLock<int> lock;
    {
      const auto guard = co_await lock.write();
      const std::string reader = co_await wait_of([&] { return lock.read(); });
      EXPECT_EQ(reader, "rwlock, to read, held");
      const std::string writer = co_await wait_of([&] { return lock.write(); });
      EXPECT_EQ(writer, "rwlock, to write, held");
    }
    auto writing = co_await lock.write();
    const auto reading = std::move(writing).downgrade();
    const std::string writer = co_await wait_of([&] { return lock.write(); });
    EXPECT_EQ(writer, "rwlock, to write, held by readers, or by a writer that is not known");
  });
}

TEST(R150, ASemaphoreSaysHowManyPermitsAreMissing) {
  in_task([]() -> Task<> {
    Semaphore semaphore(2);
    const std::string text = co_await wait_of([&] { return semaphore.acquire_many(5); });
    EXPECT_EQ(text, "semaphore, 5 wanted, 3 still missing");
  });
}

TEST(R150, AChannelSaysWhatIsWaitedFor) {
  in_task([]() -> Task<> {
    auto [sender, receiver] = mpsc::channel<int>(1);
    const auto second = sender;
    const std::string empty = co_await wait_of([&] { return receiver.recv(); });
    EXPECT_EQ(empty, "mpsc receive, 2 senders");
    static_cast<void>(co_await sender.send(1));
    const std::string full = co_await wait_of([&] { return sender.send(2); });
    EXPECT_EQ(full, "mpsc send, 1 of its capacity wanted");
    auto [once, answer] = oneshot::channel<int>();
    const std::string unanswered = co_await wait_of([&]() -> auto& { return answer; });
    EXPECT_EQ(unanswered, "oneshot receive");
  });
}

TEST(R150, OthersNameTheirKind) {
  in_task([]() -> Task<> {
    Notify notify;
    const std::string notified = co_await wait_of([&] { return notify.notified(); });
    EXPECT_EQ(notified, "notify");
    Barrier barrier(3);
    const std::string met = co_await wait_of([&] { return barrier.wait(); });
    EXPECT_EQ(met, "barrier, 3 to meet");
    SetOnce<int> cell;
    const std::string set = co_await wait_of([&] { return cell.wait(); });
    EXPECT_EQ(set, "SetOnce");
  });
}

}  // namespace
}  // namespace weft::sync
