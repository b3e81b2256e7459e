// TcpListener, TcpListenerStream and accept_with_backoff.

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <tests/support/mock_task.h>
#include <tests/unit/net/net_support.h>
#include <weft/base/sys.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/shutdown_error.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>
#include <weft/time/instant.h>

namespace weft::net {
namespace {

using namespace std::chrono_literals;
using test_support::current_thread;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::open_fd_count;
using test_support::paused_current_thread;
using test_support::Polled;

TEST(N1, BindsToAddressTextListAndName) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    EXPECT_TRUE(co_await TcpListener::bind(SocketAddr(Ipv4Addr::localhost(), 0)));
    EXPECT_TRUE(co_await TcpListener::bind("127.0.0.1:0"));
    EXPECT_TRUE(co_await TcpListener::bind("localhost:0"));
    std::vector<SocketAddr> several{SocketAddr(Ipv4Addr(192, 0, 2, 1), 0),  // not ours
                                    SocketAddr(Ipv4Addr::localhost(), 0)};
    const Result<TcpListener> listener = co_await TcpListener::bind(several);
    EXPECT_EQ(listener->local_addr()->ip(), IpAddr(Ipv4Addr::localhost()));
  }());
}

TEST(N3, OneConnectionResumesAPendingAcceptOnce) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    MockTask task;
    Polled accepting(listener.accept());
    EXPECT_FALSE(accepting.poll(task));
    const TcpStream client = (co_await TcpStream::connect(listener.local_addr().value())).value();
    EXPECT_TRUE(co_await client.writable());  // a turn of the driver
    EXPECT_EQ(task.wake_count(), 1);
    EXPECT_TRUE(accepting.poll(task));
    EXPECT_TRUE(accepting.take());
  }());
}

TEST(N4, OfFiftyAcceptsAllAreWokenAndOneGetsTheConnection) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    MockTask task;
    using Accepting = Polled<internal::AcceptFrom<internal::TcpConnections>>;
    std::vector<std::unique_ptr<Accepting>> accepts;
    for (int i = 0; i < 50; ++i) {
      accepts.push_back(std::make_unique<Accepting>(listener.accept()));
      EXPECT_FALSE(accepts.back()->poll(task));
    }
    const TcpStream client = (co_await TcpStream::connect(listener.local_addr().value())).value();
    EXPECT_TRUE(co_await client.writable());
    EXPECT_EQ(task.wake_count(), 50);
    int got = 0;
    for (auto& accept : accepts) got += accept->poll(task) ? 1 : 0;
    EXPECT_EQ(got, 1);
  }());
}

TEST(NC7, BindReusesAddressesAndAllowsTheLongestBacklog) {
  struct Watching : sys::Table {
    mutable int backlog = 0;
  } table;
  table.listen = [](int fd, int backlog) {
    static_cast<const Watching*>(sys::table())->backlog = backlog;
    return ::listen(fd, backlog);
  };
  runtime::Runtime rt = current_thread();
  rt.block_on([](Watching& watching) -> Task<> {
    const sys::Table* const old = sys::set_table(&watching);
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    sys::set_table(old);
    int on = 0;
    ::socklen_t size = sizeof on;
    EXPECT_TRUE(sys::getsockopt(listener.as_fd(), SOL_SOCKET, SO_REUSEADDR, &on, &size));
    EXPECT_EQ(on, 1);
  }(table));
  EXPECT_EQ(table.backlog, SOMAXCONN);
}

TEST(M45, BindingABoundAddressFails) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    const Result<TcpListener> second = co_await TcpListener::bind(listener.local_addr().value());
    EXPECT_EQ(second.error(), std::errc::address_in_use);
  }());
}

TEST(NC13, AcceptedSocketsAreNonBlockingAndCloseOnExec) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const Pair ends = co_await connected();
    for (const TcpStream* stream : {&ends.client, &ends.server}) {
      EXPECT_TRUE(*sys::get_status_flags(stream->as_fd()) & O_NONBLOCK);
      EXPECT_EQ(*sys::get_fd_flags(stream->as_fd()), FD_CLOEXEC);
    }
  }());
}

