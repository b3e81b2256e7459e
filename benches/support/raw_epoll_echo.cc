// A raw echo server. Interface: raw_epoll_echo.h.

#include <benches/support/raw_epoll_echo.h>

#include <array>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <benches/support/require.h>

namespace bench {
namespace {

// Binds `socket` to a free port of the loopback interface and says which.
std::uint16_t bind_to_loopback(int socket) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  // SAFETY(cast): sockaddr_in begins as sockaddr does; that is how the socket calls take addresses.
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  require(::bind(socket, generic, size) == 0, "bind");
  require(::getsockname(socket, generic, &size) == 0, "getsockname");
  return ntohs(address.sin_port);
}

}  // namespace

RawEpollEcho::RawEpollEcho()
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_(::eventfd(0, EFD_CLOEXEC)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  require(listener_ >= 0 && stop_ >= 0 && epoll_ >= 0, "socket, eventfd, epoll_create1");
  port_ = bind_to_loopback(listener_);
  require(::listen(listener_, SOMAXCONN) == 0, "listen");
  watch(listener_);
  watch(stop_);
  thread_ = std::thread([this] { loop(); });
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
