// UdpFramed.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sys/socket.h>
#include <tests/support/mock_task.h>
#include <tests/unit/net/net_support.h>
#include <weft/base/sys_table.h>
#include <weft/io/codec/codec.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>

namespace weft::net {
namespace {

using io::codec::BytesCodec;
using io::codec::LinesCodec;
using test_support::current_thread;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::Polled;

Task<UdpSocket> bound() { co_return (co_await UdpSocket::bind(kAnyPort)).value(); }

// Two ends, and where they are.
template <class A, class B>
struct Ends {
  A a;
  B b;
  SocketAddr at_a;
  SocketAddr at_b;
};

template <class C>
Task<Ends<UdpSocket, UdpFramed<C>>> socket_and_framed(C codec) {
  UdpSocket a = co_await bound();
  UdpFramed b(co_await bound(), std::move(codec));
  const SocketAddr at_a = a.local_addr().value();
  const SocketAddr at_b = b.inner().local_addr().value();
  co_return Ends<UdpSocket, UdpFramed<C>>{std::move(a), std::move(b), at_a, at_b};
}

template <class C>
Task<Ends<UdpFramed<C>, UdpFramed<C>>> two_framed(C codec_a, C codec_b) {
  auto [a, b, at_a, at_b] = co_await socket_and_framed(std::move(codec_b));
  UdpFramed framed(std::move(a), std::move(codec_a));
  co_return Ends<UdpFramed<C>, UdpFramed<C>>{std::move(framed), std::move(b), at_a, at_b};
}

// The next frame of `framed`, whose sender has to be `from`.
template <class C>
Task<typename C::Item> next_of(UdpFramed<C>& framed, SocketAddr from) {
  auto received = co_await framed.next();
  auto [item, sender] = (*std::move(received)).value();
  EXPECT_EQ(sender, from);
  co_return std::move(item);
}

TEST(IO53, DatagramsOfBytes) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      auto [a, b, at_a, at_b] = co_await two_framed(BytesCodec(), BytesCodec());
      const io::Bytes four = io::Bytes::copy_from("4567");
      EXPECT_TRUE(co_await a.send(four, at_b));
      EXPECT_EQ(co_await next_of(b, at_a), "4567");
      EXPECT_TRUE(co_await b.send(io::Bytes::copy_from("back"), at_a));
      EXPECT_EQ(co_await next_of(a, at_b), "back");
    }());
  });
}

TEST(IO53, EachDatagramIsDecodedToItsEnd) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [a, b, at_a, at_b] = co_await socket_and_framed(LinesCodec());
    EXPECT_TRUE(co_await a.send_to("1\r\n2\r\n3", at_b));
    EXPECT_TRUE(co_await a.send_to("", at_b));
    EXPECT_TRUE(co_await a.send_to("4\n", at_b));
    for (const char* line : {"1", "2", "3", "4"}) EXPECT_EQ(co_await next_of(b, at_a), line);
  }());
}

TEST(IO53, WhatMakesNoFrameIsDropped) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [a, b, at_a, at_b] = co_await socket_and_framed(LinesCodec());
    EXPECT_TRUE(co_await a.send_to("whole\n\r", at_b));
    EXPECT_TRUE(co_await a.send_to("\nnext\n", at_b));
    EXPECT_EQ(co_await next_of(b, at_a), "whole");
    EXPECT_EQ(co_await next_of(b, at_a), "");
    EXPECT_EQ(co_await next_of(b, at_a), "next");
  }());
}

TEST(IO53, AnErrorOfTheDecoderIsOfItsDatagramOnly) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [a, b, at_a, at_b] = co_await socket_and_framed(LinesCodec::with_max_length(4));
    EXPECT_TRUE(co_await a.send_to("much too long", at_b));
    EXPECT_TRUE(co_await a.send_to("good\nlonger than that\nmore\n", at_b));
    EXPECT_EQ((*co_await b.next()).error(), Errc::frame_too_large);
    EXPECT_EQ(co_await next_of(b, at_a), "good");
    EXPECT_EQ((*co_await b.next()).error(), Errc::frame_too_large);
    EXPECT_EQ(co_await next_of(b, at_a), "more");
  }());
}

// Takes nothing of what it does not like.
struct Stubborn {
  using Item = char;
  Result<std::optional<char>> decode(io::BytesMut& in) {
    if (in.empty()) return std::optional<char>();
    if (in.as_string_view().front() == '!') return Err(Errc::invalid_data);
    return std::optional<char>(static_cast<char>(in.get_u8()));
  }
};

