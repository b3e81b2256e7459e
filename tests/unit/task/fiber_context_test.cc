// Fibers: what code on one sees of its task and its thread, and where it may await.
//
// Spec: R-164.

#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/consume_budget.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task_id.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/fiber.h>
#include <weft/task/task_local.h>

namespace weft {
namespace {

using runtime::Runtime;
using test_support::current_thread;
using test_support::MockTask;
using test_support::multi_thread;
using test_support::on_every_kind;
using test_support::Polled;
using test_support::Probe;

constinit TaskLocal<int> key;

TEST(R164, AwaitTakesBudgetAndGivesOthersATurnWhenThereIsNone) {
  MockTask task;
  Probe<int> probe;
  probe.take_budget();
  probe.complete(1);
  int done = 0;
  Polled polled(fiber::run([&] {
    for (; done < 300; ++done) fiber::await(probe.wait());
  }));
  Budget first = Budget::initial();
  EXPECT_FALSE(polled.poll(task, first));
  EXPECT_EQ(done, Budget::kUnits);
  EXPECT_TRUE(task.take_woken());
  Budget second = Budget::initial();
  EXPECT_FALSE(polled.poll(task, second));
  EXPECT_EQ(done, 2 * Budget::kUnits);
  Budget third = Budget::initial();
  EXPECT_TRUE(polled.poll(task, third));
}

TEST(R164, CodeOnAFiberSeesItsTasksBudget) {
  Runtime rt = multi_thread(1);
  auto body = []() -> Task<int> {
    auto code = [] {
      int spent = 0;
      for (; has_budget_remaining(); ++spent) fiber::await(consume_budget());
      return spent;
    };
    co_return co_await fiber::run(code);
  };
  EXPECT_EQ(rt.block_on(rt.spawn(body())).value(), Budget::kUnits);
}

TEST(R164, CodeOnAFiberSeesItsTasksId) {
  on_every_kind([](Runtime& rt) {
    auto handle = rt.spawn([]() -> Task<bool> {
      auto code = [] {
        const TaskId before = current_task_id();
        for (int i = 0; i < 10; ++i) fiber::await(yield_now());
        return before == current_task_id();
      };
      const TaskId mine = current_task_id();
      const bool same = co_await fiber::run(code);
      co_return same&& mine == current_task_id();
    });
    EXPECT_TRUE(rt.block_on(handle).value());
  });
}

TEST(R164, TaskLocalsAreVisibleInAFiberAndFollowIt) {
  MockTask task;
  Probe<int> probe;
  Polled polled(key.scope(3, fiber::run([&probe] {
                            const int before = key.get();
                            fiber::await(probe.wait());
                            return 10 * before + key.get();
                          })));
  EXPECT_FALSE(polled.poll(task));
  EXPECT_FALSE(key.try_get().has_value());
  probe.complete(0);
  std::thread([&] {
    EXPECT_TRUE(polled.poll(task));
    EXPECT_EQ(polled.take(), 33);
    EXPECT_FALSE(key.try_get().has_value());
  }).join();
}

// In code that is no coroutine an await can stand inside of sync_scope().
TEST(R164, AScopeOfATaskLocalThatAFiberIsInGoesWithTheFiber) {
  MockTask task;
  Probe<int> probe;
  std::vector<int> seen;
  const auto see = [&seen] { seen.push_back(key.try_get().value_or(-1)); };
  // Looks at the key whenever it is polled.
  const auto look = [&] {
    return test_support::until([&](Context& cx) {
      see();
      if (probe.polls() > 0) return true;
      cx.waker().wake();
      return false;
    });
  };
  Polled polled(fiber::run([&] {
    key.sync_scope(1, [&] {
      key.sync_scope(2, [&] {
        fiber::await(look());
        see();
      });
      see();
    });
    see();
  }));
  EXPECT_FALSE(polled.poll(task));
  EXPECT_EQ(std::exchange(seen, {}), (std::vector<int>{2}));
  EXPECT_FALSE(key.try_get().has_value());
  Polled mark(probe.wait());
  EXPECT_FALSE(mark.poll(task));
  std::thread([&] {
    key.sync_scope(7, [&] {
      EXPECT_TRUE(polled.poll(task));
      EXPECT_EQ(key.get(), 7);
    });
  }).join();
  EXPECT_EQ(seen, (std::vector<int>{2, 2, 1, 7}));
}

TEST(R164, InterleavedFibersSeeTheirOwnScopesOfTaskLocals) {
  on_every_kind([](Runtime& rt) {
    std::vector<JoinHandle<bool>> handles;
    for (int i = 0; i < 20; ++i) {
      handles.push_back(rt.spawn(
          [](int mine) -> Task<bool> {
            auto code = [mine] {
              return key.sync_scope(mine, [mine] {
                bool is_right = true;
                for (int k = 0; k < 20; ++k) {
                  fiber::await(yield_now());
                  is_right = is_right && key.get() == mine;
                }
                return is_right;
              });
            };
            co_return co_await fiber::run(code);
          },
          i));
    }
    for (auto& handle : handles) EXPECT_TRUE(rt.block_on(handle).value());
  });
}

TEST(R164, IsInsideTellsWhereAwaitMayBeCalled) {
  Runtime rt = current_thread();
  EXPECT_FALSE(fiber::is_inside());
  auto coroutine = []() -> Task<bool> {
    co_await yield_now();
    co_return fiber::is_inside();
  };
  EXPECT_FALSE(rt.block_on(coroutine()));
  EXPECT_TRUE(rt.block_on(fiber::run([] { return fiber::is_inside(); })));
  EXPECT_FALSE(rt.block_on(fiber::run([&] { return fiber::await(coroutine()); })));
  EXPECT_TRUE(rt.block_on(fiber::run([&] {
    fiber::await(fiber::run([&] { fiber::await(coroutine()); }));
    return fiber::is_inside();
  })));
  EXPECT_FALSE(fiber::is_inside());
}

TEST(R164, IsInsideIsFalseWhereTheThreadCannotBeLeft) {
  Runtime rt = multi_thread(1);
  EXPECT_FALSE(
      rt.block_on(fiber::run([] { return block_in_place([] { return fiber::is_inside(); }); })));
  EXPECT_FALSE(rt.block_on(fiber::run([&] {
    return block_in_place(
        [&] { return rt.block_on(fiber::run([] { return !fiber::is_inside(); })); });
  })));
  EXPECT_FALSE(rt.block_on(fiber::run([] {
    const auto entered = runtime::Handle::current().enter();
    return fiber::is_inside();
  })));
  EXPECT_FALSE(rt.block_on(
      key.scope(1, fiber::run([] { return key.with([](int&) { return fiber::is_inside(); }); }))));
}

TEST(R164, AwaitOutsideOfAFiberIsFatalAndNamesTheCallersLine) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  constexpr const char* kMessage =
      "weft: fatal: .*fiber_context_test.cc:[0-9]+: fiber::await: called outside of a fiber";
  EXPECT_DEATH(fiber::await(yield_now()), kMessage);
  Runtime rt = current_thread();
  auto in_coroutine = []() -> Task<> {
    fiber::await(yield_now());
    co_return;
  };
  EXPECT_DEATH(rt.block_on(in_coroutine()), kMessage);
  EXPECT_DEATH(rt.block_on(fiber::run([&] { fiber::await(in_coroutine()); })), kMessage);
  EXPECT_DEATH(rt.block_on(fiber::run([&] { fiber::await(spawn(in_coroutine())).value(); })),
               kMessage);
}

TEST(R164, AwaitWhereTheThreadCannotBeLeftIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  constexpr const char* kLeaveFirst =
      "weft: fatal: .*fiber_context_test.cc:[0-9]+: fiber::await: called inside block_in_place";
  EXPECT_DEATH(
      {
        Runtime rt = multi_thread(1);
        rt.block_on(fiber::run([] { block_in_place([] { fiber::await(yield_now()); }); }));
      },
      kLeaveFirst);
  EXPECT_DEATH(
      {
        Runtime rt = current_thread();
        rt.block_on(fiber::run([] {
          const auto entered = runtime::Handle::current().enter();
          fiber::await(yield_now());
        }));
      },
      kLeaveFirst);
  EXPECT_DEATH(
      {
        Runtime rt = current_thread();
        rt.block_on(
            key.scope(1, fiber::run([] { key.with([](int&) { fiber::await(yield_now()); }); })));
      },
      "weft: fatal: .*fiber_context_test.cc:[0-9]+: fiber::await: called inside TaskLocal::with");
}

TEST(R164, WithOfAScopeOfTheFibersOwnMayAwait) {
  Runtime rt = current_thread();
  EXPECT_EQ(rt.block_on(fiber::run([] {
    return key.sync_scope(1, [] {
      return key.with([](int& value) {
        fiber::await(yield_now());
        return ++value;
      });
    });
  })),
            2);
}

}  // namespace
}  // namespace weft
