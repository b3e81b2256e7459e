// UnixStream, UnixListener and UnixSocket.

#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <tests/support/mock_task.h>
#include <tests/unit/net/net_support.h>
#include <tests/unit/net/scratch_directory.h>
#include <weft/base/sys.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/join.h>
#include <weft/runtime/spawn.h>
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
using test_support::ScratchDirectory;

static_assert(Listener<UnixListener>);

struct UnixPair {
  UnixStream client;
  UnixStream server;
};

Task<UnixPair> connected_over(std::filesystem::path path) {
  UnixListener listener = UnixListener::bind(path).value();
  UnixStream client = (co_await UnixStream::connect(path)).value();
  auto accepted = (co_await listener.accept()).value();
  co_return UnixPair{std::move(client), std::move(accepted.first)};
}

Task<std::string> read_text(const UnixStream& stream) {
  std::string all;
  std::array<char, 64> room;
  for (;;) {
    const std::size_t n = (co_await stream.read(room)).value();
    if (n == 0) co_return all;
    all.append(room.data(), n);
  }
}

TEST(NX1, ThePathIsAFileThatStaysAndIsRefusedASecondTime) {
  runtime::Runtime rt = current_thread();
  const ScratchDirectory directory;
  const std::filesystem::path path = directory.path() / "socket";
  rt.block_on([](std::filesystem::path name) -> Task<> {
    {
      const UnixListener listener = UnixListener::bind(name).value();
      EXPECT_EQ(UnixListener::bind(name).error(), std::errc::address_in_use);
      const UnixSocketAddr address = listener.local_addr().value();
      EXPECT_EQ(*address.as_pathname(), name.native());
    }
    EXPECT_TRUE(std::filesystem::is_socket(name));
    EXPECT_EQ(UnixListener::bind(name).error(), std::errc::address_in_use);
    EXPECT_EQ((co_await UnixStream::connect(name)).error(), std::errc::connection_refused);
    std::filesystem::remove(name);
    EXPECT_EQ((co_await UnixStream::connect(name)).error(), std::errc::no_such_file_or_directory);
    EXPECT_TRUE(UnixListener::bind(name));
  }(path));
}

TEST(NX1, ThePeerOfAnAcceptedStreamIsUsuallyUnnamed) {
  runtime::Runtime rt = current_thread();
  const ScratchDirectory directory;
  rt.block_on([](std::filesystem::path path) -> Task<> {
    const UnixListener listener = UnixListener::bind(path).value();
    const UnixStream client = (co_await UnixStream::connect(path)).value();
    const auto [server, peer] = (co_await listener.accept()).value();
    EXPECT_TRUE(peer.is_unnamed());
    EXPECT_TRUE(client.local_addr()->is_unnamed());
    EXPECT_EQ(client.peer_addr().value(), listener.local_addr().value());
    EXPECT_EQ(server.local_addr().value(), listener.local_addr().value());
    EXPECT_EQ(client.take_error().value(), std::nullopt);
    EXPECT_EQ(listener.take_error().value(), std::nullopt);
  }(directory.path() / "socket"));
}

TEST(NX1, TheBacklogIsTheLongest) {
  struct Watching : sys::Table {
    mutable int backlog = 0;
  } table;
  table.listen = [](int fd, int backlog) {
    static_cast<const Watching*>(sys::table())->backlog = backlog;
    return ::listen(fd, backlog);
  };
  runtime::Runtime rt = current_thread();
  const auto context = rt.enter();
  const sys::TableScope scope(table);
  EXPECT_TRUE(UnixListener::bind_addr(UnixSocketAddr::unnamed()));
  EXPECT_GE(table.backlog, SOMAXCONN);
}

TEST(NX4, AddressesAreAPathANameOrNothing) {
  runtime::Runtime rt = current_thread();
  const ScratchDirectory directory;
  const auto context = rt.enter();
  const UnixSocketAddr path =
      UnixListener::bind(directory.path() / "s").value().local_addr().value();
  EXPECT_EQ(*path.as_pathname(), (directory.path() / "s").native());
  EXPECT_EQ(path.as_abstract_name(), std::nullopt);
  EXPECT_FALSE(path.is_unnamed());
  const UnixSocketAddr unnamed = UnixDatagram::unbound().value().local_addr().value();
  EXPECT_TRUE(unnamed.is_unnamed());
  EXPECT_EQ(unnamed.as_pathname(), std::nullopt);
  EXPECT_EQ(unnamed.as_abstract_name(), std::nullopt);
}

