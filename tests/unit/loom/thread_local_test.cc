#include <weft/loom/thread_local.h>

#include <coroutine>
#include <exception>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include <weft/loom/thread.h>

namespace {

using weft::loom::Thread;
using weft::loom::ThreadLocal;

template <class F>
void on_another_thread(F fn) {
  Thread::spawn({}, fn).value().join();
}

struct CountTag;
struct OtherTag;
using Count = ThreadLocal<int, CountTag>;
using Other = ThreadLocal<int, OtherTag>;

TEST(ThreadLocal, EachThreadHasItsOwn) {
  *Count::get() = 5;
  int fresh = -1;
  int* address = nullptr;
  on_another_thread([&] {
    fresh = *Count::get();
    *Count::get() = 6;
    address = Count::get();
  });
  EXPECT_EQ(fresh, 0);
  EXPECT_EQ(*Count::get(), 5);
  EXPECT_NE(address, nullptr);
  EXPECT_EQ(Count::get(), Count::get());
  *Count::get() = 0;
}

TEST(ThreadLocal, TagsTellVariablesApart) {
  EXPECT_NE(Count::get(), Other::get());
  *Other::get() = 8;
  EXPECT_EQ(*Count::get(), 0);
  *Other::get() = 0;
  static_assert(!std::is_default_constructible_v<Count>);
}

// A coroutine that compares its thread's variable before and after a suspension.
struct Wanderer {
  struct promise_type {
    Wanderer get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

// Only the comparison uses the addresses: that is what lets a compiler fold them into one.
Wanderer wander(bool& same) {
  int* const before = Count::get();
  co_await std::suspend_always();
  same = before == Count::get();
}

bool same_after_resuming_by(auto resume) {
  bool same = false;
  const Wanderer wanderer = wander(same);
  wanderer.handle.resume();
  resume(wanderer.handle);
  wanderer.handle.destroy();
  return same;
}

TEST(R161, ThreadLocalIsReadAnewAfterASuspension) {
  EXPECT_TRUE(same_after_resuming_by([](auto handle) { handle.resume(); }));
  EXPECT_FALSE(same_after_resuming_by(
      [](auto handle) { on_another_thread([handle] { handle.resume(); }); }));
}

std::vector<std::string>* g_log = nullptr;

struct Logged {
  Logged() noexcept { ++alive; }
  ~Logged();
  int number = 3;
  static inline thread_local int alive = 0;
};
struct LoggedTag;
using LoggedLocal = ThreadLocal<Logged, LoggedTag>;

Logged::~Logged() {
  --alive;
  if (g_log != nullptr) {
    g_log->push_back(LoggedLocal::try_get() == nullptr ? "gone while destroyed" : "there");
  }
}

TEST(ThreadLocal, IsMadeOnFirstUse) {
  int before = -1;
  int after = -1;
  int number = 0;
  on_another_thread([&] {
    before = Logged::alive;
    number = LoggedLocal::get()->number;
    LoggedLocal::get();
    after = Logged::alive;
  });
  EXPECT_EQ(before, 0);
  EXPECT_EQ(after, 1);
  EXPECT_EQ(number, 3);
}

TEST(ThreadLocal, TryGetMakesItToo) {
  bool made = false;
  on_another_thread([&] { made = LoggedLocal::try_get() != nullptr && Logged::alive == 1; });
  EXPECT_TRUE(made);
}

TEST(ThreadLocal, IsGoneFromItsOwnDestructorOn) {
  std::vector<std::string> log;
  g_log = &log;
  on_another_thread([] { LoggedLocal::get(); });
  g_log = nullptr;
  EXPECT_EQ(log, std::vector<std::string>{"gone while destroyed"});
}

// Made first, so destroyed last: what a runtime kept in a thread-local meets when it shuts down.
struct Witness {
  ~Witness() {
    if (seen == nullptr) return;
    *seen = LoggedLocal::try_get() == nullptr && *Count::try_get() == 9;
  }
  bool* seen = nullptr;
};

TEST(ThreadLocal, LaterCodeFindsOutThatItIsGone) {
  bool seen = false;
  on_another_thread([&] {
    static thread_local Witness witness;
    witness.seen = &seen;
    *Count::get() = 9;
    LoggedLocal::get();
  });
  EXPECT_TRUE(seen);
}

struct Never {
  ~Never() {}
  int number = 1;
};
struct NeverTag;

TEST(ThreadLocal, UnusedIsNeverMadeAndNotGone) {
  bool there = false;
  on_another_thread([&] {
    static_assert(!std::is_trivially_destructible_v<Never>);
    there = ThreadLocal<Never, NeverTag>::try_get() != nullptr;
  });
  EXPECT_TRUE(there);
}

struct Late {
  ~Late() {
    if (armed) ThreadLocal<Logged, Late>::get();
  }
  bool armed = false;
};

TEST(ThreadLocalDeathTest, GetAfterDestructionIsFatal) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(on_another_thread([] {
                 static thread_local Late late;
                 late.armed = true;
                 ThreadLocal<Logged, Late>::get();
               }),
               "ThreadLocal::get: this thread has destroyed it");
}

}  // namespace
