// 10,000 TCP connections, with both ends on this machine.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/process_usage.h>
#include <tests/support/raw_clients.h>
#include <tests/support/raw_sockets.h>
#include <tests/support/runtimes.h>
#include <tests/support/scale.h>
#include <weft/weft.h>

namespace weft {
namespace {

constexpr std::size_t kConnections = test_support::scaled(10'000);
constexpr std::size_t kOtherDescriptors = 100;

struct Server {
  std::atomic<std::size_t> open{0};
  std::atomic<std::size_t> most_open{0};

  void opened() {
    const std::size_t now = open.fetch_add(1) + 1;
    std::size_t most = most_open.load();
    while (now > most && !most_open.compare_exchange_weak(most, now)) {
    }
  }
};

// Echoes until the peer has finished. Yields how many bytes that were.
Task<std::size_t> echo(net::TcpStream stream, Server& server) {
  std::array<char, 64> buffer;
  server.opened();
  std::size_t bytes = 0;
  for (;;) {
    const auto received = co_await stream.read(buffer);
    if (!received || *received == 0) break;
    bytes += *received;
    const auto sent = co_await stream.write_all(std::string_view(buffer.data(), *received));
    if (!sent) break;
  }
  server.open.fetch_sub(1);
  co_return bytes;
}

// Accepts all, waits until all have ended. Yields how many bytes were echoed.
Task<std::size_t> serve_all(OwnedFd socket, Server& server) {
  auto listener = net::TcpListener::from_fd(std::move(socket));
  std::vector<JoinHandle<std::size_t>> connections;
  while (connections.size() < kConnections) {
    auto accepted = co_await listener->accept();
    if (!accepted) co_return 0;
    connections.push_back(spawn(echo(std::move(accepted->first), server)));
  }
  std::size_t bytes = 0;
  for (auto& connection : connections) {
    const auto joined = co_await connection;
    if (joined) bytes += *joined;
  }
  co_return bytes;
}

// The clients are a process of their own, so that each process needs one descriptor a connection:
// 20,000 in one are more than some systems allow. It is forked before there is any thread. Its exit
// code is that of run_raw_clients().
::pid_t start_clients(std::uint16_t port) {
  const ::pid_t child = ::fork();
  if (child == 0) ::_exit(test_support::run_raw_clients(port, kConnections));
  return child;
}

int exit_code_of(::pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

TEST(R36, TenThousandConnectionsAreServedAtTheSameTime) {
  ASSERT_TRUE(test_support::allow_descriptors(kConnections + kOtherDescriptors))
      << "raise the limit of open files: ulimit -n";
  OwnedFd socket = test_support::tcp_listener();
  const ::pid_t child = start_clients(test_support::port_of(socket));
  ASSERT_GT(child, 0);

  Server server;
  const runtime::Runtime rt = test_support::multi_thread(4);
  auto serving = rt.spawn(serve_all(std::move(socket), server));
  const int exit_code = exit_code_of(child);
  ASSERT_EQ(exit_code, 0) << "a client was refused, or got a wrong answer";
  EXPECT_EQ(rt.block_on(serving).value(), kConnections * test_support::kRawMessageSize);
  EXPECT_EQ(server.most_open, kConnections);
}

}  // namespace
}  // namespace weft