TEST(NX4, TheLongestPathIsBoundAndReadBack) {
  runtime::Runtime rt = current_thread();
  const ScratchDirectory directory;
  std::string name = (directory.path() / "").native();
  name.resize(107, 'x');
  const auto context = rt.enter();
  const UnixListener listener = UnixListener::bind(name).value();
  const UnixSocketAddr address = listener.local_addr().value();
  EXPECT_EQ(*address.as_pathname(), name);
  EXPECT_EQ(UnixListener::bind(name + "y").error(), std::errc::invalid_argument);
}

TEST(N33, AcceptWriteReadAndEnd) {
  on_every_kind([](runtime::Runtime& rt) {
    const ScratchDirectory directory;
    rt.block_on([](std::filesystem::path path) -> Task<> {
      UnixPair ends = co_await connected_over(path);
      EXPECT_TRUE(co_await ends.client.write_all("hello"));
      EXPECT_TRUE(ends.client.close());
      EXPECT_EQ(co_await read_text(ends.server), "hello");
    }(directory.path() / "socket"));
  });
}

TEST(N33, AListenerIsAStreamOfConnectionsAndHasAPollForm) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    UnixListener listener = UnixListener::bind_addr(UnixSocketAddr::unnamed()).value();
    const UnixSocketAddr address = listener.local_addr().value();
    EXPECT_TRUE(address.as_abstract_name().has_value());
    MockTask task;
    Waker waker = task.waker();
    Context cx(waker);
    EXPECT_TRUE(listener.poll_accept(cx).is_pending());
    UnixListenerStream incoming(std::move(listener));
    const UnixStream client = (co_await UnixStream::connect_addr(address)).value();
    EXPECT_TRUE(*co_await incoming.next());
    EXPECT_EQ(incoming.inner().local_addr().value(), address);
    UnixListener back = std::move(incoming).into_inner();
    EXPECT_EQ(back.local_addr().value(), address);
  }());
}

TEST(N34, AfterShutdownThePeerReadsTheEnd) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [a, b] = UnixStream::pair().value();
    EXPECT_TRUE(co_await a.shutdown());
    EXPECT_EQ(co_await read_text(b), "");
    EXPECT_TRUE(co_await b.write_all("still"));
    std::array<char, 8> room;
    EXPECT_EQ((co_await a.read(room)).value(), 5u);
    EXPECT_EQ((co_await a.write("x")).error(), std::errc::broken_pipe);
  }());
}

TEST(N35, AListenerThatGoesRefusesThoseInItsQueue) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto listener = UnixListener::bind_addr(UnixSocketAddr::unnamed());
    const UnixSocketAddr address = listener->local_addr().value();
    const UnixStream queued = (co_await UnixStream::connect_addr(address)).value();
    EXPECT_TRUE(listener->close());
    std::array<char, 8> room;
    const Result<std::size_t> read = co_await queued.read(room);
    EXPECT_TRUE(read ? *read == 0 : read.error() == std::errc::connection_reset);
    EXPECT_EQ((co_await UnixStream::connect_addr(address)).error(), std::errc::connection_refused);
  }());
}

TEST(N36, AbstractNamesReadBack) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const std::string name = "aaa" + std::to_string(::getpid());
    const UnixListener listener =
        UnixListener::bind(std::filesystem::path(std::string(1, '\0') + name)).value();
    const UnixSocketAddr address = listener.local_addr().value();
    EXPECT_EQ(*address.as_abstract_name(), name);
    EXPECT_EQ(address, UnixSocketAddr::from_abstract_name(name).value());
    EXPECT_TRUE(co_await UnixStream::connect_addr(address));
    EXPECT_TRUE(co_await listener.accept());
  }());
}

