// send_fds() and recv_fds() on sockets that block: their rules, one by one; and the builders.

#include <string>

#include <tests/unit/net/ancillary_support.h>
#include <tests/unit/net/scratch_directory.h>
#include <weft/base/sys_table.h>
#include <weft/net/socket/sock_addr.h>
#include <weft/net/socket/socket.h>

namespace weft::net {
namespace {

using test_support::open_fd_count;
using test_support::ScratchDirectory;

TEST(AH1, MoreThanAKernelTakesAreTooMany) {
  const UnixPair ends(SOCK_STREAM);
  const OwnedFd file = a_file();
  MessageFd left = ends.left;
  EXPECT_EQ(send_fds(left, "x", std::vector<BorrowedFd>(254, file)).error(), Errc::too_many_fds);
  EXPECT_EQ(send_fds(left, "plain", std::span<const BorrowedFd>()).value(), 5U);
  EXPECT_EQ(take<1>(ends.right)->bytes, 5U);
}

TEST(AH1, OwnedDescriptorsAreClosedAfterSending) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_DGRAM);
  MessageFd left = ends.left;
  const std::size_t before = open_fd_count();
  EXPECT_TRUE(send_fds(left, "x", files(3)));
  EXPECT_EQ(open_fd_count(), before);
  EXPECT_EQ(take<3>(ends.right)->count, 3U);
}

TEST(AH1, ToAnAddress) {
  const NothingLeaks check;
  const ScratchDirectory directory;
  const SockAddr address = SockAddr::from_unix(directory.path() / "s").value();
  const Socket receiver = Socket::create(Domain::kUnix, Type::kDgram).value();
  ASSERT_TRUE(receiver.bind(address));
  Socket sender = Socket::create(Domain::kUnix, Type::kDgram).value();
  const OwnedFd file = a_file();
  EXPECT_EQ(send_fds_to(sender, "", std::array{file.borrow()}, address).value(), 0U);
  const auto got = take<1>(MessageFd(receiver.as_fd()));
  EXPECT_TRUE(same_file(got->fds[0], file));
}

TEST(AH2, ZeroIsLegalAndClosesAll) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  send_files(ends.left, "x", 3);
  const auto got = take<0>(ends.right);
  EXPECT_EQ(got->bytes, 1U);
  EXPECT_EQ(got->surplus, 3U);
}

TEST(AH2, IntoASpanWhoseContentIsReplaced) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  send_files(ends.left, "x", 2);
  std::vector<OwnedFd> out = files(3);
  const auto kept = identity(out[2]);
  Room room;
  MessageFd right = ends.right;
  const std::size_t before = open_fd_count();
  const auto got = recv_fds_into(right, std::span<char>(room), std::span(out));
  EXPECT_EQ(open_fd_count(), before);
  EXPECT_EQ(got->count, 2U);
  EXPECT_EQ(identity(out[2]), kept);
}

TEST(AH3, ThereIsRoomForAllThatTheKernelAdds) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  set_option(ends.right_fd, SOL_SOCKET, SO_PASSCRED, 1);
  set_option(ends.right_fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  const int on = 1;
  static_cast<void>(sys::setsockopt(ends.right_fd, SOL_SOCKET, kPassPidFd, &on, sizeof on));
  static_cast<void>(sys::setsockopt(ends.right_fd, SOL_SOCKET, kPassSecurity, &on, sizeof on));
  const OwnedFd file = a_file();
  MessageFd left = ends.left;
  ASSERT_TRUE(send_fds(left, "x", std::vector<BorrowedFd>(253, file)));
  EXPECT_EQ(take<253>(ends.right)->count, 253U);
}

TEST(AH3, ThePidFdIsNotOneOfTheSenders) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  const int on = 1;
  static_cast<void>(sys::setsockopt(ends.right_fd, SOL_SOCKET, kPassPidFd, &on, sizeof on));
  send_files(ends.left, "x", 1);
  const auto got = take<4>(ends.right);
  EXPECT_EQ(got->count, 1U);
  EXPECT_EQ(got->surplus, 0U);
}

// Everything came, and yet the kernel says that something did not.
TEST(AH4, NobodySeesAPartOfTheSet) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  send_files(ends.left, "abcd", 2);
  sys::Table table;
  table.recvmsg = [](int fd, ::msghdr* message, int flags) -> ssize_t {
    const ssize_t got = ::recvmsg(fd, message, flags);
    message->msg_flags |= MSG_CTRUNC;
    return got;
  };
  std::vector<OwnedFd> out(2);
  Room room;
  MessageFd right = ends.right;
  const sys::TableScope scope(table);
  const auto got = recv_fds_into(right, std::span<char>(room), std::span(out));
  EXPECT_EQ(got.error().error(), Errc::control_truncated);
  EXPECT_EQ(got.error().bytes_consumed(), 4U);
  EXPECT_FALSE(out[0] || out[1]);
}

