// JoinMap and JoinQueue.

#include <weft/task/join_map.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/join_queue.h>
#include <weft/task/local_set.h>

namespace weft {
namespace {

using runtime::Runtime;
using test_support::AsyncEvent;
using test_support::Counted;
using test_support::current_thread;
using test_support::MockTask;
using test_support::multi_thread;
using test_support::on_every_kind;
using test_support::Polled;

Task<int> number(int n) { co_return n; }
Task<int> wait_for(AsyncEvent& event, int n) {
  co_await event.wait();
  co_return n;
}
Task<> turn() {
  for (int i = 0; i < 3; ++i) co_await yield_now();
}
template <class Tasks>
void expect_all_cancelled(Runtime& rt, Tasks& tasks, int count) {
  int cancelled = 0;
  while (auto next = rt.block_on(tasks.join_next())) {
    if constexpr (requires { next->second; }) {
      cancelled += next->second.error().is_cancelled();
    } else {
      cancelled += next->error().is_cancelled();
    }
  }
  EXPECT_EQ(cancelled, count);
}

TEST(T38, ResultsComeWithTheirKeysInTheOrderOfCompletion) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent first, second;
    const auto entered = rt.enter();
    JoinMap<std::string, int> map;
    map.spawn("one", wait_for(first, 1));
    map.spawn("two", wait_for, std::ref(second), 2);
    second.set();
    auto next = rt.block_on(map.join_next());
    EXPECT_EQ(next->first, "two");
    EXPECT_EQ(next->second.value(), 2);
    first.set();
    next = rt.block_on(map.join_next());
    EXPECT_EQ(next->first, "one");
    EXPECT_EQ(next->second.value(), 1);
    EXPECT_FALSE(rt.block_on(map.join_next()).has_value());
  });
}

TEST(T38, EveryWayOfSpawningAddsATask) {
  Runtime rt = current_thread();
  Runtime elsewhere = multi_thread(1);
  LocalSet local;
  JoinMap<int, int> map;
  map.spawn_local_on(8, local, number(8));
  local.block_on(rt, [&]() -> Task<> {
    map.spawn(1, number(1));
    map.spawn(2, number, 2);
    map.spawn(3, [](int a, int b, int c) -> Task<int> { co_return a + b + c; }, 1, 1, 1);
    map.spawn(0, []() -> Task<int> { co_return 0; });
    map.spawn_on(4, elsewhere.handle(), number(4));
    map.spawn_on(5, elsewhere.handle(), number, 5);
    map.spawn_blocking(6, [](int n) { return n; }, 6);
    map.spawn_blocking_on(7, elsewhere.handle(), [] { return 7; });
    map.spawn_local(9, number, 9);
    EXPECT_EQ(map.size(), 10u);
    std::vector<bool> seen(10);
    for (;;) {
      const auto next = co_await map.join_next();
      if (!next.has_value()) break;
      EXPECT_EQ(next->first, next->second.value());
      seen[static_cast<std::size_t>(next->first)] = true;
    }
    EXPECT_EQ(seen, std::vector<bool>(10, true));
  }());
}

TEST(T38, AReplacedTaskIsAbortedAndNeverReturned) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent never;
  JoinMap<std::string, int> map;
  const AbortHandle running = map.spawn("key", wait_for(never, 1));
  rt.block_on(turn());
  const AbortHandle ended = map.spawn("key", number(2));
  EXPECT_FALSE(map.contains_task(running.id()));
  rt.block_on(turn());
  EXPECT_TRUE(running.is_finished());
  EXPECT_TRUE(ended.is_finished());
  map.spawn("key", number(3));
  EXPECT_FALSE(map.contains_task(ended.id())) << "also one that has ended";
  EXPECT_EQ(map.size(), 1u);
  auto next = rt.block_on(map.join_next());
  EXPECT_EQ(next->second.value(), 3);
  EXPECT_FALSE(rt.block_on(map.join_next()).has_value());
}

TEST(T38, NoneComesOnlyWhenTheReplacedOnesHaveEndedToo) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent never;
  std::atomic<int> alive{0};
  JoinMap<int, int> map;
  map.spawn(
      1,
      [&never](Counted) -> Task<int> {
        co_await never.wait();
        co_return 0;
      },
      Counted(alive));
  rt.block_on(turn());
  map.spawn(1, number(1));
  EXPECT_EQ(rt.block_on(map.join_next())->second.value(), 1);
  EXPECT_FALSE(rt.block_on(map.join_next()).has_value());
  EXPECT_EQ(alive, 0);
}

TEST(T38, AbortAndAbortMatchingNameTasksByKey) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent event;
  JoinMap<int, int> map;
  for (int i = 0; i < 10; ++i) map.spawn(i, wait_for(event, i));
  EXPECT_TRUE(map.abort(0));
  EXPECT_FALSE(map.abort(77));
  map.abort_matching([](const int& key) { return key >= 8; });
  EXPECT_EQ(map.size(), 10u) << "their results are still to be read";
  event.set();
  std::vector<int> cancelled;
  while (auto next = rt.block_on(map.join_next())) {
    if (!next->second) cancelled.push_back(next->first);
  }
  std::ranges::sort(cancelled);
  EXPECT_EQ(cancelled, (std::vector<int>{0, 8, 9}));
}

