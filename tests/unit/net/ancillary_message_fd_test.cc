// MessageFd: what goes through the kernel and back, and who owns it then.

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <netinet/in.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <tests/support/process_usage.h>
#include <tests/support/refusal.h>
#include <tests/unit/net/ancillary_support.h>
#include <weft/base/sys_table.h>
#include <weft/net/socket/sock_addr.h>

namespace weft::net {
namespace {

using test_support::NoMoreDescriptors;
using test_support::refusal;

template <class T>
std::optional<T> find(const AncillaryData& ancillary) {
  for (const ControlMessage& message : ancillary.control_messages()) {
    if (std::optional<T> found = T::from(message)) return found;
  }
  return std::nullopt;
}

TEST(A8, AFileArrivesAsADescriptorOfItsOwn) {
  for (const int type : kUnixTypes) {
    const NothingLeaks check;
    const UnixPair ends(type);
    OwnedFd file = a_file();
    const auto sent_file = identity(file);
    Storage<64> out;
    AncillaryData sent(out);
    ASSERT_TRUE(sent.add_file_descriptors(std::array{file.borrow()}));
    ASSERT_EQ(send(ends.left, "x", sent).value(), 1U);
    EXPECT_TRUE(file.close());
    Storage<64> in;
    AncillaryData received(in);
    const Result<Got> got = receive(ends.right, received);
    EXPECT_EQ(got->text, "x");
    EXPECT_FALSE(got->flags.control_data_truncated());
    const std::vector<OwnedFd> fds = take_all(received);
    ASSERT_EQ(fds.size(), 1U);
    EXPECT_EQ(identity(fds[0]), sent_file);
    EXPECT_TRUE(is_close_on_exec(fds[0]));
  }
}

TEST(A12, ReceivingAgainClosesWhatCameBefore) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_DGRAM);
  send_files(ends.left, "a", 3);
  send_files(ends.left, "b", 1);
  Storage<64> storage;
  AncillaryData received(storage);
  EXPECT_EQ(receive(ends.right, received)->text, "a");
  EXPECT_EQ(receive(ends.right, received)->text, "b");
  EXPECT_EQ(take_all(received).size(), 1U);
}

TEST(A19, UnusedCapacityIsNotSent) {
  for (const int type : kUnixTypes) {
    const UnixPair ends(type);
    const OwnedFd file = a_file();
    Storage<4096> storage{};
    AncillaryData sent(storage);
    ASSERT_TRUE(sent.add_file_descriptors(std::array{file.borrow()}));
    EXPECT_EQ(sent.send_view().size(), CMSG_LEN(sizeof(int)));
    EXPECT_EQ(send(ends.left, "x", sent).value(), 1U);
    // What the kernel would have said to all of it.
    Bytes whole(4096);
    const Bytes block = raw_message_of(SOL_SOCKET, SCM_RIGHTS, file.raw());
    std::copy(block.begin(), block.end(), whole.begin());
    ::iovec data{const_cast<char*>("x"), 1};
    ::msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = whole.data();
    message.msg_controllen = whole.size();
    EXPECT_EQ(sys::sendmsg(ends.left.as_fd(), message, 0).error(), std::errc::invalid_argument);
  }
}

TEST(A23, DescriptorsThatCameBeforeTheTruncationAreOwned) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  send_files(ends.left, "x", 3);
  Storage<CMSG_SPACE(sizeof(int))> storage;
  AncillaryData received(storage);
  EXPECT_TRUE(receive(ends.right, received)->flags.control_data_truncated());
  EXPECT_EQ(take_all(received).size(), 2U);  // the padding has room for one more
}

TEST(A30, EachPeekMakesDescriptorsOfItsOwn) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  send_files(ends.left, "x", 1);
  std::vector<OwnedFd> all;
  for (const bool peek : {true, true, false}) {
    Storage<64> storage;
    AncillaryData received(storage);
    EXPECT_EQ(receive(ends.right, received, RecvOptions().peek(peek))->text, "x");
    for (OwnedFd fd : received.received_fds()) all.push_back(std::move(fd));
  }
  ASSERT_EQ(all.size(), 3U);
  EXPECT_NE(all[0].raw(), all[1].raw());
  EXPECT_TRUE(same_file(all[0], all[2]) && same_file(all[1], all[2]));
}

