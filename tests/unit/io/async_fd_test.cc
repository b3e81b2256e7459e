// AsyncFd and ReadyGuard.

#include <array>
#include <cstdint>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <tests/support/raw_sockets.h>
#include <tests/support/runtimes.h>
#include <weft/base/sys.h>
#include <weft/io/async_fd.h>
#include <weft/runtime/poll_fn.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/shutdown_error.h>
#include <weft/runtime/spawn.h>

namespace weft::io {
namespace {

using test_support::current_thread;
using test_support::FdPair;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::open_fd_count;
using test_support::Polled;
using test_support::read_text;
using test_support::tcp_pair;
using test_support::unix_stream_pair;
using test_support::write_text;

using Fd = AsyncFd<OwnedFd>;

// Whether the kernel still has something to say: a turn of the driver, by waiting for something
// that is ready after it.
Task<> turn() {
  FdPair pair = unix_stream_pair();
  const Fd fd = Fd::create(std::move(pair.first)).value();
  const Result<ReadyGuard> ready = co_await fd.writable();
  EXPECT_TRUE(ready);
}

TEST(N47, WritableAtFirstAndReadableUntilCleared) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      FdPair pair = unix_stream_pair();
      const Fd fd = Fd::create(std::move(pair.first)).value();
      {
        const Result<ReadyGuard> writable = co_await fd.writable();
        EXPECT_TRUE(writable->ready().is_writable());
      }
      MockTask task;
      {
        Polled readable(fd.readable());
        EXPECT_FALSE(readable.poll(task));
      }
      EXPECT_TRUE(write_text(pair.second, "x"));
      Result<ReadyGuard> guard = co_await fd.readable();
      EXPECT_EQ(*read_text(fd.get()), "x");
      guard->retain_ready();
      guard = co_await fd.readable();  // read, but nobody has said so
      guard->clear_ready();
      Polled again(fd.readable());
      EXPECT_FALSE(again.poll(task));
      EXPECT_TRUE(write_text(pair.second, "y"));
      const Result<ReadyGuard> news = co_await fd.readable();
      EXPECT_TRUE(news);
      EXPECT_TRUE(again.poll(task));
    }());
  });
}

TEST(N48, TryIoKeepsReadinessUnlessItWouldBlock) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    FdPair pair = unix_stream_pair();
    const Fd fd = Fd::create(std::move(pair.first)).value();
    EXPECT_TRUE(write_text(pair.second, "x"));
    Result<ReadyGuard> guard = co_await fd.readable();
    const auto fine = guard->try_io([] { return Result<int>(7); });
    EXPECT_EQ(fine->value(), 7);
    const auto other = guard->try_io([]() -> Result<int> { return Err(std::errc::io_error); });
    EXPECT_EQ(other->error(), std::errc::io_error);
    const auto seven = [] { return Result<int>(7); };
    EXPECT_EQ(fd.try_io(Interest::kReadable, seven).value(), 7);
    const auto blocked =
        guard->try_io([]() -> Result<int> { return Err(std::errc::operation_would_block); });
    EXPECT_EQ(blocked, std::nullopt);
    EXPECT_TRUE(guard->ready().is_empty());
    EXPECT_EQ(fd.try_io(Interest::kReadable, seven).error(), std::errc::operation_would_block);
  }());
}

TEST(NF2, NewsThatCameAfterTheGuardIsNotCleared) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    FdPair pair = unix_stream_pair();
    const Fd fd = Fd::create(std::move(pair.first)).value();
    EXPECT_TRUE(write_text(pair.second, "x"));
    Result<ReadyGuard> guard = co_await fd.readable();
    EXPECT_TRUE(write_text(pair.second, "y"));
    co_await turn();
    guard->clear_ready();
    const auto seven = [] { return Result<int>(7); };
    EXPECT_EQ(fd.try_io(Interest::kReadable, seven).value(), 7);
  }());
}

TEST(NF2, AGuardMayOutliveItsAsyncFd) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    FdPair pair = unix_stream_pair();
    std::optional<Fd> fd(Fd::create(std::move(pair.first)).value());
    Result<ReadyGuard> guard = co_await fd->writable();
    fd.reset();
    guard->clear_ready();
    EXPECT_EQ(guard->try_io([] { return Result<int>(7); })->error(), Errc::closed);
  }());
}

TEST(NF1, AnObjectANumberAndASmartPointer) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    FdPair pair = unix_stream_pair();
    {
      const AsyncFd<int> bare = AsyncFd<int>::create(pair.first.raw()).value();
      EXPECT_EQ(bare.get(), pair.first.raw());
      EXPECT_TRUE(co_await bare.writable());
    }
    EXPECT_TRUE(sys::get_fd_flags(pair.first));  // still open
    auto shared = std::make_shared<OwnedFd>(std::move(pair.first));
    const auto fd = AsyncFd<std::shared_ptr<OwnedFd>>::create(shared).value();
    EXPECT_TRUE(co_await fd.writable());
    EXPECT_EQ(AsyncFd<std::shared_ptr<OwnedFd>>::create(nullptr).error(),
              std::errc::bad_file_descriptor);
  }());
}

