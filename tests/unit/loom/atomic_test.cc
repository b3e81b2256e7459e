#include <weft/loom/atomic.h>

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <type_traits>
#include <vector>

#include <weft/loom/thread.h>

namespace {

using weft::loom::Atomic;
using weft::loom::Thread;

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;
constexpr auto kAcqRel = std::memory_order_acq_rel;
constexpr auto kSeqCst = std::memory_order_seq_cst;

enum class Phase : std::uint8_t { kOne, kTwo };

constinit Atomic<int> g_constant(5);

TEST(Atomic, CostsNothing) {
  static_assert(sizeof(Atomic<std::uint64_t>) == 8 && sizeof(Atomic<Phase>) == 1);
  static_assert(std::is_trivially_destructible_v<Atomic<void*>>);
  static_assert(!std::is_copy_constructible_v<Atomic<int>>);
  static_assert(!std::is_convertible_v<int, Atomic<int>>);
  EXPECT_EQ(g_constant.load(kRelaxed), 5);
  EXPECT_EQ(Atomic<int>().load(kRelaxed), 0);
  EXPECT_EQ(Atomic<int*>().load(kRelaxed), nullptr);
}

template <class T>
concept Adds = requires(Atomic<T>& a, T v) { a.fetch_add(v, std::memory_order_relaxed); };
template <class T>
concept LoadsWithoutOrder = requires(Atomic<T>& a) { a.load(); };

TEST(Atomic, OnlyIntegersAreCounted) {
  static_assert(Adds<int> && Adds<std::uint64_t>);
  static_assert(!Adds<bool> && !Adds<Phase> && !Adds<int*>);
}

TEST(Atomic, OrdersAreNeverImplied) { static_assert(!LoadsWithoutOrder<int>); }

TEST(Atomic, LoadsStoresExchanges) {
  Atomic<Phase> phase(Phase::kOne);
  EXPECT_EQ(phase.load(kAcquire), Phase::kOne);
  phase.store(Phase::kTwo, kRelease);
  EXPECT_EQ(phase.exchange(Phase::kOne, kAcqRel), Phase::kTwo);
  EXPECT_EQ(phase.load(kSeqCst), Phase::kOne);
}

TEST(Atomic, CompareExchange) {
  int x = 0;
  int y = 0;
  Atomic<int*> pointer(&x);
  int* expected = &y;
  EXPECT_FALSE(pointer.compare_exchange_strong(expected, &y, kAcqRel));
  EXPECT_EQ(expected, &x);
  EXPECT_TRUE(pointer.compare_exchange_strong(expected, &y, kAcqRel));
  EXPECT_EQ(pointer.load(kRelaxed), &y);
  EXPECT_FALSE(pointer.compare_exchange_strong(expected, &x, kRelease, kRelaxed));
  EXPECT_EQ(expected, &y);
  EXPECT_TRUE(pointer.compare_exchange_strong(expected, &x, kRelease, kRelaxed));

  // The weak forms may fail for no reason, so they stand in loops.
  expected = &y;
  EXPECT_FALSE(pointer.compare_exchange_weak(expected, nullptr, kAcqRel));
  EXPECT_EQ(expected, &x);
  while (!pointer.compare_exchange_weak(expected, &y, kAcqRel)) {
  }
  expected = &y;
  while (!pointer.compare_exchange_weak(expected, nullptr, kRelease, kRelaxed)) {
  }
  EXPECT_EQ(pointer.load(kRelaxed), nullptr);
}

TEST(Atomic, FetchOperationsReturnTheValueBefore) {
  Atomic<unsigned> word(0b1100);
  EXPECT_EQ(word.fetch_or(0b0011, kRelaxed), 0b1100u);
  EXPECT_EQ(word.fetch_and(0b0110, kAcquire), 0b1111u);
  EXPECT_EQ(word.fetch_xor(0b0101, kRelease), 0b0110u);
  EXPECT_EQ(word.fetch_add(2, kAcqRel), 0b0011u);
  EXPECT_EQ(word.fetch_sub(6, kSeqCst), 5u);
  EXPECT_EQ(word.load(kRelaxed), ~0u);
}

TEST(Atomic, OwnerReadsAndChangesPlainly) {
  Atomic<int> value(1);
  EXPECT_EQ(value.unsync_load(), 1);
  EXPECT_EQ(value.with_mut([](int& v) { return v += 4; }), 5);
  EXPECT_EQ(value.unsync_load(), 5);
  value.with_mut([](int& v) { v = 9; });
  EXPECT_EQ(value.load(kRelaxed), 9);
  EXPECT_THROW(value.with_mut([](int& v) {
    v = 10;
    throw 1;
  }),
               int);
  EXPECT_EQ(value.unsync_load(), 10);
}

TEST(Atomic, NoIncrementIsLost) {
  constexpr int kThreads = 4;
  constexpr int kEach = 20'000;
  Atomic<int> count(0);
  std::vector<Thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.push_back(Thread::spawn({}, [&count] {
                        for (int n = 0; n < kEach; ++n) count.fetch_add(1, kRelaxed);
                      }).value());
  }
  for (Thread& thread : threads) thread.join();
  EXPECT_EQ(count.unsync_load(), kThreads * kEach);
}

}  // namespace