TEST(T38, KeysIncludeTasksThatHaveEndedAndAreNotRead) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  JoinMap<int, int> map;
  const TaskId id = map.spawn(1, number(1)).id();
  rt.block_on(turn());
  EXPECT_TRUE(map.contains_key(1));
  EXPECT_FALSE(map.contains_key(2));
  EXPECT_TRUE(map.contains_task(id));
  EXPECT_EQ(map.keys(), std::vector<int>{1});
  EXPECT_EQ(map.try_join_next()->first, 1);
  EXPECT_FALSE(map.contains_key(1));
  EXPECT_FALSE(map.contains_task(id));
  EXPECT_TRUE(map.empty());
  EXPECT_FALSE(map.try_join_next().has_value());
}

TEST(T38, RoomIsMadeAndGivenUp) {
  JoinMap<int, int> map;
  map.reserve(1000);
  EXPECT_GE(map.capacity(), 1000u);
  map.shrink_to(200);
  EXPECT_GE(map.capacity(), 200u);
  EXPECT_LT(map.capacity(), 1000u);
  map.shrink_to_fit();
  EXPECT_LT(map.capacity(), 200u);
}

TEST(T38, ADestroyedJoinNextLosesNothing) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  JoinMap<int, int> map;
  map.spawn(1, number(5));
  rt.block_on(turn());
  MockTask task;
  {
    Polled ready(map.join_next());
    ASSERT_TRUE(ready.poll(task));
  }
  EXPECT_TRUE(map.contains_key(1));
  EXPECT_EQ(rt.block_on(map.join_next())->second.value(), 5);
}

TEST(T38, ShutdownDetachAndTheDestructor) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent never;
  JoinMap<int, int> map;
  std::vector<AbortHandle> handles;
  const auto fill = [&] {
    for (int i = 0; i < 3; ++i) handles.push_back(map.spawn(i, wait_for(never, i)));
  };
  fill();
  rt.block_on(map.shutdown());
  EXPECT_TRUE(map.empty());
  fill();
  map.detach_all();
  EXPECT_TRUE(map.empty());
  rt.block_on(turn());
  EXPECT_FALSE(handles[3].is_finished());
  fill();
  map = JoinMap<int, int>();
  rt.block_on(turn());
  EXPECT_TRUE(handles[6].is_finished());
  fill();
  map.abort_all();
  expect_all_cancelled(rt, map, 3);
  never.set();
  rt.block_on(turn());
  EXPECT_TRUE(handles[3].is_finished()) << "it has run on by itself";
}

// The map is whole when the old key goes: it may look.
struct LookingKey {
  int value;
  std::function<void()>* on_destroy = nullptr;
  LookingKey(int v, std::function<void()>* fn = nullptr) : value(v), on_destroy(fn) {}
  LookingKey(LookingKey&& other) noexcept
      : value(other.value), on_destroy(std::exchange(other.on_destroy, nullptr)) {}
  LookingKey& operator=(LookingKey&& other) noexcept {
    std::swap(value, other.value);
    std::swap(on_destroy, other.on_destroy);
    return *this;
  }
  ~LookingKey() {
    if (on_destroy != nullptr && *on_destroy) (*on_destroy)();
  }
  bool operator==(const LookingKey& other) const { return value == other.value; }
};
struct HashOfKey {
  std::size_t operator()(const LookingKey& key) const {
    return static_cast<std::size_t>(key.value);
  }
};

TEST(T38, TheOldKeyOfAReplacedTaskGoesLast) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  JoinMap<LookingKey, int, HashOfKey> map;
  std::function<void()> look;
  map.spawn(LookingKey(1, &look), number(1));
  int looked = 0;
  look = [&] {
    ++looked;
    EXPECT_EQ(map.size(), 1u);
    EXPECT_TRUE(map.contains_key(LookingKey(1)));
  };
  const TaskId id = map.spawn(LookingKey(1), number(2)).id();
  EXPECT_EQ(looked, 1);
  EXPECT_TRUE(map.contains_task(id));
  look = nullptr;
  EXPECT_EQ(rt.block_on(map.join_next())->second.value(), 2);
}

struct ThrowingHash {
  static inline bool throws = false;
  std::size_t operator()(int key) const {
    if (throws) throw std::runtime_error("hash");
    return static_cast<std::size_t>(key);
  }
};

TEST(T38, AFailedSpawnLeavesNoTask) {
  // Hashing throws after the task was spawned.
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent never;
  std::atomic<int> alive{0};
  JoinMap<int, int, ThrowingHash> map;
  ThrowingHash::throws = true;
  EXPECT_THROW(map.spawn(
                   1,
                   [&never](Counted) -> Task<int> {
                     co_await never.wait();
                     co_return 0;
                   },
                   Counted(alive)),
               std::runtime_error);
  ThrowingHash::throws = false;
  EXPECT_TRUE(map.empty());
  rt.block_on(turn());
  EXPECT_EQ(alive, 0);
  EXPECT_FALSE(rt.block_on(map.join_next()).has_value());
}