TEST(A30, PeekedDescriptorsThatNobodyTakesAreClosed) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_DGRAM);
  send_files(ends.left, "x", 4);
  Storage<64> storage;
  AncillaryData received(storage);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(receive(ends.right, received, RecvOptions().peek(true)));
  }
}

TEST(A31, CredentialsAreSentAndReceived) {
  for (const int type : kUnixTypes) {
    const UnixPair ends(type);
    set_option(ends.right_fd, SOL_SOCKET, SO_PASSCRED, 1);
    const ScmCredentials mine = ScmCredentials::current();
    EXPECT_EQ(mine.pid, ::getpid());
    EXPECT_EQ(mine.uid, ::getuid());
    EXPECT_EQ(mine.gid, ::getgid());
    Storage<64> storage;
    AncillaryData ancillary(storage);
    ASSERT_TRUE(ancillary.add_control_message(mine.as_control_message()));
    ASSERT_TRUE(send(ends.left, "x", ancillary));
    ASSERT_TRUE(receive(ends.right, ancillary));
    EXPECT_EQ(find<ScmCredentials>(ancillary), mine);
  }
}

TEST(A31, OneThatTheKernelHasCutIsNone) {
  const UnixPair ends(SOCK_STREAM);
  set_option(ends.right_fd, SOL_SOCKET, SO_PASSCRED, 1);
  Storage<64> out;
  AncillaryData sent(out);
  ASSERT_TRUE(send(ends.left, "x", sent));
  Storage<20> in;
  AncillaryData received(in);
  EXPECT_TRUE(receive(ends.right, received)->flags.control_data_truncated());
  ASSERT_FALSE(received.control_messages().empty());
  EXPECT_EQ(received.control_messages().begin()->data().size(), 4U);
  EXPECT_FALSE(received.control_messages().begin()->truncated());  // its header says 20
  EXPECT_EQ(find<ScmCredentials>(received), std::nullopt);
}

