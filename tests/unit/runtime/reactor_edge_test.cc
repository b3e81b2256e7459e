// Edges and predicates on real descriptors: what is reported when, and what is not reported again.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <netinet/in.h>
#include <optional>
#include <span>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/raw_sockets.h>
#include <tests/unit/runtime/reactor_support.h>
#include <weft/base/sys.h>

namespace weft::runtime::reactor {
namespace {

using test_support::pipe_pair;
using test_support::read_text;
using test_support::tcp_pair;
using test_support::udp_socket;
using test_support::write_text;

constexpr Interest kBoth = Interest::kReadable | Interest::kWritable;

Result<std::size_t> peek(HolderSource& source) {
  return source.do_io([](Holder& holder) {
    std::array<std::byte, 16> room;
    return sys::recv(holder.fd, room, MSG_PEEK);
  });
}

WEFT_ON_EACH_SELECTOR(ME1);
WEFT_ON_EACH_SELECTOR(M6);
WEFT_ON_EACH_SELECTOR(ME9);
WEFT_ON_EACH_SELECTOR(ME5);
WEFT_ON_EACH_SELECTOR(M43);
WEFT_ON_EACH_SELECTOR(ME2);
WEFT_ON_EACH_SELECTOR(ME6);
WEFT_ON_EACH_SELECTOR(M7);
WEFT_ON_EACH_SELECTOR(M34);
WEFT_ON_EACH_SELECTOR(M36);
WEFT_ON_EACH_SELECTOR(M37);
WEFT_ON_EACH_SELECTOR(M38);
WEFT_ON_EACH_SELECTOR(M41);
WEFT_ON_EACH_SELECTOR(M42);
WEFT_ON_EACH_SELECTOR(M44);
WEFT_ON_EACH_SELECTOR(M47);
WEFT_ON_EACH_SELECTOR(M50);

TYPED_TEST(ME1, AnEventIsNotRepeated) {
  TestPoll<TypeParam> poll;
  const auto [reader, writer] = pipe_pair();
  ASSERT_TRUE(poll.add(reader, 1, Interest::kReadable));
  ASSERT_TRUE(write_text(writer, "hello"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_TRUE(poll.now().empty());
  EXPECT_EQ(*read_text(reader, 2), "he");
  EXPECT_TRUE(poll.now().empty());
}

TYPED_TEST(M6, NewDataAfterWouldBlockIsANewEvent) {
  TestPoll<TypeParam> poll;
  auto [client, server] = tcp_pair();
  HolderSource source(Holder{std::move(server)});
  ASSERT_TRUE(poll.registry().register_source(source, Token{1}, Interest::kReadable));
  ASSERT_TRUE(write_text(client, "hello"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(*read_text(source, 5), "hello");
  EXPECT_EQ(read_text(source).error(), std::errc::operation_would_block);
  EXPECT_TRUE(poll.now().empty());
  ASSERT_TRUE(write_text(client, "again"));
  EXPECT_TRUE(poll.wait_readable(1));
}

TYPED_TEST(ME9, AShortReadLeavesTheBufferEmptyAndNewDataIsReported) {
  TestPoll<TypeParam> poll;
  auto [client, server] = tcp_pair();
  HolderSource source(Holder{std::move(server)});
  ASSERT_TRUE(poll.registry().register_source(source, Token{1}, Interest::kReadable));
  ASSERT_TRUE(write_text(client, "hello"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(*read_text(source, 6), "hello");
  EXPECT_EQ(read_text(source).error(), std::errc::operation_would_block);
  ASSERT_TRUE(write_text(client, "again"));
  EXPECT_TRUE(poll.wait_readable(1));
}

TYPED_TEST(ME5, OutOfBandDataIsOneReadableEvent) {
  TestPoll<TypeParam> poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, Interest::kReadable | Interest::kPriority));
  EXPECT_TRUE(poll.now().empty());
  ASSERT_TRUE(sys::send(client, std::as_bytes(std::span("!", 1)), MSG_OOB));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_TRUE(poll.now().empty());
}

TYPED_TEST(M43, PriorityInterestSeesOutOfBandData) {
  TestPoll<TypeParam> poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, Interest::kPriority));
  ASSERT_TRUE(sys::send(client, std::as_bytes(std::span("!", 1)), MSG_OOB));
  EXPECT_TRUE(poll.wait_for(1, [](const Event& event) { return event.is_priority(); }));
}

TEST(ME8, OperationsBehindTheReactorsBackAreAllowed) {
  TestPoll<OverEpoll> poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, Interest::kReadable));
  ASSERT_TRUE(write_text(client, "one"));
  EXPECT_EQ(*read_text(server), "one");  // before the event was fetched
  poll.now();
  ASSERT_TRUE(write_text(client, "two"));
  EXPECT_TRUE(poll.wait_readable(1));
}

TYPED_TEST(ME2, AnEventMayBeOutdated) {
  TestPoll<TypeParam> poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, Interest::kReadable));
  ASSERT_TRUE(write_text(client, "one"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(*read_text(server), "one");
  EXPECT_EQ(read_text(server).error(), std::errc::operation_would_block);
}

TYPED_TEST(ME6, AConnectReportsItsEndAsWritable) {
  TestPoll<TypeParam> poll;
  const OwnedFd listener = test_support::tcp_listener();
  const OwnedFd client = test_support::begin_connect(test_support::port_of(listener));
  ASSERT_TRUE(poll.add(client, 1, kBoth));
  EXPECT_TRUE(poll.wait_writable(1));
}

TYPED_TEST(M7, DestroyingARegisteredStreamEndsThePeersReading) {
  TestPoll<TypeParam> poll;
  auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, kBoth));
  ASSERT_TRUE(poll.add(client, 2, Interest::kReadable));
  server = OwnedFd();
  EXPECT_TRUE(poll.wait_readable(2));
  EXPECT_EQ(*read_text(client), "");
}