TEST(NF1, ARegularFileIsRefusedAndADescriptorIsWatchedOnce) {
  runtime::Runtime rt = current_thread();
  const auto context = rt.enter();
  OwnedFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(Fd::create(std::move(file)).error(), std::errc::operation_not_permitted);
  FdPair pair = unix_stream_pair();
  const int number = pair.first.raw();
  const Fd fd = Fd::create(std::move(pair.first)).value();
  EXPECT_EQ(AsyncFd<int>::create(number).error(), std::errc::file_exists);
  EXPECT_TRUE(sys::get_fd_flags(fd.get()));
}

TEST(N49, DestroyingClosesThroughTheObjectAndIntoInnerDoesNot) {
  runtime::Runtime rt = current_thread();
  const auto context = rt.enter();
  FdPair pair = unix_stream_pair();
  const std::size_t before = open_fd_count();
  {
    const Fd fd = Fd::create(std::move(pair.first)).value();
  }
  EXPECT_EQ(open_fd_count(), before - 1);
  {
    const OwnedFd back = Fd::create(std::move(pair.second)).value().into_inner();
    EXPECT_EQ(open_fd_count(), before - 1);
  }
  EXPECT_EQ(open_fd_count(), before - 2);
}

TEST(N49, ASharedObjectClosesWithItsLastOwner) {
  runtime::Runtime rt = current_thread();
  const auto context = rt.enter();
  FdPair pair = unix_stream_pair();
  auto shared = std::make_shared<OwnedFd>(std::move(pair.first));
  {
    const auto fd = AsyncFd<std::shared_ptr<OwnedFd>>::create(shared).value();
  }
  EXPECT_TRUE(write_text(*shared, "open"));
  shared.reset();
  EXPECT_EQ(*read_text(pair.second), "open");
  EXPECT_EQ(*read_text(pair.second), "");
}

TEST(N50, WhatWasTakenOutGoesInAgain) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    FdPair pair = unix_stream_pair();
    OwnedFd inner = std::move(pair.first);
    for (int i = 0; i < 3; ++i) {
      Fd fd = Fd::create(std::move(inner)).value();
      EXPECT_TRUE(co_await fd.writable());
      inner = std::move(fd).into_inner();
    }
    Fd moved = Fd::create(std::move(inner)).value();
    moved = Fd::create(std::move(pair.second)).value();  // closes the other end
    EXPECT_TRUE((co_await moved.readable())->ready().is_read_closed());
  }());
}

TEST(N51, AllWaitersWake) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    FdPair pair = unix_stream_pair();
    const Fd fd = Fd::create(std::move(pair.first)).value();
    MockTask task;
    using Waiting = Polled<internal::GuardAwaitable>;
    std::vector<std::unique_ptr<Waiting>> waits;
    for (int i = 0; i < 10; ++i) {
      waits.push_back(std::make_unique<Waiting>(fd.readable()));
      EXPECT_FALSE(waits.back()->poll(task));
    }
    EXPECT_TRUE(write_text(pair.second, "x"));
    EXPECT_TRUE(co_await fd.readable());
    EXPECT_EQ(task.wake_count(), 10);
    for (auto& wait : waits) EXPECT_TRUE(wait->poll(task));
  }());
}

TEST(N52, OfTwoPollersOnlyTheLastIsWokenAndWritersAreNotConcerned) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    FdPair pair = unix_stream_pair();
    const Fd fd = Fd::create(std::move(pair.first)).value();
    Result<ReadyGuard> room = co_await fd.writable();
    test_support::fill(fd.get());
    room->clear_ready();
    MockTask first;
    MockTask second;
    MockTask writer;
    const Waker wakers[] = {first.waker(), second.waker(), writer.waker()};
    Context contexts[] = {Context(wakers[0]), Context(wakers[1]), Context(wakers[2])};
    EXPECT_TRUE(fd.poll_write_ready(contexts[2]).is_pending());
    EXPECT_TRUE(fd.poll_read_ready(contexts[0]).is_pending());
    EXPECT_TRUE(fd.poll_read_ready(contexts[1]).is_pending());
    EXPECT_TRUE(write_text(pair.second, "x"));
    EXPECT_TRUE(co_await fd.readable());
    EXPECT_FALSE(first.take_woken());
    EXPECT_TRUE(second.take_woken());
    EXPECT_FALSE(writer.take_woken());
    EXPECT_TRUE((*fd.poll_read_ready(contexts[1]))->ready().is_readable());
    test_support::drain(pair.second);
    EXPECT_TRUE(co_await fd.writable());
    EXPECT_TRUE(writer.take_woken());
  }());
}

