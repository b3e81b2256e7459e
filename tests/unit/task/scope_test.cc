// Scopes: what they yield, what ends them, and that nothing of a child outlives them.
//
// Spec: R-167.

#include <weft/task/scope.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/runtime.h>

namespace weft {
namespace {

using test_support::AsyncEvent;
using test_support::Counted;
using test_support::on_every_kind;

Task<int> number(int n) { co_return n; }
Task<> add_to(int& target, int n) {
  target += n;
  co_return;
}
Task<> yield_then_add(int& target, int n) {
  co_await yield_now();
  co_await yield_now();
  target += n;
}
Task<> wait_for(AsyncEvent& event) { co_await event.wait(); }
Task<> wait_counted(AsyncEvent& event, std::atomic<int>& alive) {
  const Counted counted(alive);
  co_await event.wait();
}
Task<> throw_text(const char* text) {
  throw std::runtime_error(text);
  co_return;
}

TEST(R167, YieldsTheValueOfTheBody) {
  on_every_kind([](runtime::Runtime& rt) {
    const int value =
        rt.block_on(scope([](Scope&, int a, int b) -> Task<int> { co_return a + b; }, 3, 4));
    EXPECT_EQ(value, 7);
  });
}

TEST(R167, ChildrenUseTheParentsLocals) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      std::vector<int> numbers(100, 0);
      co_await scope([&numbers](Scope& s) -> Task<> {
        for (std::size_t i = 0; i < numbers.size(); ++i) {
          s.spawn(yield_then_add(numbers[i], static_cast<int>(i)));
        }
        co_return;
      });
      for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], static_cast<int>(i));
    }());
  });
}

TEST(R167, EndsOnlyWhenAllChildrenHave) {
  on_every_kind([](runtime::Runtime& rt) {
    AsyncEvent go;
    std::atomic<int> alive = 0;
    const auto parent = [](AsyncEvent& event, std::atomic<int>& children) -> Task<int> {
      co_await scope([&](Scope& s) -> Task<> {
        for (int i = 0; i < 10; ++i) s.spawn(wait_counted(event, children));
        co_return;
      });
      co_return children.load();
    };
    JoinHandle<int> handle = rt.spawn(parent(go, alive));
    rt.block_on(go.until_waiting(10));
    EXPECT_FALSE(handle.is_finished());
    go.set();
    EXPECT_EQ(*rt.block_on(handle), 0);
  });
}

TEST(R167, AHandleYieldsTheChildsResult) {
  on_every_kind([](runtime::Runtime& rt) {
    const int sum = rt.block_on(scope([](Scope& s) -> Task<int> {
      ScopedHandle<int> a = s.spawn(number(20));
      ScopedHandle<int> b = s.spawn([](int n) -> Task<int> { co_return n; }, 22);
      const JoinResult<int> first = co_await a;
      const JoinResult<int> second = co_await b;
      co_return *first + *second;
    }));
    EXPECT_EQ(sum, 42);
  });
}

TEST(R167, TheBodyMayBeAPlainFunction) {
  on_every_kind([](runtime::Runtime& rt) {
    int a = 0;
    int b = 0;
    const int value = rt.block_on(scope([&](Scope& s) {
      s.spawn(add_to(a, 1));
      s.spawn(yield_then_add(b, 2));
      return 5;
    }));
    EXPECT_EQ(value, 5);
    EXPECT_EQ(a, 1);
    EXPECT_EQ(b, 2);
  });
}

TEST(R167, ParametersOfTheBodyOutliveTheChildren) {
  on_every_kind([](runtime::Runtime& rt) {
    std::atomic<int> sum = 0;
    rt.block_on(scope(
        [](Scope& s, std::vector<int> values, std::atomic<int>* total) -> Task<> {
          for (int& value : values) {
            s.spawn(
                [](int* n, std::atomic<int>* out) -> Task<> {
                  co_await yield_now();
                  out->fetch_add(*n);
                },
                &value, total);
          }
          co_return;
        },
        std::vector<int>{1, 2, 3, 4}, &sum));
    EXPECT_EQ(sum.load(), 10);
  });
}

TEST(R167, ChildrenMaySpawnMoreChildren) {
  struct Tree {
    static Task<> grow(Scope& s, int depth, std::atomic<int>& leaves) {
      if (depth == 0) {
        leaves.fetch_add(1);
        co_return;
      }
      s.spawn(grow(s, depth - 1, leaves));
      s.spawn(grow(s, depth - 1, leaves));
    }
  };
  on_every_kind([](runtime::Runtime& rt) {
    std::atomic<int> leaves = 0;
    rt.block_on(scope([&](Scope& s) { s.spawn(Tree::grow(s, 8, leaves)); }));
    EXPECT_EQ(leaves.load(), 256);
  });
}

TEST(R167, ScopesNest) {
  struct Tree {
    static Task<> grow(int depth, std::atomic<int>& leaves) {
      if (depth == 0) {
        leaves.fetch_add(1);
        co_return;
      }
      co_await scope([depth, &leaves](Scope& s) -> Task<> {
        s.spawn(grow(depth - 1, leaves));
        co_await grow(depth - 1, leaves);
      });
    }
  };
  on_every_kind([](runtime::Runtime& rt) {
    std::atomic<int> leaves = 0;
    rt.block_on(Tree::grow(9, leaves));
    EXPECT_EQ(leaves.load(), 512);
  });
}

