// UnixDatagram.

#include <array>
#include <cerrno>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <tests/support/mock_task.h>
#include <tests/unit/net/net_support.h>
#include <tests/unit/net/scratch_directory.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/poll_fn.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>

namespace weft::net {
namespace {

using test_support::current_thread;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::Polled;
using test_support::ScratchDirectory;

std::string_view text_of(std::span<const char> room, std::size_t size) {
  return {room.data(), size};
}

TEST(N40, EchoReportsTheSendersPath) {
  on_every_kind([](runtime::Runtime& rt) {
    const ScratchDirectory directory;
    rt.block_on([](std::filesystem::path here) -> Task<> {
      const UnixDatagram server = UnixDatagram::bind(here / "server").value();
      const UnixDatagram client = UnixDatagram::bind(here / "client").value();
      EXPECT_TRUE(client.connect(here / "server"));
      EXPECT_EQ((co_await client.send("ping")).value(), 4u);
      std::array<char, 16> room;
      const auto [size, sender] = (co_await server.recv_from(room)).value();
      EXPECT_EQ(text_of(room, size), "ping");
      EXPECT_EQ(*sender.as_pathname(), (here / "client").native());
      EXPECT_EQ((co_await server.send_to("pong", here / "client")).value(), 4u);
      EXPECT_EQ((co_await client.recv(room)).value(), 4u);
      EXPECT_EQ(text_of(room, 4), "pong");
      EXPECT_EQ(client.peer_addr().value(), server.local_addr().value());
    }(directory.path()));
  });
}

TEST(N40, TrySendUntilItWouldBlockAndExactlyThatIsRead) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const auto [a, b] = UnixDatagram::pair().value();
    EXPECT_TRUE(co_await a.writable());
    int sent = 0;
    Result<std::size_t> last = a.try_send("message");
    for (; last; last = a.try_send("message")) ++sent;
    EXPECT_EQ(last.error(), std::errc::operation_would_block);
    MockTask task;
    Polled writable(a.writable());
    EXPECT_FALSE(writable.poll(task));

    EXPECT_TRUE(co_await b.readable());
    int received = 0;
    std::array<char, 16> room;
    Result<std::size_t> read = b.try_recv(room);
    for (; read; read = b.try_recv(room)) received += text_of(room, *read) == "message";
    EXPECT_EQ(read.error(), std::errc::operation_would_block);
    EXPECT_EQ(received, sent);
    EXPECT_TRUE(co_await a.writable());
    EXPECT_TRUE(task.take_woken());
  }());
}

TEST(NX2, PairsBindAndUnboundSendersAreUnnamed) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const UnixDatagram receiver = UnixDatagram::bind_addr(UnixSocketAddr::unnamed()).value();
    const UnixSocketAddr address = receiver.local_addr().value();
    const UnixDatagram sender = UnixDatagram::unbound().value();
    EXPECT_EQ((co_await sender.send("x")).error(), std::errc::not_connected);
    EXPECT_EQ((co_await sender.send_to_addr("hello", address)).value(), 5u);
    EXPECT_TRUE(co_await receiver.readable());
    EXPECT_TRUE(receiver.try_peek_sender()->is_unnamed());
    std::array<char, 16> room;
    const auto [size, from] = (co_await receiver.recv_from(room)).value();
    EXPECT_EQ(size, 5u);
    EXPECT_TRUE(from.is_unnamed());
    EXPECT_TRUE(sender.connect_addr(address));
    EXPECT_EQ((co_await sender.send("hi")).value(), 2u);
    EXPECT_EQ((co_await receiver.peek(room)).value(), 2u);
    EXPECT_EQ((co_await receiver.recv(room)).value(), 2u);
    EXPECT_EQ(sender.take_error().value(), std::nullopt);
  }());
}

TEST(NX2, ShutdownEndsADirection) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const auto [a, b] = UnixDatagram::pair().value();
    EXPECT_TRUE(b.shutdown(Shutdown::kRead));
    EXPECT_EQ((co_await a.send("x")).error(), std::errc::broken_pipe);
    EXPECT_TRUE(co_await b.send("back"));
    EXPECT_TRUE(b.shutdown(Shutdown::kWrite));
    EXPECT_EQ((co_await b.send("x")).error(), std::errc::broken_pipe);
    std::array<char, 16> room;
    EXPECT_EQ((co_await a.recv(room)).value(), 4u);
    EXPECT_TRUE(a.shutdown(Shutdown::kBoth));
  }());
}

