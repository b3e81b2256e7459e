// send_fds() and recv_fds() on sockets that block: what arrives, and what is closed.

#include <algorithm>
#include <cstdlib>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tests/support/process_usage.h>
#include <tests/support/refusal.h>
#include <tests/unit/net/ancillary_support.h>

namespace weft::net {
namespace {

using test_support::NoMoreDescriptors;
using test_support::open_fd_count;
using test_support::refusal;

TEST(A20, AsManyAsAreWanted) {
  for (const int type : kUnixTypes) {
    const NothingLeaks check;
    const UnixPair ends(type);
    send_files(ends.left, "x", 2);
    const auto got = take<2>(ends.right);
    EXPECT_EQ(got->bytes, 1U);
    EXPECT_EQ(got->count, 2U);
    EXPECT_EQ(got->surplus, 0U);
    EXPECT_FALSE(same_file(got->fds[0], got->fds[1]));
  }
}

TEST(A20, FewerThanThereIsRoomFor) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  send_files(ends.left, "x", 2);
  const auto got = take<4>(ends.right);
  EXPECT_EQ(got->count, 2U);
  EXPECT_TRUE(got->fds[1]);
  EXPECT_FALSE(got->fds[2]);
}

TEST(A20, TheFirstAreKeptAndTheOthersClosedAtOnce) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  const std::vector<OwnedFd> sent = files(5);
  MessageFd left = ends.left;
  ASSERT_TRUE(send_fds(left, "x", borrow(sent)));
  const std::size_t before = open_fd_count();
  const auto got = take<2>(ends.right);
  EXPECT_EQ(open_fd_count(), before + 2);
  EXPECT_EQ(got->count, 2U);
  EXPECT_EQ(got->surplus, 3U);
  EXPECT_TRUE(same_file(got->fds[0], sent[0]) && same_file(got->fds[1], sent[1]));
}

void expect_that_253_arrive(const UnixPair& ends) {
  const OwnedFd file = a_file();
  MessageFd left = ends.left;
  ASSERT_TRUE(send_fds(left, "x", std::vector<BorrowedFd>(253, file)));
  const auto got = take<253>(ends.right);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->count, 253U);
  EXPECT_EQ(got->surplus, 0U);
  EXPECT_TRUE(
      std::ranges::all_of(got->fds, [&](const OwnedFd& fd) { return same_file(fd, file); }));
}

TEST(A21, TheMostThereCanBe) {
  const NothingLeaks check;
  expect_that_253_arrive(UnixPair(SOCK_STREAM));
}

TEST(A21, TheMostThereCanBeAlsoWithCredentials) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  set_option(ends.right_fd, SOL_SOCKET, SO_PASSCRED, 1);
  expect_that_253_arrive(ends);
}

TEST(A21, TheMostThereCanBeAlsoWithCredentialsAndPidFd) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  set_option(ends.right_fd, SOL_SOCKET, SO_PASSCRED, 1);
  const Result<void> supported = pass_pid_fd(ends.right_fd);
  if (!supported) GTEST_SKIP() << "SO_PASSPIDFD needs Linux 6.5: " << refusal(supported);
  expect_that_253_arrive(ends);
}

TEST(A22, TooLittleRoomOfTheCallersIsTruncation) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  send_files(ends.left, "abc", 3);
  Room room;
  Storage<CMSG_LEN(sizeof(int))> control;
  MessageFd right = ends.right;
  const std::size_t before = open_fd_count();
  const auto got = recv_fds_with_control<3>(right, std::span<char>(room), control);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().error(), Errc::control_truncated);
  EXPECT_TRUE(got.error().is_truncated());
  EXPECT_EQ(got.error().bytes_consumed(), 3U);
  EXPECT_EQ(open_fd_count(), before);
}

TEST(A23, WhatPaddingLetInIsClosedToo) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  send_files(ends.left, "abc", 3);
  Room room;
  Storage<CMSG_SPACE(sizeof(int))> control;
  MessageFd right = ends.right;
  const std::size_t before = open_fd_count();
  EXPECT_TRUE(
      recv_fds_with_control<3>(right, std::span<char>(room), control).error().is_truncated());
  EXPECT_EQ(open_fd_count(), before);
}

