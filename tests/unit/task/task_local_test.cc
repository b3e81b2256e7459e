// TaskLocal: who sees a value, and until when.

#include <weft/task/task_local.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/join.h>
#include <weft/runtime/poll_fn.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>

namespace weft {
namespace {

using runtime::Runtime;
using test_support::AsyncEvent;
using test_support::current_thread;
using test_support::MockTask;
using test_support::multi_thread;
using test_support::on_every_kind;
using test_support::OnDestroy;
using test_support::Polled;
using test_support::Probe;
using test_support::SlowProbe;

constinit TaskLocal<int> key;
constinit TaskLocal<std::string> text;
constinit TaskLocal<std::unique_ptr<int>> move_only;

Task<int> read_key() { co_return key.get(); }

TEST(T56, TheValueIsVisibleInTheScopeAndOnlyThere) {
  on_every_kind([](Runtime& rt) {
    EXPECT_EQ(rt.block_on(key.scope(7, read_key())), 7);
    EXPECT_FALSE(key.try_get().has_value());
    EXPECT_EQ(key.sync_scope(8, [] { return key.get(); }), 8);
    EXPECT_FALSE(key.try_get().has_value());
  });
}

TEST(T56, ItIsGoneWhileTheTaskIsSuspended) {
  MockTask task;
  Probe<int> probe;
  auto wait_and_read = [](Probe<int>& until) -> Task<int> {
    const int before = key.get();
    co_await until.wait();
    co_return before + key.get();
  };
  Polled scope(key.scope(3, wait_and_read(probe)));
  ASSERT_FALSE(scope.poll(task));
  EXPECT_FALSE(key.try_get().has_value());
  probe.complete(0);
  ASSERT_TRUE(scope.poll(task));
  EXPECT_FALSE(key.try_get().has_value());
  EXPECT_EQ(scope.take(), 6);
}

TEST(T56, ItFollowsTheTaskFromThreadToThread) {
  Probe<int> probe;
  auto wait_and_read = [](Probe<int>& until) -> Task<int> {
    co_await until.wait();
    co_return key.get();
  };
  MockTask task;
  Polled scope(key.scope(3, wait_and_read(probe)));
  ASSERT_FALSE(scope.poll(task));
  probe.complete(0);
  std::thread([&] {
    EXPECT_TRUE(scope.poll(task));
    EXPECT_EQ(scope.take(), 3);
    EXPECT_FALSE(key.try_get().has_value());
  }).join();
}

TEST(T56, InnerScopesShadowAndRestore) {
  Runtime rt = current_thread();
  auto nested = []() -> Task<std::vector<int>> {
    std::vector<int> seen{key.get()};
    seen.push_back(co_await key.scope(2, read_key()));
    seen.push_back(key.get());
    key.sync_scope(3, [&] { seen.push_back(key.get()); });
    seen.push_back(key.get());
    co_return seen;
  };
  EXPECT_EQ(rt.block_on(key.scope(1, nested())), (std::vector<int>{1, 2, 1, 3, 1}));
}

TEST(T56, KeysAreIndependentOfEachOther) {
  key.sync_scope(1, [] {
    text.sync_scope("one", [] {
      EXPECT_EQ(key.get(), 1);
      EXPECT_EQ(text.get(), "one");
    });
    EXPECT_FALSE(text.try_get().has_value());
  });
}

TEST(T56, AThrowingScopeIsLeft) {
  EXPECT_THROW(key.sync_scope(1, [] { throw 7; }), int);
  EXPECT_FALSE(key.try_get().has_value());
  Runtime rt = current_thread();
  auto throws = []() -> Task<> {
    throw 7;
    co_return;
  };
  EXPECT_THROW(rt.block_on(key.scope(1, throws())), int);
  EXPECT_FALSE(key.try_get().has_value());
}

TEST(T56, WhatMustEndStepByStepSeesTheValueMeanwhile) {
  MockTask task;
  SlowProbe probe;
  int seen = 0;
  auto look = OnDestroy([&] { seen = key.try_get().value_or(-1); });
  auto body = [](SlowProbe& until, auto) -> Task<> { co_await until.wait(); };
  auto inner = body(probe, std::move(look));
  {
    Polled scope(key.scope(4, std::move(inner)));
    ASSERT_FALSE(scope.poll(task));
    const Waker waker = task.waker();
    Context cx(waker);
    EXPECT_FALSE(scope.node().poll_cancel(cx));
    probe.let_end();
    EXPECT_TRUE(scope.node().poll_abandon(cx));
  }
  EXPECT_EQ(seen, 4);
}

TEST(T57, WithGivesAReferenceAndGetACopy) {
  text.sync_scope("a", [] {
    text.with([](std::string& value) { value += "b"; });
    EXPECT_EQ(text.get(), "ab");
    EXPECT_EQ(text.try_get(), "ab");
    const auto size = text.try_with([](const std::string& value) { return value.size(); });
    EXPECT_EQ(size.value(), 2u);
    EXPECT_TRUE(text.try_with([](std::string& value) { value.clear(); }).has_value());
    EXPECT_EQ(text.get(), "");
  });
  move_only.sync_scope(std::make_unique<int>(5), [] {
    EXPECT_EQ(move_only.with([](std::unique_ptr<int>& p) { return *p; }), 5);
  });
}

TEST(T57, UnsetIsAnErrorOfTheTryFormsAndFatalInTheOthers) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_FALSE(key.try_get().has_value());
  const auto tried = key.try_with([](int& value) { return value; });
  ASSERT_FALSE(tried.has_value());
  EXPECT_EQ(tried.error(), TaskLocalUnset());
  EXPECT_EQ(tried.error().message(), "task-local value not set");
  EXPECT_DEATH(key.get(), "weft: fatal: .*task_local_test.*TaskLocal: no value here");
  EXPECT_DEATH(key.with([](int&) {}), "weft: fatal: .*task_local_test.*TaskLocal: no value here");
}

TEST(T57, TakeValueLeavesTheKeyUnset) {
  Probe<int> probe;
  MockTask task;
  auto wait_and_read = [](Probe<int>& until) -> Task<std::optional<int>> {
    co_await until.wait();
    co_return key.try_get();
  };
  key.sync_scope(1, [&] {
    auto scope = key.scope(2, wait_and_read(probe));
    {
      Polled polled(scope);
      ASSERT_FALSE(polled.poll(task));
    }
    EXPECT_EQ(scope.take_value(), 2);
    EXPECT_FALSE(scope.take_value().has_value());
    probe.complete(0);
    Polled polled(scope);
    ASSERT_TRUE(polled.poll(task));
    EXPECT_EQ(polled.take(), std::nullopt) << "the outer value does not show through";
  });
}

TEST(T57, AfterCompletionTheValueCanBeTakenBack) {
  Runtime rt = current_thread();
  auto change = []() -> Task<> {
    move_only.with([](std::unique_ptr<int>& p) { ++*p; });
    co_return;
  };
  auto scope = move_only.scope(std::make_unique<int>(1), change());
  rt.block_on(scope);
  EXPECT_EQ(**scope.take_value(), 2);
}

TEST(T57, ASpawnedTaskInheritsNothing) {
  on_every_kind([](Runtime& rt) {
    auto spawns = []() -> Task<bool> {
      auto handle = spawn([]() -> Task<bool> { co_return key.try_get().has_value(); });
      const auto joined = co_await handle;
      co_return joined.value();
    };
    EXPECT_FALSE(rt.block_on(key.scope(1, spawns())));
  });
}

TEST(T57, EnteringAScopeOfAKeyInsideItsWithIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(key.sync_scope(1, [] { key.with([](int&) { key.sync_scope(2, [] {}); }); }),
               "weft: fatal: .*TaskLocal: a scope of a key entered inside with");
  key.sync_scope(1, [] {
    key.with([](int&) { text.sync_scope("another key", [] {}); });
    key.sync_scope(2, [] {});
  });
}

TEST(T57, AwaitingAgainAfterCompletionIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = current_thread();
        auto scope = key.scope(1, read_key());
        (void)rt.block_on(scope);
        (void)rt.block_on(scope);
      },
      "weft: fatal: .*TaskLocal::scope: awaited again");
}

