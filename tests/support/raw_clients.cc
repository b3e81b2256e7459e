// Many clients of an echo server. Interface: raw_clients.h.

#include <tests/support/raw_clients.h>

#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

namespace weft::test_support {
namespace {

enum ExitCode : int {
  kAllRight = 0,
  kNoMemory = 1,
  kNoConnection = 2,
  kNotSent = 3,
  kWrongAnswer = 4
};

int connect_to(std::uint16_t port) noexcept {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* const generic = reinterpret_cast<const ::sockaddr*>(&address);
  return ::connect(fd, generic, sizeof address) == 0 ? fd : -1;
}

bool answers(int fd, std::uint64_t expected) noexcept {
  std::uint64_t answer = 0;
  const ssize_t received = ::recv(fd, &answer, sizeof answer, MSG_WAITALL);
  return received == static_cast<ssize_t>(sizeof answer) && answer == expected;
}

}  // namespace

int run_raw_clients(std::uint16_t port, std::size_t count) noexcept {
  static_assert(sizeof(std::uint64_t) == kRawMessageSize);
  // Not from the heap, whose locks may be held by a thread that has not been forked along.
  void* const memory = ::mmap(nullptr, count * sizeof(int), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return kNoMemory;
  int* const fds = static_cast<int*>(memory);
  for (std::size_t i = 0; i < count; ++i) {
    fds[i] = connect_to(port);
    if (fds[i] < 0) return kNoConnection;
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    if (::send(fds[i], &i, sizeof i, MSG_NOSIGNAL) != sizeof i) return kNotSent;
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!answers(fds[i], i)) return kWrongAnswer;
  }
  return kAllRight;
}

}  // namespace weft::test_support
