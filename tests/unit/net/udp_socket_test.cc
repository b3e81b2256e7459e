// UdpSocket.

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tests/support/mock_task.h>
#include <tests/unit/net/net_support.h>
#include <weft/base/sys.h>
#include <weft/runtime/poll_fn.h>
#include <weft/runtime/spawn.h>

namespace weft::net {
namespace {

using test_support::current_thread;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::Polled;

struct Udp {
  UdpSocket a;
  UdpSocket b;
};

// Two sockets on the loopback that know nothing of each other.
Task<Udp> two_sockets() {
  UdpSocket a = (co_await UdpSocket::bind(kAnyPort)).value();
  UdpSocket b = (co_await UdpSocket::bind(kAnyPort)).value();
  co_return Udp{std::move(a), std::move(b)};
}

Task<Udp> connected_sockets() {
  Udp udp = co_await two_sockets();
  EXPECT_TRUE(co_await udp.a.connect(udp.b.local_addr().value()));
  EXPECT_TRUE(co_await udp.b.connect(udp.a.local_addr().value()));
  co_return udp;
}

std::string_view text_of(std::span<const char> room, std::size_t size) {
  return {room.data(), size};
}
std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(NU1, BindsToAddressTextNameAndTheFirstThatWorks) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    EXPECT_TRUE(co_await UdpSocket::bind(SocketAddr(Ipv6Addr::localhost(), 0)));
    EXPECT_TRUE(co_await UdpSocket::bind("localhost:0"));
    std::vector<SocketAddr> several{SocketAddr(Ipv4Addr(192, 0, 2, 1), 0),  // not ours
                                    SocketAddr(Ipv4Addr::localhost(), 0)};
    const Result<UdpSocket> bound = co_await UdpSocket::bind(several);
    EXPECT_EQ(bound->local_addr()->ip(), IpAddr(Ipv4Addr::localhost()));
    several.pop_back();
    EXPECT_EQ((co_await UdpSocket::bind(several)).error(), std::errc::address_not_available);
    EXPECT_EQ((co_await UdpSocket::bind(std::vector<SocketAddr>())).error(),
              std::errc::invalid_argument);
  }());
}

TEST(NU1, ConnectsToTheFirstThatWorksAndHasAPeerThen) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const Udp udp = co_await two_sockets();
    EXPECT_EQ(udp.a.peer_addr().error(), std::errc::not_connected);
    const SocketAddr peer = udp.b.local_addr().value();
    std::vector<SocketAddr> several{SocketAddr(Ipv6Addr::localhost(), 9), peer};  // wrong family
    EXPECT_TRUE(co_await udp.a.connect(several));
    EXPECT_EQ(udp.a.peer_addr().value(), peer);
    EXPECT_EQ((co_await udp.a.connect(std::vector<SocketAddr>())).error(),
              std::errc::invalid_argument);
    EXPECT_TRUE(co_await udp.a.connect(peer.to_string()));
  }());
}

TEST(NU2, OfSeveralAddressesTheFirstIsSentTo) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const Udp udp = co_await two_sockets();
    std::vector<SocketAddr> several{udp.b.local_addr().value(), udp.a.local_addr().value()};
    EXPECT_EQ((co_await udp.a.send_to("first", several)).value(), 5u);
    std::array<char, 16> room;
    const Result<std::size_t> size = co_await udp.b.recv(room);
    EXPECT_EQ(text_of(room, size.value()), "first");
    EXPECT_EQ((co_await udp.a.send_to("text", udp.b.local_addr()->to_string())).value(), 4u);
    EXPECT_EQ((co_await udp.a.send_to("x", std::vector<SocketAddr>())).error(),
              std::errc::invalid_argument);
  }());
}

TEST(NU3, ALongDatagramIsCutAndAnEmptyOneIsReceived) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const Udp udp = co_await connected_sockets();
    EXPECT_EQ((co_await udp.a.send("hello")).value(), 5u);
    EXPECT_EQ((co_await udp.a.send("")).value(), 0u);
    EXPECT_EQ((co_await udp.a.send("after")).value(), 5u);
    std::array<char, 2> small;
    EXPECT_EQ((co_await udp.b.recv(small)).value(), 2u);
    std::array<char, 16> room;
    EXPECT_EQ((co_await udp.b.recv(room)).value(), 0u);
    EXPECT_EQ((co_await udp.b.recv(std::span<char>())).value(), 0u);  // takes "after" away
    EXPECT_EQ(udp.b.try_recv(room).error(), std::errc::operation_would_block);
  }());
}

