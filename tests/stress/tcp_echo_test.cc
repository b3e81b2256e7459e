// Many connections at once, on runtimes of several threads: echoes, connections that are dropped in
// the middle, sockets closed under their readers.

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/raw_sockets.h>
#include <tests/support/runtimes.h>
#include <weft/net/net.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/select.h>

namespace weft::net {
namespace {

using test_support::multi_thread;

Task<> echo(TcpStream stream) {
  std::vector<char> buffer(4096);
  for (;;) {
    const Result<std::size_t> n = co_await stream.read(std::span<char>(buffer));
    if (!n || *n == 0) co_return;
    const Result<void> written = co_await stream.write_all(std::string_view(buffer.data(), *n));
    if (!written) co_return;
  }
}

Task<> serve(TcpListener listener) {
  for (;;) {
    auto accepted = co_await accept_with_backoff(listener);
    if (!accepted) co_return;
    spawn(echo(std::move(accepted->first)));
  }
}

// Sends messages of growing size and expects each back. Returns how many came back whole.
Task<int> talk(SocketAddr address, int messages) {
  TcpStream stream = (co_await TcpStream::connect(address)).value();
  int good = 0;
  for (int i = 1; i <= messages; ++i) {
    const std::string sent(static_cast<std::size_t>(i) * 37, static_cast<char>('a' + i % 26));
    EXPECT_TRUE(co_await stream.write_all(sent));
    std::string got(sent.size(), '\0');
    const Result<std::size_t> read = co_await stream.read_exact(std::span<char>(got));
    good += read && got == sent ? 1 : 0;
  }
  co_return good;
}

TEST(R134, EveryMessageOfManyConnectionsComesBack) {
  runtime::Runtime rt = multi_thread(4);
  constexpr int kConnections = 50;
  constexpr int kMessages = 40;
  const int good = rt.block_on([]() -> Task<int> {
    TcpListener listener = (co_await TcpListener::bind("127.0.0.1:0")).value();
    const SocketAddr address = listener.local_addr().value();
    auto server = spawn(serve(std::move(listener)));
    std::vector<JoinHandle<int>> clients;
    for (int i = 0; i < kConnections; ++i) clients.push_back(spawn(talk(address, kMessages)));
    int sum = 0;
    for (JoinHandle<int>& client : clients) sum += (co_await client).value();
    server.abort();
    static_cast<void>(co_await server);
    co_return sum;
  }());
  EXPECT_EQ(good, kConnections * kMessages);
}

// Both directions of one connection at once, in two tasks, with more than fits into the buffers.
TEST(N5, TwoMegabytesCrossInBothDirections) {
  runtime::Runtime rt = multi_thread(2);
  rt.block_on([]() -> Task<> {
    constexpr std::size_t kSize = 2 << 20;
    TcpListener listener = (co_await TcpListener::bind("127.0.0.1:0")).value();
    TcpStream client = (co_await TcpStream::connect(listener.local_addr().value())).value();
    auto accepted = (co_await listener.accept()).value();
    TcpStream server = std::move(accepted.first);
    const auto send = [](TcpOwnedWriteHalf half) -> Task<bool> {
      const std::string data(kSize, 'x');
      const Result<void> written = co_await half.write_all(data);
      co_return written.has_value();
    };
    const auto receive = [](TcpOwnedReadHalf half) -> Task<std::size_t> {
      std::vector<char> buffer(10'000);
      std::size_t total = 0;
      for (;;) {
        const std::size_t n = (co_await half.read(std::span<char>(buffer))).value();
        if (n == 0) co_return total;
        total += n;
      }
    };
    auto [r1, w1] = std::move(client).into_split();
    auto [r2, w2] = std::move(server).into_split();
    auto sent1 = spawn(send, std::move(w1));
    auto sent2 = spawn(send, std::move(w2));
    auto got1 = spawn(receive, std::move(r1));
    auto got2 = spawn(receive, std::move(r2));
    EXPECT_TRUE((co_await sent1).value());
    EXPECT_TRUE((co_await sent2).value());
    EXPECT_EQ((co_await got1).value(), kSize);
    EXPECT_EQ((co_await got2).value(), kSize);
  }());
}

TEST(NG10, ClosingUnderReadersOfOtherThreadsIsClean) {
  runtime::Runtime rt = multi_thread(4);
  const std::size_t before = test_support::open_fd_count();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind("127.0.0.1:0")).value();
    for (int round = 0; round < 200; ++round) {
      TcpStream client = (co_await TcpStream::connect(listener.local_addr().value())).value();
      auto accepted = (co_await listener.accept()).value();
      auto server = std::make_shared<TcpStream>(std::move(accepted.first));
      const auto read = [](std::shared_ptr<TcpStream> stream) -> Task<bool> {
        char byte = 0;
        Result<std::size_t> n = co_await stream->read(std::span(&byte, 1));
        while (n && *n > 0) n = co_await stream->read(std::span(&byte, 1));
        co_return n || n.error() == Errc::closed;
      };
      auto one = spawn(read, server);
      auto two = spawn(read, server);
      EXPECT_TRUE(co_await client.write_all("some bytes"));
      EXPECT_TRUE(server->close());
      EXPECT_TRUE((co_await one).value());
      EXPECT_TRUE((co_await two).value());
    }
  }());
  EXPECT_EQ(test_support::open_fd_count(), before);
}

TEST(NG2, AbortedTasksLeaveNoDescriptors) {
  runtime::Runtime rt = multi_thread(4);
  const std::size_t before = test_support::open_fd_count();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind("127.0.0.1:0")).value();
    const SocketAddr address = listener.local_addr().value();
    auto server = spawn(serve(std::move(listener)));
    for (int round = 0; round < 100; ++round) {
      auto client = spawn(talk(address, 1'000'000));
      co_await yield_now();
      client.abort();
      static_cast<void>(co_await client);
    }
    server.abort();
    static_cast<void>(co_await server);
  }());
  {
    runtime::Runtime gone(std::move(rt));
  }
  EXPECT_LE(test_support::open_fd_count(), before);
}

}  // namespace
}  // namespace weft::net
