// connect_happy_eyeballs.

#include <chrono>
#include <utility>
#include <vector>

#include <tests/unit/net/net_support.h>
#include <weft/base/sys.h>
#include <weft/net/happy_eyeballs.h>
#include <weft/time/instant.h>
#include <weft/time/timeout.h>

namespace weft::net {
namespace {

using namespace std::chrono_literals;
using test_support::open_fd_count;
using test_support::paused_current_thread;

// A listener with a full queue: connecting to it gets no answer.
struct Silent {
  Silent() : listener(test_support::tcp_listener()) {
    EXPECT_TRUE(sys::listen(listener, 0));
    queued = test_support::begin_connect(test_support::port_of(listener));
  }
  SocketAddr address() const {
    return SocketAddr(Ipv4Addr::localhost(), test_support::port_of(listener));
  }
  OwnedFd listener;
  OwnedFd queued;
};

SocketAddr refusing() {
  const OwnedFd gone = test_support::tcp_listener();
  return SocketAddr(Ipv4Addr::localhost(), test_support::port_of(gone));
}

// The clock is virtual: it goes on when nothing else can happen.
TEST(N71, AnAddressThatDoesNotAnswerHoldsNobodyUp) {
  runtime::Runtime rt = paused_current_thread();
  const Silent silent;
  rt.block_on([](SocketAddr nobody) -> Task<> {
    const TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    const std::vector<SocketAddr> several{nobody, listener.local_addr().value()};
    const auto before = time::Clock::now();
    const Result<TcpStream> stream = co_await connect_happy_eyeballs(several, 250ms);
    EXPECT_EQ(stream.value().peer_addr().value(), several[1]);
    EXPECT_GE(time::Clock::now() - before, 250ms);
    EXPECT_LE(time::Clock::now() - before, 260ms);
  }(silent.address()));
}

TEST(N71, AnAddressThatRefusesIsFollowedAtOnce) {
  runtime::Runtime rt = paused_current_thread();
  rt.block_on([]() -> Task<> {
    const TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    const std::vector<SocketAddr> several{refusing(), refusing(), listener.local_addr().value()};
    const auto before = time::Clock::now();
    EXPECT_TRUE(co_await connect_happy_eyeballs(several, 1h));
    EXPECT_LT(time::Clock::now() - before, 1h);
  }());
}

TEST(N71, TheLastErrorIsTheResultAndNothingIsAnError) {
  runtime::Runtime rt = paused_current_thread();
  rt.block_on([]() -> Task<> {
    const std::vector<SocketAddr> several{refusing(), refusing()};
    EXPECT_EQ((co_await connect_happy_eyeballs(several)).error(), std::errc::connection_refused);
    EXPECT_EQ((co_await connect_happy_eyeballs(std::vector<SocketAddr>())).error(),
              std::errc::invalid_argument);
  }());
}

TEST(N71, TheFamiliesTakeTurns) {
  runtime::Runtime rt = paused_current_thread();
  const Silent silent;
  rt.block_on([](SocketAddr nobody) -> Task<> {
    const TcpListener six = (co_await TcpListener::bind("[::1]:0")).value();
    const std::vector<SocketAddr> several{nobody, nobody, nobody, six.local_addr().value()};
    const auto before = time::Clock::now();
    EXPECT_TRUE(co_await connect_happy_eyeballs(several, 250ms));
    EXPECT_LT(time::Clock::now() - before, 500ms);
  }(silent.address()));
}

TEST(N71, GivingUpClosesAllAttempts) {
  runtime::Runtime rt = paused_current_thread();
  const Silent silent;
  const std::size_t before = open_fd_count();
  rt.block_on([](SocketAddr nobody) -> Task<> {
    const std::vector<SocketAddr> several{nobody, nobody, nobody};
    EXPECT_FALSE((co_await time::timeout(10s, connect_happy_eyeballs(several))).has_value());
    co_await time::sleep(1ms);  // until the aborted tasks have gone
  }(silent.address()));
  EXPECT_EQ(open_fd_count(), before);
}

}  // namespace
}  // namespace weft::net