TYPED_TEST(M34, RefusedConnectIsWriteClosedAndTheSocketKnowsWhy) {
  TestPoll<TypeParam> poll;
  std::uint16_t port = 0;
  {
    const OwnedFd bound = test_support::tcp_listener();
    port = test_support::port_of(bound);
  }
  const OwnedFd client = test_support::begin_connect(port);
  ASSERT_TRUE(poll.add(client, 1, kBoth));
  const std::optional<Event> event =
      poll.wait_for(1, [](const Event& seen) { return seen.is_write_closed(); });
  ASSERT_TRUE(event);
  EXPECT_TRUE(event->is_writable() || event->is_error());
  int error = 0;
  ::socklen_t size = sizeof error;
  ASSERT_TRUE(sys::getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &size));
  EXPECT_EQ(error, ECONNREFUSED);
}

TYPED_TEST(M36, ThePeersEndOfWritingIsReadClosed) {
  TestPoll<TypeParam> poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(client, 1, Interest::kReadable));
  EXPECT_TRUE(poll.now().empty());
  ASSERT_TRUE(sys::shutdown(server, SHUT_WR));
  const std::optional<Event> event =
      poll.wait_for(1, [](const Event& seen) { return seen.is_read_closed(); });
  ASSERT_TRUE(event);
  EXPECT_TRUE(event->is_readable());
  EXPECT_EQ(*read_text(client), "");
}

TYPED_TEST(M37, APeerThatResetsIsReadable) {
  TestPoll<TypeParam> poll;
  auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(client, 1, Interest::kReadable));
  test_support::close_with_reset(std::move(server));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(read_text(client).error(), std::errc::connection_reset);
}

TYPED_TEST(M38, WhatWasWrittenBeforeClosingArrives) {
  TestPoll<TypeParam> poll;
  auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, kBoth));
  ASSERT_TRUE(write_text(server, "1234"));
  ASSERT_TRUE(poll.remove(server));
  server = OwnedFd();
  EXPECT_EQ(*read_text(client), "1234");
}

