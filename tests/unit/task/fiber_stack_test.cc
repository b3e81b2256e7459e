// The stacks of fibers: size, reuse, what is measured of them, and what an overflow does.
//
// Spec: R-164.

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <tests/support/runtimes.h>
#include <tests/support/scale.h>
#include <weft/base/stack.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/fiber.h>
#include <weft/task/internal/fiber_stacks.h>

namespace weft {
namespace {

using runtime::Runtime;
using test_support::current_thread;
using test_support::MockTask;
using test_support::multi_thread;
using test_support::Polled;
using test_support::Probe;

constexpr std::size_t kKilobyte = 1024;

// Uses a good `bytes` of the stack; the sum keeps the compiler from leaving any of it out, and
// AddressSanitizer keeps locals elsewhere if it is let.
[[gnu::noinline, gnu::no_sanitize_address]] unsigned use_stack(std::size_t bytes) {
  volatile unsigned char block[1024];
  for (std::size_t i = 0; i < sizeof block; ++i) block[i] = static_cast<unsigned char>(i | 1);
  unsigned sum = bytes > sizeof block ? use_stack(bytes - sizeof block) : 0;
  for (const volatile unsigned char& one : block) sum += one;
  return sum;
}

// Where the code that calls it has its stack, roughly.
[[gnu::noinline]] std::uintptr_t here() {
  // SAFETY(cast): the address is compared, never followed.
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

TEST(R164, AStackIsAsLargeAsAskedFor) {
  Runtime rt = current_thread();
  constexpr std::size_t kLarge = std::size_t{test_support::scaled(40)} << 20;
  EXPECT_GT(rt.block_on(fiber::run(fiber::Options{.stack_size = 2 * kLarge},
                                   [] { return use_stack(kLarge); })),
            0u);
}

TEST(R164, WhatAFiberAwaitsRunsOnTheThreadsStack) {
  Runtime rt = current_thread();
  const auto body = []() -> Task<unsigned> {
    unsigned sum = use_stack(200 * kKilobyte);
    co_await yield_now();
    sum += use_stack(200 * kKilobyte);
    co_return sum;
  };
  EXPECT_GT(rt.block_on(fiber::run(fiber::Options{.stack_size = 64 * kKilobyte},
                                   [&] { return fiber::await(body()); })),
            0u);
}

TEST(R164, SizesAreRoundedUpToPowersOfTwo) {
  using internal::rounded_stack_size;
  EXPECT_EQ(rounded_stack_size(0), 16 * kKilobyte);
  EXPECT_EQ(rounded_stack_size(16 * kKilobyte + 1), 32 * kKilobyte);
  EXPECT_EQ(rounded_stack_size(fiber::Options::kDefaultStackSize), 256 * kKilobyte);
  EXPECT_EQ(rounded_stack_size(std::numeric_limits<std::size_t>::max()), 0u);
  const internal::Stack stack = internal::take_fiber_stack(20 * kKilobyte, false).value();
  EXPECT_EQ(stack.size(), 32 * kKilobyte);
}

TEST(R164, WithoutMemoryForAStackItThrowsBadAlloc) {
  Runtime rt = current_thread();
  bool has_run = false;
  for (const std::size_t size :
       {std::numeric_limits<std::size_t>::max(), std::numeric_limits<std::size_t>::max() / 4}) {
    EXPECT_THROW(
        rt.block_on(fiber::run(fiber::Options{.stack_size = size}, [&has_run] { has_run = true; })),
        std::bad_alloc);
  }
  EXPECT_FALSE(has_run);
}

TEST(R164, AStackIsUsedAgainByTheNextFiberOfTheThread) {
  MockTask task;
  const auto run_one = [&] {
    Polled polled(fiber::run([] { return here(); }));
    EXPECT_TRUE(polled.poll(task));
    return polled.take();
  };
  EXPECT_EQ(run_one(), run_one());
}

TEST(R164, AStackFindsItsWayFromTheThreadItEndedOnToOthers) {
  // More than a thread keeps for itself.
  constexpr int kFibers = 40;
  const auto where = [] {
    std::set<std::uintptr_t> places;
    std::vector<internal::Stack> stacks;
    for (int i = 0; i < kFibers; ++i) {
      stacks.push_back(internal::take_fiber_stack(64 * kKilobyte, false).value());
      // SAFETY(cast): the address is compared, never followed.
      places.insert(reinterpret_cast<std::uintptr_t>(stacks.back().lowest()));
    }
    for (internal::Stack& stack : stacks) internal::give_back_fiber_stack(std::move(stack));
    return places;
  };
  std::set<std::uintptr_t> first, second;
  std::thread([&] { first = where(); }).join();
  std::thread([&] { second = where(); }).join();
  std::size_t again = 0;
  for (const std::uintptr_t place : second) again += first.count(place);
  // The 2 MiB that the first thread kept to itself went with it.
  EXPECT_GE(again, kFibers - (std::size_t{2} << 20) / (64 * kKilobyte));
}

TEST(R164, FibersThatAreAliveHaveStacksOfTheirOwn) {
  MockTask task;
  Probe<int> probe;
  std::set<std::uintptr_t> places;
  const auto code = [&] {
    places.insert(here());
    fiber::await(probe.wait());
  };
  Polled first(fiber::run(code));
  Polled second(fiber::run(code));
  EXPECT_FALSE(first.poll(task));
  EXPECT_FALSE(second.poll(task));
  EXPECT_EQ(places.size(), 2u);
}

TEST(R164, HowMuchOfAMeasuredStackWasUsedIsToldExactly) {
  Runtime rt = current_thread();
  const fiber::Options measured{.stack_size = 512 * kKilobyte, .measure_stack = true};
  const auto [before, after] = rt.block_on(fiber::run(measured, [] {
    const std::size_t shallow = fiber::stack_high_water();
    use_stack(100 * kKilobyte);
    fiber::await(yield_now());
    return std::pair(shallow, fiber::stack_high_water());
  }));
  EXPECT_GT(before, 0u);
  EXPECT_LT(before, 64 * kKilobyte);
  EXPECT_GE(after, 100 * kKilobyte);
  EXPECT_LT(after, 400 * kKilobyte);
  const std::size_t next =
      rt.block_on(fiber::run(measured, [] { return fiber::stack_high_water(); }));
  EXPECT_LT(next, 64 * kKilobyte) << "the fiber before does not count";
}

TEST(R164, MeasuringOutsideOfAFiberIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      fiber::stack_high_water(),
      "weft: fatal: .*fiber_stack_test.cc:[0-9]+: fiber::stack_high_water: called outside");
}

TEST(R164, FibersBeginAndEndOnAllThreadsAtOnce) {
  Runtime rt = multi_thread(4);
  std::vector<JoinHandle<void>> handles;
  for (int i = 0; i < 64; ++i) {
    handles.push_back(rt.spawn([]() -> Task<> {
      auto code = [] {
        use_stack(4 * kKilobyte);
        fiber::await(yield_now());
        use_stack(4 * kKilobyte);
      };
      for (int k = 0; k < 20; ++k) co_await fiber::run(code);
    }));
  }
  for (auto& handle : handles) EXPECT_TRUE(rt.block_on(handle).has_value());
}

// Sanitizers have handlers of their own for the signal, and report it.
TEST(R164, AnOverflowHitsTheGuardPage) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto overflow = [] {
    Runtime rt = current_thread();
    rt.block_on(fiber::run(fiber::Options{.stack_size = 64 * kKilobyte},
                           [] { return use_stack(256 * kKilobyte); }));
  };
  if constexpr (test_support::kScaleDown == 1) {
    EXPECT_EXIT(overflow(), testing::KilledBySignal(SIGSEGV), "");
  } else {
    EXPECT_DEATH(overflow(), "Sanitizer");
  }
}

}  // namespace
}  // namespace weft
