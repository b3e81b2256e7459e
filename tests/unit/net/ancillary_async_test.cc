// Messages and descriptors on the async sockets: waiting, cancelling, and sockets of others.

#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <tests/support/mock_task.h>
#include <tests/unit/net/ancillary_support.h>
#include <tests/unit/net/net_support.h>
#include <tests/unit/net/scratch_directory.h>
#include <weft/base/sys_table.h>
#include <weft/net/udp_socket.h>
#include <weft/net/unix_datagram.h>
#include <weft/net/unix_stream.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/join.h>
#include <weft/runtime/poll_fn.h>
#include <weft/runtime/select.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>

namespace weft::net {
namespace {

using test_support::current_thread;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::open_fd_count;
using test_support::Polled;
using test_support::ScratchDirectory;

// A socket type of somebody else's: records over a unix socket, async, known to weft by its
// functions only.
class Records {
 public:
  static std::pair<Records, Records> pair() {
    sys::Ends ends =
        sys::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0).value();
    return {Records(std::move(ends.first)), Records(std::move(ends.second))};
  }

  Task<Result<std::size_t>> send_message(std::span<const io::IoSlice> data,
                                         AncillaryData& ancillary, SendOptions options) {
    Result<std::size_t> sent = Err(std::errc::operation_would_block);
    while (!sent && sent.error() == std::errc::operation_would_block) {
      const Result<void> ready = co_await io_.writable();
      if (!ready) co_return Err(ready.error());
      sent = io_.try_io(io::Interest::kWritable,
                        [&] { return MessageFd(as_fd()).send_message(data, ancillary, options); });
    }
    co_return sent;
  }

  auto recv_message(std::span<io::IoSliceMut> room, AncillaryData& ancillary, RecvOptions options) {
    return io_.async_io(io::Interest::kReadable, [this, room, &ancillary, options] {
      return MessageFd(as_fd()).recv_message(room, ancillary, options);
    });
  }

  BorrowedFd as_fd() const { return io_.as_fd(); }

 private:
  explicit Records(OwnedFd fd)
      : io_(weft::internal::IoRegistration::create(std::move(fd), weft::internal::IoKind::kDatagram,
                                                   std::source_location::current())
                .value()) {}

  weft::internal::IoRegistration io_;
};

static_assert(SendMessage<Records> && RecvMessage<Records> && SendsFds<Records>);
static_assert(!SendMessageTo<Records, UnixSocketAddr>);
static_assert(SendMessage<MessageFd> && RecvMessageFrom<MessageFd, SockAddr>);

// A message type of somebody else's.
struct Marker {
  int value = 0;
  static std::optional<Marker> from(const ControlMessage& message) {
    if (message.level() != SOL_SOCKET || message.type() != SCM_CREDENTIALS) return std::nullopt;
    return Marker{static_cast<int>(message.data().size())};
  }
};

TEST(A37, ASocketAndAMessageOfStrangersWork) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      auto [left, right] = Records::pair();
      set_option(right.as_fd(), SOL_SOCKET, SO_PASSCRED, 1);
      const OwnedFd file = a_file();
      const std::array fds = {file.borrow()};
      EXPECT_EQ((co_await send_fds(left, "x", fds)).value(), 1U);
      Room room;
      Storage<128> storage;
      AncillaryData ancillary(storage);
      const auto got =
          co_await MessageReceiver(right, std::span<char>(room)).ancillary(ancillary).recv();
      EXPECT_EQ(got->first, 1U);
      std::vector<int> found;
      for (const ControlMessage& message : ancillary.control_messages()) {
        if (const auto marker = Marker::from(message)) found.push_back(marker->value);
      }
      EXPECT_EQ(found, std::vector<int>{sizeof(::ucred)});
      EXPECT_EQ(take_all(ancillary).size(), 1U);
    }());
  });
}