TEST(R167, AnExceptionOfAChildCancelsTheOthersAndIsRethrown) {
  on_every_kind([](runtime::Runtime& rt) {
    AsyncEvent never;
    std::atomic<int> alive = 0;
    std::string text;
    try {
      rt.block_on(scope([&](Scope& s) -> Task<> {
        for (int i = 0; i < 5; ++i) s.spawn(wait_counted(never, alive));
        co_await never.until_waiting(5);
        s.spawn(throw_text("first"));
        co_await never.wait();  // cancelled, too
        ADD_FAILURE() << "the body went on";
      }));
    } catch (const std::runtime_error& e) {
      text = e.what();
      EXPECT_EQ(alive.load(), 0) << "a child outlived the scope";
    }
    EXPECT_EQ(text, "first");
    EXPECT_EQ(never.waiting(), 0u);
  });
}

TEST(R167, AnExceptionOfTheBodyCancelsTheChildrenAndIsRethrown) {
  on_every_kind([](runtime::Runtime& rt) {
    AsyncEvent never;
    std::atomic<int> alive = 0;
    std::string text;
    try {
      rt.block_on(scope([&](Scope& s) -> Task<> {
        for (int i = 0; i < 5; ++i) s.spawn(wait_counted(never, alive));
        co_await never.until_waiting(5);
        throw std::runtime_error("body");
      }));
    } catch (const std::runtime_error& e) {
      text = e.what();
    }
    EXPECT_EQ(text, "body");
    EXPECT_EQ(alive.load(), 0);
  });
}

TEST(R167, AnExceptionOfAPlainBodyCancelsTheChildren) {
  on_every_kind([](runtime::Runtime& rt) {
    AsyncEvent never;
    std::atomic<int> alive = 0;
    EXPECT_THROW(rt.block_on(scope([&](Scope& s) {
      for (int i = 0; i < 5; ++i) s.spawn(wait_counted(never, alive));
      throw std::runtime_error("body");
    })),
                 std::runtime_error);
    EXPECT_EQ(alive.load(), 0);
  });
}

TEST(R167, OfSeveralExceptionsOneComesOut) {
  on_every_kind([](runtime::Runtime& rt) {
    for (int round = 0; round < 50; ++round) {
      EXPECT_THROW(rt.block_on(scope([&](Scope& s) -> Task<> {
        for (int i = 0; i < 8; ++i) s.spawn(throw_text("child"));
        throw std::runtime_error("body");
        co_return;
      })),
                   std::runtime_error);
    }
  });
}

TEST(R167, AChildsExceptionCountsThoughItsHandleWasAwaited) {
  on_every_kind([](runtime::Runtime& rt) {
    EXPECT_THROW(rt.block_on(scope([](Scope& s) -> Task<> {
      auto handle = s.spawn(throw_text("seen"));
      const JoinResult<void> result = co_await handle;
      EXPECT_TRUE(result.error().is_exception());
    })),
                 std::runtime_error);
  });
}

TEST(R167, AbortingOneChildLeavesTheScopeAlone) {
  on_every_kind([](runtime::Runtime& rt) {
    AsyncEvent never;
    int other = 0;
    const bool cancelled = rt.block_on(scope([&](Scope& s) -> Task<bool> {
      ScopedHandle<void> child = s.spawn(wait_for(never));
      s.spawn(yield_then_add(other, 3));
      co_await never.until_waiting(1);
      child.abort();
      const JoinResult<void> result = co_await child;
      co_return !result && result.error().is_cancelled();
    }));
    EXPECT_TRUE(cancelled);
    EXPECT_EQ(other, 3);
  });
}

TEST(R167, AHandleMayOutliveTheScope) {
  on_every_kind([](runtime::Runtime& rt) {
    std::optional<ScopedHandle<std::string>> kept;
    rt.block_on(scope([&kept](Scope& s) {
      kept.emplace(s.spawn([]() -> Task<std::string> { co_return std::string(100, 'x'); }));
    }));
    EXPECT_TRUE(kept->is_finished());
    EXPECT_EQ(rt.block_on(*kept)->size(), 100u);
  });
}

TEST(R167, ChildrenRunOnOtherWorkers) {
  const runtime::Runtime rt = test_support::multi_thread(4);
  std::atomic<int> inside = 0;
  test_support::Event all;
  const auto ended =
      rt.block_on(rt.spawn([](std::atomic<int>& count, test_support::Event& done) -> Task<> {
        co_await scope([&](Scope& s) {
          for (int i = 0; i < 3; ++i) {
            // Three threads have to be in it at the same time.
            s.spawn([&]() -> Task<> {
              if (count.fetch_add(1) + 1 == 3) done.set();
              done.wait();
              co_return;
            });
          }
        });
      }(inside, all)));
  EXPECT_TRUE(ended.has_value());
  EXPECT_EQ(inside.load(), 3);
}

}  // namespace
}  // namespace weft
