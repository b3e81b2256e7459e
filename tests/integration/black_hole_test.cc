// A network that swallows everything: a tunnel that nobody reads, in a network namespace of its
// own.

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <tests/support/raw_sockets.h>
#include <tests/support/runtimes.h>
#include <weft/weft.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

constexpr int kConnected = 1;  // exit codes of the child
constexpr int kLeftDescriptors = 2;
constexpr int kRefusedBySystem = 100;  // and errno

// Makes 192.0.2.0/24 a network behind a tunnel that nobody reads. The errno, or 0.
int enter_black_hole() {
  if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return errno;
  const int tunnel = ::open("/dev/net/tun", O_RDWR);
  if (tunnel < 0) return errno;
  ::ifreq request{};
  std::strcpy(request.ifr_name, "hole");
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (::ioctl(tunnel, TUNSETIFF, &request) != 0) return errno;
  const int control = ::socket(AF_INET, SOCK_DGRAM, 0);
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(0xc0000201);  // 192.0.2.1
  std::memcpy(&request.ifr_addr, &address, sizeof address);
  if (::ioctl(control, SIOCSIFADDR, &request) != 0) return errno;
  address.sin_addr.s_addr = htonl(0xffffff00);
  std::memcpy(&request.ifr_netmask, &address, sizeof address);
  if (::ioctl(control, SIOCSIFNETMASK, &request) != 0) return errno;
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (::ioctl(control, SIOCSIFFLAGS, &request) != 0) return errno;
  return 0;
}

// The clock is virtual: when nothing else can happen, it goes on to the timeout.
int connect_into_black_hole() {
  if (const int refused = enter_black_hole(); refused != 0) return kRefusedBySystem + refused;
  const runtime::Runtime rt = test_support::paused_current_thread();
  const std::size_t before = test_support::open_fd_count();
  const net::SocketAddr nobody(net::Ipv4Addr(192, 0, 2, 2), 80);
  const bool connected = rt.block_on([](net::SocketAddr to) -> Task<bool> {
    const auto stream = co_await time::timeout(30s, net::TcpStream::connect(to));
    co_return stream.has_value();
  }(nobody));
  if (connected) return kConnected;
  return test_support::open_fd_count() == before ? 0 : kLeftDescriptors;
}

TEST(NC4, AConnectIntoABlackHoleTimesOutAndIsClosed) {
  const ::pid_t child = ::fork();
  if (child == 0) ::_exit(connect_into_black_hole());
  ASSERT_GT(child, 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  const int code = WEXITSTATUS(status);
  if (code >= kRefusedBySystem) {
    GTEST_SKIP() << "no network namespace: " << std::strerror(code - kRefusedBySystem);
  }
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace weft