TEST(A37, DescriptorsOverASocketOfStrangers) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const NothingLeaks check;
    auto [left, right] = Records::pair();
    const std::vector<OwnedFd> sent = files(5);
    const std::vector<BorrowedFd> fds = borrow(sent);
    Room room;
    EXPECT_EQ((co_await send_fds(left, "", fds)).value(), 0U);
    const auto got = co_await recv_fds<2>(right, std::span<char>(room));
    EXPECT_EQ(got->count, 2U);
    EXPECT_EQ(got->surplus, 3U);
    EXPECT_TRUE(same_file(got->fds[1], sent[1]));
    EXPECT_TRUE(co_await send_fds(left, "x", files(3)));
    Storage<CMSG_SPACE(sizeof(int))> little;
    const auto cut = co_await recv_fds_with_control<2>(right, std::span<char>(room), little);
    EXPECT_TRUE(cut.error().is_truncated());
    EXPECT_TRUE(co_await send_fds(left, "x", fds));
    std::vector<OwnedFd> out(4);
    const auto into = co_await recv_fds_into(right, std::span<char>(room), std::span(out));
    EXPECT_EQ(into->count, 4U);
    EXPECT_EQ(into->surplus, 1U);
    const auto peeked =
        co_await recv_fds<1>(right, std::span<char>(room), RecvOptions().peek(true));
    EXPECT_EQ(peeked.error().error(), std::errc::invalid_argument);
    const std::vector<BorrowedFd> many(254, sent[0]);
    EXPECT_EQ((co_await send_fds(left, "x", many)).error(), Errc::too_many_fds);
  }());
}

TEST(A37, TheBuildersOnAsyncSockets) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      const UdpSocket a = (co_await UdpSocket::bind(kAnyPort)).value();
      const UdpSocket b = (co_await UdpSocket::bind(kAnyPort)).value();
      const SocketAddr to = b.local_addr().value();
      set_option(b.as_fd(), IPPROTO_IP, IP_RECVTOS, 1);
      Storage<64> storage;
      AncillaryData ancillary(storage);
      const Ipv4Tos tos{0x08};
      EXPECT_TRUE(ancillary.add_control_message(tos.as_control_message()));
      EXPECT_EQ((co_await MessageSender(a, "x").ancillary(ancillary).send_to(to)).value(), 1U);
      Room room;
      auto receiving = MessageReceiver(b, std::span<char>(room)).ancillary(ancillary).recv_from();
      const auto got = co_await std::move(receiving);
      EXPECT_EQ(std::get<0>(*got), 1U);
      EXPECT_EQ(std::get<2>(*got), a.local_addr().value());
      EXPECT_EQ(Ipv4Tos::from(*ancillary.control_messages().begin()), tos);
    }());
  });
}

TEST(A37, TcpStreamsSendAndReceiveMessages) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    EXPECT_EQ((co_await MessageSender(ends.client, "tcp").send()).value(), 3U);
    Room room;
    const auto got = co_await MessageReceiver(ends.server, std::span<char>(room)).recv();
    EXPECT_EQ(got->first, 3U);
    AncillaryData none{std::span<std::byte>()};
    io::IoSliceMut slice{std::span<char>(room)};
    EXPECT_EQ(ends.server.try_recv_message(std::span(&slice, 1), none).error(),
              std::errc::operation_would_block);
    EXPECT_TRUE(co_await ends.server.writable());
    const io::IoSlice out(std::string_view("now"));
    EXPECT_EQ(ends.server.try_send_message(std::span(&out, 1), none).value(), 3U);
  }());
}

TEST(A27, ASendThatWaitedSendsItsDescriptorOnce) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const NothingLeaks check;
    auto [left, right] = UnixStream::pair().value();
    EXPECT_TRUE(co_await left.writable());
    const std::size_t filled = test_support::fill(left.as_fd());
    const OwnedFd file = a_file();
    const std::array fds = {file.borrow()};
    const auto [sent, got] = co_await join(
        send_fds(left, "x", fds), [](UnixStream& from, std::size_t before) -> Task<std::size_t> {
          std::string room(before, 0);
          const auto drained = co_await from.read_exact(std::span<char>(room));
          EXPECT_TRUE(drained);
          std::array<char, 1> last;
          const auto with_fd = co_await recv_fds<4>(from, std::span<char>(last));
          co_return with_fd->count;
        }(right, filled));
    EXPECT_EQ(sent.value(), 1U);
    EXPECT_EQ(got, 1U);
  }());
}