TEST(NX5, CredentialsAreThoseOfTheProcessThatConnected) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const UnixListener listener = UnixListener::bind_addr(UnixSocketAddr::unnamed()).value();
    const UnixStream client =
        (co_await UnixStream::connect_addr(listener.local_addr().value())).value();
    const auto accepted = (co_await listener.accept()).value();
    const UCred us(::geteuid(), ::getegid(), ::getpid());
    EXPECT_EQ(client.peer_cred().value(), us);
    EXPECT_EQ(accepted.first.peer_cred().value(), us);
  }());
}

TEST(N37, TheCredentialsOfAPairAreOurs) {
  runtime::Runtime rt = current_thread();
  const auto context = rt.enter();
  const auto [a, b] = UnixStream::pair().value();
  EXPECT_EQ(a.peer_cred().value(), b.peer_cred().value());
  EXPECT_EQ(a.peer_cred()->uid(), ::geteuid());
  EXPECT_EQ(a.peer_cred()->gid(), ::getegid());
  EXPECT_EQ(a.peer_cred()->pid(), ::getpid());
}

TEST(NX5, WithoutAPeerThereAreNoCredentials) {
  runtime::Runtime rt = current_thread();
  const auto context = rt.enter();
  OwnedFd lonely = sys::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0).value();
  const UnixStream stream = UnixStream::from_fd(std::move(lonely)).value();
  EXPECT_EQ(stream.peer_cred().error(), std::errc::not_connected);
  EXPECT_EQ(stream.peer_addr().error(), std::errc::not_connected);
}

TEST(N38, HalvesReadAndWriteAndShutdownEndsThePeersRead) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      auto [a, b] = UnixStream::pair().value();
      {
        auto [reader, writer] = b.split();
        EXPECT_TRUE(co_await writer.write_all("lent"));
        std::array<char, 8> room;
        EXPECT_EQ((co_await a.read(room)).value(), 4u);
        EXPECT_TRUE(reader.local_addr()->is_unnamed());
      }
      auto [reader, writer] = std::move(a).into_split();
      EXPECT_TRUE(co_await writer.write_all("hello"));
      EXPECT_TRUE(co_await writer.shutdown());
      EXPECT_EQ(co_await read_text(b), "hello");
      EXPECT_TRUE(co_await b.write_all("back"));
      std::array<char, 8> room;
      EXPECT_EQ((co_await reader.peek(room)).value(), 4u);
      EXPECT_EQ((co_await reader.read(room)).value(), 4u);
      UnixStream whole = std::move(reader).reunite(std::move(writer)).value();
      EXPECT_TRUE(co_await b.write_all("again"));
      EXPECT_EQ((co_await whole.read(room)).value(), 5u);
    }());
  });
}

TEST(N38, DroppingTheOwnedWriteHalfEndsWritingAndStrangersComeBack) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [a, b] = UnixStream::pair().value();
    auto [c, d] = UnixStream::pair().value();
    auto [reader_a, writer_a] = std::move(a).into_split();
    auto [reader_c, writer_c] = std::move(c).into_split();
    auto wrong = std::move(reader_a).reunite(std::move(writer_c));
    EXPECT_FALSE(wrong);
    {
      const UnixOwnedWriteHalf dropped = std::move(wrong.error().write);
    }
    EXPECT_EQ(co_await read_text(d), "");
    EXPECT_TRUE(std::move(wrong.error().read).reunite(std::move(writer_a)));
  }());
}

// A listener whose backlog is full: of one connection, and one that waits.
struct FullListener {
  FullListener() {
    listener = sys::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0).value();
    const ::sockaddr_storage any{AF_UNIX, {}, 0};
    EXPECT_TRUE(sys::bind(listener, reinterpret_cast<const ::sockaddr*>(&any),
                          sizeof(::sa_family_t)));  // the system chooses a name
    EXPECT_TRUE(sys::listen(listener, 0));
  }
  OwnedFd listener;
};

TEST(NC6, AFullBacklogIsWouldBlockAndLeavesNothing) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    FullListener full;
    UnixListener listener = UnixListener::from_fd(std::move(full.listener)).value();
    const UnixSocketAddr address = listener.local_addr().value();
    const UnixStream first = (co_await UnixStream::connect_addr(address)).value();
    const std::size_t before = open_fd_count();
    EXPECT_EQ((co_await UnixStream::connect_addr(address)).error(),
              std::errc::operation_would_block);
    EXPECT_EQ(open_fd_count(), before);
    EXPECT_TRUE(co_await listener.accept());
    EXPECT_TRUE(co_await UnixStream::connect_addr(address));
  }());
}

