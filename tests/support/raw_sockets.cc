// Raw sockets for tests. Interface: raw_sockets.h.

#include <tests/support/raw_sockets.h>

#include <arpa/inet.h>
#include <array>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <span>
#include <sys/socket.h>
#include <vector>

#include <weft/base/check.h>
#include <weft/base/sys.h>

namespace weft::test_support {
namespace {

constexpr int kFlags = SOCK_NONBLOCK | SOCK_CLOEXEC;

::sockaddr_in loopback(std::uint16_t port) {
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

OwnedFd made(Result<OwnedFd> fd) {
  WEFT_CHECK(fd, "raw_sockets: the system refuses a descriptor");
  return *std::move(fd);
}

FdPair made(Result<sys::Ends> ends) {
  WEFT_CHECK(ends, "raw_sockets: the system refuses a pair of descriptors");
  return *std::move(ends);
}

OwnedFd bound(int type) {
  OwnedFd fd = made(sys::socket(AF_INET, type | kFlags, 0));
  const ::sockaddr_in address = loopback(0);
  WEFT_CHECK(sys::bind(fd, reinterpret_cast<const ::sockaddr*>(&address), sizeof address),
             "raw_sockets: cannot bind to 127.0.0.1");
  return fd;
}

}  // namespace

OwnedFd tcp_listener() {
  OwnedFd fd = bound(SOCK_STREAM);
  WEFT_CHECK(sys::listen(fd, SOMAXCONN), "raw_sockets: cannot listen");
  return fd;
}

std::uint16_t port_of(BorrowedFd socket) {
  ::sockaddr_in address{};
  ::socklen_t size = sizeof address;
  WEFT_CHECK(sys::getsockname(socket, reinterpret_cast<::sockaddr*>(&address), &size),
             "raw_sockets: a socket has no name");
  return ntohs(address.sin_port);
}

OwnedFd begin_connect(std::uint16_t port) {
  OwnedFd fd = made(sys::socket(AF_INET, SOCK_STREAM | kFlags, 0));
  const ::sockaddr_in address = loopback(port);
  const Result<void> begun =
      sys::connect(fd, reinterpret_cast<const ::sockaddr*>(&address), sizeof address);
  WEFT_CHECK(begun || begun.error() == std::errc::operation_in_progress,
             "raw_sockets: cannot connect");
  return fd;
}

FdPair tcp_pair() {
  const OwnedFd listener = tcp_listener();
  OwnedFd client = begin_connect(port_of(listener));
  // The handshake is over the loopback, and over when connect() returns.
  OwnedFd server = made(sys::accept4(listener, nullptr, nullptr, kFlags));
  return {std::move(client), std::move(server)};
}

FdPair unix_stream_pair() { return made(sys::socketpair(AF_UNIX, SOCK_STREAM | kFlags, 0)); }

FdPair pipe_pair() { return made(sys::pipe2(O_NONBLOCK | O_CLOEXEC)); }

OwnedFd udp_socket() { return bound(SOCK_DGRAM); }

void close_with_reset(OwnedFd socket) {
  const ::linger at_once{.l_onoff = 1, .l_linger = 0};
  WEFT_CHECK(sys::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once),
             "raw_sockets: cannot set SO_LINGER");
}

Result<std::size_t> write_text(BorrowedFd fd, std::string_view text) {
  return sys::write(fd, std::as_bytes(std::span(text)));
}

Result<std::string> read_text(BorrowedFd fd, std::size_t most) {
  std::string text(most, '\0');
  return sys::read(fd, std::as_writable_bytes(std::span(text))).transform([&](std::size_t n) {
    text.resize(n);
    return text;
  });
}

std::size_t fill(BorrowedFd fd) {
  const std::vector<std::byte> block(64 * 1024);
  std::size_t total = 0;
  while (const Result<std::size_t> n = sys::write(fd, block)) total += *n;
  return total;
}

std::size_t drain(BorrowedFd fd) {
  std::vector<std::byte> block(64 * 1024);
  std::size_t total = 0;
  for (;;) {
    const Result<std::size_t> n = sys::read(fd, block);
    if (!n || *n == 0) return total;
    total += *n;
  }
}

std::size_t open_fd_count() {
  ::DIR* const directory = ::opendir("/proc/self/fd");
  WEFT_CHECK(directory != nullptr, "raw_sockets: no /proc/self/fd");
  std::size_t count = 0;
  while (const ::dirent* entry = ::readdir(directory)) count += entry->d_name[0] != '.';
  ::closedir(directory);
  return count - 1;  // without the directory's own
}

}  // namespace weft::test_support
