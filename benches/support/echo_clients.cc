// The load for echo servers. Interface: echo_clients.h.

#include <benches/support/echo_clients.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <benches/support/require.h>

namespace bench {
namespace {

constexpr std::array<char, EchoClients::kMessageSize> kMessage{};

int connect_to(std::uint16_t port) {
  // SAFETY(syscall): the address is complete; the connection is made when connect() returns.
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(fd >= 0, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // SAFETY(cast): sockaddr_in begins as sockaddr does; that is how the socket calls take addresses.
  const int result = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  require(result == 0, "connect");
  return fd;
}

// Both ends of each connection are in this process, and some more are open.
void allow_descriptors(std::size_t connections) {
  rlimit limit{};
  // SAFETY(syscall): reads and sets a limit of this process.
  require(::getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
  const rlim_t needed = 2 * connections + 100;
  if (limit.rlim_cur >= needed) return;
  limit.rlim_cur = needed;
  limit.rlim_max = std::max(limit.rlim_max, needed);
  // SAFETY(syscall): as above.
  require(::setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit: too few descriptors are allowed");
}

std::chrono::nanoseconds read_clock(::clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

EchoClients::EchoClients(std::uint16_t port, std::size_t connections)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  require(epoll_ >= 0, "epoll_create1");
  allow_descriptors(connections);
  for (std::size_t i = 0; i < connections; ++i) connections_.push_back({connect_to(port)});
  for (std::size_t i = 0; i < connections; ++i) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    // SAFETY(syscall): both descriptors are ours and open.
    require(::epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].fd, &event) == 0, "epoll_ctl");
  }
}

EchoClients::~EchoClients() {
  for (const Connection& connection : connections_) ::close(connection.fd);
  ::close(epoll_);
}

void EchoClients::send_request(Connection& connection) {
  if (is_recording_) connection.sent_at = std::chrono::steady_clock::now();
  // SAFETY(syscall): at most one message is under way, so there is room for it.
  const ssize_t sent = ::send(connection.fd, kMessage.data(), kMessage.size(), MSG_NOSIGNAL);
  require(sent == static_cast<ssize_t>(kMessage.size()), "send");
}

bool EchoClients::receive(Connection& connection) {
  std::array<char, kMessageSize> answer;
  // SAFETY(syscall): epoll has said that something is there; the buffer has room for all of it.
  const ssize_t received = ::recv(connection.fd, answer.data(), answer.size(), 0);
  require(received > 0, "recv");
  connection.answered_bytes += static_cast<std::size_t>(received);
  if (connection.answered_bytes < kMessageSize) return false;
  connection.answered_bytes = 0;
  if (is_recording_) {
    round_trips_.push_back(std::chrono::steady_clock::now() - connection.sent_at);
  }
  if (--connection.rounds_left == 0) return true;
  send_request(connection);
  return false;
}

void EchoClients::run(std::size_t rounds) {
  for (Connection& connection : connections_) {
    connection.rounds_left = rounds;
    send_request(connection);
  }
  std::array<epoll_event, 256> events;
  for (std::size_t unfinished = connections_.size(); unfinished > 0;) {
    // SAFETY(syscall): room for as many events as it is told.
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      if (receive(connections_[events[static_cast<std::size_t>(i)].data.u64])) --unfinished;
    }
  }
}

std::chrono::nanoseconds processor_time_of_others() {
  return read_clock(CLOCK_PROCESS_CPUTIME_ID) - read_clock(CLOCK_THREAD_CPUTIME_ID);
}

}  // namespace bench