TEST(T58, ConcurrentTasksSeeTheirOwnValues) {
  Runtime rt = multi_thread(4);
  std::vector<JoinHandle<bool>> handles;
  for (int i = 0; i < 64; ++i) {
    handles.push_back(rt.spawn(
        [](int mine) -> Task<bool> {
          auto body = [](int expected) -> Task<bool> {
            bool is_right = true;
            for (int k = 0; k < 50; ++k) {
              is_right = is_right && key.get() == expected;
              co_await yield_now();
            }
            co_return is_right;
          };
          co_return co_await key.scope(mine, body(mine));
        },
        i));
  }
  for (auto& handle : handles) EXPECT_TRUE(rt.block_on(handle).value());
}

TEST(T58, BranchesOfOneTaskSeeTheirOwnValues) {
  Runtime rt = current_thread();
  auto body = []() -> Task<int> {
    const int before = key.get();
    co_await yield_now();
    co_return before * 10 + key.get();
  };
  const auto [a, b] = rt.block_on(join(key.scope(1, body()), key.scope(2, body())));
  EXPECT_EQ(a, 11);
  EXPECT_EQ(b, 22);
}

TEST(T58, DestructorsSeeTheValueOnCompletionAndOnAbort) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent never;
    int on_completion = 0, on_abort = 0, on_drop = 0;
    auto body = [](AsyncEvent* wait, auto) -> Task<> {
      if (wait != nullptr) co_await wait->wait();
    };
    const auto look = [](int& seen) {
      return OnDestroy([&seen] { seen = key.try_get().value_or(-1); });
    };
    rt.block_on(key.scope(1, body(nullptr, look(on_completion))));
    auto task = rt.spawn([](auto scope) -> Task<> { co_await std::move(scope); },
                         key.scope(2, body(&never, look(on_abort))));
    rt.block_on(never.until_waiting(1));
    task.abort();
    EXPECT_TRUE(rt.block_on(task).error().is_cancelled());
    {
      auto dropped = key.scope(3, body(&never, look(on_drop)));
    }
    EXPECT_EQ(on_completion, 1);
    EXPECT_EQ(on_abort, 2);
    EXPECT_EQ(on_drop, 3) << "never awaited";
  });
}

}  // namespace
}  // namespace weft