// A port that nobody listens to: of a socket that has just been closed.
Task<SocketAddr> closed_port() {
  const UdpSocket gone = (co_await UdpSocket::bind(kAnyPort)).value();
  co_return gone.local_addr().value();
}

TEST(NU4, ARefusalEndsAWaitToReceiveThatHasBegun) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const UdpSocket s = (co_await UdpSocket::bind(kAnyPort)).value();
    EXPECT_TRUE(co_await s.connect(co_await closed_port()));
    std::array<char, 8> room;
    MockTask task;
    Polled waiting(s.recv(room));
    EXPECT_FALSE(waiting.poll(task));
    Polled readable(s.readable());
    EXPECT_FALSE(readable.poll(task));
    Polled ready(s.ready(io::Interest::kReadable));
    EXPECT_FALSE(ready.poll(task));
    EXPECT_TRUE(co_await s.send("x"));
    // The kernel reports it without anything to read.
    const auto recv_ready = [&](Context& cx) { return s.poll_recv_ready(cx); };
    EXPECT_TRUE(co_await poll_fn(recv_ready));
    EXPECT_TRUE(readable.poll(task));
    EXPECT_TRUE(ready.poll(task));
    EXPECT_TRUE(waiting.poll(task));
    EXPECT_EQ(waiting.take().error(), std::errc::connection_refused);
    EXPECT_EQ(s.try_recv(room).error(), std::errc::operation_would_block);  // once
  }());
}

TEST(NU5, AnErrorDoesNotLeaveTheSocketReadyForEver) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const UdpSocket s = (co_await UdpSocket::bind(kAnyPort)).value();
    EXPECT_TRUE(co_await s.connect(co_await closed_port()));
    EXPECT_TRUE(co_await s.send("x"));
    std::array<char, 8> room;
    EXPECT_EQ((co_await s.recv(room)).error(), std::errc::connection_refused);
    EXPECT_EQ(s.try_recv(room).error(), std::errc::operation_would_block);
    MockTask task;
    Polled readable(s.readable());
    EXPECT_FALSE(readable.poll(task));
    const auto blocked = []() -> Result<int> { return Err(std::errc::operation_would_block); };
    EXPECT_EQ(s.try_io(io::Interest::kWritable, blocked).error(), std::errc::operation_would_block);
    Polled writable(s.writable());
    EXPECT_FALSE(writable.poll(task));
  }());
}

TEST(NU6, ADatagramThatIsTooLongIsAnErrorAndSentByHalfNever) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const Udp udp = co_await connected_sockets();
    const std::vector<std::byte> huge(65508);
    EXPECT_EQ((co_await udp.a.send(huge)).error(), std::errc::message_size);
    std::array<char, 8> room;
    EXPECT_EQ(udp.b.try_recv(room).error(), std::errc::operation_would_block);
  }());
}

TEST(NU6, TheLongestDatagramArrivesWhole) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      const Udp udp = co_await connected_sockets();
      std::vector<std::byte> longest(65507);  // 64 KiB less the headers of UDP and IPv4
      for (std::size_t i = 0; i < longest.size(); ++i) longest[i] = std::byte(i * 31);
      EXPECT_EQ((co_await udp.a.send(longest)).value(), longest.size());
      std::vector<std::byte> room(70'000);
      const Result<std::size_t> size = co_await udp.b.recv(room);
      room.resize(size.value());
      EXPECT_EQ(room, longest);
    }());
  });
}

TEST(N26, ConnectedSocketsSendAndReceive) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      const Udp udp = co_await connected_sockets();
      EXPECT_EQ((co_await udp.a.send("hello")).value(), 5u);
      std::array<char, 16> room;
      const Result<std::size_t> size = co_await udp.b.recv(room);
      EXPECT_EQ(text_of(room, size.value()), "hello");
    }());
  });
}

TEST(N26, StrangersSendToEachOtherAndPeekKeepsTheData) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      const Udp udp = co_await two_sockets();
      const SocketAddr from = udp.a.local_addr().value();
      EXPECT_EQ((co_await udp.a.send_to("hello", udp.b.local_addr().value())).value(), 5u);
      std::array<char, 16> room;
      EXPECT_TRUE(co_await udp.b.readable());
      EXPECT_EQ((co_await udp.b.peek_sender()).value(), from);
      EXPECT_EQ((co_await udp.b.peek(room)).value(), 5u);
      EXPECT_EQ((co_await udp.b.peek_from(room)).value(), std::pair(std::size_t{5}, from));
      EXPECT_EQ(udp.b.try_peek(room).value(), 5u);
      EXPECT_EQ(udp.b.try_peek_from(room).value(), std::pair(std::size_t{5}, from));
      EXPECT_EQ(udp.b.try_peek_sender().value(), from);
      EXPECT_EQ((co_await udp.b.recv_from(room)).value(), std::pair(std::size_t{5}, from));
      EXPECT_EQ(text_of(room, 5), "hello");
      EXPECT_EQ(udp.b.try_recv_from(room).error(), std::errc::operation_would_block);
      EXPECT_EQ(udp.b.try_peek(room).error(), std::errc::operation_would_block);
    }());
  });
}

