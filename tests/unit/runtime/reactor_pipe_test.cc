// Pipes as sources: the reactor's own, and ends that come from elsewhere.

#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <optional>
#include <span>
#include <spawn.h>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/unit/runtime/reactor_support.h>
#include <weft/base/sys.h>
#include <weft/base/sys_table.h>

namespace weft::runtime::reactor {
namespace {

WEFT_ON_EACH_SELECTOR(M28);
WEFT_ON_EACH_SELECTOR(M29);
WEFT_ON_EACH_SELECTOR(M30);
WEFT_ON_EACH_SELECTOR(M31);
WEFT_ON_EACH_SELECTOR(M32);

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

Result<std::string> read_from(PipeReceiver& receiver) {
  std::vector<std::byte> room(4096);
  const Result<std::size_t> count = receiver.read(room);
  if (!count) return Err(count.error());
  return std::string(reinterpret_cast<const char*>(room.data()), *count);
}

TYPED_TEST(M28, APipeIsWritableAtOnceAndReadableAfterAWrite) {
  TestPoll<TypeParam> poll;
  UnixPipe pipe = UnixPipe::create().value();
  EXPECT_EQ(read_from(pipe.receiver).error(), std::errc::operation_would_block);
  ASSERT_TRUE(poll.registry().register_source(pipe.receiver, Token{1}, Interest::kReadable));
  ASSERT_TRUE(poll.registry().register_source(pipe.sender, Token{2}, Interest::kWritable));
  EXPECT_TRUE(poll.wait_writable(2));
  EXPECT_EQ(pipe.sender.write(bytes_of("x")), 1u);
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(*read_from(pipe.receiver), "x");
  EXPECT_EQ(read_from(pipe.receiver).error(), std::errc::operation_would_block);
  EXPECT_EQ(pipe.sender.write(bytes_of("again")), 5u);
  EXPECT_TRUE(poll.wait_readable(1));
}

TYPED_TEST(M28, AFullPipeIsWritableWhenItHasRoomAgain) {
  TestPoll<TypeParam> poll;
  UnixPipe pipe = UnixPipe::create().value();
  ASSERT_TRUE(poll.registry().register_source(pipe.sender, Token{2}, Interest::kWritable));
  EXPECT_TRUE(poll.wait_writable(2));
  Result<std::size_t> written = 0;
  const std::string block(4096, 'x');
  while (written) written = pipe.sender.write(bytes_of(block));
  EXPECT_EQ(written.error(), std::errc::operation_would_block);
  EXPECT_TRUE(poll.now().empty());
  while (read_from(pipe.receiver)) continue;
  EXPECT_TRUE(poll.wait_writable(2));
}

TYPED_TEST(M29, SenderGoneIsReadClosed) {
  TestPoll<TypeParam> poll;
  UnixPipe pipe = UnixPipe::create().value();
  ASSERT_TRUE(poll.registry().register_source(pipe.receiver, Token{1}, Interest::kReadable));
  {
    const OwnedFd gone = std::move(pipe.sender).into_fd();
  }
  const std::vector<Event> events = poll.now();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_TRUE(events[0].is_read_closed());
  EXPECT_EQ(*read_from(pipe.receiver), "");
  EXPECT_TRUE(poll.now().empty());
}

TYPED_TEST(M29, WhatDeliveredTheEndIsDeregisteredAsAnythingElse) {
  TestPoll<TypeParam> poll;
  UnixPipe pipe = UnixPipe::create().value();
  ASSERT_TRUE(poll.registry().register_source(pipe.receiver, Token{1}, Interest::kReadable));
  {
    const OwnedFd gone = std::move(pipe.sender).into_fd();
  }
  EXPECT_EQ(poll.now().size(), 1u);
  EXPECT_TRUE(poll.registry().deregister(pipe.receiver));
  EXPECT_EQ(poll.registry().deregister(pipe.receiver).error(),
            std::errc::no_such_file_or_directory);
}

TYPED_TEST(M30, ReceiverGoneIsWriteClosed) {
  TestPoll<TypeParam> poll;
  UnixPipe pipe = UnixPipe::create().value();
  ASSERT_TRUE(poll.registry().register_source(pipe.sender, Token{1}, Interest::kWritable));
  poll.now();
  {
    const OwnedFd gone = std::move(pipe.receiver).into_fd();
  }
  const std::vector<Event> events = poll.now();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_TRUE(events[0].is_write_closed());
}

TYPED_TEST(M30, ReceiverOfAFullPipeGoneIsWriteClosedToo) {
  TestPoll<TypeParam> poll;
  UnixPipe pipe = UnixPipe::create().value();
  ASSERT_TRUE(poll.registry().register_source(pipe.sender, Token{1}, Interest::kWritable));
  EXPECT_GT(test_support::fill(pipe.sender.as_fd()), 0u);
  poll.now();
  {
    const OwnedFd gone = std::move(pipe.receiver).into_fd();
  }
  EXPECT_TRUE(poll.wait_for(1, [](const Event& event) { return event.is_write_closed(); }));
}

// `cat`, with the given ends as its stdin and stdout; they are closed here.
::pid_t start_cat(OwnedFd in, OwnedFd out) {
  ::posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.raw(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out.raw(), STDOUT_FILENO);
  std::string name = "cat";
  char* const arguments[] = {name.data(), nullptr};
  ::pid_t child = 0;
  EXPECT_EQ(::posix_spawnp(&child, "cat", &actions, nullptr, arguments, environ), 0);
  ::posix_spawn_file_actions_destroy(&actions);
  return child;
}

TYPED_TEST(M31, AChildsInputAndOutputBehaveSo) {
  TestPoll<TypeParam> poll;
  sys::Ends input = sys::pipe2(O_CLOEXEC).value();
  sys::Ends output = sys::pipe2(O_CLOEXEC).value();
  const ::pid_t child = start_cat(std::move(input.first), std::move(output.second));
  std::optional<PipeSender> to_child(std::in_place, std::move(input.second));
  PipeReceiver from_child(std::move(output.first));
  ASSERT_TRUE(to_child->set_nonblocking(true));
  ASSERT_TRUE(from_child.set_nonblocking(true));
  ASSERT_TRUE(poll.registry().register_source(*to_child, Token{1}, Interest::kWritable));
  ASSERT_TRUE(poll.registry().register_source(from_child, Token{2}, Interest::kReadable));
  EXPECT_TRUE(poll.wait_writable(1));
  EXPECT_EQ(to_child->write(bytes_of("meow")), 4u);
  // The child's reading makes its input writable anew; nobody waits for that.
  ASSERT_TRUE(poll.registry().deregister(*to_child));
  poll.now();
  const auto take = [&from_child, &poll] {
    Result<std::string> text = read_from(from_child);
    while (!text && text.error() == std::errc::operation_would_block) {
      if (!poll.poll.poll(poll.events, std::nullopt)) break;
      text = read_from(from_child);
    }
    return text;
  };
  EXPECT_EQ(*take(), "meow");
  EXPECT_EQ(read_from(from_child).error(), std::errc::operation_would_block);

  to_child.reset();
  EXPECT_EQ(*take(), "");
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TYPED_TEST(M32, PipeEndsMadeElsewhereCanBeMadeNonBlocking) {
  sys::Ends ends = sys::pipe2(O_CLOEXEC).value();
  PipeReceiver receiver(std::move(ends.first));
  PipeSender sender(std::move(ends.second));
  for (PipeEnd* end : {static_cast<PipeEnd*>(&receiver), static_cast<PipeEnd*>(&sender)}) {
    ASSERT_TRUE(end->set_nonblocking(true));
    EXPECT_TRUE(*sys::get_status_flags(end->as_fd()) & O_NONBLOCK);
  }
  TestPoll<TypeParam> poll;
  ASSERT_TRUE(poll.registry().register_source(receiver, Token{1}, Interest::kReadable));
  EXPECT_EQ(read_from(receiver).error(), std::errc::operation_would_block);
  EXPECT_EQ(sender.write(bytes_of("x")), 1u);
  EXPECT_TRUE(poll.wait_readable(1));
  ASSERT_TRUE(receiver.set_nonblocking(false));
  EXPECT_FALSE(*sys::get_status_flags(receiver.as_fd()) & O_NONBLOCK);
}

TYPED_TEST(M28, AChangedInterestIsTheLastOneAsked) {
  TestPoll<TypeParam> poll;
  UnixPipe pipe = UnixPipe::create().value();
  ASSERT_TRUE(poll.registry().register_source(pipe.receiver, Token{1}, Interest::kReadable));
  ASSERT_TRUE(poll.registry().reregister(pipe.receiver, Token{2}, Interest::kReadable));
  EXPECT_EQ(pipe.sender.write(bytes_of("x")), 1u);
  EXPECT_TRUE(poll.wait_readable(2));
}

TEST(M5, FailingToMakeAPipeLeaksNothing) {
  sys::Table table;
  table.pipe2 = [](int*, int) {
    errno = EMFILE;
    return -1;
  };
  const sys::TableScope scope(table);
  EXPECT_EQ(UnixPipe::create().error(), std::errc::too_many_files_open);
}

}  // namespace
}  // namespace weft::runtime::reactor