TYPED_TEST(M41, LocalEndOfReadingIsReadClosedAndOfWritingNothing) {
  TestPoll<TypeParam> poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(client, 1, kBoth));
  poll.now();
  ASSERT_TRUE(sys::shutdown(client, SHUT_WR));
  for (const Event& event : poll.now()) EXPECT_FALSE(event.is_write_closed());
  ASSERT_TRUE(sys::shutdown(client, SHUT_RD));
  EXPECT_TRUE(poll.wait_for(1, [](const Event& event) { return event.is_read_closed(); }));
}

TYPED_TEST(M42, AResetIsReadClosedAndThenQuiet) {
  TestPoll<TypeParam> poll;
  auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(client, 1, kBoth));
  poll.now();
  test_support::close_with_reset(std::move(server));
  EXPECT_TRUE(poll.wait_for(1, [](const Event& event) { return event.is_read_closed(); }));
  EXPECT_TRUE(poll.now().empty());
}

TYPED_TEST(M44, NewDataAfterPeekingToWouldBlockIsAnEvent) {
  TestPoll<TypeParam> poll;
  auto [client, server] = tcp_pair();
  HolderSource source(Holder{std::move(server)});
  ASSERT_TRUE(poll.registry().register_source(source, Token{1}, Interest::kReadable));
  ASSERT_TRUE(write_text(client, "12"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(peek(source), 2u);
  EXPECT_EQ(*read_text(source, 2), "12");
  EXPECT_EQ(peek(source).error(), std::errc::operation_would_block);
  ASSERT_TRUE(write_text(client, "3"));
  EXPECT_TRUE(poll.wait_readable(1));
}

TYPED_TEST(M47, AnEmptyDatagramIsAnEvent) {
  TestPoll<TypeParam> poll;
  const OwnedFd receiver = udp_socket();
  const OwnedFd sender = udp_socket();
  ASSERT_TRUE(poll.add(receiver, 1, Interest::kReadable));
  ::sockaddr_storage to{};
  ::socklen_t size = sizeof to;
  ASSERT_TRUE(sys::getsockname(receiver, reinterpret_cast<::sockaddr*>(&to), &size));
  ASSERT_TRUE(sys::sendto(sender, {}, 0, reinterpret_cast<::sockaddr*>(&to), size));
  EXPECT_TRUE(poll.wait_readable(1));
  ::sockaddr_storage from{};
  ::socklen_t from_size = sizeof from;
  std::array<std::byte, 8> room;
  EXPECT_EQ(sys::recvfrom(receiver, room, 0, reinterpret_cast<::sockaddr*>(&from), &from_size), 0u);
  EXPECT_EQ(from_size, sizeof(::sockaddr_in));
}

TYPED_TEST(M50, ANewDatagramAfterWouldBlockIsANewEvent) {
  TestPoll<TypeParam> poll;
  OwnedFd receiver = udp_socket();
  const OwnedFd sender = udp_socket();
  ::sockaddr_storage to{};
  ::socklen_t size = sizeof to;
  ASSERT_TRUE(sys::getsockname(receiver, reinterpret_cast<::sockaddr*>(&to), &size));
  ASSERT_TRUE(sys::connect(sender, reinterpret_cast<::sockaddr*>(&to), size));
  HolderSource source(Holder{std::move(receiver)});
  ASSERT_TRUE(poll.registry().register_source(source, Token{1}, Interest::kReadable));
  ASSERT_TRUE(write_text(sender, "one"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(*read_text(source), "one");
  EXPECT_EQ(read_text(source).error(), std::errc::operation_would_block);
  ASSERT_TRUE(write_text(sender, "two"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(*read_text(source), "two");
}

}  // namespace
}  // namespace weft::runtime::reactor
