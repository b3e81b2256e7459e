// Scopes that are cancelled: wherever it happens, the children have ended before anything that they
// refer to goes.
//
// Spec: R-167.

#include <weft/task/scope.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/local_runtime.h>
#include <weft/runtime/runtime.h>
#include <weft/task/local_set.h>
#include <weft/time/sleep.h>
#include <weft/time/timeout.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using test_support::AsyncEvent;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::OnDestroy;
using test_support::Polled;

// What children refer to: it knows whether it is alive, and a child that outlived it would tell.
struct Owned {
  Owned() = default;
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { EXPECT_EQ(users.load(), 0) << "a child uses what is being destroyed"; }
  std::atomic<int> users = 0;
};

class Use {
 public:
  explicit Use(Owned& owned) : owned_(&owned) { owned_->users.fetch_add(1); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() { owned_->users.fetch_sub(1); }

 private:
  Owned* owned_;
};

Task<> use_until(Owned& owned, AsyncEvent& event) {
  const Use use(owned);
  co_await event.wait();
}
// Takes some turns to end after it has been cancelled: a scope of its own has to end first.
Task<> use_in_scopes(int depth, Owned& owned, AsyncEvent& event) {
  const Use use(owned);
  Owned inner;
  co_await scope([&](Scope& s) {
    s.spawn(use_until(inner, event));
    if (depth > 0) s.spawn(use_in_scopes(depth - 1, inner, event));
  });
}
// Waits in a scope with `width` children for an event that never comes.
Task<> parent(AsyncEvent& never, int width = 4) {
  Owned owned;
  co_await scope([&](Scope& s) -> Task<> {
    for (int i = 0; i < width; ++i) s.spawn(use_until(owned, never));
    co_await use_until(owned, never);
  });
}
Task<> deep_parent(AsyncEvent& never) {
  Owned owned;
  co_await use_in_scopes(3, owned, never);
}

// A task that the end of its runtime has stopped; RuntimeGone, if its children went first.
bool ended_with_the_runtime(JoinHandle<void>& handle) {
  const JoinResult<void> result = runtime::block_on_this_thread(handle);
  if (result) return false;
  if (result.error().is_cancelled()) return true;
  try {
    result.error().rethrow();
  } catch (const RuntimeGone&) {
    return true;
  }
}

TEST(R167, AbortOfTheParentWaitsForTheChildren) {
  on_every_kind([](runtime::Runtime& rt) {
    for (int round = 0; round < 20; ++round) {
      AsyncEvent never;
      JoinHandle<void> handle = rt.spawn(parent(never));
      rt.block_on(never.until_waiting(5));
      handle.abort();
      EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
      EXPECT_EQ(never.waiting(), 0u);
    }
  });
}

TEST(R167, AbortOfTheParentWaitsForScopesInScopes) {
  on_every_kind([](runtime::Runtime& rt) {
    for (int round = 0; round < 20; ++round) {
      AsyncEvent never;
      JoinHandle<void> handle = rt.spawn(deep_parent(never));
      rt.block_on(never.until_waiting(4));
      handle.abort();
      EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
      EXPECT_EQ(never.waiting(), 0u);
    }
  });
}

TEST(R167, AbortAtAnyMomentLeavesNothingBehind) {
  on_every_kind([](runtime::Runtime& rt) {
    for (int round = 0; round < 200; ++round) {
      AsyncEvent never;
      JoinHandle<void> handle = rt.spawn(round % 2 == 0 ? parent(never) : deep_parent(never));
      if (round % 3 == 0) rt.block_on(yield_now());
      handle.abort();
      EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
      EXPECT_EQ(never.waiting(), 0u);
    }
  });
}

TEST(R167, TheParentIsNotCompleteWhileAChildIs) {
  const runtime::Runtime rt = test_support::multi_thread(2);
  AsyncEvent never;
  test_support::Event entered;
  test_support::Event leave;
  JoinHandle<void> handle = rt.spawn(
      [](AsyncEvent& event, test_support::Event& in, test_support::Event& out) -> Task<> {
        Owned owned;
        co_await scope([&](Scope& s) -> Task<> {
          s.spawn([&]() -> Task<> {
            const Use use(owned);
            in.set();
            out.wait();  // blocks its worker, and does not notice that it is being cancelled
            co_await yield_now();
          });
          co_await event.wait();
        });
      },
      std::ref(never), std::ref(entered), std::ref(leave));
  entered.wait();
  handle.abort();
  rt.block_on([](runtime::Handle there) -> Task<> {
    for (int i = 0; i < 10; ++i)
      static_cast<void>(co_await there.spawn([]() -> Task<> { co_return; }));
  }(rt.handle()));
  EXPECT_FALSE(handle.is_finished());
  leave.set();
  EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
}

TEST(R167, AScopeThatLosesASelectHasEndedBeforeTheSelect) {
  on_every_kind([](runtime::Runtime& rt) {
    AsyncEvent never;
    const std::size_t winner = rt.block_on([](AsyncEvent& event) -> Task<std::size_t> {
      Owned owned;
      auto first = co_await select(scope([&owned, &event](Scope& s) {
                                     for (int i = 0; i < 4; ++i) s.spawn(use_until(owned, event));
                                   }),
                                   event.until_waiting(4));
      EXPECT_EQ(owned.users.load(), 0);
      co_return first.index();
    }(never));
    EXPECT_EQ(winner, 1u);
  });
}

TEST(R167, ATaskWithAScopeInItMayLoseASelect) {
  on_every_kind([](runtime::Runtime& rt) {
    AsyncEvent never;
    rt.block_on([](AsyncEvent& event) -> Task<> {
      Owned owned;
      auto first = co_await select(use_in_scopes(2, owned, event), event.until_waiting(3));
      EXPECT_EQ(owned.users.load(), 0);
      EXPECT_EQ(first.index(), 1u);
    }(never));
    EXPECT_EQ(never.waiting(), 0u);
  });
}

TEST(R167, ABorrowedScopeSurvivesALostSelect) {
  on_every_kind([](runtime::Runtime& rt) {
    AsyncEvent go;
    int ended = 0;
    rt.block_on([](AsyncEvent& event, int& count) -> Task<> {
      auto work = scope([&event, &count](Scope& s) {
        s.spawn([](AsyncEvent& e, int& n) -> Task<> {
          co_await e.wait();
          ++n;
        }(event, count));
      });
      auto first = co_await select(work, event.until_waiting(1));
      EXPECT_EQ(first.index(), 1u);
      EXPECT_EQ(event.waiting(), 1u);
      event.set();
      co_await work;
    }(go, ended));
    EXPECT_EQ(ended, 1);
  });
}

TEST(R167, ATimeoutEndsTheScopeBeforeItCompletes) {
  const runtime::Runtime rt = test_support::paused_current_thread();
  AsyncEvent never;
  rt.block_on([](AsyncEvent& event) -> Task<> {
    Owned owned;
    const auto result = co_await time::timeout(5ms, use_in_scopes(2, owned, event));
    EXPECT_FALSE(result.has_value());
    EXPECT_EQ(owned.users.load(), 0);
  }(never));
  EXPECT_EQ(never.waiting(), 0u);
}

TEST(R167, AMemberOfAFailedJoinEndsBeforeTheJoin) {
  on_every_kind([](runtime::Runtime& rt) {
    AsyncEvent never;
    const auto fail = [](AsyncEvent& event) -> Task<> {
      co_await event.until_waiting(3);
      throw std::runtime_error("member");
    };
    rt.block_on([](AsyncEvent& event, Task<> failing) -> Task<> {
      Owned owned;
      bool threw = false;
      try {
        co_await join(use_in_scopes(2, owned, event), std::move(failing));
      } catch (const std::runtime_error&) {
        threw = true;
        EXPECT_EQ(owned.users.load(), 0);
      }
      EXPECT_TRUE(threw);
    }(never, fail(never)));
  });
}

TEST(R167, AbortReachesScopesInCombinators) {
  on_every_kind([](runtime::Runtime& rt) {
    AsyncEvent never;
    JoinHandle<void> handle = rt.spawn([](AsyncEvent& event) -> Task<> {
      Owned owned;
      std::vector<Task<>> more;
      for (int i = 0; i < 2; ++i) more.push_back(use_in_scopes(0, owned, event));
      Task<> borrowed = use_in_scopes(0, owned, event);
      co_await join(select(use_in_scopes(0, owned, event), event.wait()), join_all(std::move(more)),
                    unconstrained(cooperative(borrowed)));
    }(never));
    rt.block_on(never.until_waiting(5));
    handle.abort();
    EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
    EXPECT_EQ(never.waiting(), 0u);
  });
}

TEST(R167, TheBodyIsCancelledBeforeTheScopeEnds) {
  // At each of the body's suspension points.
  on_every_kind([](runtime::Runtime& rt) {
    for (std::size_t at = 1; at <= 3; ++at) {
      std::vector<std::unique_ptr<AsyncEvent>> steps;
      for (int i = 0; i < 3; ++i) steps.push_back(std::make_unique<AsyncEvent>());
      AsyncEvent never;
      std::vector<std::string> order;
      JoinHandle<void> handle =
          rt.spawn([](std::vector<std::unique_ptr<AsyncEvent>>& all, AsyncEvent& event,
                      std::vector<std::string>& log) -> Task<> {
            const OnDestroy outer([&log] { log.push_back("parent"); });
            co_await scope([&](Scope& s) -> Task<> {
              const OnDestroy body([&log] { log.push_back("body"); });
              s.spawn([](AsyncEvent& e, std::vector<std::string>& out) -> Task<> {
                const OnDestroy child([&out] { out.push_back("child"); });
                co_await e.wait();
              }(event, log));
              co_await event.until_waiting(1);
              for (auto& step : all) co_await step->wait();
            });
          }(steps, never, order));
      for (std::size_t i = 0; i + 1 < at; ++i) {
        rt.block_on(steps[i]->until_waiting(1));
        steps[i]->set();
      }
      rt.block_on(steps[at - 1]->until_waiting(1));
      handle.abort();
      EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
      EXPECT_EQ(order, (std::vector<std::string>{"child", "body", "parent"}));
    }
  });
}

TEST(R167, ChildrenSpawnedWhileTheScopeIsCancelledDoNotRun) {
  on_every_kind([](runtime::Runtime& rt) {
    AsyncEvent never;
    bool ran = false;
    JoinHandle<void> handle = rt.spawn([](AsyncEvent& event, bool& flag) -> Task<> {
      co_await scope([&](Scope& s) -> Task<> {
        const auto spawn_late = [&s, &flag] {
          s.spawn([](bool& f) -> Task<> {
            f = true;
            co_return;
          }(flag));
        };
        const OnDestroy in_the_body(spawn_late);
        s.spawn([](AsyncEvent& e, auto late) -> Task<> {
          const OnDestroy in_a_child(late);
          co_await e.wait();
        }(event, spawn_late));
        co_await event.wait();
      });
    }(never, ran));
    rt.block_on(never.until_waiting(2));
    handle.abort();
    EXPECT_TRUE(rt.block_on(handle).error().is_cancelled());
    EXPECT_FALSE(ran);
  });
}

TEST(R167, ChildrenOfALocalTaskEndBeforeIt) {
  on_every_kind([](runtime::Runtime& rt) {
    LocalSet set;
    AsyncEvent never;
    set.block_on(rt, [](AsyncEvent& event) -> Task<> {
      JoinHandle<void> local = spawn_local(parent(event));
      co_await event.until_waiting(5);
      local.abort();
      const auto result = co_await local;
      EXPECT_TRUE(result.error().is_cancelled());
    }(never));
    EXPECT_EQ(never.waiting(), 0u);
  });
}

TEST(R167, ShutdownOfTheRuntimeEndsScopes) {
  for (const test_support::Kind kind : test_support::kKinds) {
    for (int round = 0; round < 30; ++round) {
      AsyncEvent never;
      std::vector<JoinHandle<void>> handles;
      {
        const runtime::Runtime rt = test_support::make_runtime(kind);
        for (int i = 0; i < 4; ++i) {
          handles.push_back(rt.spawn(i % 2 == 0 ? parent(never) : deep_parent(never)));
        }
        if (round % 2 == 0) rt.block_on(never.until_waiting(18));
      }
      for (auto& handle : handles) {
        EXPECT_TRUE(ended_with_the_runtime(handle));
      }
      EXPECT_EQ(never.waiting(), 0u);
    }
  }
}

TEST(R167, ShutdownInsideABodyThatSpawnsEndsItsChildren) {
  for (int round = 0; round < 20; ++round) {
    AsyncEvent never;
    std::optional<JoinHandle<void>> handle;
    {
      const runtime::Runtime rt = test_support::multi_thread(2);
      AsyncEvent started;
      handle.emplace(rt.spawn([](AsyncEvent& event, AsyncEvent& begun) -> Task<> {
        Owned owned;
        co_await scope([&](Scope& s) -> Task<> {
          begun.set();
          for (;;) {
            s.spawn(use_until(owned, event));
            co_await yield_now();
          }
        });
      }(never, started)));
      rt.block_on(started.wait());
    }
    EXPECT_TRUE(ended_with_the_runtime(*handle));
    EXPECT_EQ(never.waiting(), 0u);
  }
}

TEST(R167, AScopeMayBeTheRootOfBlockOn) {
  on_every_kind([](runtime::Runtime& rt) {
    Owned owned;
    AsyncEvent go;
    EXPECT_THROW(rt.block_on(scope([&](Scope& s) -> Task<> {
      for (int i = 0; i < 4; ++i) s.spawn(use_until(owned, go));
      co_await go.until_waiting(4);
      throw std::runtime_error("out of the root");
    })),
                 std::runtime_error);
    EXPECT_EQ(owned.users.load(), 0);
  });
}

TEST(R167, AScopeThatWasNeverPolledGoesAway) {
  const runtime::Runtime rt = test_support::current_thread();
  bool ran = false;
  {
    auto unused = scope([&ran](Scope&) { ran = true; });
    auto moved = std::move(unused);
    static_cast<void>(moved);
  }
  EXPECT_FALSE(ran);
}

TEST(R167, AnEndedScopeMayBeDestroyedByHand) {
  const runtime::Runtime rt = test_support::current_thread();
  const auto entered = rt.enter();
  MockTask task;
  AsyncEvent event;
  {
    Task<> waits = [](AsyncEvent& e) -> Task<> {
      co_await scope([&e](Scope&) -> Task<> { co_await e.wait(); });
    }(event);
    Polled polled(waits);
    EXPECT_FALSE(polled.poll(task));
    EXPECT_EQ(event.waiting(), 1u);
  }  // no child lives: this may go at once
  EXPECT_EQ(event.waiting(), 0u);
}

TEST(R167, DestroyingATaskThatWaitsInAScopeByHandIsFatal) {
  EXPECT_DEATH(
      {
        const runtime::Runtime rt = test_support::current_thread();
        const auto entered = rt.enter();
        MockTask task;
        AsyncEvent never;
        Task<> waits = parent(never);
        Polled polled(waits);
        static_cast<void>(polled.poll(task));
      },
      "contains a live scope was destroyed by hand");
}

TEST(R167, DestroyingAScopeWithLiveChildrenByHandIsFatal) {
  EXPECT_DEATH(
      {
        const runtime::Runtime rt = test_support::current_thread();
        const auto entered = rt.enter();
        MockTask task;
        AsyncEvent never;
        auto waits = scope([&never](Scope& s) {
          s.spawn([](AsyncEvent& e) -> Task<> { co_await e.wait(); }(never));
        });
        Polled polled(waits);
        static_cast<void>(polled.poll(task));
      },
      "scope_cancel_test.cc.*a scope was destroyed while children of it live");
}

TEST(R167, OutsideARuntimeIsFatalAtTheCallersLine) {
  EXPECT_DEATH(runtime::block_on_this_thread(scope([](Scope&) {})),
               "scope_cancel_test.cc.*scope: there is no reactor running");
}

TEST(R167, ManyScopesAreCancelledWhileTheyWork) {
  const runtime::Runtime rt = test_support::multi_thread(4);
  struct Tree {
    static Task<int> sum(int depth) {
      if (depth == 0) {
        co_await yield_now();
        co_return 1;
      }
      int left = 0;
      const int right = co_await scope([depth, &left](Scope& s) -> Task<int> {
        s.spawn([](int d, int& out) -> Task<> { out = co_await sum(d); }(depth - 1, left));
        co_return co_await sum(depth - 1);
      });
      co_return left + right;
    }
  };
  for (int round = 0; round < 60; ++round) {
    std::vector<JoinHandle<int>> handles;
    for (int i = 0; i < 8; ++i) handles.push_back(rt.spawn(Tree::sum(6)));
    for (int i = 0; i < 8; i += 2) {
      if (round % 3 != 0) rt.block_on(yield_now());
      handles[static_cast<std::size_t>(i)].abort();
    }
    for (auto& handle : handles) {
      const auto result = rt.block_on(handle);
      if (result) {
        EXPECT_EQ(*result, 64);
      } else {
        EXPECT_TRUE(result.error().is_cancelled());
      }
    }
  }
}

}  // namespace
}  // namespace weft
