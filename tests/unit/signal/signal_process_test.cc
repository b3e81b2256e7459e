// Several runtimes, forked children, other threads, storms.

#include <array>
#include <csignal>
#include <cstddef>
#include <optional>
#include <pthread.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <tests/support/raw_sockets.h>
#include <tests/support/runtimes.h>
#include <weft/base/sys.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>
#include <weft/signal/signal.h>

namespace weft::signal {
namespace {

using test_support::current_thread;
using test_support::MockTask;
using test_support::multi_thread;
using test_support::Polled;

constexpr SignalKind kUser = SignalKind::user_defined1();

Signal listen(runtime::Runtime& rt, SignalKind kind = kUser) {
  const auto guard = rt.enter();
  return signal(kind).value();
}

Task<std::uint64_t> receive(Signal& from) { co_return (co_await from.recv())->count; }

// Runs `body` in a forked child and returns its exit status.
template <class F>
int in_child(F&& body) {
  const ::pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

TEST(SG15, AHundredThousandSignalsAreAllCounted) {
  constexpr std::uint64_t kSignals = 100'000;
  runtime::Runtime rt = multi_thread(2);
  Signal listener = listen(rt);
  auto counted = rt.spawn([](Signal from) -> Task<std::uint64_t> {
    std::uint64_t count = 0;
    while (count < kSignals) count += (co_await from.recv())->count;
    co_return count;
  }(std::move(listener)));
  auto others = rt.spawn([]() -> Task<> {
    for (int round = 0; round < 2000; ++round) {
      Signal comes = signal(kUser).value();
      MockTask task;
      Polled goes(comes.recv());
      static_cast<void>(goes.poll(task));
      co_await yield_now();
    }
  }());
  // To themselves: such a signal is delivered before raise() returns, so none is merged by the
  // kernel.
  std::array<std::thread, 2> senders;
  for (std::thread& sender : senders) {
    sender = std::thread([] {
      for (std::uint64_t i = 0; i < kSignals / 2; ++i) ::raise(kUser.as_raw());
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(rt.block_on(std::move(counted)).value(), kSignals);
  EXPECT_TRUE(rt.block_on(std::move(others)));
}

TEST(SG16, EveryDriverIsWokenByEverySignal) {
  // Each of these sleeps in its own driver; only a wake-up of its own ends that.
  constexpr int kRuntimes = 4;
  constexpr int kRounds = 10;
  std::vector<std::thread> threads;
  std::array<std::optional<runtime::Runtime>, kRuntimes> runtimes;
  std::vector<Signal> listeners;
  for (auto& rt : runtimes) {
    rt.emplace(current_thread());
    listeners.push_back(listen(*rt));
  }
  for (int round = 0; round < kRounds; ++round) {
    threads.clear();
    for (int i = 0; i < kRuntimes; ++i) {
      threads.emplace_back([&, i] { EXPECT_EQ(runtimes[i]->block_on(receive(listeners[i])), 1U); });
    }
    ASSERT_EQ(::raise(kUser.as_raw()), 0);
    for (std::thread& thread : threads) thread.join();
  }
}

TEST(SG17, TheEndOfARuntimeDoesNotStopAnother) {
  runtime::Runtime stays = current_thread();
  Signal listener = listen(stays);
  {
    runtime::Runtime goes = current_thread();
    Signal other = listen(goes);
    ASSERT_EQ(::raise(kUser.as_raw()), 0);
    EXPECT_EQ(goes.block_on(receive(other)), 1U);
  }
  EXPECT_EQ(stays.block_on(receive(listener)), 1U);
  ASSERT_EQ(::raise(kUser.as_raw()), 0);
  EXPECT_EQ(stays.block_on(receive(listener)), 1U);
}

TEST(SG17, ARuntimeLeavesNoDescriptors) {
  runtime::Runtime stays = current_thread();
  const Signal listener = listen(stays);
  const std::size_t before = test_support::open_fd_count();
  for (int i = 0; i < 20; ++i) {
    runtime::Runtime goes = current_thread();
    const Signal other = listen(goes);
  }
  EXPECT_EQ(test_support::open_fd_count(), before);
}

TEST(SG21, OthersAnnounceForARuntimeThatNobodyDrives) {
  runtime::Runtime idle = current_thread();
  runtime::Runtime driven = current_thread();
  Signal waiting = listen(idle);
  Signal heard = listen(driven);
  MockTask task;
  Polled receiving(waiting.recv());
  EXPECT_FALSE(receiving.poll(task));
  ASSERT_EQ(::raise(kUser.as_raw()), 0);
  EXPECT_EQ(driven.block_on(receive(heard)), 1U);
  EXPECT_EQ(task.wake_count(), 1);
  EXPECT_TRUE(receiving.poll(task));
}

TEST(SG23, AChildAndItsParentDoNotTakeEachOthersSignals) {
  runtime::Runtime rt = current_thread();
  Signal listener = listen(rt);
  // Not announced yet: the child must leave it to the parent.
  ASSERT_EQ(::raise(kUser.as_raw()), 0);
  EXPECT_EQ(in_child([] {
              fork_reset();
              runtime::Runtime own = current_thread();
              Signal inner = listen(own);
              ::raise(kUser.as_raw());
              return own.block_on(receive(inner)) == 1 ? 0 : 2;
            }),
            0);
  EXPECT_EQ(rt.block_on(receive(listener)), 1U);
  ASSERT_EQ(::raise(kUser.as_raw()), 0);
  EXPECT_EQ(rt.block_on(receive(listener)), 1U);
}

TEST(SG24, AChildStartsWithNothingCounted) {
  runtime::Runtime rt = current_thread();
  const Signal listener = listen(rt);
  ASSERT_EQ(::raise(kUser.as_raw()), 0);
  EXPECT_EQ(in_child([] {
              fork_reset();
              runtime::Runtime own = current_thread();
              Signal inner = listen(own);
              own.block_on([]() -> Task<> { co_await yield_now(); }());
              MockTask task;
              Polled receiving(inner.recv());
              return receiving.poll(task) ? 2 : 0;
            }),
            0);
}

TEST(SG24, WithoutListenersThereIsNothingToReset) {
  EXPECT_EQ(in_child([] {
              fork_reset();
              return 0;
            }),
            0);
}

TEST(SG28, ABlockingCallInThePoolIsRestarted) {
  runtime::Runtime rt = multi_thread(1);
  Signal listener = listen(rt);
  sys::Ends ends = sys::pipe2(0).value();
  std::array<int, 2> announce{};
  ASSERT_EQ(::pipe(announce.data()), 0);
  auto reading = rt.spawn_blocking([&] {
    const ::pthread_t self = ::pthread_self();
    EXPECT_EQ(::write(announce[1], &self, sizeof self), static_cast<ssize_t>(sizeof self));
    char byte = 0;
    return ::read(ends.first.borrow().raw(), &byte, 1);
  });
  ::pthread_t reader{};
  ASSERT_EQ(::read(announce[0], &reader, sizeof reader), static_cast<ssize_t>(sizeof reader));
  // Whether it is in read() already or not: it must not end with EINTR.
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(::pthread_kill(reader, kUser.as_raw()), 0);
    EXPECT_GE(rt.block_on(receive(listener)), 1U);
  }
  ASSERT_EQ(::write(ends.second.borrow().raw(), "x", 1), 1);
  EXPECT_EQ(rt.block_on(std::move(reading)).value(), 1);
  ::close(announce[0]);
  ::close(announce[1]);
}

TEST(SG30, SeveralListenersHearOfOneChild) {
  runtime::Runtime rt = current_thread();
  Signal first = listen(rt, SignalKind::child());
  Signal second = listen(rt, SignalKind::child());
  EXPECT_EQ(in_child([] { return 7; }), 7);
  EXPECT_GE(rt.block_on(receive(first)), 1U);
  EXPECT_GE(rt.block_on(receive(second)), 1U);
}

TEST(SG32, WhoComesLateFindsNothingAndGoesOn) {
  runtime::Runtime early = current_thread();
  runtime::Runtime late = current_thread();
  Signal heard = listen(early);
  Signal also = listen(late);
  ASSERT_EQ(::raise(kUser.as_raw()), 0);
  EXPECT_EQ(early.block_on(receive(heard)), 1U);
  // The eventfd is empty now; late's driver still has its event.
  late.block_on([]() -> Task<> { co_await yield_now(); }());
  EXPECT_EQ(late.block_on(receive(also)), 1U);
  ASSERT_EQ(::raise(kUser.as_raw()), 0);
  EXPECT_EQ(late.block_on(receive(also)), 1U);
}

}  // namespace
}  // namespace weft::signal