TEST(T38, AThousandKeysReplacedFromManyWorkers) {
  Runtime rt = multi_thread(4);
  const auto joined = rt.block_on(rt.spawn([]() -> Task<int> {
    JoinMap<int, int> map;
    for (int i = 0; i < 2000; ++i) map.spawn(i % 1000, number, i);
    int right = 0;
    for (;;) {
      const auto next = co_await map.join_next();
      if (!next.has_value()) break;
      right += next->second.value() == next->first + 1000;
    }
    co_return right;
  }));
  EXPECT_EQ(joined.value(), 1000);
}

TEST(T39, ResultsComeInTheOrderOfSpawning) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent first, second;
    const auto entered = rt.enter();
    JoinQueue<int> queue;
    const TaskId id = queue.spawn(wait_for(first, 1)).id();
    queue.spawn(wait_for, std::ref(second), 2);
    queue.spawn_blocking([] { return 3; });
    second.set();
    EXPECT_FALSE(queue.try_join_next().has_value());
    first.set();
    auto with_id = rt.block_on(queue.join_next_with_id());
    EXPECT_EQ(with_id->first, id);
    EXPECT_EQ(with_id->second.value(), 1);
    EXPECT_EQ(rt.block_on(queue.join_next())->value(), 2);
    EXPECT_EQ(rt.block_on(queue.join_next())->value(), 3);
    EXPECT_FALSE(rt.block_on(queue.join_next()).has_value());
  });
}

TEST(T39, ATaskBehindTheHeadWakesNobody) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent first, second;
  JoinQueue<int> queue;
  queue.spawn(wait_for(first, 1));
  queue.spawn(wait_for(second, 2));
  rt.block_on(turn());
  MockTask waiter;
  Polled next(queue.join_next());
  ASSERT_FALSE(next.poll(waiter));
  second.set();
  rt.block_on(turn());
  EXPECT_FALSE(waiter.take_woken());
  EXPECT_FALSE(queue.try_join_next().has_value());
  first.set();
  rt.block_on(turn());
  EXPECT_TRUE(waiter.take_woken()) << "try_join_next() has left the waker alone";
  ASSERT_TRUE(next.poll(waiter));
  EXPECT_EQ(next.take()->value(), 1);
}

TEST(T39, BudgetIsTakenByJoinNextAndNotByTryJoinNext) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  JoinQueue<int> queue;
  queue.spawn(number(1));
  rt.block_on(turn());
  MockTask task;
  Budget budget = Budget::initial();
  while (budget.has_remaining()) (void)budget.spend();
  const Waker waker = task.waker();
  Context cx(waker, budget);
  EXPECT_TRUE(queue.poll_join_next(cx).is_pending());
  EXPECT_TRUE(task.take_woken());
  EXPECT_EQ(queue.try_join_next()->value(), 1);
  EXPECT_TRUE(queue.poll_join_next(cx).is_ready()) << "empty";
}

TEST(T39, ADestroyedJoinNextLosesNothing) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  JoinQueue<int> queue;
  queue.spawn(number(1));
  rt.block_on(turn());
  MockTask task;
  {
    Polled ready(queue.join_next());
    ASSERT_TRUE(ready.poll(task));
  }
  EXPECT_EQ(rt.block_on(queue.join_next())->value(), 1);
}

TEST(T39, JoinAllIsInTheOrderOfSpawningAndEndsWithTheFirstFailure) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent event;
  JoinQueue<int> queue;
  queue.spawn(wait_for(event, 1));
  queue.spawn(number(2));
  rt.block_on(turn());
  event.set();
  EXPECT_EQ(rt.block_on(queue.join_all()), (std::vector<int>{1, 2}));
  EXPECT_TRUE(queue.empty());
  AsyncEvent never;
  queue.spawn([]() -> Task<int> {
    throw 7;
    co_return 0;
  });
  const AbortHandle rest = queue.spawn(wait_for(never, 1));
  EXPECT_THROW(rt.block_on(queue.join_all()), int);
  rt.block_on(turn());
  EXPECT_TRUE(rest.is_finished());
}

TEST(T39, AbortShutdownDetachAndTheDestructor) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent never;
  JoinQueue<int> queue;
  std::vector<AbortHandle> handles;
  const auto fill = [&] {
    for (int i = 0; i < 3; ++i) handles.push_back(queue.spawn(wait_for(never, i)));
  };
  fill();
  queue.abort_all();
  EXPECT_EQ(queue.size(), 3u);
  expect_all_cancelled(rt, queue, 3);
  fill();
  rt.block_on(queue.shutdown());
  EXPECT_TRUE(queue.empty());
  fill();
  queue.detach_all();
  EXPECT_TRUE(queue.empty());
  fill();
  queue = JoinQueue<int>();
  rt.block_on(turn());
  EXPECT_FALSE(handles[6].is_finished()) << "detached";
  EXPECT_TRUE(handles[9].is_finished()) << "aborted with the queue";
  never.set();
  rt.block_on(turn());
  EXPECT_TRUE(handles[6].is_finished());
}

}  // namespace
}  // namespace weft