TEST(NX2, SendingToNobodyFails) {
  runtime::Runtime rt = current_thread();
  const ScratchDirectory directory;
  rt.block_on([](std::filesystem::path here) -> Task<> {
    const UnixDatagram sender = UnixDatagram::unbound().value();
    EXPECT_EQ((co_await sender.send_to("x", here / "nobody")).error(),
              std::errc::no_such_file_or_directory);
    {
      const UnixDatagram gone = UnixDatagram::bind(here / "gone").value();
    }
    EXPECT_EQ((co_await sender.send_to("x", here / "gone")).error(), std::errc::connection_refused);
    EXPECT_EQ(sender.connect(here / "gone").error(), std::errc::connection_refused);
    EXPECT_EQ((co_await sender.send_to("x", "")).error(), std::errc::invalid_argument);
  }(directory.path()));
}

// Fills a receiver's queue from another socket, so that the sender's own stays writable.
int fill_queue(const UnixSocketAddr& receiver) {
  const UnixDatagram filler = UnixDatagram::unbound().value();
  EXPECT_TRUE(filler.connect_addr(receiver));
  int count = 0;
  const OwnedFd raw = filler.as_fd().try_clone().value();
  while (test_support::write_text(raw, "filler")) ++count;
  return count;
}

TEST(NX2, AFullReceiverIsWaitedForWithoutSpinning) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      const UnixDatagram receiver = UnixDatagram::bind_addr(UnixSocketAddr::unnamed()).value();
      const UnixSocketAddr address = receiver.local_addr().value();
      const UnixDatagram sender = UnixDatagram::unbound().value();
      const int queued = fill_queue(address);
      EXPECT_TRUE(co_await sender.writable());
      EXPECT_EQ(sender.try_send_to_addr(std::as_bytes(std::span("x", 1)), address).error(),
                std::errc::operation_would_block);
      auto sending = spawn([&sender, address]() -> Task<std::size_t> {
        const Result<std::size_t> sent = co_await sender.send_to_addr("at last", address);
        co_return sent.value();
      });
      std::array<char, 16> room;
      for (int i = 0; i < queued; ++i) {
        const Result<std::size_t> size = co_await receiver.recv(room);
        EXPECT_EQ(text_of(room, size.value()), "filler");
      }
      const Result<std::size_t> size = co_await receiver.recv(room);
      EXPECT_EQ(text_of(room, size.value()), "at last");
      EXPECT_EQ((co_await sending).value(), 7u);
    }());
  });
}

struct CountingSends : sys::Table {
  CountingSends() {
    sendto = [](int fd, const void* in, std::size_t size, int flags, const ::sockaddr* to,
                ::socklen_t to_size) {
      ++static_cast<const CountingSends*>(sys::table())->calls;
      return ::sendto(fd, in, size, flags, to, to_size);
    };
  }
  mutable int calls = 0;
};

TEST(NX2, WhileTheReceiverIsFullNothingIsTried) {
  runtime::Runtime rt = current_thread();
  const CountingSends table;
  const sys::TableScope scope(table);
  rt.block_on([](const CountingSends& counting) -> Task<> {
    const UnixDatagram receiver = UnixDatagram::bind_addr(UnixSocketAddr::unnamed()).value();
    const UnixSocketAddr address = receiver.local_addr().value();
    const UnixDatagram sender = UnixDatagram::unbound().value();
    fill_queue(address);
    EXPECT_TRUE(co_await sender.writable());
    auto sending = spawn([&sender, address]() -> Task<bool> {
      const Result<std::size_t> sent = co_await sender.send_to_addr("x", address);
      co_return sent.has_value();
    });
    for (int i = 0; i < 100; ++i) co_await yield_now();  // each with a turn of the driver
    EXPECT_EQ(counting.calls, 1);
    std::array<char, 16> room;
    EXPECT_TRUE(co_await receiver.recv(room));
    EXPECT_TRUE((co_await sending).value());
    EXPECT_EQ(counting.calls, 2);
  }(table));
}

TEST(NX2, PollFormsSendAndReceive) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const auto [a, b] = UnixDatagram::pair().value();
    const std::string data = "polled";
    const auto send = [&](Context& cx) { return a.poll_send(cx, std::as_bytes(std::span(data))); };
    EXPECT_EQ((co_await poll_fn(send)).value(), 6u);
    std::array<std::byte, 16> room;
    io::ReadBuf buf = io::ReadBuf::uninit(room);
    const auto recv = [&](Context& cx) { return b.poll_recv_from(cx, buf); };
    EXPECT_TRUE((co_await poll_fn(recv)).value().is_unnamed());
    EXPECT_EQ(buf.filled().size(), 6u);
  }());
}

}  // namespace
}  // namespace weft::net