TEST(A41, ASendBlocksOnAFullSocketAndFinishesWhenItIsDrained) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [left, right] = UnixStream::pair().value();
    EXPECT_TRUE(co_await left.writable());
    test_support::fill(left.as_fd());
    const OwnedFd file = a_file();
    const std::array fds = {file.borrow()};
    MockTask task;
    Polled sending(send_fds(left, "x", fds));
    EXPECT_FALSE(sending.poll(task));
    test_support::drain(right.as_fd());
    while (!task.take_woken()) co_await yield_now();
    EXPECT_TRUE(sending.poll(task));
    EXPECT_EQ(sending.take().value(), 1U);
    Room room;
    EXPECT_EQ((co_await recv_fds<1>(right, std::span<char>(room)))->count, 1U);
  }());
}

TEST(A42, AReceiveThatWasCancelledLeavesTheMessage) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      auto [left, right] = UnixStream::pair().value();
      Room room;
      // The second branch is done at once.
      const auto first =
          co_await select_biased(recv_fds<1>(right, std::span<char>(room)), yield_now());
      EXPECT_EQ(first.index(), 1U);
      const OwnedFd file = a_file();
      const std::array fds = {file.borrow()};
      EXPECT_TRUE(co_await send_fds(left, "x", fds));
      const auto got = co_await recv_fds<1>(right, std::span<char>(room));
      EXPECT_EQ(got->bytes, 1U);
      EXPECT_TRUE(same_file(got->fds[0], file));
    }());
  });
}

TEST(A43, DestroyedAfterReadinessAndBeforeResumption) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const NothingLeaks check;
    auto [left, right] = UnixStream::pair().value();
    const OwnedFd file = a_file();
    const std::array fds = {file.borrow()};
    Room room;
    MockTask task;
    {
      Polled receiving(recv_fds<1>(right, std::span<char>(room)));
      EXPECT_FALSE(receiving.poll(task));
      EXPECT_TRUE(co_await send_fds(left, "x", fds));
      while (!task.take_woken()) co_await yield_now();
    }
    // It is still in the socket; and once received, and not looked at, it is closed.
    const std::size_t before = open_fd_count();
    {
      Polled receiving(recv_fds<1>(right, std::span<char>(room)));
      while (!receiving.poll(task)) co_await yield_now();
      EXPECT_EQ(open_fd_count(), before + 1);
    }
    EXPECT_EQ(open_fd_count(), before);
  }());
}

TEST(A44, OfTwoReceiversOneGetsEachMessage) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      auto ends =
          std::make_shared<std::pair<UnixDatagram, UnixDatagram>>(UnixDatagram::pair().value());
      const auto receive_some =
          [](std::shared_ptr<std::pair<UnixDatagram, UnixDatagram>> shared) -> Task<std::size_t> {
        std::size_t fds = 0;
        for (;;) {
          Room room;
          const auto got = co_await recv_fds<2>(shared->second, std::span<char>(room));
          if (got->bytes == 0) co_return fds;
          EXPECT_EQ(got->count, 1U);
          fds += got->count;
        }
      };
      JoinHandle<std::size_t> one = spawn(receive_some(ends));
      JoinHandle<std::size_t> two = spawn(receive_some(ends));
      const OwnedFd file = a_file();
      const std::array fds = {file.borrow()};
      for (int i = 0; i < 100; ++i) EXPECT_TRUE(co_await send_fds(ends->first, "x", fds));
      for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(co_await send_fds(ends->first, "", std::span<const BorrowedFd>()));
      }
      const std::size_t by_one = (co_await one).value();
      const std::size_t by_two = (co_await two).value();
      EXPECT_EQ(by_one + by_two, 100U);
    }());
  });
}