// Runs `body` in a child that is not privileged; whether it answered true.
template <class F>
bool unprivileged_child(F body) {
  const ::pid_t child = ::fork();
  if (child == 0) {
    const bool dropped = ::getuid() != 0 || (::setgid(65534) == 0 && ::setuid(65534) == 0);
    ::_exit(dropped && body() ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(A31, ForeignCredentialsNeedAPrivilege) {
  EXPECT_TRUE(unprivileged_child([] {
    const UnixPair ends(SOCK_STREAM);
    ScmCredentials other = ScmCredentials::current();
    other.pid = 1;
    Storage<64> storage;
    AncillaryData ancillary(storage);
    if (!ancillary.add_control_message(other.as_control_message())) return false;
    const Result<std::size_t> sent = send(ends.left, "x", ancillary);
    return !sent && sent.error() == std::errc::operation_not_permitted &&
           !ancillary.control_messages().empty();
  }));
}

// Whether the kernel labels sockets depends on its security module; then a label comes, and is one
// text, and without one nothing does, which is all that there is to see then.
TEST(A32, ALabelComesWhereTheKernelHasOne) {
  const UnixPair ends(SOCK_STREAM);
  set_option(ends.right_fd, SOL_SOCKET, kPassSecurity, 1);
  Storage<512> storage;
  AncillaryData ancillary(storage);
  ASSERT_TRUE(send(ends.left, "x", ancillary));
  const Result<Got> got = receive(ends.right, ancillary);
  EXPECT_FALSE(got->flags.control_data_truncated());
  const std::optional<ScmSecurity> label = find<ScmSecurity>(ancillary);
  EXPECT_EQ(label.has_value(), !ancillary.control_messages().empty());
  if (!label) GTEST_SKIP() << "no security module of this kernel labels sockets (SO_PASSSEC)";
  EXPECT_EQ(label->label.find('\0'), std::string::npos);
}

TEST(A33, APidFdIsOwnedAndToldApart) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  const Result<void> supported = pass_pid_fd(ends.right_fd);
  if (!supported) {
    EXPECT_EQ(supported.error(), std::errc::no_protocol_option);
    GTEST_SKIP() << "SO_PASSPIDFD needs Linux 6.5: " << refusal(supported);
  }
  send_files(ends.left, "x", 1);
  Storage<256> storage;
  AncillaryData received(storage);
  ASSERT_TRUE(receive(ends.right, received));
  std::vector<int> types;
  ReceivedFds fds = received.received_fds();
  for (auto it = fds.begin(); it != fds.end(); ++it) {
    types.push_back(it.type());
    EXPECT_TRUE(is_close_on_exec(*it));
  }
  EXPECT_EQ(types, (std::vector<int>{SCM_RIGHTS, kScmPidFd}));
  int matching = 0;
  for (const ControlMessage& message : received.control_messages()) {
    matching += ScmPidFd::matches(message);
  }
  EXPECT_EQ(matching, 1);
}

::sockaddr_in loopback() {
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

OwnedFd udp(int family, ::sockaddr* address, ::socklen_t size) {
  OwnedFd fd = sys::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0).value();
  EXPECT_TRUE(sys::bind(fd, address, size));
  EXPECT_TRUE(sys::getsockname(fd, address, &size));
  return fd;
}

TEST(A34, OptionsOfUdpOverIpv4) {
  ::sockaddr_in address = loopback();
  const OwnedFd fd = udp(AF_INET, reinterpret_cast<::sockaddr*>(&address), sizeof address);
  set_option(fd, IPPROTO_IP, IP_RECVTOS, 1);
  set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
  set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  ASSERT_TRUE(sys::connect(fd, reinterpret_cast<::sockaddr*>(&address), sizeof address));
  Storage<256> storage;
  AncillaryData ancillary(storage);
  const Ipv4Tos low_delay{0x10};
  ASSERT_TRUE(ancillary.add_control_message(low_delay.as_control_message()));
  ASSERT_TRUE(send(MessageFd(fd), "x", ancillary));
  EXPECT_EQ(receive(MessageFd(fd), ancillary)->text, "x");
  EXPECT_EQ(find<Ipv4Tos>(ancillary), low_delay);
  const auto info = find<Ipv4PktInfo>(ancillary);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->destination, Ipv4Addr::localhost());
  EXPECT_EQ(info->local, Ipv4Addr::localhost());
  EXPECT_NE(info->index, 0U);
  const auto stamp = find<ScmTimestamp>(ancillary);
  ASSERT_TRUE(stamp);
  EXPECT_GT(stamp->since_epoch, std::chrono::hours(24 * 365));
}

TEST(A34, OptionsOfUdpOverIpv6) {
  ::sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const OwnedFd fd = udp(AF_INET6, reinterpret_cast<::sockaddr*>(&address), sizeof address);
  set_option(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
  set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  set_option(fd, IPPROTO_IPV6, IPV6_TCLASS, 0x20);
  set_option(fd, SOL_SOCKET, SO_TIMESTAMP, 1);
  ASSERT_TRUE(sys::connect(fd, reinterpret_cast<::sockaddr*>(&address), sizeof address));
  Storage<256> storage;
  AncillaryData ancillary(storage);
  ASSERT_TRUE(send(MessageFd(fd), "x", ancillary));
  EXPECT_EQ(receive(MessageFd(fd), ancillary)->text, "x");
  EXPECT_EQ(find<Ipv6TrafficClass>(ancillary), (Ipv6TrafficClass{0x20}));
  EXPECT_EQ(find<Ipv6PktInfo>(ancillary)->destination, Ipv6Addr::localhost());
  EXPECT_TRUE(find<ScmTimestamp>(ancillary));
}

TEST(A40, APeerThatIsGoneIsAnErrorAndNoSignal) {
  UnixPair ends(SOCK_STREAM);
  EXPECT_TRUE(ends.right_fd.close());
  AncillaryData none{std::span<std::byte>()};
  EXPECT_EQ(send(ends.left, "x", none).error(), std::errc::broken_pipe);
}

TEST(A40, TheSignalComesToWhoAsksForIt) {
  EXPECT_EXIT(
      {
        std::signal(SIGPIPE, SIG_DFL);
        UnixPair ends(SOCK_STREAM);
        EXPECT_TRUE(ends.right_fd.close());
        AncillaryData none{std::span<std::byte>()};
        static_cast<void>(send(ends.left, "x", none, SendOptions().no_signal(false)));
        ::_exit(0);
      },
      testing::KilledBySignal(SIGPIPE), "");
}

// What recvmsg was asked for, and by what time everything that it delivered was owned.
TEST(AW1, NothingRunsBetweenTheKernelAndTheOwner) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  send_files(ends.left, "x", 2);
  static int calls;
  calls = 0;
  sys::Table table;
  table.recvmsg = [](int fd, ::msghdr* message, int flags) -> ssize_t {
    EXPECT_EQ(calls++, 0);
    EXPECT_NE(flags & MSG_CMSG_CLOEXEC, 0);
    return ::recvmsg(fd, message, flags);
  };
  // Nothing else reaches the system: neither options are asked for, nor is anything closed.
  table.getsockopt = [](int, int, int, void*, ::socklen_t*) -> int { return ++calls, -1; };
  table.fcntl = [](int, int, long) -> int { return ++calls, -1; };
  table.close = [](int fd) -> int { return ++calls, ::close(fd); };
  Storage<256> storage;
  AncillaryData received(storage);
  {
    const sys::TableScope scope(table);
    ASSERT_TRUE(receive(ends.right, received));
  }
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(take_all(received).size(), 2U);
}

TEST(AW1, ALengthBeyondTheBufferIsTheKernelsFaultAndFatal) {
  const UnixPair ends(SOCK_STREAM);
  sys::Table table;
  table.recvmsg = [](int, ::msghdr* message, int) -> ssize_t {
    message->msg_controllen += 1;
    return 0;
  };
  const sys::TableScope scope(table);
  Storage<64> storage;
  AncillaryData received(storage);
  EXPECT_DEATH(static_cast<void>(receive(ends.right, received)), "more than the storage");
}

TEST(AW2, TheFlagsAreLookedAtAfterEverythingIsOwned) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_DGRAM);
  for (int i = 0; i < 3; ++i) {
    send_files(ends.left, "longer than the room", 3);
    Storage<CMSG_SPACE(sizeof(int))> storage;
    AncillaryData received(storage);
    std::array<std::byte, 4> room;
    io::IoSliceMut slice{std::span<std::byte>(room)};
    const auto got = ends.right.recv_message(std::span(&slice, 1), received);
    EXPECT_TRUE(got->second.control_data_truncated() && got->second.normal_data_truncated());
  }
}