TEST(NC13, ACancelledAcceptHasAcceptedNothing) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    MockTask task;
    {
      Polled accepting(listener.accept());
      EXPECT_FALSE(accepting.poll(task));
    }
    const TcpStream client = (co_await TcpStream::connect(listener.local_addr().value())).value();
    EXPECT_TRUE(co_await listener.accept());
  }());
}

TEST(NC13, AConnectionThatCannotBeRegisteredIsClosed) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    const TcpStream client = (co_await TcpStream::connect(listener.local_addr().value())).value();
    const std::size_t before = open_fd_count();
    sys::Table table;
    table.epoll_ctl = [](int, int, int, ::epoll_event*) {
      errno = ENOMEM;
      return -1;
    };
    const sys::Table* const old = sys::set_table(&table);
    const auto accepted = co_await listener.accept();
    sys::set_table(old);
    EXPECT_EQ(accepted.error(), std::errc::not_enough_memory);
    EXPECT_EQ(open_fd_count(), before);
    EXPECT_EQ(co_await read_all(client), "");
  }());
}

TEST(N24, AfterTheRuntimeIsGoneAcceptFails) {
  std::optional<TcpListener> listener;
  MockTask task;
  {
    runtime::Runtime rt = current_thread();
    listener.emplace(rt.block_on(TcpListener::bind(kAnyPort)).value());
    Polled accepting(listener->accept());
    EXPECT_FALSE(accepting.poll(task));
    {
      runtime::Runtime gone(std::move(rt));
    }
    EXPECT_TRUE(task.take_woken());
    ASSERT_TRUE(accepting.poll(task));
    EXPECT_TRUE(runtime::is_rt_shutdown_err(accepting.take().error()));
  }
  Polled again(listener->accept());
  ASSERT_TRUE(again.poll(task));
  EXPECT_EQ(again.take().error(), Errc::runtime_shutdown);
}

// Fails accept4 with `error` a number of times, and then lets it through.
struct FailingAccept : sys::Table {
  FailingAccept(int how, int often) : error(how), left(often) {
    accept4 = [](int fd, ::sockaddr* peer, ::socklen_t* size, int flags) {
      const auto& self = static_cast<const FailingAccept&>(*sys::table());
      ++self.calls;
      if (self.left-- <= 0) return ::accept4(fd, peer, size, flags);
      errno = self.error;
      return -1;
    };
  }
  int error;
  mutable int left;
  mutable int calls = 0;
};

TEST(NC14, ErrorsGoToTheCallerAndReadinessStays) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    const TcpStream client = (co_await TcpStream::connect(listener.local_addr().value())).value();
    EXPECT_TRUE(co_await client.writable());
    const FailingAccept table(EMFILE, 2);
    const sys::Table* const old = sys::set_table(&table);
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ((co_await listener.accept()).error(), std::errc::too_many_files_open);
    }
    EXPECT_TRUE(co_await listener.accept());  // with no further event
    sys::set_table(old);
  }());
}

TEST(NC14, ErrorsAreSortedByWhatTheyAskFor) {
  for (const int error : {EINTR, ECONNABORTED, ECONNRESET, EPROTO, EPERM, ENETDOWN, ENETUNREACH,
                          EHOSTDOWN, EHOSTUNREACH, ENONET, ENOPROTOOPT, EOPNOTSUPP}) {
    EXPECT_EQ(classify_accept_error(Error::from_errno(error)), AcceptTrouble::kSkip) << error;
  }
  for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM}) {
    EXPECT_EQ(classify_accept_error(Error::from_errno(error)), AcceptTrouble::kWait) << error;
  }
  for (const Error error : {Error::from_errno(EBADF), Error::from_errno(EINVAL),
                            Error(Errc::closed), Error(Errc::runtime_shutdown)}) {
    EXPECT_EQ(classify_accept_error(error), AcceptTrouble::kBroken) << error;
  }
}