TEST(AX1, InterruptedIsTriedAgainAndWouldBlockWaits) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [left, right] = UnixStream::pair().value();
    const OwnedFd file = a_file();
    const std::array fds = {file.borrow()};
    static int interruptions;
    interruptions = 2;
    sys::Table table;
    table.sendmsg = [](int fd, const ::msghdr* message, int flags) -> ssize_t {
      if (interruptions-- > 0) return errno = EINTR, -1;
      return ::sendmsg(fd, message, flags);
    };
    table.recvmsg = [](int fd, ::msghdr* message, int flags) -> ssize_t {
      if (interruptions-- > 0) return errno = EINTR, -1;
      return ::recvmsg(fd, message, flags);
    };
    const sys::TableScope scope(table);  // the runtime is this thread
    EXPECT_TRUE(co_await send_fds(left, "x", fds));
    interruptions = 2;
    Room room;
    const auto got = co_await recv_fds<1>(right, std::span<char>(room));
    EXPECT_EQ(got->count, 1U);
    MockTask task;
    Polled waiting(recv_fds<1>(right, std::span<char>(room)));
    EXPECT_FALSE(waiting.poll(task));
    EXPECT_TRUE(co_await send_fds(left, "y", fds));
    while (!task.take_woken()) co_await yield_now();
    EXPECT_TRUE(waiting.poll(task));
    EXPECT_EQ(waiting.take()->count, 1U);
  }());
}

TEST(AX2, ASendThatIsDestroyedWhileItWaitsHasSentNothing) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const NothingLeaks check;
    auto [left, right] = UnixStream::pair().value();
    EXPECT_TRUE(co_await left.writable());
    const std::size_t filled = test_support::fill(left.as_fd());
    const OwnedFd file = a_file();
    const std::array fds = {file.borrow()};
    Storage<64> storage;
    AncillaryData ancillary(storage);
    EXPECT_TRUE(ancillary.add_file_descriptors(fds));
    MockTask task;
    {
      Polled one(send_fds(left, "x", fds));
      Polled two(MessageSender(left, "x").ancillary(ancillary).send());
      EXPECT_FALSE(one.poll(task));
      EXPECT_FALSE(two.poll(task));
    }
    EXPECT_FALSE(ancillary.send_view().empty());
    EXPECT_EQ(task.waker_ref_count(), 1);
    EXPECT_EQ(test_support::drain(right.as_fd()), filled);
  }());
}

TEST(AX3, AResultThatNobodyTookIsClosed) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const NothingLeaks check;
    auto [left, right] = UnixStream::pair().value();
    const OwnedFd file = a_file();
    const std::array fds = {file.borrow()};
    Room room;
    Storage<64> storage;
    MockTask task;
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(co_await send_fds(left, "x", fds));
      AncillaryData ancillary(storage);
      Polled receiving(MessageReceiver(right, std::span<char>(room)).ancillary(ancillary).recv());
      while (!receiving.poll(task)) co_await yield_now();
    }
  }());
}

// A stream's receive that stops at descriptors has not drained the socket: what follows is received
// without another event, which would not come.
TEST(AX4, AShortMessageDoesNotMeanThatTheSocketIsEmpty) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [left, right] = UnixStream::pair().value();
    const OwnedFd file = a_file();
    const std::array fds = {file.borrow()};
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(co_await send_fds(left, "x", fds));
    EXPECT_TRUE(co_await right.readable());
    Room room;
    MockTask task;
    for (int i = 0; i < 3; ++i) {
      Polled receiving(recv_fds<1>(right, std::span<char>(room)));
      EXPECT_TRUE(receiving.poll(task));
      EXPECT_EQ(receiving.take()->count, 1U);
    }
  }());
}

TEST(AX5, DescriptorsThatAreGivenAwayStayOpenWhileItWaits) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [left, right] = UnixStream::pair().value();
    EXPECT_TRUE(co_await left.writable());
    test_support::fill(left.as_fd());
    const std::size_t before = open_fd_count();
    MockTask task;
    Polled sending(send_fds(left, "x", files(3)));
    EXPECT_FALSE(sending.poll(task));
    EXPECT_EQ(open_fd_count(), before + 3);
    test_support::drain(right.as_fd());
    while (!task.take_woken()) co_await yield_now();
    EXPECT_TRUE(sending.poll(task));
    EXPECT_EQ(sending.take().value(), 1U);
    EXPECT_EQ(open_fd_count(), before);
    Room room;
    EXPECT_EQ((co_await recv_fds<3>(right, std::span<char>(room)))->count, 3U);
  }());
}