TEST(AW4, AFailedSendLeavesTheMessageToBeSentAgain) {
  const NothingLeaks check;
  UnixPair ends(SOCK_STREAM);
  const OwnedFd file = a_file();
  Storage<64> storage;
  AncillaryData sent(storage);
  ASSERT_TRUE(sent.add_file_descriptors(std::array{file.borrow()}));
  const Bytes before(sent.send_view().begin(), sent.send_view().end());
  sys::Table table;
  table.sendmsg = [](int, const ::msghdr*, int) -> ssize_t {
    errno = ENOBUFS;
    return -1;
  };
  {
    const sys::TableScope scope(table);
    EXPECT_EQ(send(ends.left, "x", sent).error(), std::errc::no_buffer_space);
  }
  EXPECT_TRUE(std::ranges::equal(sent.send_view(), before));
  EXPECT_TRUE(send(ends.left, "x", sent));
  ASSERT_TRUE(receive(ends.right, sent));
  EXPECT_EQ(take_all(sent).size(), 1U);
}

TEST(AW4, AFailedReceiveLeavesNothing) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  Storage<64> storage;
  AncillaryData received(storage);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(receive(ends.right, received, RecvOptions().dont_wait(true)).error(),
              std::errc::operation_would_block);
    EXPECT_TRUE(received.control_messages().empty());
  }
  send_files(ends.left, "x", 1);
  EXPECT_TRUE(receive(ends.right, received));
  EXPECT_EQ(take_all(received).size(), 1U);
}