TEST(AH5, TheCallersRoomServesIfItIsEnough) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  send_files(ends.left, "x", 2);
  send_files(ends.left, "y", 0);
  send_files(ends.left, "z", 1);
  Room room;
  Storage<CMSG_SPACE(2 * sizeof(int)) + 1> control;
  const std::span<std::byte> misaligned = std::span(control).subspan(1);
  MessageFd right = ends.right;
  EXPECT_EQ(recv_fds_with_control<2>(right, std::span<char>(room), misaligned)->count, 2U);
  const auto none = recv_fds_with_control<0>(
      right, std::as_writable_bytes(std::span(room).first(1)), std::span<std::byte>());
  EXPECT_EQ(none->bytes, 1U);
  EXPECT_TRUE(recv_fds_with_control<1>(right, std::span<char>(room), std::span<std::byte>())
                  .error()
                  .is_truncated());
}

TEST(AH6, NoBytesOfADatagramAreAMessage) {
  const UnixPair ends(SOCK_DGRAM);
  send_files(ends.left, "", 0);
  send_files(ends.left, "next", 0);
  EXPECT_EQ(take<1>(ends.right)->bytes, 0U);
  EXPECT_EQ(take<1>(ends.right)->bytes, 4U);
}

TEST(AH7, TruncatedDataIsNoError) {
  const UnixPair ends(SOCK_DGRAM);
  send_files(ends.left, "12345", 0);
  std::array<char, 2> room;
  MessageFd right = ends.right;
  const auto got = recv_fds<1>(right, std::span<char>(room));
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->flags.normal_data_truncated());
}

TEST(AH8, PeekingIsRefused) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  send_files(ends.left, "x", 1);
  Room room;
  MessageFd right = ends.right;
  const auto got = recv_fds<1>(right, std::span<char>(room), RecvOptions().peek(true));
  EXPECT_EQ(got.error().error(), std::errc::invalid_argument);
  EXPECT_EQ(got.error().bytes_consumed(), 0U);
  EXPECT_FALSE(got.error().is_truncated());
  EXPECT_EQ(take<1>(ends.right)->count, 1U);
}

TEST(AH9, OneByteForEachSetKeepsThemApart) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  for (std::size_t count = 1; count <= 3; ++count) send_files(ends.left, "x", count);
  std::array<char, 1> marker;
  MessageFd right = ends.right;
  for (std::size_t count = 1; count <= 3; ++count) {
    EXPECT_EQ(recv_fds<3>(right, std::span<char>(marker))->count, count);
  }
}

TEST(AW7, ABufferedReaderLosesDescriptors) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  send_files(ends.left, "line\nx", 1);
  // Reads ahead, as anything that buffers does.
  std::array<std::byte, 1024> buffer;
  EXPECT_EQ(sys::read(ends.right_fd, buffer).value(), 6U);
  send_files(ends.left, "y", 0);
  EXPECT_EQ(take<1>(ends.right)->count, 0U);
}

TEST(A37, TheBuildersOnASocketThatBlocks) {
  const NothingLeaks check;
  auto [left, right] = Socket::pair(Domain::kUnix, Type::kSeqpacket).value();
  const OwnedFd file = a_file();
  Storage<64> storage;
  AncillaryData ancillary(storage);
  ASSERT_TRUE(ancillary.add_file_descriptors(std::array{file.borrow()}));
  const std::array<io::IoSlice, 2> slices = {std::string_view("he"), std::string_view("llo")};
  const std::span<const io::IoSlice> all = slices;
  EXPECT_EQ(MessageSender(left, all).ancillary(ancillary).send().value(), 5U);
  Room room;
  const auto got = MessageReceiver(right, std::span<char>(room)).ancillary(ancillary).recv();
  EXPECT_EQ(got->first, 5U);
  EXPECT_EQ(std::string_view(room.data(), 5), "hello");
  EXPECT_EQ(take_all(ancillary).size(), 1U);
  EXPECT_EQ(MessageSender(left, "x").options(SendOptions().end_of_record(true)).send().value(), 1U);
  const auto plain = MessageReceiver(right, std::span<char>(room)).recv_from();
  EXPECT_EQ(std::get<0>(*plain), 1U);
}

}  // namespace
}  // namespace weft::net