TEST(IO53, ADecoderThatGoesOnFailingIsNotAskedForEver) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [a, b, at_a, at_b] = co_await socket_and_framed(Stubborn());
    EXPECT_TRUE(co_await a.send_to("x!y", at_b));
    EXPECT_TRUE(co_await a.send_to("z", at_b));
    EXPECT_EQ(co_await next_of(b, at_a), 'x');
    EXPECT_EQ((*co_await b.next()).error(), Errc::invalid_data);
    EXPECT_EQ((*co_await b.next()).error(), Errc::invalid_data);
    EXPECT_EQ(co_await next_of(b, at_a), 'z');
  }());
}

TEST(IO53, OneDatagramIsKeptAndTheNextFlushesIt) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [a, b, at_a, at_b] = co_await two_framed(LinesCodec(), LinesCodec());
    EXPECT_TRUE(co_await a.feed(std::string("first"), at_b));
    EXPECT_EQ(a.write_buffer(), "first\n");
    MockTask task;
    {
      Polled none(b.next());
      EXPECT_FALSE(none.poll(task));
    }
    EXPECT_TRUE(co_await a.feed("second", at_b));
    EXPECT_EQ(co_await next_of(b, at_a), "first");
    EXPECT_EQ(a.write_buffer(), "second\n");
    EXPECT_TRUE(co_await a.flush());
    EXPECT_TRUE(a.write_buffer().empty());
    EXPECT_TRUE(co_await a.flush());
    EXPECT_EQ(co_await next_of(b, at_a), "second");
    EXPECT_TRUE(co_await a.feed("third", at_b));
    EXPECT_TRUE(co_await a.close());
    EXPECT_EQ(co_await next_of(b, at_a), "third");
  }());
}

TEST(IO53, WhatCannotBeSentIsDroppedWithItsError) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [a, b, at_a, at_b] = co_await two_framed(LinesCodec::with_max_length(70000), LinesCodec());
    EXPECT_EQ((co_await a.send(std::string(69000, 'x'), at_b)).error(), std::errc::message_size);
    EXPECT_EQ((co_await a.send(std::string(70001, 'x'), at_b)).error(), Errc::frame_too_large);
    EXPECT_TRUE(co_await a.send(std::string("short"), at_b));
    EXPECT_EQ(co_await next_of(b, at_a), "short");
  }());
}

TEST(IO53, AShortSendIsAnError) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    UdpFramed a(co_await bound(), LinesCodec());
    const SocketAddr to = a.inner().local_addr().value();
    sys::Table table;
    table.sendto = [](int fd, const void* data, std::size_t size, int flags, const ::sockaddr* at,
                      ::socklen_t at_size) {
      return ::sendto(fd, data, size - 1, flags, at, at_size);
    };
    const sys::TableScope scope(table);
    EXPECT_EQ((co_await a.send("line", to)).error(), Errc::other);
    EXPECT_TRUE(a.write_buffer().empty());
  }());
}

TEST(IO53, ASocketIsShared) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      const auto shared = std::make_shared<UdpSocket>(co_await bound());
      const UdpSocket peer = co_await bound();
      const SocketAddr at_shared = shared->local_addr().value();
      auto receiving = spawn([](std::shared_ptr<UdpSocket> socket) -> Task<std::string> {
        UdpFramed framed(std::move(socket), LinesCodec());
        auto received = co_await framed.next();
        co_return (*std::move(received)).value().first;
      }(shared));
      UdpFramed sending(shared, LinesCodec());
      EXPECT_TRUE(co_await sending.send("out", peer.local_addr().value()));
      char room[8];
      const auto [size, sender] = (co_await peer.recv_from(std::span<char>(room))).value();
      EXPECT_EQ(std::string_view(room, size), "out\n");
      EXPECT_EQ(sender, at_shared);
      EXPECT_TRUE(co_await peer.send_to("in", at_shared));
      EXPECT_EQ((co_await receiving).value(), "in");
      EXPECT_EQ(std::move(sending).into_inner(), shared);
    }());
  });
}

TEST(IO53, ACancelledNextHasTakenNothing) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [a, b, at_a, at_b] = co_await socket_and_framed(LinesCodec());
    {
      MockTask task;
      Polled next(b.next());
      EXPECT_FALSE(next.poll(task));
      EXPECT_TRUE(co_await a.send_to("kept", at_b));
      while (!task.take_woken()) co_await yield_now();
    }
    EXPECT_EQ(co_await next_of(b, at_a), "kept");
  }());
}

TEST(IO53, ClosingTheSocketEndsTheWait) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    UdpFramed b(co_await bound(), LinesCodec());
    MockTask task;
    Polled next(b.next());
    EXPECT_FALSE(next.poll(task));
    EXPECT_TRUE(b.inner().close());
    EXPECT_TRUE(next.poll(task));
    EXPECT_EQ((*next.take()).error(), Errc::closed);
  }());
}

}  // namespace
}  // namespace weft::net
