// UnixSeqpacket, UnixSeqpacketListener.

#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

#include <tests/support/mock_task.h>
#include <tests/unit/net/ancillary_support.h>
#include <tests/unit/net/net_support.h>
#include <tests/unit/net/scratch_directory.h>
#include <weft/runtime/select.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>

namespace weft::net {
namespace {

using test_support::current_thread;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::Polled;
using test_support::ScratchDirectory;

static_assert(Listener<UnixSeqpacketListener>);
static_assert(SendsFds<UnixSeqpacket> && RecvMessage<UnixSeqpacket>);

// What is received next, as text.
Task<std::string> next(const UnixSeqpacket& from) {
  std::array<char, 64> room;
  const std::size_t size = (co_await from.recv(room)).value();
  co_return std::string(room.data(), size);
}

TEST(N72, AcceptsWhoConnectsByAPath) {
  on_every_kind([](runtime::Runtime& rt) {
    const ScratchDirectory directory;
    rt.block_on([](std::filesystem::path here) -> Task<> {
      const auto listener = UnixSeqpacketListener::bind(here / "server").value();
      const auto client = (co_await UnixSeqpacket::connect(here / "server")).value();
      const auto [server, peer] = (co_await accept_with_backoff(listener)).value();
      EXPECT_TRUE(peer.is_unnamed());
      EXPECT_EQ(client.peer_addr().value(), listener.local_addr().value());
      const UnixSocketAddr local = server.local_addr().value();
      EXPECT_EQ(*local.as_pathname(), (here / "server").native());
      EXPECT_EQ((co_await client.send("ping")).value(), 4u);
      EXPECT_EQ(co_await next(server), "ping");
      EXPECT_EQ((co_await server.send("pong")).value(), 4u);
      EXPECT_EQ(co_await next(client), "pong");
      EXPECT_EQ(server.peer_cred().value(), UCred(::getuid(), ::getgid(), ::getpid()));
      EXPECT_EQ(client.take_error().value(), std::nullopt);
    }(directory.path()));
  });
}

TEST(N72, AcceptsWhoConnectsByAnAddress) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const auto listener = UnixSeqpacketListener::bind_addr(UnixSocketAddr::unnamed()).value();
    const UnixSocketAddr address = listener.local_addr().value();
    MockTask task;
    Polled accept(listener.accept());
    EXPECT_FALSE(accept.poll(task));
    const auto client = (co_await UnixSeqpacket::connect_addr(address)).value();
    while (!task.take_woken()) co_await yield_now();
    EXPECT_TRUE(accept.poll(task));
    const auto [server, peer] = accept.take().value();
    EXPECT_TRUE(co_await server.send("hello"));
    EXPECT_EQ(co_await next(client), "hello");
    EXPECT_EQ(listener.take_error().value(), std::nullopt);
  }());
}

TEST(N72, StreamsAndMessagesDoNotMix) {
  runtime::Runtime rt = current_thread();
  const ScratchDirectory directory;
  rt.block_on([](std::filesystem::path here) -> Task<> {
    const auto messages = UnixSeqpacketListener::bind(here / "messages").value();
    EXPECT_EQ((co_await UnixStream::connect(here / "messages")).error(),
              std::errc::wrong_protocol_type);
    const auto streams = UnixListener::bind(here / "stream").value();
    EXPECT_EQ((co_await UnixSeqpacket::connect(here / "stream")).error(),
              std::errc::wrong_protocol_type);
  }(directory.path()));
}

TEST(N72, WaitsForRoomInTheBacklog) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto socket = Socket::create(Domain::kUnix, Type::kSeqpacket.nonblocking()).value();
    EXPECT_TRUE(socket.bind(SockAddr(UnixSocketAddr::unnamed())));
    EXPECT_TRUE(socket.listen(0));
    const UnixSocketAddr address = socket.local_addr().value().as_unix().value();
    const auto listener = UnixSeqpacketListener::from_fd(std::move(socket).into_fd()).value();
    std::vector<UnixSeqpacket> first;
    std::optional<Error> refused;
    while (!refused) {
      auto connected = co_await UnixSeqpacket::connect_addr(address);
      if (connected) {
        first.push_back(*std::move(connected));
      } else {
        refused = connected.error();
      }
    }
    EXPECT_EQ(*refused, std::errc::operation_would_block);
    auto last = spawn(UnixSeqpacket::connect_with_backoff(address));
    for (std::size_t i = 0; i <= first.size(); ++i) EXPECT_TRUE(co_await listener.accept());
    EXPECT_TRUE((co_await last).value());
  }());
}

