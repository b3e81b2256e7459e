// Sending and receiving with net::Socket.

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <numeric>
#include <poll.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <tuple>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/raw_sockets.h>
#include <tests/unit/net/socket_support.h>
#include <weft/net/socket/msg_hdr.h>
#include <weft/net/socket/socket.h>
#include <weft/net/socket/uninit_slice.h>

namespace weft::net {
namespace {

using io::IoSlice;
using io::IoSliceMut;

using Slices = std::vector<IoSlice>;

std::pair<Socket, Socket> stream_pair() {
  return Socket::pair(Domain::kUnix, Type::kStream).value();
}

// Two UDP sockets, each connected to nobody, and their addresses.
struct Datagrams {
  Socket sender = bound_socket(Type::kDgram);
  Socket receiver = bound_socket(Type::kDgram);
  SockAddr from = sender.local_addr().value();
  SockAddr to = receiver.local_addr().value();
};

// Room in three pieces, and what was received into them.
struct Pieces {
  std::array<char, 4> one{};
  std::array<char, 8> two{};
  std::array<char, 12> three{};
  std::vector<IoSliceMut> slices{std::span<char>(one), std::span<char>(two),
                                 std::span<char>(three)};

  std::string text(std::size_t size) const {
    std::string all(one.data(), one.size());
    all.append(two.data(), two.size()).append(three.data(), three.size());
    return all.substr(0, size);
  }
};

constexpr std::string_view kLong = "a datagram of more than twenty-four bytes";

TEST(SO5, FlagsArePassedOn) {
  const auto [a, b] = stream_pair();
  char room[8];
  EXPECT_EQ(b.recv_with_flags(std::span<char>(room), MSG_DONTWAIT).error(),
            std::errc::operation_would_block);
  EXPECT_EQ(a.send_with_flags("abc", MSG_DONTWAIT).value(), 3u);
  EXPECT_EQ(b.peek(std::span<char>(room)).value(), 3u);
  EXPECT_EQ(b.recv(std::as_writable_bytes(std::span<char>(room))).value(), 3u);
  EXPECT_EQ(std::string(room, 3), "abc");
}

// Bytes and text, each in the functions that take both: the same data arrives.
TEST(SO5, BytesAndTextAreTheSame) {
  const Datagrams udp;
  const std::array<std::byte, 2> data{std::byte{'h'}, std::byte{'i'}};
  const std::span<const std::byte> bytes(data);
  std::array<std::byte, 8> room{};
  std::array<char, 8> text{};
  const std::span<std::byte> out(room);
  const std::span<char> chars(text);
  const std::pair expected(std::size_t{2}, udp.from);
  EXPECT_EQ(udp.sender.send_to(bytes, udp.to).value(), 2u);
  EXPECT_EQ(udp.sender.send_to_with_flags("hi", udp.to, MSG_DONTWAIT).value(), 2u);
  EXPECT_EQ(udp.receiver.peek_from(out).value(), expected);
  EXPECT_EQ(udp.receiver.recv_from(out).value(), expected);
  EXPECT_EQ(udp.receiver.recv_from_with_flags(chars, MSG_DONTWAIT).value(), expected);
  EXPECT_EQ(std::string_view(text.data(), 2), "hi");
  EXPECT_EQ(std::memcmp(room.data(), data.data(), 2), 0);

  ASSERT_TRUE(udp.sender.connect(udp.to));
  EXPECT_EQ(udp.sender.send(bytes).value(), 2u);
  EXPECT_EQ(udp.sender.send_to_vectored_with_flags(Slices{IoSlice(bytes)}, udp.to, 0).value(), 2u);
  EXPECT_EQ(udp.receiver.peek(out).value(), 2u);
  EXPECT_EQ(udp.receiver.recv(chars).value(), 2u);
  const UninitSlice unwritten(room.data(), room.size());
  EXPECT_EQ(udp.receiver.recv_from(unwritten)->first.size(), 2u);
}

TEST(SO5, UrgentBytesAreSentAndReceivedAsBytesToo) {
  const auto [client, server] = connected_sockets();
  const std::array<std::byte, 1> data{std::byte{'!'}};
  EXPECT_EQ(client.send_out_of_band(std::span<const std::byte>(data)).value(), 1u);
  ::pollfd urgent{server.raw(), POLLPRI, 0};
  ASSERT_EQ(::poll(&urgent, 1, -1), 1);
  std::array<std::byte, 4> room{};
  EXPECT_EQ(server.recv_out_of_band(std::span<std::byte>(room)).value(), 1u);
  EXPECT_EQ(room[0], std::byte{'!'});
}

TEST(SO5, TheEndOfAStreamIsZeroBytes) {
  auto [a, b] = stream_pair();
  EXPECT_TRUE(a.close());
  EXPECT_EQ(received(b), "");
}

TEST(S22, UrgentDataComesBesideTheOther) {
  const auto [client, server] = connected_sockets();
  EXPECT_EQ(client.send("hello world").value(), 11u);
  EXPECT_EQ(client.send_out_of_band("!").value(), 1u);
  ::pollfd urgent{server.raw(), POLLPRI, 0};
  ASSERT_EQ(::poll(&urgent, 1, -1), 1);
  char room[16];
  EXPECT_EQ(server.recv_out_of_band(std::span<char>(room)).value(), 1u);
  EXPECT_EQ(room[0], '!');
  EXPECT_EQ(received(server, MSG_DONTWAIT), "hello world");
}

TEST(S23, PeekSenderTellsWhoAndLeavesTheData) {
  const Datagrams udp;
  EXPECT_EQ(udp.sender.send_to("hello", udp.to).value(), 5u);
  EXPECT_EQ(udp.receiver.peek_sender().value(), udp.from);
  char room[16];
  const auto peeked = udp.receiver.peek_from(std::span<char>(room)).value();
  EXPECT_EQ(peeked, std::pair(std::size_t{5}, udp.from));
  EXPECT_EQ(udp.receiver.recv_from(std::span<char>(room)).value(), peeked);
}

TEST(S24, VectoredDataArrivesInOrder) {
  const auto [a, b] = stream_pair();
  const Slices data{IoSlice("the"), IoSlice("weekend"), IoSlice("is"), IoSlice("over today!")};
  EXPECT_EQ(a.send_vectored(data).value(), 23u);
  Pieces pieces;
  const auto [size, flags] = b.recv_vectored(std::span<IoSliceMut>(pieces.slices)).value();
  EXPECT_EQ(size, 23u);
  EXPECT_EQ(pieces.text(size), "theweekendisover today!");
  EXPECT_FALSE(flags.is_truncated() || flags.is_control_truncated() || flags.is_end_of_record() ||
               flags.is_out_of_band() || flags.is_error_queue());
}

TEST(S25, VectoredDatagramsTellTheirSender) {
  const Datagrams udp;
  const Slices data{IoSlice("surgeon"), IoSlice("has"), IoSlice("menswear")};
  EXPECT_EQ(udp.sender.send_to_vectored(data, udp.to).value(), 18u);
  Pieces pieces;
  const auto [size, flags, from] =
      udp.receiver.recv_from_vectored(std::span<IoSliceMut>(pieces.slices)).value();
  EXPECT_EQ(size, 18u);
  EXPECT_EQ(pieces.text(size), "surgeonhasmenswear");
  EXPECT_EQ(from, udp.from);
  EXPECT_FALSE(flags.is_truncated() || flags.is_confirm() || flags.is_dontroute());
}

TEST(S26, SendmsgSendsToAnAddress) {
  const Datagrams udp;
  const Slices data{IoSlice("Hello, "), IoSlice("world!")};
  MsgHdr message;
  message.with_addr(udp.to).with_buffers(data).with_flags(0);
  EXPECT_EQ(udp.sender.sendmsg(message, 0).value(), 13u);
  EXPECT_EQ(received(udp.receiver), "Hello, world!");
}

TEST(S27, AVectoredReceiveSaysThatADatagramWasCut) {
  const auto [a, b] = Socket::pair(Domain::kUnix, Type::kDgram).value();
  EXPECT_EQ(a.send(kLong).value(), kLong.size());
  Pieces pieces;
  const auto [size, flags] = b.recv_vectored(std::span<IoSliceMut>(pieces.slices)).value();
  EXPECT_EQ(size, 24u);
  EXPECT_EQ(pieces.text(24), kLong.substr(0, 24));
  EXPECT_TRUE(flags.is_truncated());
}

TEST(S28, AVectoredReceiveFromSaysThatADatagramWasCut) {
  const Datagrams udp;
  EXPECT_EQ(udp.sender.send_to(kLong, udp.to).value(), kLong.size());
  Pieces pieces;
  const auto [size, flags, from] =
      udp.receiver.recv_from_vectored(std::span<IoSliceMut>(pieces.slices)).value();
  EXPECT_EQ(size, 24u);
  EXPECT_TRUE(flags.is_truncated());
  EXPECT_EQ(from, udp.from);
}

TEST(SO6, TheTruncFlagGivesTheFullLength) {
  const auto [a, b] = Socket::pair(Domain::kUnix, Type::kDgram).value();
  char room[4];
  EXPECT_EQ(a.send(kLong).value(), kLong.size());
  EXPECT_EQ(b.recv(std::span<char>(room)).value(), 4u);
  EXPECT_EQ(a.send(kLong).value(), kLong.size());
  EXPECT_EQ(b.recv_with_flags(std::span<char>(room), MSG_TRUNC).value(), kLong.size());
}

TEST(SK7, RecvmsgFillsTheAddressAndItsSize) {
  const Datagrams udp;
  SockAddr from = SockAddr::vsock(1, 2);  // of another size than what comes
  char room[16];
  IoSliceMut slices[] = {std::span<char>(room)};
  MsgHdrMut message;
  message.with_addr(from).with_buffers(slices);
  for (int i = 0; i < 2; ++i) {  // may be used again
    EXPECT_EQ(udp.sender.send_to("hello", udp.to).value(), 5u);
    EXPECT_EQ(udp.receiver.recvmsg(message, 0).value(), 5u);
    EXPECT_EQ(from, udp.from);
    EXPECT_EQ(from.size(), udp.from.size());
    EXPECT_EQ(std::string(room, 5), "hello");
    EXPECT_EQ(message.flags().raw() & MSG_TRUNC, 0);
  }
}

TEST(SK7, RecvmsgOnAStreamGivesAnAddressOfNoSize) {
  const auto [client, server] = connected_sockets();
  SockAddr from = server.local_addr().value();
  char room[16];
  IoSliceMut slices[] = {std::span<char>(room)};
  MsgHdrMut message;
  message.with_addr(from).with_buffers(slices);
  EXPECT_EQ(client.send("x").value(), 1u);
  EXPECT_EQ(server.recvmsg(message, 0).value(), 1u);
  EXPECT_EQ(from.size(), 0u);
}

TEST(SK7, ControlDataIsSentAndReceived) {
  const auto [a, b] = stream_pair();
  ASSERT_TRUE(b.set_passcred(true));
  alignas(::cmsghdr) std::byte sent[CMSG_SPACE(sizeof(::ucred))] = {};
  const ::ucred mine{::getpid(), ::getuid(), ::getgid()};
  auto* const header = reinterpret_cast<::cmsghdr*>(sent);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_CREDENTIALS;
  header->cmsg_len = CMSG_LEN(sizeof mine);
  std::memcpy(CMSG_DATA(header), &mine, sizeof mine);
  const Slices data{IoSlice("x")};
  MsgHdr out;
  out.with_buffers(data).with_control(sent);
  EXPECT_EQ(a.sendmsg(out, 0).value(), 1u);

  alignas(::cmsghdr) std::byte got[64] = {};
  char room[4];
  IoSliceMut slices[] = {std::span<char>(room)};
  MsgHdrMut in;
  in.with_buffers(slices).with_control(got);
  EXPECT_EQ(in.control_len(), sizeof got);
  EXPECT_EQ(b.recvmsg(in, 0).value(), 1u);
  ASSERT_EQ(in.control_len(), sizeof sent);
  EXPECT_EQ(std::memcmp(got, sent, CMSG_LEN(sizeof mine)), 0);

  EXPECT_EQ(a.sendmsg(out, 0).value(), 1u);
  in.with_control(std::span<std::byte>(got, 20));
  EXPECT_EQ(b.recvmsg(in, 0).value(), 1u);
  EXPECT_TRUE(in.flags().is_control_truncated());
}

TEST(SK7, MessagesAreMsghdrs) {
  static_assert(sizeof(MsgHdr) == sizeof(::msghdr) && sizeof(MsgHdrMut) == sizeof(::msghdr));
  const MsgHdr empty;
  const std::array<std::byte, sizeof empty> zeros{};
  EXPECT_EQ(std::memcmp(&empty, zeros.data(), sizeof empty), 0);
  EXPECT_EQ(MsgHdr().with_flags(MSG_EOR).native().msg_flags, MSG_EOR);
}

TEST(SK8, MemoryThatNobodyWroteIsReceivedInto) {
  const auto [a, b] = stream_pair();
  const auto memory = std::make_unique_for_overwrite<std::byte[]>(16);
  const UninitSlice room(memory.get(), 16);
  EXPECT_EQ(room.size(), 16u);
  EXPECT_EQ(a.send("hello").value(), 5u);
  const std::span<std::byte> got = b.recv(room).value();
  EXPECT_EQ(got.data(), memory.get());
  EXPECT_EQ(std::memcmp(got.data(), "hello", got.size()), 0);
  EXPECT_EQ(got.size(), 5u);

  UninitSlice two[] = {UninitSlice(memory.get(), 2), UninitSlice(memory.get() + 8, 8)};
  EXPECT_EQ(a.send("world").value(), 5u);
  EXPECT_EQ(b.recv_vectored(std::span<UninitSlice>(two))->first, 5u);
  EXPECT_EQ(std::memcmp(two[0].filled(2).data(), "wo", 2), 0);
  EXPECT_EQ(std::memcmp(two[1].filled(3).data(), "rld", 3), 0);
}

TEST(SK8, ADatagramIntoUnwrittenMemoryTellsItsSender) {
  const Datagrams udp;
  const auto memory = std::make_unique_for_overwrite<std::byte[]>(4);
  const UninitSlice room(memory.get(), 4);
  EXPECT_EQ(udp.sender.send_to("hello", udp.to).value(), 5u);
  // The full length is more than there is.
  const auto [got, from] = udp.receiver.recv_from_with_flags(room, MSG_TRUNC).value();
  EXPECT_EQ(got.size(), 4u);
  EXPECT_EQ(from, udp.from);
  UninitSlice one[] = {room};
  EXPECT_EQ(udp.sender.send_to("hello", udp.to).value(), 5u);
  const auto [size, flags, again] =
      udp.receiver.recv_from_vectored(std::span<UninitSlice>(one)).value();
  EXPECT_EQ(size, 4u);
  EXPECT_TRUE(flags.is_truncated());
  EXPECT_EQ(again, udp.from);
}

TEST(SK8, MoreThanTheRoomIsFatal) {
  EXPECT_DEATH(static_cast<void>(UninitSlice().filled(1)), "UninitSlice::filled: beyond its end");
}

TEST(SK9, ReceiveFlagsNameTheirBits) {
  EXPECT_TRUE(RecvFlags(MSG_TRUNC).is_truncated());
  EXPECT_TRUE(RecvFlags(MSG_CTRUNC).is_control_truncated());
  EXPECT_TRUE(RecvFlags(MSG_EOR).is_end_of_record());
  EXPECT_TRUE(RecvFlags(MSG_OOB).is_out_of_band());
  EXPECT_TRUE(RecvFlags(MSG_ERRQUEUE).is_error_queue());
  EXPECT_TRUE(RecvFlags(MSG_CONFIRM).is_confirm());
  EXPECT_TRUE(RecvFlags(MSG_DONTROUTE).is_dontroute());
  const RecvFlags other(
      ~(MSG_TRUNC | MSG_CTRUNC | MSG_EOR | MSG_OOB | MSG_ERRQUEUE | MSG_CONFIRM | MSG_DONTROUTE));
  EXPECT_FALSE(other.is_truncated() || other.is_control_truncated() || other.is_end_of_record() ||
               other.is_out_of_band() || other.is_error_queue() || other.is_confirm() ||
               other.is_dontroute());
  EXPECT_EQ(RecvFlags(MSG_CMSG_CLOEXEC).raw(), MSG_CMSG_CLOEXEC);
}

// A file of `size` bytes that differ, without a name.
class File {
 public:
  explicit File(std::size_t size) : bytes_(size) {
    std::iota(bytes_.begin(), bytes_.end(), 0);
    EXPECT_EQ(std::fwrite(bytes_.data(), 1, size, file_.get()), size);
    EXPECT_EQ(std::fflush(file_.get()), 0);
  }
  BorrowedFd fd() const { return BorrowedFd(::fileno(file_.get())); }
  const std::vector<unsigned char>& bytes() const { return bytes_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::vector<unsigned char> bytes_;
  std::unique_ptr<std::FILE, Close> file_{std::tmpfile()};
};

std::vector<unsigned char> receive_all(const Socket& socket) {
  std::vector<unsigned char> all;
  std::array<char, 4096> room;
  while (const std::size_t size = socket.recv(std::span<char>(room)).value()) {
    all.insert(all.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(size));
  }
  return all;
}

TEST(S32, SendfileSendsAWholeSmallFile) {
  auto [client, server] = connected_sockets();
  const File file(100);
  EXPECT_EQ(client.sendfile(file.fd(), 0).value(), 100u);
  EXPECT_EQ(client.sendfile(file.fd(), 100).value(), 0u);
  EXPECT_TRUE(client.close());
  EXPECT_EQ(receive_all(server), file.bytes());
}

TEST(S32, SendfileSendsALargerFileInPieces) {
  auto [client, server] = connected_sockets();
  const File file(3 << 20);
  std::vector<unsigned char> all;
  std::thread receiver([&all, &socket = server] { all = receive_all(socket); });
  const auto position = ::lseek(file.fd().raw(), 0, SEEK_CUR);
  std::size_t sent = client.sendfile(file.fd(), 0, std::size_t{4096}).value();
  EXPECT_EQ(sent, 4096u);
  while (sent < file.bytes().size()) sent += client.sendfile(file.fd(), sent).value();
  EXPECT_EQ(::lseek(file.fd().raw(), 0, SEEK_CUR), position);
  EXPECT_TRUE(client.close());
  receiver.join();
  EXPECT_EQ(all, file.bytes());
}

TEST(SO7, AnOffsetThatNoFileHasIsRefused) {
  const auto [client, server] = connected_sockets();
  const File file(1);
  EXPECT_EQ(client.sendfile(file.fd(), ~std::uint64_t{0}).error(), std::errc::invalid_argument);
}

TEST(S51, SendingToAPeerThatIsGoneRaisesNoSignal) {
  const auto reset = [] {
    auto [client, server] = connected_sockets();
    EXPECT_TRUE(server.set_linger(std::chrono::seconds(0)));
    EXPECT_TRUE(server.close());
    EXPECT_EQ(client.send("x").error(), std::errc::connection_reset);
    return std::move(client);
  };
  // A test of its own process would die of it: SIGPIPE is not ignored here.
  const auto before = ::signal(SIGPIPE, SIG_DFL);
  const Slices data{IoSlice("x")};
  const File file(100);
  const Socket gone = reset();
  EXPECT_EQ(gone.send("x").error(), std::errc::broken_pipe);
  EXPECT_EQ(gone.send_vectored(data).error(), std::errc::broken_pipe);
  EXPECT_EQ(gone.sendmsg(MsgHdr().with_buffers(data), 0).error(), std::errc::broken_pipe);
  EXPECT_EQ(gone.send_to("x", gone.local_addr().value()).error(), std::errc::broken_pipe);
  EXPECT_EQ(gone.sendfile(file.fd(), 0).error(), std::errc::broken_pipe);
  ::sigset_t mask;
  EXPECT_EQ(::pthread_sigmask(SIG_BLOCK, nullptr, &mask), 0);
  EXPECT_EQ(sigismember(&mask, SIGPIPE), 0);
  ::signal(SIGPIPE, before);
}

TEST(S53, TheErrorOfAResetIsTakenOnce) {
  auto [client, server] = connected_sockets();
  EXPECT_TRUE(server.set_linger(std::chrono::seconds(0)));
  EXPECT_TRUE(server.close());
  ::pollfd event{client.raw(), 0, 0};
  ASSERT_EQ(::poll(&event, 1, -1), 1);
  EXPECT_EQ(client.take_error().value(), Error(std::errc::connection_reset));
  EXPECT_EQ(client.take_error().value(), std::nullopt);
  EXPECT_EQ(received(client), "");
}

}  // namespace
}  // namespace weft::net
