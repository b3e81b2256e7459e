// A raw echo server. Interface: raw_epoll_echo.h.

#include <benches/support/raw_epoll_echo.h>

#include <array>
#include <cstring>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <benches/support/require.h>

namespace bench {
namespace {

// A stream socket of the family, bound to the address.
template <class Address>
int bound_socket(int family, Address address) {
  const int socket = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(socket >= 0, "socket");
  // SAFETY(cast): all addresses begin as sockaddr does; that is how the socket calls take them.
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  require(::bind(socket, generic, sizeof address) == 0, "bind");
  return socket;
}

int bound_to_loopback() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return bound_socket(AF_INET, address);
}

int bound_to_path(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  return bound_socket(AF_UNIX, address);
}

}  // namespace

RawEpollEcho::RawEpollEcho() : RawEpollEcho(bound_to_loopback()) {}

RawEpollEcho::RawEpollEcho(const char* unix_path) : RawEpollEcho(bound_to_path(unix_path)) {}

RawEpollEcho::RawEpollEcho(int bound_socket)
    : listener_(bound_socket),
      stop_(::eventfd(0, EFD_CLOEXEC)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  require(stop_ >= 0 && epoll_ >= 0, "eventfd, epoll_create1");
  require(::listen(listener_, SOMAXCONN) == 0, "listen");
  watch(listener_);
  watch(stop_);
  thread_ = std::thread([this] { loop(); });
}

std::uint16_t RawEpollEcho::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  // SAFETY(cast): as above; the call writes no more than there is room for.
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  require(::getsockname(listener_, generic, &size) == 0, "getsockname");
  return ntohs(address.sin_port);
}

RawEpollEcho::~RawEpollEcho() {
  const std::uint64_t one = 1;
  // SAFETY(syscall): eight bytes, into an eventfd that is open until the thread has ended.
  require(::write(stop_, &one, sizeof one) == sizeof one, "write");
  thread_.join();
  ::close(epoll_);
  ::close(stop_);
  ::close(listener_);
}

void RawEpollEcho::watch(int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  // SAFETY(syscall): both descriptors are ours and open.
  require(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

bool RawEpollEcho::echo(int fd) {
  std::array<char, 1024> buffer;
  // SAFETY(syscall): epoll has said that something is there, and the answer has room: the client
  // waits for it before it sends more.
  const ssize_t received = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (received <= 0) return false;
  return ::send(fd, buffer.data(), static_cast<std::size_t>(received), MSG_NOSIGNAL) == received;
}

void RawEpollEcho::loop() {
  std::array<epoll_event, 256> events;
  for (;;) {
    // SAFETY(syscall): room for as many events as it is told.
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == stop_) return;
      if (fd == listener_) {
        watch(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
      } else if (!echo(fd)) {
        ::close(fd);
      }
    }
  }
}

}  // namespace bench
