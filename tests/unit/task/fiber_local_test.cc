// fiber::Local: whose value it is, when it is made and when it goes.
//
// Spec: R-164.

#include <weft/task/fiber_local.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/fiber.h>

namespace weft {
namespace {

using runtime::Runtime;
using test_support::current_thread;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::Polled;
using test_support::Probe;

constinit fiber::Local<int> counter;
constinit fiber::Local<std::string> name([] { return std::string("nobody"); });

// Writes down, in the order of their ends, which values have gone.
struct Traced {
  explicit Traced(char which) : letter(which) {}
  Traced(const Traced&) = delete;
  Traced& operator=(const Traced&) = delete;
  ~Traced() { gone() += letter; }
  static std::string& gone() {
    static std::string letters;
    return letters;
  }
  char letter;
};
constinit fiber::Local<Traced> a([] { return Traced('a'); });
constinit fiber::Local<Traced> b([] { return Traced('b'); });

TEST(R164, ALocalIsMadeOncePerFiber) {
  Runtime rt = current_thread();
  const auto code = [] {
    EXPECT_EQ(counter.try_get(), nullptr);
    EXPECT_EQ(counter.get(), 0);
    int& value = counter.get();
    ++value;
    EXPECT_EQ(&counter.get(), &value);
    EXPECT_EQ(counter.try_get(), &value);
    EXPECT_EQ(name.get(), "nobody");
    name.get() = "somebody";
    EXPECT_EQ(name.get(), "somebody");
    return counter.get();
  };
  EXPECT_EQ(rt.block_on(fiber::run(code)), 1);
  EXPECT_EQ(rt.block_on(fiber::run(code)), 1) << "another fiber";
}

TEST(R164, LocalsOfInterleavedFibersAreTheirOwn) {
  on_every_kind([](Runtime& rt) {
    std::vector<JoinHandle<int>> handles;
    for (int i = 0; i < 20; ++i) {
      handles.push_back(rt.spawn([]() -> Task<int> {
        auto code = [] {
          for (int k = 0; k < 20; ++k) {
            ++counter.get();
            fiber::await(yield_now());
          }
          return counter.get();
        };
        co_return co_await fiber::run(code);
      }));
    }
    for (auto& handle : handles) EXPECT_EQ(rt.block_on(handle).value(), 20);
  });
}

TEST(R164, ALocalGoesWithItsFiberToAnotherThread) {
  MockTask task;
  Probe<int> probe;
  Polled polled(fiber::run([&] {
    name.get() = "mine";
    fiber::await(probe.wait());
    return name.get();
  }));
  EXPECT_FALSE(polled.poll(task));
  probe.complete(0);
  std::thread([&] { EXPECT_TRUE(polled.poll(task)); }).join();
  EXPECT_EQ(polled.take(), "mine");
}

TEST(R164, AFiberInsideAFiberHasLocalsOfItsOwn) {
  Runtime rt = current_thread();
  EXPECT_EQ(rt.block_on(fiber::run([] {
    counter.get() = 5;
    fiber::await(fiber::run([] { counter.get() = 7; }));
    return counter.get();
  })),
            5);
}

TEST(R164, LocalsEndWithTheCodeTheNewestFirst) {
  Runtime rt = current_thread();
  Traced::gone().clear();
  const auto makes_both = [] {
    b.get();
    a.get();
    EXPECT_EQ(Traced::gone(), "");
  };
  auto body = [&]() -> Task<std::string> {
    co_await fiber::run(makes_both);
    co_return Traced::gone();
  };
  EXPECT_EQ(rt.block_on(body()), "ab");
  Traced::gone().clear();
  EXPECT_THROW(rt.block_on(fiber::run([&] {
    makes_both();
    throw std::runtime_error("ends by an exception");
  })),
               std::runtime_error);
  EXPECT_EQ(Traced::gone(), "ab");
}

TEST(R164, LocalsEndWhenTheFiberIsUnwound) {
  MockTask task;
  Probe<int> never;
  Traced::gone().clear();
  Polled polled(fiber::run([&] {
    a.get();
    const test_support::OnDestroy uses([] { b.get(); });
    fiber::await(never.wait());
  }));
  EXPECT_FALSE(polled.poll(task));
  polled.cancel();
  EXPECT_EQ(Traced::gone(), "ba") << "also one that was made meanwhile";
}

TEST(R164, ALocalsDestructorIsCodeOfTheFiber) {
  struct Says {
    ~Says() {
      fiber::await(yield_now());
      counter.get() = 1;
      was_destroyed() = true;
    }
    static bool& was_destroyed() {
      static bool flag = false;
      return flag;
    }
  };
  static constinit fiber::Local<Says> says;
  Runtime rt = current_thread();
  rt.block_on(fiber::run([] { says.get(); }));
  EXPECT_TRUE(Says::was_destroyed());
}

TEST(R164, WhatMakingALocalThrowsComesOut) {
  static constinit fiber::Local<int> fails([]() -> int { throw std::runtime_error("no value"); });
  Runtime rt = current_thread();
  EXPECT_THROW(rt.block_on(fiber::run([] { return fails.get(); })), std::runtime_error);
}

TEST(R164, ALocalOutsideOfAFiberIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  constexpr const char* kMessage =
      "weft: fatal: .*fiber_local_test.cc:[0-9]+: fiber::Local::get: called outside of a fiber";
  EXPECT_EQ(counter.try_get(), nullptr);
  EXPECT_DEATH(counter.get(), kMessage);
  Runtime rt = current_thread();
  auto coroutine = []() -> Task<int> { co_return counter.get(); };
  EXPECT_DEATH(rt.block_on(fiber::run([&] {
    counter.get() = 1;
    return fiber::await(coroutine());
  })),
               kMessage);
}

}  // namespace
}  // namespace weft