TEST(N60, ConnectingToAFullBacklogWaitsAndThenConnects) {
  runtime::Runtime rt = paused_current_thread();
  rt.block_on([]() -> Task<> {
    FullListener full;
    UnixListener listener = UnixListener::from_fd(std::move(full.listener)).value();
    const UnixSocketAddr address = listener.local_addr().value();
    const UnixStream first = (co_await UnixStream::connect_addr(address)).value();
    ConnectBackoff backoff;
    backoff.initial = 1s;
    backoff.max = 3s;
    const auto before = time::Clock::now();
    auto connecting = spawn(UnixStream::connect_with_backoff(address, backoff));
    co_await time::sleep(5s);  // the attempts are at 0, 1, 3 and 6 seconds
    EXPECT_FALSE(connecting.is_finished());
    EXPECT_TRUE(co_await listener.accept());
    EXPECT_TRUE((co_await connecting).value());
    const auto waited = time::Clock::now() - before;
    EXPECT_GE(waited, 6s);
    EXPECT_LE(waited, 6100ms);
  }());
}

TEST(N39, WhatDoesNotFitTheKindFails) {
  runtime::Runtime rt = current_thread();
  const ScratchDirectory directory;
  rt.block_on([](std::filesystem::path path) -> Task<> {
    const std::size_t before = open_fd_count();
    EXPECT_EQ(UnixSocket::new_stream().value().datagram().error(), Errc::other);
    EXPECT_EQ(UnixSocket::new_datagram().value().listen(1).error(), Errc::other);
    EXPECT_EQ((co_await UnixSocket::new_datagram().value().connect(path)).error(), Errc::other);
    EXPECT_EQ(open_fd_count(), before);
  }(directory.path() / "socket"));
}

TEST(NX3, AUnixSocketBecomesAListenerAStreamOrADatagramSocket) {
  runtime::Runtime rt = current_thread();
  const ScratchDirectory directory;
  rt.block_on([](std::filesystem::path path) -> Task<> {
    UnixSocket socket = UnixSocket::new_stream().value();
    EXPECT_TRUE(socket.bind(path));
    EXPECT_EQ(socket.local_addr().value(), UnixSocketAddr::from_pathname(path).value());
    const UnixListener listener = std::move(socket).listen(8).value();
    UnixSocket other = UnixSocket::new_stream().value();
    EXPECT_TRUE(other.bind_addr(UnixSocketAddr::unnamed()));
    const UnixSocketAddr name = other.local_addr().value();
    const UnixStream client = (co_await std::move(other).connect(path)).value();
    const auto accepted = (co_await listener.accept()).value();
    EXPECT_EQ(accepted.second, name);
    UnixSocket again = UnixSocket::new_stream().value();
    EXPECT_TRUE(co_await std::move(again).connect_addr(listener.local_addr().value()));
    UnixSocket letters = UnixSocket::new_datagram().value();
    EXPECT_TRUE(letters.bind_addr(UnixSocketAddr::unnamed()));
    const UnixDatagram datagram = std::move(letters).datagram().value();
    EXPECT_FALSE(datagram.local_addr()->is_unnamed());
  }(directory.path() / "socket"));
}

TEST(NG3, UnixSocketsGoInAndComeOut) {
  runtime::Runtime rt = current_thread();
  const auto context = rt.enter();
  auto [a, b] = UnixStream::pair().value();
  OwnedFd fd = std::move(a).into_fd().value();
  UnixStream back = UnixStream::from_fd(std::move(fd)).value();
  OwnedFd blocking = std::move(b).into_fd().value();
  EXPECT_TRUE(sys::set_status_flags(blocking, 0));
  EXPECT_EQ(UnixStream::from_fd(std::move(blocking)).error(), std::errc::invalid_argument);
  EXPECT_EQ(UnixListener::from_fd(std::move(blocking)).error(), std::errc::invalid_argument);
  EXPECT_EQ(UnixDatagram::from_fd(std::move(blocking)).error(), std::errc::invalid_argument);
  EXPECT_TRUE(back.close());
  EXPECT_TRUE(back.close());
}

}  // namespace
}  // namespace weft::net
