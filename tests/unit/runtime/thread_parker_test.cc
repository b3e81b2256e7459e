// ThreadParker, ParkWaker and CachedParkWaker: what a thread in block_on waits with.

#include <weft/runtime/scheduler/thread_parker.h>

#include <chrono>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace weft::internal {
namespace {

using namespace std::chrono_literals;

TEST(R90, TokenLeftBeforeEndsThePark) {
  ThreadParker parker;
  parker.unpark();
  parker.park();
  EXPECT_FALSE(parker.try_park()) << "it has been used up";
}

TEST(R90, TokensDoNotCount) {
  ThreadParker parker;
  for (int i = 0; i < 3; ++i) parker.unpark();
  EXPECT_TRUE(parker.try_park());
  EXPECT_FALSE(parker.try_park());
}

TEST(R90, ParkedThreadIsWokenAndSeesWhatWasWritten) {
  ThreadParker parker;
  ThreadParker other;
  int written = 0;
  std::thread owner([&] {
    for (int i = 1; i <= 100; ++i) {
      parker.park();
      EXPECT_EQ(written, i);
      other.unpark();
    }
  });
  for (int i = 1; i <= 100; ++i) {
    written = i;
    parker.unpark();
    other.park();
  }
  owner.join();
}

TEST(R90, LimitEndsAParkWithoutAToken) {
  ThreadParker parker;
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(parker.park_for(2ms));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 2ms);
  EXPECT_FALSE(parker.park_for(0ns));
  EXPECT_FALSE(parker.park_for(-1h));
  parker.unpark();
  EXPECT_TRUE(parker.park_for(1h));
  parker.unpark();
  EXPECT_TRUE(parker.park_for(std::chrono::nanoseconds::max()));
}

TEST(R90, TokenEndsALimitedPark) {
  ThreadParker parker;
  std::thread unparker([&] { parker.unpark(); });
  EXPECT_TRUE(parker.park_for(1h));
  unparker.join();
}

TEST(R90, WakersOfTheParkerLeaveTheToken) {
  const CachedParkWaker parker;
  Waker waker = parker->waker();
  waker.wake();
  parker->park();
  const Waker copy = waker;
  EXPECT_TRUE(copy.will_wake(waker));
  std::move(waker).wake();
  EXPECT_TRUE(parker->park_for(1h));
  EXPECT_FALSE(parker->park_for(0ns));
  std::thread foreign([&] { copy.wake(); });
  parker->park();
  foreign.join();
}

TEST(R90, WakerOutlivesTheWait) {
  Waker waker;
  std::thread owner([&] {
    const CachedParkWaker parker;
    waker = parker->waker();
  });
  owner.join();
  waker.wake();
}

TEST(R90, ThreadKeepsItsParkerForTheNextTime) {
  Waker first;
  {
    const CachedParkWaker parker;
    first = parker->waker();
  }
  const CachedParkWaker parker;
  EXPECT_TRUE(parker->waker().will_wake(first));
}

TEST(R90, TokenOfAnEarlierWaitDoesNotEndTheNext) {
  {
    const CachedParkWaker parker;
    parker->unpark();
  }
  const CachedParkWaker parker;
  EXPECT_FALSE(parker->park_for(0ns));
}

TEST(R90, NestedWaitHasATokenOfItsOwn) {
  const CachedParkWaker outer;
  outer->unpark();
  {
    const CachedParkWaker inner;
    EXPECT_FALSE(inner->waker().will_wake(outer->waker()));
    EXPECT_FALSE(inner->park_for(0ns));
    inner->unpark();
    EXPECT_TRUE(inner->park_for(0ns));
  }
  EXPECT_TRUE(outer->park_for(0ns)) << "the inner wait has used up the outer one's token";
}

TEST(R90, EndingThreadCanStillWait) {
  struct AtThreadEnd {
    ~AtThreadEnd() {
      const CachedParkWaker parker;
      parker->unpark();
      parker->park();
      *ran = true;
    }
    bool* ran = nullptr;
  };
  bool ran = false;
  std::thread thread([&] {
    // Made before the thread's cache, so destroyed after it.
    static thread_local AtThreadEnd at_end;
    at_end.ran = &ran;
    const CachedParkWaker parker;
    parker->unpark();
    parker->park();
  });
  thread.join();
  EXPECT_TRUE(ran);
}

// Whether the last wait spins depends on how quick the machine was; its end does not.
TEST(R169, WaitAfterShortOnesStillLastsToItsLimit) {
  const CachedParkWaker parker;
  for (int i = 0; i < 8; ++i) {
    std::thread foreign([&] { parker->unpark(); });
    parker->park();
    foreign.join();
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(parker->park_for(2ms));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 2ms);
}

}  // namespace
}  // namespace weft::internal
