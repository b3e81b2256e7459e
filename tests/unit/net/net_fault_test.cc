// Peers and networks that misbehave.

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <tests/support/mock_task.h>
#include <tests/unit/net/net_support.h>
#include <weft/base/sys.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/join.h>
#include <weft/runtime/spawn.h>
#include <weft/time/timeout.h>

namespace weft::net {
namespace {

using namespace std::chrono_literals;
using test_support::current_thread;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::open_fd_count;
using test_support::paused_current_thread;
using test_support::Polled;

// A listener that has as many connections in its queue as go in: further ones get no answer.
struct FullBacklog {
  OwnedFd listener;
  SocketAddr address{Ipv4Addr::localhost(), 0};
  std::vector<OwnedFd> queued;

  FullBacklog() {
    OwnedFd bound = test_support::tcp_listener();
    EXPECT_TRUE(sys::listen(bound, 0));
    address.set_port(test_support::port_of(bound));
    listener = std::move(bound);
    // One is accepted into a queue of length 0.
    queued.push_back(test_support::begin_connect(address.port()));
  }
};

// The clock is virtual: when nothing else can happen, it goes on to the timeout.
TEST(NC4, AConnectThatNobodyAnswersIsGivenUpAndClosed) {
  runtime::Runtime rt = paused_current_thread();
  const FullBacklog full;
  rt.block_on([](SocketAddr address) -> Task<> {
    const std::size_t before = open_fd_count();
    const auto connected = co_await time::timeout(30s, TcpStream::connect(address));
    EXPECT_FALSE(connected.has_value());
    EXPECT_EQ(open_fd_count(), before);
  }(full.address));
}

TEST(NC9, AResetEndsAReadAndAWriteThatWait) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      Pair ends = co_await connected();
      const TcpStream& client = ends.client;
      auto reading = spawn([&client]() -> Task<Result<std::size_t>> {
        std::array<char, 8> room;
        Result<std::size_t> read = co_await client.read(room);
        co_return read;
      });
      auto writing = spawn([&client]() -> Task<Result<void>> {
        const std::vector<std::byte> block(1 << 20);
        for (;;) {
          Result<void> written = co_await client.write_all(block);
          if (!written) co_return written;
        }
      });
      EXPECT_TRUE(co_await ends.server.readable());
      EXPECT_TRUE(ends.server.set_zero_linger());
      EXPECT_TRUE(ends.server.close());
      const Result<std::size_t> read = (co_await reading).value();
      const Result<void> written = (co_await writing).value();
      // One of the two takes the error out of the socket; the other finds it closed.
      EXPECT_TRUE(!read ? read.error() == std::errc::connection_reset : *read == 0);
      EXPECT_TRUE(written.error() == std::errc::connection_reset ||
                  written.error() == std::errc::broken_pipe);
    }());
  });
}

TEST(NC11, EachSideEndsItsWritingAndGoesOnReading) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      Pair ends = co_await connected();
      EXPECT_TRUE(co_await ends.client.write_all("request"));
      EXPECT_TRUE(co_await ends.client.shutdown());
      EXPECT_EQ(co_await read_all(ends.server), "request");
      EXPECT_TRUE(co_await ends.server.write_all("answer"));
      EXPECT_TRUE(co_await ends.server.shutdown());
      EXPECT_EQ(co_await read_all(ends.client), "answer");
      EXPECT_EQ((co_await ends.server.write("x")).error(), std::errc::broken_pipe);
    }());
  });
}

Task<std::string> read_owned(TcpStream stream) {
  std::string all = co_await read_all(stream);
  co_return all;
}

TEST(NG9, ASocketIsMovedFromOneRuntimeToAnother) {
  runtime::Runtime here = test_support::multi_thread(1);
  runtime::Runtime there = test_support::multi_thread(1);
  Pair ends = here.block_on(connected());
  MockTask task;
  std::array<char, 8> room;
  Polled waiting(ends.server.read(room));
  EXPECT_FALSE(waiting.poll(task));
  OwnedFd raw = std::move(ends.server).into_fd().value();
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(waiting.poll(task));
  EXPECT_EQ(waiting.take().error(), Errc::closed);
  std::optional<TcpStream> moved;
  {
    const auto context = there.enter();
    moved.emplace(TcpStream::from_fd(std::move(raw)).value());
  }
  auto reading = there.spawn(read_owned(*std::move(moved)));
  here.block_on([](TcpStream client) -> Task<> {
    EXPECT_TRUE(co_await client.write_all("moved"));
  }(std::move(ends.client)));
  EXPECT_EQ(there.block_on(reading).value(), "moved");
}

TEST(NG4, AnInterruptedCallIsRepeated) {
  struct Interrupting : sys::Table {
    mutable int left = 3;
  } table;
  table.accept4 = [](int fd, ::sockaddr* peer, ::socklen_t* size, int flags) {
    if (static_cast<const Interrupting*>(sys::table())->left-- > 0) {
      errno = EINTR;
      return -1;
    }
    return ::accept4(fd, peer, size, flags);
  };
  runtime::Runtime rt = current_thread();
  const sys::TableScope scope(table);
  rt.block_on([]() -> Task<> {
    const Pair ends = co_await connected();
    EXPECT_TRUE(ends.server.peer_addr());
  }());
  EXPECT_LT(table.left, 0);
}

}  // namespace
}  // namespace weft::net