TEST(NF4, AsyncIoRepeatsWhatWouldBlock) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      FdPair pair = unix_stream_pair();
      const Fd fd = Fd::create(std::move(pair.first)).value();
      auto reading = spawn([&fd]() -> Task<std::string> {
        const auto read = [&fd] { return read_text(fd.get()); };
        const Result<std::string> text = co_await fd.async_io(Interest::kReadable, read);
        co_return text.value();
      });
      EXPECT_TRUE(co_await fd.writable());
      EXPECT_TRUE(write_text(pair.second, "async"));
      EXPECT_EQ((co_await reading).value(), "async");
    }());
  });
}

TEST(NF4, WhatTheFunctionThrowsComesOut) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    FdPair pair = unix_stream_pair();
    const Fd fd = Fd::create(std::move(pair.first)).value();
    const auto thrower = []() -> Result<int> { throw std::runtime_error("thrown"); };
    bool caught = false;
    try {
      const Result<int> never = co_await fd.async_io(Interest::kWritable, thrower);
      EXPECT_FALSE(never);
    } catch (const std::runtime_error&) {
      caught = true;
    }
    EXPECT_TRUE(caught);
  }());
}

TEST(N53, ShuttingDownWakesWaitsAndPollsWithTheError) {
  MockTask task;
  MockTask poller;
  const Waker waker = poller.waker();
  Context cx(waker);
  FdPair pair = unix_stream_pair();
  std::optional<Fd> fd;
  std::optional<ReadyGuard> guard;
  {
    runtime::Runtime rt = current_thread();
    rt.block_on(
        [](std::optional<Fd>& into, std::optional<ReadyGuard>& kept, OwnedFd owned) -> Task<> {
          into.emplace(Fd::create(std::move(owned)).value());
          kept.emplace((co_await into->writable()).value());
        }(fd, guard, std::move(pair.first)));
    Polled waiting(fd->readable());
    EXPECT_FALSE(waiting.poll(task));
    EXPECT_TRUE(fd->poll_read_ready(cx).is_pending());
    {
      runtime::Runtime gone(std::move(rt));
    }
    EXPECT_TRUE(task.take_woken());
    EXPECT_TRUE(poller.take_woken());
    ASSERT_TRUE(waiting.poll(task));
    EXPECT_TRUE(runtime::is_rt_shutdown_err(waiting.take().error()));
  }
  EXPECT_EQ((*fd->poll_read_ready(cx)).error(), Errc::runtime_shutdown);
  Polled later(fd->writable());
  ASSERT_TRUE(later.poll(task));
  EXPECT_EQ(later.take().error(), Errc::runtime_shutdown);
  guard->clear_ready();
}

TEST(N53, ShuttingDownRacesWithWaits) {
  for (int i = 0; i < 100; ++i) {
    FdPair pair = unix_stream_pair();
    std::optional<runtime::Runtime> rt(current_thread());
    std::optional<Fd> fd;
    {
      const auto context = rt->enter();
      fd.emplace(Fd::create(std::move(pair.first)).value());
    }
    std::thread waiter([&fd] {
      const runtime::Runtime own = current_thread();
      const Result<ReadyGuard> ready =
          own.block_on([](const Fd& watched) -> Task<Result<ReadyGuard>> {
            Result<ReadyGuard> guard = co_await watched.readable();
            co_return guard;
          }(*fd));
      EXPECT_EQ(ready.error(), Errc::runtime_shutdown);
    });
    rt.reset();
    waiter.join();
  }
}

TEST(NF1, DestroyingEndsWaitsWithClosed) {
  runtime::Runtime rt = current_thread();
  const auto context = rt.enter();
  FdPair pair = unix_stream_pair();
  std::optional<Fd> fd(Fd::create(std::move(pair.first)).value());
  MockTask task;
  Polled first(fd->readable());
  Polled second(fd->readable());
  EXPECT_FALSE(first.poll(task));
  EXPECT_FALSE(second.poll(task));
  fd.reset();
  EXPECT_EQ(task.wake_count(), 2);
  ASSERT_TRUE(first.poll(task));
  EXPECT_EQ(first.take().error(), Errc::closed);
}

TEST(N54, OutOfBandDataWakesPriority) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    FdPair pair = tcp_pair();
    const Fd fd = Fd::create(std::move(pair.first), Interest::kPriority).value();
    MockTask task;
    Polled waiting(fd.ready(Interest::kPriority));
    EXPECT_FALSE(waiting.poll(task));
    const std::array<std::byte, 1> urgent{std::byte{1}};
    EXPECT_TRUE(sys::send(pair.second, urgent, MSG_OOB));
    EXPECT_TRUE((co_await fd.ready(Interest::kPriority))->ready().is_priority());
    EXPECT_TRUE(task.take_woken());
  }());
}

