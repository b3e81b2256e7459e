// Descriptors on the blocking pool, as the standard streams are.

#include <array>
#include <cstddef>
#include <fcntl.h>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/runtimes.h>
#include <tests/unit/io/io_support.h>
#include <unistd.h>
#include <weft/base/sys.h>
#include <weft/io/io.h>
#include <weft/runtime/runtime.h>

namespace weft::io {
namespace {

using test_support::current_thread;

sys::Ends make_pipe(int flags = O_CLOEXEC) { return sys::pipe2(flags).value(); }

internal::BlockingReader reader_of(BorrowedFd fd) {
  return internal::BlockingReader(fd, std::source_location::current());
}
internal::BlockingWriter writer_of(BorrowedFd fd) {
  return internal::BlockingWriter(fd, std::source_location::current());
}

TEST(IO58, WhatIsWrittenIsRead) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const sys::Ends pipe = make_pipe();
    auto writer = writer_of(pipe.second);
    auto reader = reader_of(pipe.first);
    EXPECT_TRUE(co_await write_all(writer, "hello world"));
    EXPECT_TRUE(co_await flush(writer));
    EXPECT_TRUE(co_await shutdown(writer));
    std::array<char, 11> room{};
    const Result<std::size_t> first = co_await read(reader, std::span<char>(room).first(5));
    EXPECT_EQ(first, 5u);
    const Result<std::size_t> rest = co_await read(reader, std::span<char>(room).subspan(5));
    EXPECT_EQ(rest, 6u);
    EXPECT_EQ(std::string(room.data(), 11), "hello world");
  }());
}

TEST(IO58, TheEndOfTheInputIsZero) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    sys::Ends pipe = make_pipe();
    EXPECT_TRUE(pipe.second.close());
    auto reader = reader_of(pipe.first);
    std::array<std::byte, 4> room{};
    const Result<std::size_t> nothing = co_await read(reader, std::span<std::byte>());
    EXPECT_EQ(nothing, 0u);
    const Result<std::size_t> end = co_await read(reader, room);
    EXPECT_EQ(end, 0u);
  }());
}

// The call goes on; what it has read is what the next read gives, however small that is.
TEST(IO58, WhatAnAbandonedReadHasReadStaysInTheHandle) {
  runtime::Runtime rt = current_thread();
  const sys::Ends pipe = make_pipe();
  auto reader = reader_of(pipe.first);
  std::array<char, 8> room{};
  {
    const auto entered = rt.enter();
    cancel_after_one_poll(read(reader, std::span<char>(room)));
  }
  auto moved = std::move(reader);
  EXPECT_TRUE(sys::write(pipe.second, bytes("abc")));
  EXPECT_EQ(rt.block_on(read(moved, std::span<char>(room).first(2))), 2u);
  EXPECT_EQ(std::string(room.data(), 2), "ab");
  EXPECT_EQ(rt.block_on(read(moved, std::span<char>(room))), 1u);
  EXPECT_EQ(room[0], 'c');
}

TEST(IO58, ADescriptorThatIsNonBlockingIsWaitedFor) {
  runtime::Runtime rt = current_thread();
  const sys::Ends pipe = make_pipe(O_CLOEXEC | O_NONBLOCK);
  auto reader = reader_of(pipe.first);
  std::array<char, 8> room{};
  const auto entered = rt.enter();
  auto reading = test::spawn(read(reader, std::span<char>(room)));
  test::assert_pending(reading.poll());
  EXPECT_TRUE(sys::write(pipe.second, bytes("abc")));
  EXPECT_EQ(rt.block_on([](auto& task) -> Task<Result<std::size_t>> {
    co_return co_await poll_fn([&task](Context& cx) { return task.poll_with(cx); });
  }(reading)),
            3u);
}

TEST(IO59, AWriteIsCompleteWhenItIsCopied) {
  runtime::Runtime rt = current_thread();
  const sys::Ends pipe = make_pipe();
  auto writer = writer_of(pipe.second);
  const auto entered = rt.enter();
  // More than the pipe holds: the call blocks, and the operation has not waited for it.
  std::string data(200000, 'x');
  EXPECT_EQ(finish(write(writer, data)), 200000u);
  data.assign(data.size(), 'y');
  auto flushing = test::spawn(flush(writer));
  test::assert_pending(flushing.poll());
  auto reader = reader_of(pipe.first);
  std::string got(200000, '#');
  EXPECT_EQ(rt.block_on(read_exact(reader, std::span<char>(got))), 200000u);
  EXPECT_EQ(got, std::string(200000, 'x'));
  EXPECT_TRUE(rt.block_on(flush(writer)));
}

TEST(IO59, OneCallMovesAtMostTwoMebibytes) {
  runtime::Runtime rt = current_thread();
  const OwnedFd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  auto writer = writer_of(null);
  const std::string data(3 << 20, 'x');
  const auto entered = rt.enter();
  EXPECT_EQ(finish(write(writer, data)), std::size_t{2} << 20);
  EXPECT_TRUE(rt.block_on(flush(writer)));
}

TEST(IO59, TheErrorOfAWriteComesOutOfTheNextOperation) {
  runtime::Runtime rt = current_thread();
  const OwnedFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  auto writer = writer_of(full);
  rt.block_on([](internal::BlockingWriter& out) -> Task<> {
    const Result<std::size_t> written = co_await write(out, "x");
    EXPECT_EQ(written, 1u);
    const Result<void> flushed = co_await flush(out);
    EXPECT_EQ(flushed.error(), std::errc::no_space_on_device);
    EXPECT_TRUE(co_await flush(out));
    const Result<std::size_t> again = co_await write(out, "x");
    EXPECT_EQ(again, 1u);
    const Result<std::size_t> next = co_await write(out, "y");
    EXPECT_EQ(next.error(), std::errc::no_space_on_device);
  }(writer));
}

TEST(IOQ7, OutsideOfARuntimeTheyAreFatalWhereTheyWereMade) {
  Stdout out = stdout_();
  EXPECT_DEATH(static_cast<void>(finish(out.write("x"))), "stdio_test.cc:.*standard stream");
}

TEST(IOQ7, TheStandardStreamsAreThoseOfTheProcess) {
  EXPECT_EXIT(
      {
        const sys::Ends pipe = make_pipe();
        EXPECT_TRUE(sys::write(pipe.second, bytes("typed\n")));
        EXPECT_TRUE(sys::dup3(pipe.first, 0, 0));
        runtime::Runtime rt = current_thread();
        rt.block_on([]() -> Task<> {
          std::string line(6, '#');
          Stdin in = stdin_();
          const Result<std::size_t> read = co_await in.read_exact(std::span<char>(line));
          EXPECT_TRUE(read);
          Stderr err = stderr_();
          EXPECT_TRUE(co_await err.write_all("got " + line));
          EXPECT_TRUE(co_await err.flush());
        }());
        ::_exit(testing::Test::HasFailure() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "got typed");
}

}  // namespace
}  // namespace weft::io