TEST(A25, TheAsyncSocketsRefuseTheSame) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const NothingLeaks check;
    auto [left, right] = UnixStream::pair().value();
    auto [from, to] = UnixDatagram::pair().value();
    const OwnedFd file = a_file();
    const std::array fds = {file.borrow()};
    EXPECT_EQ((co_await send_fds(left, "", fds)).error(), std::errc::invalid_argument);
    EXPECT_EQ((co_await send_fds(from, "", fds)).value(), 0U);
    Room room;
    EXPECT_EQ((co_await recv_fds<1>(to, std::span<char>(room)))->count, 1U);
  }());
}

TEST(AH8, PeekingIsRefusedWithoutWaiting) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [left, right] = UnixStream::pair().value();
    Room room;
    const auto peek = RecvOptions().peek(true);
    const auto got = co_await recv_fds<1>(right, std::span<char>(room), peek);
    EXPECT_EQ(got.error().error(), std::errc::invalid_argument);
    std::vector<OwnedFd> out(1);
    const auto into = co_await recv_fds_into(right, std::span<char>(room), std::span(out), peek);
    EXPECT_EQ(into.error().error(), std::errc::invalid_argument);
  }());
}

TEST(AH1, ToAPath) {
  on_every_kind([](runtime::Runtime& rt) {
    const ScratchDirectory directory;
    rt.block_on([](std::filesystem::path here) -> Task<> {
      UnixDatagram server = UnixDatagram::bind(here / "server").value();
      UnixDatagram client = UnixDatagram::bind(here / "client").value();
      const OwnedFd file = a_file();
      const std::array fds = {file.borrow()};
      EXPECT_EQ((co_await send_fds_to(client, "x", fds, here / "server")).value(), 1U);
      Room room;
      Storage<64> storage;
      AncillaryData ancillary(storage);
      const auto got =
          co_await MessageReceiver(server, std::span<char>(room)).ancillary(ancillary).recv_from();
      EXPECT_EQ(std::get<2>(*got), client.local_addr().value());
      EXPECT_EQ(take_all(ancillary).size(), 1U);
      const std::string too_long(200, 'x');
      EXPECT_EQ((co_await send_fds_to(client, "x", fds, too_long)).error(),
                std::errc::invalid_argument);
      EXPECT_EQ((co_await send_fds_to(client, "x", fds, here / "nobody")).error(),
                std::errc::no_such_file_or_directory);
      EXPECT_TRUE(co_await MessageSender(client, "y").send_to(server.local_addr().value()));
      EXPECT_EQ((co_await recv_fds<1>(server, std::span<char>(room)))->bytes, 1U);
    }(directory.path()));
  });
}

TEST(AH1, ToAPathWhoseQueueIsFullWaitsForRoom) {
  on_every_kind([](runtime::Runtime& rt) {
    const ScratchDirectory directory;
    rt.block_on([](std::filesystem::path here) -> Task<> {
      UnixDatagram server = UnixDatagram::bind(here / "server").value();
      const auto send_many = [](std::filesystem::path to) -> Task<> {
        UnixDatagram client = UnixDatagram::unbound().value();
        for (int i = 0; i < 100; ++i) {
          EXPECT_TRUE(co_await send_fds_to(client, "x", std::span<const BorrowedFd>(), to));
        }
      };
      JoinHandle<void> sending = spawn(send_many(here / "server"));
      Room room;
      for (int i = 0; i < 100; ++i) {
        EXPECT_EQ((co_await recv_fds<1>(server, std::span<char>(room)))->bytes, 1U);
      }
      EXPECT_TRUE(co_await sending);
    }(directory.path()));
  });
}

}  // namespace
}  // namespace weft::net
