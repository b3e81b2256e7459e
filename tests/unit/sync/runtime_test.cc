// The primitives in tasks, on a runtime and between runtimes.

#include <chrono>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/tracked.h>
#include <weft/loom/thread.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/select.h>
#include <weft/sync/sync.h>

namespace weft::sync {
namespace {

using namespace std::chrono_literals;
using runtime::Builder;
using runtime::Runtime;
using test_support::MockTask;
using test_support::Polled;
using test_support::Tracked;

Runtime make_current_thread() {
  return Builder::new_current_thread().enable_all().start_paused(true).build().value();
}
Runtime make_multi_thread() {
  return Builder::new_multi_thread().worker_threads(2).enable_all().build().value();
}

Task<> forward(mpsc::Receiver<int> from, mpsc::Sender<int> to) {
  while (true) {
    const std::optional<int> value = co_await from.recv();
    if (!value) co_return;
    const auto sent = co_await to.send(*value + 1);
    EXPECT_TRUE(sent);
  }
}

Task<int> count_all(mpsc::Receiver<int> from) {
  int count = 0;
  while (true) {
    const std::optional<int> value = co_await from.recv();
    if (!value) co_return count;
    EXPECT_EQ(*value, ++count);
  }
}

TEST(SY1, PrimitivesAreMadeOutsideAndSharedBetweenRuntimesAndThreads) {
  constexpr int kMessages = 2000;
  auto [tx, middle_rx] = mpsc::channel<int>(4);
  auto [middle_tx, rx] = mpsc::channel<int>(4);
  Runtime one = make_multi_thread();
  Runtime two = make_multi_thread();
  JoinHandle<void> forwarding = one.spawn(forward(std::move(middle_rx), std::move(middle_tx)));
  JoinHandle<int> counting = two.spawn(count_all(std::move(rx)));
  auto sender = std::make_shared<std::optional<mpsc::Sender<int>>>(std::move(tx));
  auto thread = loom::Thread::spawn({}, [sender] {
    for (int i = 0; i < kMessages; ++i) EXPECT_TRUE((*sender)->blocking_send(i));
    sender->reset();
  });
  ASSERT_TRUE(thread);
  EXPECT_EQ(one.block_on(counting).value(), kMessages);
  thread->join();
}

Task<> send_with_timeout(mpsc::Sender<int>& tx) {
  const auto room = co_await tx.send_timeout(1, 1s);
  EXPECT_TRUE(room);
  const auto full = co_await tx.send_timeout(2, 1s);
  EXPECT_FALSE(full);
  EXPECT_TRUE(full.error().is_timeout());
  EXPECT_FALSE(full.error().is_closed());
  EXPECT_EQ(full.error().value, 2);
}

Task<> send_to_closed(mpsc::Sender<int>& tx) {
  const auto closed = co_await tx.send_timeout(3, 1s);
  EXPECT_FALSE(closed);
  EXPECT_TRUE(closed.error().is_closed());
  EXPECT_EQ(closed.error().value, 3);
}

TEST(SY75, SendTimeoutGivesTheValueBackWithEitherError) {
  Runtime rt = make_current_thread();
  auto [tx, rx] = mpsc::channel<int>(1);
  rt.block_on(send_with_timeout(tx));
  EXPECT_EQ(rx.try_recv(), 1);
  EXPECT_EQ(tx.capacity(), 1u);
  rx.close();
  rt.block_on(send_to_closed(tx));
}

TEST(SY1, ATimeoutWithoutTimersIsFatalAlsoWithRoom) {
  auto [tx, rx] = mpsc::channel<int>(1);
  MockTask task;
  EXPECT_DEATH(Polled(tx.send_timeout(1, 1s)).poll(task),
               "runtime_test.cc.*send_timeout: there is no reactor running");
}

// Runs operations that are always ready, for ever. `Operation` makes one awaitable after the other.
template <class Operation>
Task<> always_ready(Operation operation) {
  while (true) {
    std::ignore = co_await operation();
  }
}

Task<> yield_once() { co_await yield_now(); }

template <class Operation>
Task<bool> yield_wins(Operation operation) {
  const auto winner = co_await select_biased(always_ready(std::move(operation)), yield_once());
  co_return winner.index() == 1;
}

TEST(SY8, AnEndlessLoopOfReadyOperationsLetsOthersRun) {
  Runtime rt = make_current_thread();
  Semaphore semaphore(3);
  Mutex<int> mutex(0);
  RwLock<int> rw_lock(0);
  Barrier barrier(1);
  EXPECT_TRUE(rt.block_on(yield_wins([&] { return semaphore.acquire(); })));
  EXPECT_TRUE(rt.block_on(yield_wins([&] { return mutex.lock(); })));
  EXPECT_TRUE(rt.block_on(yield_wins([&] { return rw_lock.read(); })));
  EXPECT_TRUE(rt.block_on(yield_wins([&] { return barrier.wait(); })));
  auto [tx, rx] = mpsc::channel<int>(1);
  EXPECT_TRUE(rt.block_on(yield_wins([&sender = tx] { return sender.reserve(); })));
  auto [value_tx, value_rx] = watch::channel(1);
  EXPECT_TRUE(rt.block_on(yield_wins([&receiver = value_rx] {
    receiver.mark_changed();
    return receiver.changed();
  })));
}

Task<> block_in_task(Mutex<int>& mutex) {
  std::ignore = mutex.blocking_lock();
  co_return;
}

TEST(SY9, BlockingInATaskIsFatal) {
  Runtime rt = make_current_thread();
  Mutex<int> mutex(0);
  EXPECT_DEATH(rt.block_on(block_in_task(mutex)),
               "runtime_test.cc.*Mutex::blocking_lock: cannot block the current thread from within "
               "a runtime");
}

Task<int> block_in_pool(std::shared_ptr<Mutex<int>> mutex) {
  co_return (co_await spawn_blocking([mutex] { return *mutex->blocking_lock(); })).value();
}

TEST(SY9, BlockingInThePoolIsAllowed) {
  Runtime rt = make_multi_thread();
  EXPECT_EQ(rt.block_on(block_in_pool(std::make_shared<Mutex<int>>(5))), 5);
}

Task<> add(std::shared_ptr<Mutex<int>> mutex, int times) {
  for (int i = 0; i < times; ++i) {
    auto guard = co_await mutex->lock();
    const int before = *guard;
    if (i % 8 == 0) co_await yield_now();  // awaiting under the lock is what it is for
    *guard = before + 1;
  }
}

TEST(SY32, AwaitingUnderTheLockKeepsIt) {
  constexpr int kTasks = 20;
  constexpr int kTimes = 200;
  Runtime rt = make_multi_thread();
  auto mutex = std::make_shared<Mutex<int>>(0);
  std::vector<JoinHandle<void>> tasks;
  for (int i = 0; i < kTasks; ++i) tasks.push_back(rt.spawn(add(mutex, kTimes)));
  for (JoinHandle<void>& task : tasks) EXPECT_TRUE(rt.block_on(task).has_value());
  EXPECT_EQ(*mutex->blocking_lock(), kTasks * kTimes);
}

Task<> use_permit(std::shared_ptr<Semaphore> semaphore, bool suspends) {
  const auto permit = co_await semaphore->acquire();
  EXPECT_TRUE(permit);
  if (suspends) co_await yield_now();
}

TEST(SY26, AThousandTasksShareFivePermits) {
  Runtime rt = make_multi_thread();
  auto semaphore = std::make_shared<Semaphore>(5);
  std::vector<JoinHandle<void>> tasks;
  for (int i = 0; i < 1000; ++i) tasks.push_back(rt.spawn(use_permit(semaphore, i % 3 == 0)));
  for (JoinHandle<void>& task : tasks) EXPECT_TRUE(rt.block_on(task).has_value());
  EXPECT_EQ(semaphore->available_permits(), 5u);
}

TEST(SY26, AbortedTasksReturnTheirPermits) {
  Runtime rt = make_multi_thread();
  auto semaphore = std::make_shared<Semaphore>(5);
  std::vector<JoinHandle<void>> tasks;
  for (int i = 0; i < 500; ++i) tasks.push_back(rt.spawn(use_permit(semaphore, true)));
  for (std::size_t i = 0; i < tasks.size(); i += 2) tasks[i].abort();
  for (JoinHandle<void>& task : tasks) std::ignore = rt.block_on(task);
  EXPECT_EQ(semaphore->available_permits(), 5u);
}

Task<> play(oneshot::Receiver<int> in, oneshot::Sender<int> out) {
  const auto ball = co_await in;
  EXPECT_TRUE(ball);
  std::ignore = out.send(*ball + 1);
}

Task<int> rally(int rounds) {
  int ball = 0;
  for (int i = 0; i < rounds; ++i) {
    auto [there_tx, there_rx] = oneshot::channel<int>();
    auto [back_tx, back_rx] = oneshot::channel<int>();
    JoinHandle<void> other = spawn(play(std::move(there_rx), std::move(back_tx)));
    std::ignore = there_tx.send(ball);
    const auto returned = co_await back_rx;
    ball = *returned;
    std::ignore = co_await other;
  }
  co_return ball;
}

TEST(SY58, PingPongBetweenTasks) { EXPECT_EQ(make_multi_thread().block_on(rally(500)), 500); }

TEST(SY120, AWakerOutlivesItsTask) {
  Notify notify;
  std::optional<MockTask> task(std::in_place);
  Polled wait(notify.notified());
  ASSERT_FALSE(wait.poll(*task));
  task.reset();
  notify.notify_one();
  MockTask other;
  EXPECT_TRUE(wait.poll(other));
}

// Uses the channel it was sent through from its destructor.
struct Reentrant {
  Reentrant(mpsc::Sender<Reentrant>* to, int* refused) noexcept : target(to), refusals(refused) {}
  Reentrant(Reentrant&& other) noexcept
      : target(std::exchange(other.target, nullptr)), refusals(other.refusals) {}
  ~Reentrant() {
    if (target == nullptr) return;
    auto* const to = std::exchange(target, nullptr);
    if (!to->try_send(Reentrant(nullptr, nullptr))) ++*refusals;
  }
  mpsc::Sender<Reentrant>* target;
  int* refusals;
};

TEST(SY124, DrainedMessagesAreDestroyedOutsideLocks) {
  int refusals = 0;
  auto [tx, rx] = mpsc::channel<Reentrant>(8);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(tx.try_send(Reentrant(&tx, &refusals)));
  {
    mpsc::Receiver<Reentrant> gone = std::move(rx);
  }
  EXPECT_EQ(refusals, 5);
}

TEST(SY124, AReplacedWatchValueIsDestroyedOutsideTheLock) {
  struct Looks {
    explicit Looks(watch::Sender<std::shared_ptr<Looks>>* at) : target(at) {}
    ~Looks() { EXPECT_EQ(target->borrow()->get(), nullptr); }
    watch::Sender<std::shared_ptr<Looks>>* target;
  };
  auto [tx, rx] = watch::channel<std::shared_ptr<Looks>>(nullptr);
  ASSERT_TRUE(tx.send(std::make_shared<Looks>(&tx)));
  ASSERT_TRUE(tx.send(nullptr));
}

Task<> hold_owned(std::shared_ptr<Mutex<Tracked>> mutex) {
  const auto guard = co_await Mutex<Tracked>::lock_owned(std::move(mutex));
  co_await yield_now();
  EXPECT_EQ(guard->value(), 1);
}

TEST(SY125, OwnedFormsServeTasksThatOutliveTheirMakers) {
  Tracked::Count alive;
  Runtime rt = make_multi_thread();
  JoinHandle<void> task = rt.spawn(hold_owned(std::make_shared<Mutex<Tracked>>(Tracked(alive, 1))));
  EXPECT_TRUE(rt.block_on(task).has_value());
  EXPECT_EQ(alive.count(), 0);
}

}  // namespace
}  // namespace weft::sync
