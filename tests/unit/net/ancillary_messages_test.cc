// ControlMessage, ControlMessages, the typed messages and the options: everything that is only
// bytes.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <netinet/in.h>
#include <string>
#include <sys/time.h>

#include <tests/fuzz/ancillary_checks.h>
#include <tests/unit/net/ancillary_support.h>

namespace weft::net {
namespace {

Bytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

ControlMessages::Iterator end_of(ControlMessages messages) {
  ControlMessages::Iterator it = messages.begin();
  while (it != messages.end()) ++it;
  return it;
}

TEST(A1, NoMessages) {
  const ControlMessages none = ControlMessages::from_bytes({});
  EXPECT_TRUE(none.empty());
  EXPECT_TRUE(none.begin() == none.end());
  EXPECT_TRUE(none.begin().rest().empty());
}

TEST(A1, OneMessageComesBackAsItWasMade) {
  const Bytes control = raw_message(7, 8, bytes_of("payload"));
  const ControlMessages one = ControlMessages::from_bytes(control);
  EXPECT_FALSE(one.empty());
  EXPECT_EQ(one.as_bytes().data(), control.data());
  const ControlMessage message = *one.begin();
  EXPECT_EQ(message.level(), 7);
  EXPECT_EQ(message.type(), 8);
  EXPECT_TRUE(std::ranges::equal(message.data(), bytes_of("payload")));
  EXPECT_FALSE(message.truncated());
  EXPECT_TRUE(end_of(one).rest().empty());
}

TEST(A1, ThreeMessagesComeInOrder) {
  const Bytes control = raw_message(1, 10, bytes_of("a")) + raw_message(2, 20, {}) +
                        raw_message(3, 30, bytes_of("123456789"));
  std::vector<std::pair<int, std::size_t>> found;
  for (const ControlMessage& message : ControlMessages::from_bytes(control)) {
    found.emplace_back(message.level(), message.data().size());
  }
  EXPECT_EQ(found, (std::vector<std::pair<int, std::size_t>>{{1, 1}, {2, 0}, {3, 9}}));
  EXPECT_TRUE(end_of(ControlMessages::from_bytes(control)).rest().empty());
}

TEST(A1, IteratorsOfOnePlaceAreEqual) {
  const Bytes control = raw_message(1, 1, {}) + raw_message(2, 2, {});
  const ControlMessages two = ControlMessages::from_bytes(control);
  ControlMessages::Iterator a = two.begin();
  const ControlMessages::Iterator b = two.begin();
  EXPECT_EQ(a, b);
  EXPECT_EQ(a++, b);
  EXPECT_NE(a, b);
  EXPECT_EQ(a->level(), 2);
}

TEST(A2, AMalformedTailIsInRest) {
  const Bytes good = raw_message(1, 1, bytes_of("ok"));
  for (const std::size_t claimed : {std::size_t{1}, CMSG_LEN(0) - 1}) {
    const Bytes control = good + raw_message(1, 1, bytes_of("bad"), claimed);
    const ControlMessages::Iterator end = end_of(ControlMessages::from_bytes(control));
    EXPECT_EQ(end.rest().data(), control.data() + good.size());
    EXPECT_EQ(end.rest().size(), control.size() - good.size());
  }
}

TEST(A2, APartOfAHeaderIsInRest) {
  for (std::size_t cut = 1; cut < CMSG_LEN(0); ++cut) {
    const Bytes control = raw_message(1, 1, {}) + Bytes(cut, std::byte{1});
    EXPECT_EQ(end_of(ControlMessages::from_bytes(control)).rest().size(), cut);
  }
}

TEST(A3, AMessageLargerThanTheBytesIsTruncated) {
  for (const std::size_t claimed :
       {CMSG_LEN(9), std::size_t{1} << 31, std::numeric_limits<std::size_t>::max()}) {
    const Bytes control = raw_message(5, 6, bytes_of("12345678"), claimed);
    const ControlMessages messages = ControlMessages::from_bytes(control);
    EXPECT_TRUE(messages.begin()->truncated());
    EXPECT_TRUE(std::ranges::equal(messages.begin()->data(), bytes_of("12345678")));
    EXPECT_TRUE(end_of(messages).rest().empty());
    EXPECT_TRUE(++messages.begin() == messages.end());
  }
}

TEST(A4, EveryMisalignmentParsesEqually) {
  const Bytes control = raw_message(1, 2, bytes_of("abc")) + raw_message(3, 4, bytes_of("defgh"));
  for (std::size_t misalignment = 0; misalignment < 16; ++misalignment) {
    test_support::MisalignedCopy copy(control, misalignment);
    std::string found;
    for (const ControlMessage& message : ControlMessages::from_bytes(copy.bytes())) {
      for (const std::byte b : message.data()) found.push_back(static_cast<char>(b));
      found.push_back(static_cast<char>('0' + message.type()));
    }
    EXPECT_EQ(found, "abc2defgh4");
  }
}

template <class T, class Native>
void expect_only_whole(int level, int type, const Native& value) {
  const Bytes good = raw_message_of(level, type, value);
  const ControlMessage whole = *ControlMessages::from_bytes(good).begin();
  EXPECT_TRUE(T::matches(whole));
  EXPECT_TRUE(T::from(whole).has_value());
  const ControlMessage cut(level, type, whole.data().first(sizeof value - 1));
  EXPECT_FALSE(T::matches(cut));
  EXPECT_EQ(T::from(cut), std::nullopt);
  EXPECT_EQ(T::from(ControlMessage(level + 1, type, whole.data())), std::nullopt);
  EXPECT_EQ(T::from(ControlMessage(level, type + 1000, whole.data())), std::nullopt);
  const Bytes more = raw_message(level, type, whole.data(), CMSG_LEN(sizeof value) + 64);
  const std::span exact = std::span(more).first(CMSG_LEN(sizeof value));
  EXPECT_EQ(T::from(*ControlMessages::from_bytes(exact).begin()), std::nullopt);
}

TEST(A31, WhatIsCutOffIsNoCredentials) {
  expect_only_whole<ScmCredentials>(SOL_SOCKET, SCM_CREDENTIALS, ::ucred{1, 2, 3});
  const Bytes raw = raw_message_of(SOL_SOCKET, SCM_CREDENTIALS, ::ucred{1, 2, 3});
  EXPECT_EQ(ScmCredentials::from(*ControlMessages::from_bytes(raw).begin()),
            (ScmCredentials{.pid = 1, .uid = 2, .gid = 3}));
}

TEST(A32, ALabelLosesItsZeroIfItHasOne) {
  const auto label = [](const Bytes& raw) {
    return ScmSecurity::from(*ControlMessages::from_bytes(raw).begin())->label;
  };
  EXPECT_EQ(label(raw_message(SOL_SOCKET, kScmSecurity, bytes_of(std::string("who\0", 4)))), "who");
  EXPECT_EQ(label(raw_message(SOL_SOCKET, kScmSecurity, bytes_of("who"))), "who");
  EXPECT_EQ(label(raw_message(SOL_SOCKET, kScmSecurity, {})), "");
  const Bytes other = raw_message(SOL_SOCKET, kScmSecurity + 1, bytes_of("who"));
  EXPECT_EQ(ScmSecurity::from(*ControlMessages::from_bytes(other).begin()), std::nullopt);
}

TEST(A34, PacketInfoMatchesByItsSizeToo) {
  expect_only_whole<Ipv4PktInfo>(IPPROTO_IP, IP_PKTINFO, ::in_pktinfo{});
  expect_only_whole<Ipv6PktInfo>(IPPROTO_IPV6, IPV6_PKTINFO, ::in6_pktinfo{});
  expect_only_whole<Ipv4Tos>(IPPROTO_IP, IP_TOS, std::uint8_t{4});
  expect_only_whole<Ipv6TrafficClass>(IPPROTO_IPV6, IPV6_TCLASS, 4);
  expect_only_whole<ScmTimestamp>(SOL_SOCKET, SCM_TIMESTAMP, ::timeval{1, 2});
  expect_only_whole<ScmTimestamp>(SOL_SOCKET, SCM_TIMESTAMPNS, ::timespec{1, 2});
}

TEST(A34, AnAddressOfZerosIsNone) {
  const Bytes raw =
      raw_message_of(IPPROTO_IP, IP_PKTINFO, ::in_pktinfo{3, {}, {htonl(0x7f000001)}});
  const auto info = Ipv4PktInfo::from(*ControlMessages::from_bytes(raw).begin());
  EXPECT_EQ(info->index, 3U);
  EXPECT_EQ(info->local, std::nullopt);
  EXPECT_EQ(info->destination, Ipv4Addr::localhost());
  const Bytes none = raw_message_of(IPPROTO_IPV6, IPV6_PKTINFO, ::in6_pktinfo{{}, 4});
  EXPECT_EQ(Ipv6PktInfo::from(*ControlMessages::from_bytes(none).begin()),
            (Ipv6PktInfo{4, std::nullopt}));
}

TEST(A34, TimestampsOfBothKindsAndOfNoTime) {
  using std::chrono::nanoseconds;
  const auto stamp = [](const Bytes& raw) {
    return ScmTimestamp::from(*ControlMessages::from_bytes(raw).begin())->since_epoch;
  };
  constexpr auto kFarFuture = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(stamp(raw_message_of(SOL_SOCKET, SCM_TIMESTAMP, ::timeval{2, 3})),
            nanoseconds(2'000'003'000));
  EXPECT_EQ(stamp(raw_message_of(SOL_SOCKET, SCM_TIMESTAMPNS, ::timespec{2, 3})),
            nanoseconds(2'000'000'003));
  EXPECT_EQ(stamp(raw_message_of(SOL_SOCKET, SCM_TIMESTAMPNS, ::timespec{kFarFuture, 3})),
            nanoseconds::max());
  EXPECT_EQ(stamp(raw_message_of(SOL_SOCKET, SCM_TIMESTAMP, ::timeval{-kFarFuture, kFarFuture})),
            nanoseconds::min());
}

TEST(A38, EachSendOptionSetsItsBit) {
  const int before = SendOptions().no_signal(false).flags();
  EXPECT_EQ(before, 0);
  EXPECT_EQ(SendOptions().flags(), MSG_NOSIGNAL);
  const auto only = [](SendOptions options) { return options.no_signal(false).flags(); };
  EXPECT_EQ(only(SendOptions().end_of_record(true)), MSG_EOR);
  EXPECT_EQ(only(SendOptions().out_of_band(true)), MSG_OOB);
  EXPECT_EQ(only(SendOptions().confirm(true)), MSG_CONFIRM);
  EXPECT_EQ(only(SendOptions().dont_route(true)), MSG_DONTROUTE);
  EXPECT_EQ(only(SendOptions().dont_wait(true)), MSG_DONTWAIT);
  EXPECT_EQ(only(SendOptions().more(true)), MSG_MORE);
  EXPECT_EQ(only(SendOptions().more(true).dont_wait(true).more(false)), MSG_DONTWAIT);
  EXPECT_EQ(only(SendOptions().more(true).custom_flags(MSG_FASTOPEN)), MSG_MORE | MSG_FASTOPEN);
}

TEST(A38, EachRecvOptionSetsItsBitAndCloseOnExecIsAlwaysIn) {
  constexpr int kAlways = MSG_CMSG_CLOEXEC;
  EXPECT_EQ(RecvOptions().flags(), kAlways);
  EXPECT_EQ(RecvOptions().out_of_band(true).flags(), kAlways | MSG_OOB);
  EXPECT_EQ(RecvOptions().peek(true).flags(), kAlways | MSG_PEEK);
  EXPECT_EQ(RecvOptions().wait_all(true).flags(), kAlways | MSG_WAITALL);
  EXPECT_EQ(RecvOptions().dont_wait(true).flags(), kAlways | MSG_DONTWAIT);
  EXPECT_EQ(RecvOptions().err_queue(true).flags(), kAlways | MSG_ERRQUEUE);
  EXPECT_EQ(RecvOptions().truncate(true).flags(), kAlways | MSG_TRUNC);
  EXPECT_EQ(RecvOptions().peek(true).custom_flags(0).peek(false).flags(), kAlways);
  EXPECT_EQ(RecvOptions().custom_flags(MSG_PEEK).flags(), kAlways | MSG_PEEK);
}

TEST(A39, UnknownBitsOfAResultMeanNothing) {
  const RecvResult got(0x40000000 | 0x00800000 | MSG_TRUNC);
  EXPECT_TRUE(got.normal_data_truncated());
  EXPECT_FALSE(got.control_data_truncated());
  EXPECT_FALSE(got.end_of_record());
  EXPECT_FALSE(got.out_of_band());
  EXPECT_FALSE(got.err_queue());
  EXPECT_TRUE(got.has(0x00800000 | MSG_TRUNC));
  EXPECT_FALSE(got.has(MSG_CTRUNC | MSG_TRUNC));
  EXPECT_TRUE(RecvResult(MSG_EOR | MSG_OOB).end_of_record());
  EXPECT_TRUE(RecvResult(MSG_EOR | MSG_OOB).out_of_band());
  EXPECT_TRUE(RecvResult(MSG_CTRUNC | MSG_ERRQUEUE).control_data_truncated());
  EXPECT_TRUE(RecvResult(MSG_CTRUNC | MSG_ERRQUEUE).err_queue());
}

// The hostile list, each at every alignment and cut at every byte. The seeds of the fuzz targets
// are the same list; those run as tests of their own.
TEST(A48, EveryCutOfAChainPassesTheChecksOfTheFuzzTargets) {
  const int fds[] = {3, 3, -1, 4, 5};
  const auto rights = std::as_bytes(std::span(fds));
  const Bytes chain = raw_message(SOL_SOCKET, SCM_CREDENTIALS, rights.first(12)) +
                      raw_message(SOL_SOCKET, SCM_RIGHTS, rights) +
                      raw_message(99, SCM_RIGHTS, rights) +
                      raw_message(SOL_SOCKET, kScmPidFd, rights.first(6)) + Bytes(15);
  for (std::size_t size = 0; size <= chain.size(); ++size) {
    const std::span cut = std::span(chain).first(size);
    for (std::size_t misalignment = 0; misalignment < 16; ++misalignment) {
      test_support::MisalignedCopy copy(cut, misalignment);
      test_support::check_parser(copy.bytes());
    }
    test_support::check_adoption(cut, size % 16, size % 4);
  }
}

TEST(A48, EverySizeInAHeaderPassesTheChecksOfTheFuzzTargets) {
  constexpr std::size_t kMax = std::numeric_limits<std::size_t>::max();
  const int fds[] = {7, 8, 9};
  const auto rights = std::as_bytes(std::span(fds));
  for (const std::size_t claimed :
       {std::size_t{1}, std::size_t{15}, std::size_t{16}, std::size_t{17}, std::size_t{19},
        std::size_t{20}, std::size_t{27}, std::size_t{28}, std::size_t{29}, std::size_t{32},
        std::size_t{33}, std::size_t{1} << 31, (std::size_t{1} << 32) - 1, kMax - 6, kMax}) {
    const Bytes control = raw_message(SOL_SOCKET, SCM_RIGHTS, rights, claimed);
    test_support::check_parser(control);
    test_support::check_parser(control + control);
    test_support::check_adoption(control, 1, 0);
    test_support::check_adoption(control + control, 3, 100);
  }
}

}  // namespace
}  // namespace weft::net
