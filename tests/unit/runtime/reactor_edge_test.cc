// Edges and predicates on real descriptors: what is reported when, and what is not reported again.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <netinet/in.h>
#include <optional>
#include <span>
#include <sys/socket.h>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/raw_sockets.h>
#include <tests/unit/runtime/reactor_support.h>
#include <weft/base/sys.h>

namespace weft::runtime::reactor {
namespace {

using test_support::drain;
using test_support::fill;
using test_support::pipe_pair;
using test_support::read_text;
using test_support::tcp_pair;
using test_support::udp_socket;
using test_support::write_text;

constexpr Interest kBoth = Interest::kReadable | Interest::kWritable;

std::size_t peeked(BorrowedFd fd) {
  std::array<std::byte, 16> room;
  return sys::recv(fd, room, MSG_PEEK).value_or(0);
}

TEST(ME1, AnEventIsNotRepeated) {
  TestPoll poll;
  const auto [reader, writer] = pipe_pair();
  ASSERT_TRUE(poll.add(reader, 1, Interest::kReadable));
  ASSERT_TRUE(write_text(writer, "hello"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_TRUE(poll.now().empty());
  EXPECT_EQ(*read_text(reader, 2), "he");
  EXPECT_TRUE(poll.now().empty());
}

TEST(M6, NewDataAfterWouldBlockIsANewEvent) {
  TestPoll poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, Interest::kReadable));
  ASSERT_TRUE(write_text(client, "hello"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(*read_text(server, 5), "hello");
  EXPECT_EQ(read_text(server).error(), std::errc::operation_would_block);
  EXPECT_TRUE(poll.now().empty());
  ASSERT_TRUE(write_text(client, "again"));
  EXPECT_TRUE(poll.wait_readable(1));
}

TEST(ME9, AShortReadLeavesTheBufferEmptyAndNewDataIsReported) {
  TestPoll poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, Interest::kReadable));
  ASSERT_TRUE(write_text(client, "hello"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(*read_text(server, 6), "hello");
  EXPECT_EQ(read_text(server).error(), std::errc::operation_would_block);
  ASSERT_TRUE(write_text(client, "again"));
  EXPECT_TRUE(poll.wait_readable(1));
}

TEST(ME5, OutOfBandDataIsOneReadableEvent) {
  TestPoll poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, Interest::kReadable | Interest::kPriority));
  EXPECT_TRUE(poll.now().empty());
  ASSERT_TRUE(sys::send(client, std::as_bytes(std::span("!", 1)), MSG_OOB));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_TRUE(poll.now().empty());
}

TEST(M43, PriorityInterestSeesOutOfBandData) {
  TestPoll poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, Interest::kPriority));
  ASSERT_TRUE(sys::send(client, std::as_bytes(std::span("!", 1)), MSG_OOB));
  EXPECT_TRUE(poll.wait_for(1, [](const Event& event) { return event.is_priority(); }));
}

TEST(ME8, OperationsBehindTheReactorsBackAreAllowed) {
  TestPoll poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, Interest::kReadable));
  ASSERT_TRUE(write_text(client, "one"));
  EXPECT_EQ(*read_text(server), "one");  // before the event was fetched
  poll.now();
  ASSERT_TRUE(write_text(client, "two"));
  EXPECT_TRUE(poll.wait_readable(1));
}

TEST(ME2, AnEventMayBeOutdated) {
  TestPoll poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, Interest::kReadable));
  ASSERT_TRUE(write_text(client, "one"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(*read_text(server), "one");
  EXPECT_EQ(read_text(server).error(), std::errc::operation_would_block);
}

TEST(ME6, AConnectReportsItsEndAsWritable) {
  TestPoll poll;
  const OwnedFd listener = test_support::tcp_listener();
  const OwnedFd client = test_support::begin_connect(test_support::port_of(listener));
  ASSERT_TRUE(poll.add(client, 1, kBoth));
  EXPECT_TRUE(poll.wait_writable(1));
}

TEST(M7, DestroyingARegisteredStreamEndsThePeersReading) {
  TestPoll poll;
  auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, kBoth));
  ASSERT_TRUE(poll.add(client, 2, Interest::kReadable));
  server = OwnedFd();
  EXPECT_TRUE(poll.wait_readable(2));
  EXPECT_EQ(*read_text(client), "");
}

TEST(M28, APipeIsWritableAtOnceAndReadableAfterAWrite) {
  TestPoll poll;
  const auto [reader, writer] = pipe_pair();
  EXPECT_EQ(read_text(reader).error(), std::errc::operation_would_block);
  ASSERT_TRUE(poll.add(reader, 1, Interest::kReadable));
  ASSERT_TRUE(poll.add(writer, 2, Interest::kWritable));
  EXPECT_TRUE(poll.wait_writable(2));
  ASSERT_TRUE(write_text(writer, "x"));
  EXPECT_TRUE(poll.wait_readable(1));
}

