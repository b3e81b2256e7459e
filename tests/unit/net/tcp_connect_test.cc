// TcpStream: connecting, and from and to descriptors.

#include <cerrno>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <tests/support/mock_task.h>
#include <tests/unit/net/net_support.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>

namespace weft::net {
namespace {

using test_support::current_thread;
using test_support::on_every_kind;
using test_support::open_fd_count;

TEST(N1, ConnectsByAddressTextListAndName) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      TcpListener listener = (co_await TcpListener::bind("localhost:0")).value();
      const SocketAddr address = listener.local_addr().value();
      const std::string text = address.to_string();
      std::vector<SocketAddr> several{address};
      EXPECT_TRUE(co_await TcpStream::connect(address));
      EXPECT_TRUE(co_await TcpStream::connect(text));
      EXPECT_TRUE(co_await TcpStream::connect(several));
      EXPECT_TRUE(co_await TcpStream::connect(ToSocketAddrs(address.ip(), address.port())));
      EXPECT_TRUE(co_await TcpStream::connect(ToSocketAddrs("localhost", address.port())));
    }());
  });
}

TEST(N2, AddressesMirror) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const Pair ends = co_await connected();
    EXPECT_EQ(ends.client.local_addr(), ends.server.peer_addr());
    EXPECT_EQ(ends.client.peer_addr(), ends.server.local_addr());
  }());
}

TEST(N2, AcceptTellsThePeersAddress) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind("[::1]:0")).value();
    const TcpStream client = (co_await TcpStream::connect(listener.local_addr().value())).value();
    const auto accepted = (co_await listener.accept()).value();
    EXPECT_EQ(accepted.second, client.local_addr().value());
    EXPECT_EQ(accepted.first.peer_addr().value(), accepted.second);
    EXPECT_TRUE(accepted.second.is_ipv6());
  }());
}

TEST(NC1, WithoutAddressesItIsAnInvalidArgument) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    std::vector<SocketAddr> none;
    const Result<TcpStream> stream = co_await TcpStream::connect(none);
    EXPECT_EQ(stream.error(), std::errc::invalid_argument);
    const Result<TcpListener> listener = co_await TcpListener::bind(none);
    EXPECT_EQ(listener.error(), std::errc::invalid_argument);
  }());
}

TEST(NC1, TheFirstThatWorksIsTakenElseTheLastErrorGiven) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    const SocketAddr good = listener.local_addr().value();
    SocketAddr refused = good;
    {
      TcpListener gone = (co_await TcpListener::bind(kAnyPort)).value();
      refused = gone.local_addr().value();
    }
    std::vector<SocketAddr> some{refused, good};
    const Result<TcpStream> stream = co_await TcpStream::connect(some);
    EXPECT_EQ(stream->peer_addr(), good);
    std::vector<SocketAddr> bad{refused, refused};
    const Result<TcpStream> none = co_await TcpStream::connect(bad);
    EXPECT_EQ(none.error(), std::errc::connection_refused);
  }());
}

TEST(NC2, AnInterruptedConnectIsInProgress) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    sys::Table table;
    table.connect = [](int fd, const ::sockaddr* address, ::socklen_t size) {
      ::connect(fd, address, size);
      errno = EINTR;
      return -1;
    };
    std::optional<Result<TcpStream>> stream;
    {
      // The connect is made in the first poll, on this thread.
      auto connecting = TcpStream::connect(listener.local_addr().value());
      const sys::Table* const before = sys::set_table(&table);
      auto join = spawn(std::move(connecting));
      co_await yield_now();
      sys::set_table(before);
      stream.emplace((co_await join).value());
    }
    EXPECT_TRUE(stream->has_value());
    EXPECT_TRUE((*stream)->peer_addr());
  }());
}

TEST(NC2, ASocketThatCannotBeRegisteredIsClosed) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    const std::size_t before = open_fd_count();
    sys::Table table;
    table.epoll_ctl = [](int, int, int, ::epoll_event*) {
      errno = ENOSPC;
      return -1;
    };
    const sys::Table* const old = sys::set_table(&table);
    const Result<TcpStream> stream = co_await TcpStream::connect(listener.local_addr().value());
    sys::set_table(old);
    EXPECT_EQ(stream.error(), std::errc::no_space_on_device);
    EXPECT_EQ(open_fd_count(), before);
  }());
}

