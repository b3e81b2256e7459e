// The least that echo servers can do: support/raw_epoll_echo.h for streams, and for datagrams a
// loop that waits only when there is nothing. One thread, however many workers the runtime beside
// it has.

#include <array>
#include <cerrno>
#include <cstdint>
#include <netinet/in.h>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <benches/peers/support/row.h>
#include <benches/support/raw_epoll_echo.h>
#include <benches/support/require.h>

namespace {

using bench::require;
using peers::Figure;
using peers::Row;
using peers::Run;

const Row kTcpEcho("serve_tcp_echo", [](Run&) {
  const bench::RawEpollEcho server;
  peers::serve("tcp:" + std::to_string(server.port()));
  return Figure{};
});

const Row kUnixEcho("serve_unix_echo", [](Run&) {
  const std::string path = peers::socket_path();
  const bench::RawEpollEcho server(path.c_str());
  peers::serve("unix:" + path);
  ::unlink(path.c_str());
  return Figure{};
});

// Sends back what is there. False: nothing is.
bool send_one_back(int socket) {
  std::array<char, 1024> buffer;
  sockaddr_in sender{};
  socklen_t size = sizeof sender;
  // SAFETY(cast): sockaddr_in begins as sockaddr does; that is how the socket calls take addresses.
  auto* const generic = reinterpret_cast<sockaddr*>(&sender);
  const ssize_t received = ::recvfrom(socket, buffer.data(), buffer.size(), 0, generic, &size);
  if (received < 0 && errno == EAGAIN) return false;
  require(received >= 0, "recvfrom");
  const auto length = static_cast<std::size_t>(received);
  require(::sendto(socket, buffer.data(), length, 0, generic, size) == received, "sendto");
  return true;
}

[[noreturn]] void echo_datagrams(int socket) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  require(::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) == 0, "epoll_ctl");
  for (;;) {
    while (send_one_back(socket)) {
    }
    // SAFETY(syscall): room for the one event it is told of.
    ::epoll_wait(epoll, &event, 1, -1);
  }
}

const Row kUdpEcho("serve_udp_echo", [](Run&) -> Figure {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  // SAFETY(cast): as in send_one_back().
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  require(::bind(socket, generic, size) == 0, "bind");
  require(::getsockname(socket, generic, &size) == 0, "getsockname");
  std::thread([socket] { echo_datagrams(socket); }).detach();
  peers::serve("udp:" + std::to_string(ntohs(address.sin_port)));
  // The thread never ends, nor may it outlive what the end of main() destroys.
  ::_exit(0);
});

}  // namespace