TEST(AW5, WhatWasSentIsNotSentAgain) {
  const NothingLeaks check;
  const UnixPair ends(SOCK_STREAM);
  const OwnedFd file = a_file();
  Storage<64> storage;
  AncillaryData sent(storage);
  ASSERT_TRUE(sent.add_file_descriptors(std::array{file.borrow()}));
  sys::Table table;
  table.sendmsg = [](int fd, const ::msghdr* message, int flags) -> ssize_t {
    ::msghdr less = *message;
    ::iovec first = *message->msg_iov;
    first.iov_len = 1;
    less.msg_iov = &first;
    return ::sendmsg(fd, &less, flags);  // only a part
  };
  {
    const sys::TableScope scope(table);
    EXPECT_EQ(send(ends.left, "abc", sent).value(), 1U);
  }
  EXPECT_TRUE(sent.send_view().empty());
  EXPECT_EQ(send(ends.left, "bc", sent).value(), 2U);
  Storage<64> in;
  AncillaryData received(in);
  EXPECT_EQ(receive(ends.right, received)->text, "a");
  EXPECT_EQ(take_all(received).size(), 1U);
  EXPECT_EQ(receive(ends.right, received)->text, "bc");
  EXPECT_TRUE(take_all(received).empty());
}

TEST(AW6, TheOpenFileIsSharedWithTheSender) {
  const UnixPair ends(SOCK_STREAM);
  const UnixPair passed(SOCK_STREAM);
  Storage<64> storage;
  AncillaryData ancillary(storage);
  ASSERT_TRUE(ancillary.add_file_descriptors(std::array{passed.left.as_fd()}));
  ASSERT_TRUE(send(ends.left, "x", ancillary));
  ASSERT_TRUE(receive(ends.right, ancillary));
  const std::vector<OwnedFd> received = take_all(ancillary);
  ASSERT_TRUE(sys::set_status_flags(received[0], O_NONBLOCK));
  EXPECT_NE(sys::get_status_flags(passed.left_fd).value() & O_NONBLOCK, 0);
}

#ifndef NDEBUG
TEST(AX5, ADescriptorThatWasClosedBeforeSendingIsNoticedInDebugBuilds) {
  const UnixPair ends(SOCK_STREAM);
  Storage<64> storage;
  AncillaryData ancillary(storage);
  OwnedFd file = a_file();
  ASSERT_TRUE(ancillary.add_file_descriptors(std::array{file.borrow()}));
  EXPECT_TRUE(file.close());
  EXPECT_DEATH(static_cast<void>(send(ends.left, "x", ancillary)), "closed before the message");
}
#endif

TEST(A37, MoreSlicesThanTheKernelTakesAreRefused) {
  const UnixPair ends(SOCK_DGRAM);
  const std::vector<io::IoSlice> slices(1025, io::IoSlice(std::string_view("x")));
  AncillaryData none{std::span<std::byte>()};
  EXPECT_EQ(ends.left.send_message(slices, none).error(), std::errc::message_size);
  EXPECT_EQ(ends.left.send_message(std::span(slices).first(1024), none).value(), 1024U);
}

TEST(A37, MessagesToAndFromAddresses) {
  ::sockaddr_in address = loopback();
  const OwnedFd fd = udp(AF_INET, reinterpret_cast<::sockaddr*>(&address), sizeof address);
  SockAddr own;
  {
    SockAddrStorage storage;
    storage.view_as<::sockaddr_in>() = address;
    own = SockAddr(storage, sizeof address);
  }
  const MessageFd socket(fd);
  AncillaryData none{std::span<std::byte>()};
  const io::IoSlice out(std::string_view("hello"));
  EXPECT_EQ(socket.send_message_to(own, std::span(&out, 1), none).value(), 5U);
  std::array<char, 8> room;
  io::IoSliceMut in{std::span<char>(room)};
  const auto got = socket.recv_message_from(std::span(&in, 1), none);
  EXPECT_EQ(std::get<0>(*got), 5U);
  EXPECT_EQ(std::get<2>(*got), own);
  // A sender without a name.
  const UnixPair ends(SOCK_DGRAM);
  ASSERT_TRUE(send(ends.left, "x", none));
  const auto unnamed = ends.right.recv_message_from(std::span(&in, 1), none);
  EXPECT_EQ(std::get<2>(*unnamed).size(), 0U);
}

}  // namespace
}  // namespace weft::net