TEST(N26, PollFormsSendReceiveAndPeek) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const Udp udp = co_await connected_sockets();
    const SocketAddr a = udp.a.local_addr().value();
    const std::string data = "polled";
    const auto bytes = std::as_bytes(std::span(data));
    const auto send = [&](Context& cx) { return udp.a.poll_send(cx, bytes); };
    const auto send_to = [&](Context& cx) {
      return udp.b.poll_send_to(cx, bytes, udp.a.local_addr().value());
    };
    EXPECT_EQ((co_await poll_fn(send)).value(), 6u);
    EXPECT_EQ((co_await poll_fn(send_to)).value(), 6u);

    const auto sender = [&](Context& cx) { return udp.b.poll_peek_sender(cx); };
    EXPECT_EQ((co_await poll_fn(sender)).value(), a);
    std::array<std::byte, 16> room;
    io::ReadBuf peeked(room);
    const auto peek = [&](Context& cx) { return udp.b.poll_peek_from(cx, peeked); };
    EXPECT_EQ((co_await poll_fn(peek)).value(), a);
    EXPECT_EQ(text_of(peeked.filled()), data);
    io::ReadBuf from = io::ReadBuf::uninit(room);
    const auto recv_from = [&](Context& cx) { return udp.b.poll_recv_from(cx, from); };
    EXPECT_EQ((co_await poll_fn(recv_from)).value(), a);
    EXPECT_EQ(text_of(from.filled()), data);
    io::ReadBuf received = io::ReadBuf::uninit(room);
    const auto recv = [&](Context& cx) { return udp.a.poll_recv(cx, received); };
    EXPECT_TRUE(co_await poll_fn(recv));
    EXPECT_EQ(text_of(received.filled()), data);
  }());
}

TEST(N27, SendingToAClosedPortMakesRecvFail) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      const UdpSocket s = (co_await UdpSocket::bind(kAnyPort)).value();
      EXPECT_TRUE(co_await s.connect(co_await closed_port()));
      EXPECT_TRUE(co_await s.send("x"));
      std::array<char, 8> room;
      EXPECT_EQ((co_await s.recv(room)).error(), std::errc::connection_refused);
    }());
  });
}

constexpr int kMessages = 200;

Task<> echo_numbers(const UdpSocket& s) {
  std::array<char, 8> room;
  for (int i = 0; i < kMessages; ++i) {
    const auto [size, from] = (co_await s.recv_from(room)).value();
    EXPECT_TRUE(co_await s.send_to(text_of(room, size), from));
  }
}

TEST(N28, OneSocketIsSharedByTasks) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      const Udp udp = co_await connected_sockets();
      const UdpSocket& a = udp.a;
      auto echo = spawn(echo_numbers(udp.b));
      auto receive = spawn([&a]() -> Task<int> {
        int sum = 0;
        std::array<char, 8> room;
        for (int i = 0; i < kMessages; ++i) {
          int number = 0;
          const Result<std::size_t> size = co_await a.recv(room);
          EXPECT_EQ(size.value(), sizeof number);
          std::copy_n(room.data(), sizeof number, reinterpret_cast<char*>(&number));
          sum += number;
        }
        co_return sum;
      });
      for (int i = 0; i < kMessages; ++i) {
        EXPECT_TRUE(co_await a.send(std::string_view(reinterpret_cast<const char*>(&i), sizeof i)));
      }
      EXPECT_EQ((co_await receive).value(), kMessages * (kMessages - 1) / 2);
      EXPECT_TRUE(co_await echo);
    }());
  });
}

TEST(N29, TrySendWorksOnceWritable) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const Udp udp = co_await connected_sockets();
    EXPECT_TRUE(co_await udp.a.writable());
    std::size_t sent = 0;
    for (int i = 0; i < 10; ++i) sent += udp.a.try_send("hello").value();
    EXPECT_EQ(udp.a.try_send_to("world", udp.b.local_addr().value()).value(), 5u);
    EXPECT_EQ(sent, 50u);
    std::size_t received = 0;
    std::array<char, 16> room;
    EXPECT_TRUE(co_await udp.b.readable());
    while (const Result<std::size_t> size = udp.b.try_recv(room)) received += *size;
    EXPECT_EQ(received, 55u);
  }());
}