TEST(N72, TakesOverOnlyWhatDoesNotBlock) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    UnixPair blocking(SOCK_SEQPACKET);
    EXPECT_EQ(UnixSeqpacket::from_fd(std::move(blocking.left_fd)).error(),
              std::errc::invalid_argument);
    EXPECT_TRUE(blocking.left_fd);
    EXPECT_EQ(UnixSeqpacketListener::from_fd(std::move(blocking.left_fd)).error(),
              std::errc::invalid_argument);
    auto [a, b] = UnixSeqpacket::pair().value();
    OwnedFd raw = std::move(a).into_fd().value();
    const UnixSeqpacket again = UnixSeqpacket::from_fd(std::move(raw)).value();
    EXPECT_TRUE(co_await again.send("still there"));
    EXPECT_EQ(co_await next(b), "still there");
  }());
}

TEST(N73, WhatOneCallSendsAnotherReceives) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const auto [a, b] = UnixSeqpacket::pair().value();
    EXPECT_TRUE(co_await a.send("one"));
    EXPECT_TRUE(co_await a.send("two and a half"));
    std::array<char, 64> room;
    EXPECT_EQ((co_await b.peek(room)).value(), 3u);
    EXPECT_EQ(co_await next(b), "one");
    EXPECT_EQ(co_await next(b), "two and a half");
    EXPECT_EQ(b.try_recv(room).error(), std::errc::operation_would_block);
    io::BytesMut grown = io::BytesMut::with_capacity(64);
    EXPECT_TRUE(co_await a.send("three"));
    EXPECT_EQ((co_await b.recv_buf(grown)).value(), 5u);
    EXPECT_EQ(grown, "three");
  }());
}

TEST(N73, WhatIsLongerThanTheBufferIsCutOff) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const auto [a, b] = UnixSeqpacket::pair().value();
    EXPECT_TRUE(co_await a.send("abcdef"));
    EXPECT_TRUE(co_await a.send("next"));
    std::array<char, 4> room;
    EXPECT_EQ((co_await b.recv(room)).value(), 4u);
    EXPECT_EQ(std::string_view(room.data(), 4), "abcd");
    EXPECT_EQ(co_await next(b), "next");
  }());
}

TEST(N73, ReceivingMessagesTellsOfTheCut) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const auto [a, b] = UnixSeqpacket::pair().value();
    AncillaryData none{std::span<std::byte>()};
    std::array<char, 4> room;
    io::IoSliceMut slice{std::span<char>(room)};
    for (const auto& [text, is_cut] : {std::pair("abcdef", true), std::pair("abcd", false)}) {
      EXPECT_TRUE(co_await a.send(std::string_view(text)));
      const auto got = (co_await b.recv_message(std::span(&slice, 1), none)).value();
      EXPECT_EQ(got.first, 4u);
      EXPECT_EQ(got.second.normal_data_truncated(), is_cut);
    }
  }());
}

TEST(N73, WhatDoesNotFitTheSendersBufferIsRefused) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const auto [a, b] = UnixSeqpacket::pair().value();
    const std::size_t most = SockRef(a)->send_buffer_size().value();
    const std::string too_long(most + 1, 'x');
    EXPECT_EQ((co_await a.send(too_long)).error(), std::errc::message_size);
    EXPECT_TRUE(co_await a.send("short"));
    EXPECT_EQ(co_await next(b), "short");
  }());
}

TEST(N74, AfterTheLastMessageComesTheEnd) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [a, b] = UnixSeqpacket::pair().value();
    EXPECT_TRUE(co_await a.send("last"));
    EXPECT_TRUE(a.close());
    EXPECT_EQ(co_await next(b), "last");
    EXPECT_EQ(co_await next(b), "");
    EXPECT_EQ(co_await next(b), "");
    EXPECT_EQ((co_await b.send("x")).error(), std::errc::broken_pipe);
    EXPECT_EQ((co_await a.send("x")).error(), Errc::closed);
  }());
}

TEST(N74, EndingOneDirectionLeavesTheOther) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const auto [a, b] = UnixSeqpacket::pair().value();
    MockTask task;
    std::array<char, 8> room;
    Polled receive(b.recv(room));
    EXPECT_FALSE(receive.poll(task));
    EXPECT_TRUE(a.shutdown(Shutdown::kWrite));
    while (!task.take_woken()) co_await yield_now();
    EXPECT_TRUE(receive.poll(task));
    EXPECT_EQ(receive.take().value(), 0u);
    EXPECT_EQ((co_await a.send("x")).error(), std::errc::broken_pipe);
    EXPECT_TRUE(co_await b.send("back"));
    EXPECT_EQ(co_await next(a), "back");
  }());
}