TEST(NC3, ASpuriousEventIsWaitedThrough) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    struct Pretending : sys::Table {
      mutable int asked = 0;
    } table;
    // The connect goes on in the background, and the first look at it finds no peer.
    table.connect = [](int fd, const ::sockaddr* address, ::socklen_t size) {
      ::connect(fd, address, size);
      errno = EINPROGRESS;
      return -1;
    };
    table.getpeername = [](int fd, ::sockaddr* address, ::socklen_t* size) {
      if (static_cast<const Pretending*>(sys::table())->asked++ > 0) {
        return ::getpeername(fd, address, size);
      }
      errno = ENOTCONN;
      return -1;
    };
    const sys::Table* const old = sys::set_table(&table);
    auto join = spawn(TcpStream::connect(listener.local_addr().value()));
    const auto accepted = (co_await listener.accept()).value();
    while (table.asked == 0) co_await yield_now();
    EXPECT_FALSE(join.is_finished());
    // What arrives is reported together with what is still writable.
    EXPECT_TRUE(co_await accepted.first.write_all("x"));
    const Result<TcpStream> stream = (co_await join).value();
    sys::set_table(old);
    EXPECT_TRUE(stream);
    EXPECT_EQ(table.asked, 2);
  }());
}

TEST(NC4, ACancelledConnectClosesItsSocket) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const std::size_t before = open_fd_count();
    sys::Table table;
    table.connect = [](int, const ::sockaddr*, ::socklen_t) {
      errno = EINPROGRESS;  // for ever
      return -1;
    };
    table.getpeername = [](int, ::sockaddr*, ::socklen_t*) {
      errno = ENOTCONN;
      return -1;
    };
    const sys::Table* const old = sys::set_table(&table);
    {
      test_support::MockTask task;
      test_support::Polled connecting(TcpStream::connect("127.0.0.1:1"));
      EXPECT_FALSE(connecting.poll(task));
      EXPECT_EQ(open_fd_count(), before + 1);
    }
    sys::set_table(old);
    EXPECT_EQ(open_fd_count(), before);
    co_return;
  }());
}

TEST(NG1, MakingASocketNeedsARuntimeAndWatchesBothDirections) {
  EXPECT_DEATH(
      {
        OwnedFd fd = test_support::udp_socket();
        static_cast<void>(TcpStream::from_fd(std::move(fd)));
      },
      "tcp_connect_test.cc:.*there is no reactor running");
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    EXPECT_TRUE(co_await ends.client.writable());
    EXPECT_TRUE(co_await ends.server.write_all("x"));
    EXPECT_TRUE(co_await ends.client.readable());
  }());
}

TEST(NG1, AMovedFromSocketIsFatalToUse) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    const TcpStream moved = std::move(ends.client);
    EXPECT_DEATH(static_cast<void>(ends.client.local_addr()), "had been moved from");
    auto [reader, writer] = std::move(ends.server).into_split();
    const TcpOwnedReadHalf other = std::move(reader);
    EXPECT_DEATH(static_cast<void>(reader.local_addr()), "had been moved from");
  }());
}

TEST(N23, ConnectingOutsideARuntimeIsFatalAtTheCallersLine) {
  const OwnedFd listener = test_support::tcp_listener();
  test_support::MockTask task;
  const SocketAddr address(Ipv4Addr::localhost(), test_support::port_of(listener));
  EXPECT_DEATH(
      {
        test_support::Polled connecting(TcpStream::connect(address));
        connecting.poll(task);
      },
      "tcp_connect_test.cc:.*there is no reactor running, must be called from the context of");
}

TEST(N23, WithoutIoTheMessageNamesTheRemedy) {
  runtime::Runtime rt = runtime::Builder::new_current_thread().build().value();
  EXPECT_DEATH(rt.block_on([]() -> Task<> { EXPECT_TRUE(co_await TcpListener::bind(kAnyPort)); }()),
               "tcp_connect_test.cc:.*I/O is disabled. Call `enable_io\\(\\)`");
}

TEST(NG3, ABlockingDescriptorIsRefusedAndStays) {
  runtime::Runtime rt = current_thread();
  const auto guard = rt.enter();
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  OwnedFd one(ends[0]);
  const OwnedFd other(ends[1]);
  EXPECT_EQ(TcpStream::from_fd(std::move(one)).error(), std::errc::invalid_argument);
  EXPECT_TRUE(one);
}

TEST(NG3, ADescriptorGoesInAndComesOut) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    OwnedFd fd = std::move(ends.server).into_fd().value();
    TcpStream again = TcpStream::from_fd(std::move(fd)).value();
    EXPECT_TRUE(co_await again.write_all("x"));
    char byte = 0;
    EXPECT_EQ((co_await ends.client.read(std::span(&byte, 1))).value(), 1u);
  }());
}

TEST(NG9, AStreamWorksInTasksOfAnotherRuntime) {
  runtime::Runtime home = test_support::multi_thread(1);
  runtime::Runtime other = current_thread();
  Pair ends = home.block_on(connected());
  other.block_on([](Pair& pair) -> Task<> {
    auto reading =
        spawn([](const TcpStream& stream) { return read_all(stream); }, std::cref(pair.client));
    co_await yield_now();
    EXPECT_TRUE(co_await pair.server.write_all("across"));
    EXPECT_TRUE(pair.server.close());
    EXPECT_EQ((co_await reading).value(), "across");
  }(ends));
}

}  // namespace
}  // namespace weft::net