// A buffer that grows, as BytesMut does.
class GrowingBuffer {
 public:
  std::span<std::byte> chunk_mut() {
    bytes_.resize(size_ + 64);
    return std::span(bytes_).subspan(size_);
  }
  void advance_mut(std::size_t size) { size_ += size; }
  std::string_view text() const { return text_of(std::span(bytes_).first(size_)); }

 private:
  std::vector<std::byte> bytes_;
  std::size_t size_ = 0;
};

TEST(N30, ReceivingIntoABufferSetsItsLengthAndTheSender) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const Udp udp = co_await connected_sockets();
    const SocketAddr from = udp.a.local_addr().value();
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(co_await udp.a.send("hello"));
    GrowingBuffer buffer;
    EXPECT_TRUE(co_await udp.b.readable());
    EXPECT_EQ((co_await udp.b.recv_buf(buffer)).value(), 5u);
    EXPECT_EQ((co_await udp.b.recv_buf_from(buffer)).value(), std::pair(std::size_t{5}, from));
    EXPECT_EQ(buffer.text(), "hellohello");
    EXPECT_EQ(udp.b.try_recv_buf(buffer).value(), 5u);
    EXPECT_EQ(udp.b.try_recv_buf_from(buffer).value(), std::pair(std::size_t{5}, from));
    EXPECT_EQ(buffer.text(), "hellohellohellohello");
    EXPECT_EQ(udp.b.try_recv_buf(buffer).error(), std::errc::operation_would_block);
    EXPECT_EQ(buffer.text().size(), 20u);
  }());
}

TEST(N31, PollReadyFollowsTheDatagrams) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const Udp udp = co_await connected_sockets();
    const auto recv_ready = [&](Context& cx) { return udp.b.poll_recv_ready(cx); };
    const auto send_ready = [&](Context& cx) { return udp.a.poll_send_ready(cx); };
    MockTask task;
    Waker waker = task.waker();
    Context cx(waker);
    EXPECT_TRUE(recv_ready(cx).is_pending());
    EXPECT_TRUE(co_await poll_fn(send_ready));
    EXPECT_TRUE(co_await udp.a.send("x"));
    EXPECT_TRUE(co_await poll_fn(recv_ready));
    EXPECT_TRUE(task.wake_count() <= 1);
    std::array<char, 8> room;
    EXPECT_EQ(udp.b.try_recv(room).value(), 1u);
    EXPECT_EQ(udp.b.try_recv(room).error(), std::errc::operation_would_block);
    EXPECT_TRUE(recv_ready(cx).is_pending());
  }());
}

TEST(NG3, AUdpSocketGoesInAndComesOut) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    UdpSocket s = UdpSocket::from_fd(test_support::udp_socket()).value();
    EXPECT_TRUE(co_await s.send_to("self", s.local_addr().value()));
    std::array<char, 8> room;
    EXPECT_EQ((co_await s.recv(room)).value(), 4u);
    OwnedFd fd = std::move(s).into_fd().value();
    EXPECT_TRUE(sys::set_status_flags(fd, 0));
    EXPECT_EQ(UdpSocket::from_fd(std::move(fd)).error(), std::errc::invalid_argument);
    EXPECT_TRUE(fd);
  }());
}

TEST(NG2, ClosingAUdpSocketEndsItsWaits) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    UdpSocket s = (co_await UdpSocket::bind(kAnyPort)).value();
    std::array<char, 8> room;
    MockTask task;
    Polled waiting(s.recv_from(room));
    EXPECT_FALSE(waiting.poll(task));
    EXPECT_TRUE(s.close());
    EXPECT_TRUE(task.take_woken());
    EXPECT_TRUE(waiting.poll(task));
    EXPECT_EQ(waiting.take().error(), Errc::closed);
    EXPECT_EQ(s.try_recv(room).error(), Errc::closed);
  }());
}

TEST(N26, ACancelledReceiveLosesNothing) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const Udp udp = co_await connected_sockets();
    std::array<char, 8> room;
    {
      MockTask task;
      Polled waiting(udp.b.recv(room));
      EXPECT_FALSE(waiting.poll(task));
      EXPECT_TRUE(co_await udp.a.send("kept"));
      EXPECT_TRUE(co_await udp.b.readable());
      EXPECT_TRUE(task.take_woken());
    }
    EXPECT_EQ((co_await udp.b.recv(room)).value(), 4u);
  }());
}

}  // namespace
}  // namespace weft::net