TEST(N55, ClearingSomeShrinksTheSet) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    FdPair pair = unix_stream_pair();
    const Fd fd = Fd::create(std::move(pair.first)).value();
    EXPECT_TRUE(write_text(pair.second, "x"));
    EXPECT_TRUE(co_await fd.readable());
    Result<ReadyGuard> guard = co_await fd.ready(Interest::kReadable | Interest::kWritable);
    EXPECT_EQ(guard->ready(), Ready::kReadable | Ready::kWritable);
    guard->clear_ready_matching(Ready::kReadable);
    EXPECT_EQ(guard->ready(), Ready::kWritable);
    MockTask task;
    Polled readable(fd.readable());
    EXPECT_FALSE(readable.poll(task));
    Polled writable(fd.writable());
    EXPECT_TRUE(writable.poll(task));
    guard->clear_ready_matching(Ready::kWritable);
    EXPECT_TRUE(guard->ready().is_empty());
    Polled none(fd.writable());
    EXPECT_FALSE(none.poll(task));
  }());
}

TEST(NF3, ErrorsAloneAreWaitedFor) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [read_end, write_end] = test_support::pipe_pair();
    const Fd fd = Fd::create(std::move(write_end), Interest::kError).value();
    MockTask task;
    Polled waiting(fd.ready(Interest::kError));
    EXPECT_FALSE(waiting.poll(task));
    read_end = OwnedFd();  // a pipe without readers is an error
    EXPECT_TRUE((co_await fd.ready(Interest::kError))->ready().is_error());
    EXPECT_TRUE(task.take_woken());
  }());
}

::sockaddr_in address_of(BorrowedFd socket) {
  ::sockaddr_in address{};
  ::socklen_t size = sizeof address;
  EXPECT_TRUE(sys::getsockname(socket, reinterpret_cast<::sockaddr*>(&address), &size));
  return address;
}

Result<std::size_t> send_to(BorrowedFd socket, const ::sockaddr_in& to) {
  const std::array<std::byte, 1> byte{};
  return sys::sendto(socket, byte, 0, reinterpret_cast<const ::sockaddr*>(&to), sizeof to);
}

TEST(N56, TheErrorQueueOfASocketIsAnError) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    OwnedFd socket = test_support::udp_socket();
    const int on = 1;
    EXPECT_TRUE(sys::setsockopt(socket, IPPROTO_IP, IP_RECVERR, &on, sizeof on));
    const Fd fd = Fd::create(std::move(socket), Interest::kError).value();
    ::sockaddr_in closed{};
    {
      const OwnedFd gone = test_support::udp_socket();
      closed = address_of(gone);
    }
    EXPECT_TRUE(send_to(fd.get(), closed));
    EXPECT_TRUE((co_await fd.ready(Interest::kError))->ready().is_error());
  }());
}

TEST(N56, ASendTimestampIsAnError) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    OwnedFd socket = test_support::udp_socket();
    const int flags = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE;
    EXPECT_TRUE(sys::setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags));
    const Fd fd = Fd::create(std::move(socket), Interest::kError).value();
    const OwnedFd other = test_support::udp_socket();
    EXPECT_TRUE(send_to(fd.get(), address_of(other)));
    EXPECT_TRUE((co_await fd.ready(Interest::kError))->ready().is_error());
  }());
}

// An object that says it has no descriptor.
struct Nothing {
  int raw() const { return -1; }
  int name = 0;
};

TEST(N57, WhatCannotBeWatchedComesBack) {
  runtime::Runtime rt = current_thread();
  const auto context = rt.enter();
  auto refused = AsyncFd<Nothing>::try_create(Nothing{42});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error(), std::errc::bad_file_descriptor);
  EXPECT_EQ(refused.error().value.name, 42);
  OwnedFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const int number = file.raw();
  auto kept = Fd::try_create(std::move(file));
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().value.raw(), number);
  EXPECT_TRUE(sys::get_fd_flags(kept.error().value));
}

TEST(NG10, DestroyingWhileAFunctionRunsElsewhereIsFatal) {
  EXPECT_DEATH(
      {
        runtime::Runtime rt = current_thread();
        const auto context = rt.enter();
        FdPair pair = unix_stream_pair();
        std::optional<Fd> fd(Fd::create(std::move(pair.first)).value());
        MockTask task;
        const auto destroy = [&fd]() -> Result<int> {
          fd.reset();
          return 1;
        };
        Polled running(fd->async_io(Interest::kWritable, destroy));
        rt.block_on(turn());
        static_cast<void>(running.poll(task));
      },
      "AsyncFd: destroyed");
}

}  // namespace
}  // namespace weft::io