TEST(A24, NoDescriptorsLeftIsTruncationAndNoLeak) {
  for (const int type : kUnixTypes) {
    const NothingLeaks check;
    const UnixPair ends(type);
    send_files(ends.left, "a", 2);
    send_files(ends.left, "b", 2);
    {
      const NoMoreDescriptors limit;
      const auto got = take<2>(ends.right);
      ASSERT_FALSE(got);
      EXPECT_TRUE(got.error().is_truncated());
      EXPECT_EQ(got.error().bytes_consumed(), 1U);
    }
    const auto later = take<2>(ends.right);
    EXPECT_EQ(later->count, 2U);
  }
}

TEST(A25, DescriptorsWithoutBytesOnAStreamAreRefused) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  const OwnedFd file = a_file();
  MessageFd left = ends.left;
  EXPECT_EQ(send_fds(left, "", std::array{file.borrow()}).error(), std::errc::invalid_argument);
  EXPECT_EQ(send_fds(left, "", std::span<const BorrowedFd>()).value(), 0U);
}

TEST(A25, DatagramsMayBeEmpty) {
  for (const int type : {SOCK_DGRAM, SOCK_SEQPACKET}) {
    const NothingLeaks check;
    const UnixPair ends(type);
    send_files(ends.left, "", 2);
    const auto got = take<2>(ends.right);
    EXPECT_EQ(got->bytes, 0U);
    EXPECT_EQ(got->count, 2U);
  }
}

TEST(A26, DescriptorsGoWithTheFirstPartOnly) {
  const NothingLeaks check;
  UnixPair ends(SOCK_STREAM);
  ASSERT_TRUE(sys::set_status_flags(ends.left_fd, O_NONBLOCK));
  const std::string much(10'000'000, 'x');
  const OwnedFd file = a_file();
  MessageFd left = ends.left;
  const Result<std::size_t> sent = send_fds(left, much, std::array{file.borrow()});
  ASSERT_TRUE(sent);
  EXPECT_LT(*sent, much.size());
  std::size_t arrived = 0;
  std::size_t fds = 0;
  while (arrived < *sent) {
    std::string room(64 * 1024, 0);
    MessageFd right = ends.right;
    const auto got = recv_fds<4>(right, std::span<char>(room));
    ASSERT_TRUE(got);
    arrived += got->bytes;
    fds += got->count;
  }
  EXPECT_EQ(arrived, *sent);
  EXPECT_EQ(fds, 1U);
}

TEST(A27, WouldBlockHasSentNothing) {
  const NothingLeaks check;
  UnixPair ends(SOCK_STREAM);
  ASSERT_TRUE(sys::set_status_flags(ends.left_fd, O_NONBLOCK));
  ASSERT_TRUE(sys::set_status_flags(ends.right_fd, O_NONBLOCK));
  const std::size_t filled = test_support::fill(ends.left_fd);
  const OwnedFd file = a_file();
  MessageFd left = ends.left;
  EXPECT_EQ(send_fds(left, "x", std::array{file.borrow()}).error(),
            std::errc::operation_would_block);
  EXPECT_EQ(test_support::drain(ends.right_fd), filled);
  EXPECT_TRUE(send_fds(left, "x", std::array{file.borrow()}));
  EXPECT_EQ(take<4>(ends.right)->count, 1U);
}

TEST(A28, BytesOfAStreamAreJoinedAndDescriptorsEndAReceive) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  send_files(ends.left, "aa", 1);
  send_files(ends.left, "bb", 0);
  send_files(ends.left, "cc", 1);
  const auto first = take<4>(ends.right);
  EXPECT_EQ(first->bytes, 2U);
  EXPECT_EQ(first->count, 1U);
  const auto second = take<4>(ends.right);
  EXPECT_EQ(second->bytes, 4U);
  EXPECT_EQ(second->count, 1U);
}