TEST(N59, WithoutDescriptorsItWaitsAndThenAccepts) {
  runtime::Runtime rt = paused_current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    const TcpStream client = (co_await TcpStream::connect(listener.local_addr().value())).value();
    const FailingAccept table(EMFILE, 10);
    const sys::Table* const old = sys::set_table(&table);
    const auto before = time::Clock::now();
    EXPECT_TRUE(co_await accept_with_backoff(listener));
    sys::set_table(old);
    EXPECT_EQ(table.calls, 11);
    // 10 + 20 + 40 + 80 + 160 + 320 + 640 + 1000 + 1000 + 1000 ms, and the grain of a timer each.
    const auto waited = time::Clock::now() - before;
    EXPECT_GE(waited, 4270ms);
    EXPECT_LE(waited, 4290ms);
  }());
}

TEST(N59, TheWaitsCanBeChosen) {
  runtime::Runtime rt = paused_current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    const TcpStream client = (co_await TcpStream::connect(listener.local_addr().value())).value();
    const FailingAccept table(ENFILE, 3);
    const sys::Table* const old = sys::set_table(&table);
    AcceptBackoff backoff;
    backoff.initial = 5s;
    backoff.max = 3s;
    const auto before = time::Clock::now();
    EXPECT_TRUE(co_await accept_with_backoff(listener, backoff));
    sys::set_table(old);
    const auto waited = time::Clock::now() - before;
    EXPECT_GE(waited, 9s);
    EXPECT_LE(waited, 9010ms);
  }());
}

TEST(NC14, LostConnectionsAreSkippedWithoutWaiting) {
  runtime::Runtime rt = paused_current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    const TcpStream client = (co_await TcpStream::connect(listener.local_addr().value())).value();
    const FailingAccept table(ECONNABORTED, 300);  // more than one resume's budget
    const sys::Table* const old = sys::set_table(&table);
    const auto before = time::Clock::now();
    EXPECT_TRUE(co_await accept_with_backoff(listener));
    sys::set_table(old);
    EXPECT_EQ(table.calls, 301);
    EXPECT_EQ(time::Clock::now(), before);
  }());
}

TEST(NC14, ABrokenListenerEndsTheLoop) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    EXPECT_TRUE(listener.close());
    const auto accepted = co_await accept_with_backoff(listener);
    EXPECT_EQ(accepted.error(), Errc::closed);
  }());
}

TEST(NC13, AListenerIsAStreamOfConnections) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
      const SocketAddr address = listener.local_addr().value();
      TcpListenerStream incoming(std::move(listener));
      for (int i = 0; i < 3; ++i) {
        const TcpStream client = (co_await TcpStream::connect(address)).value();
        const std::optional<Result<TcpStream>> next = co_await incoming.next();
        EXPECT_EQ((*next)->peer_addr(), client.local_addr());
      }
      EXPECT_EQ(incoming.inner().local_addr(), address);
      TcpListener back = std::move(incoming).into_inner();
      EXPECT_EQ(back.local_addr(), address);
    }());
  });
}

TEST(NG3, AListenerGoesInAndComesOut) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    OwnedFd raw = test_support::tcp_listener();
    TcpListener listener = TcpListener::from_fd(std::move(raw)).value();
    const TcpStream client = (co_await TcpStream::connect(listener.local_addr().value())).value();
    EXPECT_TRUE(co_await listener.accept());
    OwnedFd fd = std::move(listener).into_fd().value();
    EXPECT_TRUE(*sys::get_status_flags(fd) & O_NONBLOCK);
    EXPECT_EQ(sys::set_status_flags(fd, 0), Result<void>());
    EXPECT_EQ(TcpListener::from_fd(std::move(fd)).error(), std::errc::invalid_argument);
  }());
}

TEST(NC8, OptionsOfAListener) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    EXPECT_TRUE(listener.set_ttl(33));
    EXPECT_EQ(listener.ttl().value(), 33u);
    EXPECT_EQ(listener.take_error().value(), std::nullopt);
  }());
}

}  // namespace
}  // namespace weft::net