TEST(M29, SenderGoneIsReadClosed) {
  TestPoll poll;
  auto [reader, writer] = pipe_pair();
  ASSERT_TRUE(poll.add(reader, 1, Interest::kReadable));
  writer = OwnedFd();
  const std::vector<Event> events = poll.now();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_TRUE(events[0].is_read_closed());
}

TEST(M30, ReceiverGoneIsWriteClosed) {
  TestPoll poll;
  auto [reader, writer] = pipe_pair();
  ASSERT_TRUE(poll.add(writer, 1, Interest::kWritable));
  poll.now();
  reader = OwnedFd();
  const std::vector<Event> events = poll.now();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_TRUE(events[0].is_write_closed());
}

TEST(M30, ReceiverOfAFullPipeGoneIsWriteClosedToo) {
  TestPoll poll;
  auto [reader, writer] = pipe_pair();
  ASSERT_TRUE(poll.add(writer, 1, Interest::kWritable));
  EXPECT_GT(fill(writer), 0u);
  poll.now();
  reader = OwnedFd();
  EXPECT_TRUE(poll.wait_for(1, [](const Event& event) { return event.is_write_closed(); }));
}

TEST(M34, RefusedConnectIsWriteClosedAndTheSocketKnowsWhy) {
  TestPoll poll;
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

TEST(M36, ThePeersEndOfWritingIsReadClosed) {
  TestPoll poll;
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

TEST(M37, APeerThatResetsIsReadable) {
  TestPoll poll;
  auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(client, 1, Interest::kReadable));
  test_support::close_with_reset(std::move(server));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(read_text(client).error(), std::errc::connection_reset);
}

TEST(M38, WhatWasWrittenBeforeClosingArrives) {
  TestPoll poll;
  auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, kBoth));
  ASSERT_TRUE(write_text(server, "1234"));
  ASSERT_TRUE(poll.remove(server));
  server = OwnedFd();
  EXPECT_EQ(*read_text(client), "1234");
}

TEST(M41, LocalEndOfReadingIsReadClosedAndOfWritingNothing) {
  TestPoll poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(client, 1, kBoth));
  poll.now();
  ASSERT_TRUE(sys::shutdown(client, SHUT_WR));
  for (const Event& event : poll.now()) EXPECT_FALSE(event.is_write_closed());
  ASSERT_TRUE(sys::shutdown(client, SHUT_RD));
  EXPECT_TRUE(poll.wait_for(1, [](const Event& event) { return event.is_read_closed(); }));
}

TEST(M42, AResetIsReadClosedAndThenQuiet) {
  TestPoll poll;
  auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(client, 1, kBoth));
  poll.now();
  test_support::close_with_reset(std::move(server));
  EXPECT_TRUE(poll.wait_for(1, [](const Event& event) { return event.is_read_closed(); }));
  EXPECT_TRUE(poll.now().empty());
}

TEST(M44, NewDataAfterPeekingToWouldBlockIsAnEvent) {
  TestPoll poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, Interest::kReadable));
  ASSERT_TRUE(write_text(client, "12"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(peeked(server), 2u);
  EXPECT_EQ(drain(server), 2u);
  EXPECT_EQ(peeked(server), 0u);  // would block
  ASSERT_TRUE(write_text(client, "3"));
  EXPECT_TRUE(poll.wait_readable(1));
}

TEST(M47, AnEmptyDatagramIsAnEvent) {
  TestPoll poll;
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

TEST(M50, ANewDatagramAfterWouldBlockIsANewEvent) {
  TestPoll poll;
  const OwnedFd receiver = udp_socket();
  const OwnedFd sender = udp_socket();
  ::sockaddr_storage to{};
  ::socklen_t size = sizeof to;
  ASSERT_TRUE(sys::getsockname(receiver, reinterpret_cast<::sockaddr*>(&to), &size));
  ASSERT_TRUE(sys::connect(sender, reinterpret_cast<::sockaddr*>(&to), size));
  ASSERT_TRUE(poll.add(receiver, 1, Interest::kReadable));
  ASSERT_TRUE(write_text(sender, "one"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(*read_text(receiver), "one");
  EXPECT_EQ(read_text(receiver).error(), std::errc::operation_would_block);
  ASSERT_TRUE(write_text(sender, "two"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(*read_text(receiver), "two");
}

}  // namespace
}  // namespace weft::runtime::reactor