TEST(N75, ACancelledReceiveHasTakenNothing) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      const auto [a, b] = UnixSeqpacket::pair().value();
      std::array<char, 8> room;
      for (int i = 0; i < 3; ++i) {
        MockTask task;
        Polled receive(b.recv(room));
        EXPECT_FALSE(receive.poll(task));
      }
      {
        MockTask task;
        Polled receive(b.recv(room));
        EXPECT_FALSE(receive.poll(task));
        EXPECT_TRUE(co_await a.send("kept"));
        while (!task.take_woken()) co_await yield_now();
      }
      EXPECT_EQ(co_await next(b), "kept");
    }());
  });
}

TEST(N75, ClosingEndsTheWaits) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [a, b] = UnixSeqpacket::pair().value();
    auto listener = UnixSeqpacketListener::bind_addr(UnixSocketAddr::unnamed()).value();
    std::array<char, 8> room;
    MockTask task;
    Polled receive(b.recv(room));
    Polled accept(listener.accept());
    EXPECT_FALSE(receive.poll(task));
    EXPECT_FALSE(accept.poll(task));
    EXPECT_TRUE(b.close());
    EXPECT_TRUE(listener.close());
    EXPECT_TRUE(receive.poll(task));
    EXPECT_EQ(receive.take().error(), Errc::closed);
    EXPECT_TRUE(accept.poll(task));
    EXPECT_EQ(accept.take().error(), Errc::closed);
    co_return;
  }());
}

Task<> send_numbers(const UnixSeqpacket& to, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string text = std::to_string(i);
    EXPECT_EQ((co_await to.send(text)).value(), text.size());
  }
}

TEST(N76, WhoSendsTooFastWaitsAndNothingIsLost) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      constexpr int kCount = 5000;
      auto ends = UnixSeqpacket::pair().value();
      EXPECT_TRUE(co_await ends.first.writable());
      while (ends.first.try_send("full")) {
      }
      MockTask task;
      Polled more(ends.first.send("more"));
      EXPECT_FALSE(more.poll(task));
      std::array<char, 8> room;
      EXPECT_TRUE(co_await ends.second.readable());
      while (ends.second.try_recv(room)) {
      }
      while (!task.take_woken()) co_await yield_now();
      EXPECT_TRUE(more.poll(task));
      EXPECT_EQ(more.take().value(), 4u);
      EXPECT_EQ(co_await next(ends.second), "more");

      auto sending = spawn([](UnixSeqpacket to) -> Task<> {
        co_await send_numbers(to, kCount);
      }(std::move(ends.first)));
      for (int i = 0; i < kCount; ++i) EXPECT_EQ(co_await next(ends.second), std::to_string(i));
      EXPECT_EQ(co_await next(ends.second), "");
      EXPECT_TRUE(co_await sending);
    }());
  });
}

TEST(N77, DescriptorsArriveWithTheirMessage) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [a, b] = UnixSeqpacket::pair().value();
    const OwnedFd first = a_file();
    const OwnedFd second = a_file();
    const std::array one = {first.borrow()};
    const std::array two = {second.borrow(), first.borrow()};
    EXPECT_TRUE(co_await a.send("plain"));
    EXPECT_EQ((co_await send_fds(a, "one", one)).value(), 3u);
    EXPECT_EQ((co_await send_fds(a, "", two)).value(), 0u);
    std::array<char, 8> room;
    const auto none = (co_await recv_fds<2>(b, std::span<char>(room))).value();
    EXPECT_EQ(none.count, 0u);
    const auto got = (co_await recv_fds<2>(b, std::span<char>(room))).value();
    EXPECT_EQ(got.bytes, 3u);
    EXPECT_EQ(got.count, 1u);
    EXPECT_TRUE(same_file(got.fds[0], first));
    const auto both = (co_await recv_fds<2>(b, std::span<char>(room))).value();
    EXPECT_EQ(both.bytes, 0u);
    EXPECT_EQ(both.count, 2u);
    EXPECT_TRUE(same_file(both.fds[0], second));
  }());
}

TEST(N77, ACancelledReceiveLeavesThemToTheNext) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [a, b] = UnixSeqpacket::pair().value();
    const OwnedFd file = a_file();
    const std::array fds = {file.borrow()};
    std::array<char, 8> room;
    {
      MockTask task;
      Polled receive(recv_fds<1>(b, std::span<char>(room)));
      EXPECT_FALSE(receive.poll(task));
      EXPECT_TRUE(co_await send_fds(a, "x", fds));
      while (!task.take_woken()) co_await yield_now();
    }
    const auto got = (co_await recv_fds<1>(b, std::span<char>(room))).value();
    EXPECT_EQ(got.count, 1u);
    EXPECT_TRUE(same_file(got.fds[0], file));
  }());
}

}  // namespace
}  // namespace weft::net