TEST(A29, AnOrdinaryReadDropsTheDescriptors) {
  const NothingLeaks check;
  UnixPair ends(SOCK_STREAM);
  send_files(ends.left, "bytes", 3);
  EXPECT_EQ(test_support::read_text(ends.right_fd).value(), "bytes");
  ASSERT_TRUE(sys::set_status_flags(ends.right_fd, O_NONBLOCK));
  EXPECT_EQ(take<3>(ends.right).error().error(), std::errc::operation_would_block);
}

TEST(A35, ATruncatedDatagramKeepsItsDescriptors) {
  for (const int type : {SOCK_DGRAM, SOCK_SEQPACKET}) {
    const NothingLeaks check;
    const UnixPair ends(type);
    send_files(ends.left, "longer than the room", 2);
    std::array<char, 4> room;
    MessageFd right = ends.right;
    const auto got = recv_fds<2>(right, std::span<char>(room));
    EXPECT_EQ(got->bytes, 4U);
    EXPECT_TRUE(got->flags.normal_data_truncated());
    EXPECT_EQ(got->count, 2U);
  }
}

TEST(A36, TheEndOfAStreamIsNoBytesAndNothingElse) {
  UnixPair ends(SOCK_STREAM);
  EXPECT_TRUE(ends.left_fd.close());
  const auto got = take<2>(ends.right);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->bytes, 0U);
  EXPECT_EQ(got->count, 0U);
  EXPECT_EQ(got->surplus, 0U);
}

TEST(A45, AProgramThatIsStartedSeesNoneOfThem) {
  const UnixPair ends(SOCK_STREAM);
  send_files(ends.left, "x", 2);
  const auto got = take<2>(ends.right);
  const std::string first = "/proc/self/fd/" + std::to_string(got->fds[0].raw());
  const std::string second = "/proc/self/fd/" + std::to_string(got->fds[1].raw());
  const ::pid_t child = ::fork();
  if (child == 0) {
    ::execl("/bin/sh", "sh", "-c", "test ! -e $0 && test ! -e $1", first.c_str(), second.c_str(),
            static_cast<char*>(nullptr));
    ::_exit(127);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(A46, ASocketPassedOverItselfIsCollected) {
  const NothingLeaks check;
  for (int i = 0; i < 10; ++i) {
    UnixPair ends(SOCK_STREAM);
    MessageFd left = ends.left;
    ASSERT_TRUE(send_fds(left, "x", std::array{ends.left_fd.borrow(), ends.right_fd.borrow()}));
  }
}

TEST(A46, TooManyUnderWayIsAnError) {
  const ::pid_t child = ::fork();
  if (child == 0) {
    // The limit binds who has no privileges, and is that of open files.
    const ::rlimit few{64, 64};
    const bool dropped = ::getuid() != 0 || (::setgid(65534) == 0 && ::setuid(65534) == 0);
    if (!dropped || ::setrlimit(RLIMIT_NOFILE, &few) != 0) ::_exit(2);
    const OwnedFd file = a_file();
    const std::vector<BorrowedFd> fds(50, file);
    const UnixPair ends(SOCK_STREAM);
    MessageFd left = ends.left;
    for (int i = 0; i < 10; ++i) {
      const Result<std::size_t> sent = send_fds(left, "x", fds);
      if (!sent) ::_exit(sent.error() == Error::from_errno(ETOOMANYREFS) ? 0 : 3);
    }
    ::_exit(4);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(A47, AThousandRoundsLeaveNothing) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_SEQPACKET);
  const std::vector<OwnedFd> sent = files(4);
  const std::vector<BorrowedFd> borrowed = borrow(sent);
  MessageFd left = ends.left;
  for (std::size_t round = 0; round < 1000; ++round) {
    const std::span some = std::span(borrowed).first(round % 5);
    ASSERT_TRUE(send_fds(left, "x", some));
    const auto got = take<2>(ends.right);
    ASSERT_TRUE(got);
    ASSERT_EQ(got->count + got->surplus, some.size());
  }
}

}  // namespace
}  // namespace weft::net
