// The poll forms of TcpStream and TcpListener.

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tests/support/mock_task.h>
#include <tests/unit/net/net_support.h>
#include <weft/io/concepts.h>
#include <weft/runtime/poll_fn.h>

namespace weft::net {
namespace {

using test_support::current_thread;
using test_support::MockTask;

static_assert(io::AsyncRead<TcpStream> && io::AsyncWrite<TcpStream>);
static_assert(io::AsyncRead<TcpReadHalf> && io::AsyncWrite<TcpWriteHalf>);
static_assert(io::AsyncRead<TcpOwnedReadHalf> && io::AsyncWrite<TcpOwnedWriteHalf>);
static_assert(!io::AsyncWrite<TcpReadHalf> && !io::AsyncRead<TcpWriteHalf>);
static_assert(Listener<TcpListener>);

// What a poll form says to a task that is not there.
template <class F>
auto polled(F&& form) {
  MockTask task;
  Waker waker = task.waker();
  Context cx(waker);
  return std::forward<F>(form)(cx);
}

TEST(N19, PollReadReadyFollowsTheData) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    const auto read_ready = [&](Context& cx) { return ends.client.poll_read_ready(cx); };
    EXPECT_TRUE(polled(read_ready).is_pending());
    EXPECT_TRUE(co_await ends.server.write_all("ab"));
    EXPECT_TRUE(co_await poll_fn(read_ready));
    char buffer[2];
    EXPECT_EQ((co_await ends.client.read(std::span<char>(buffer))).value(), 2u);
    EXPECT_TRUE(polled(read_ready).is_ready());  // an exact read proves nothing
    EXPECT_EQ(ends.client.try_read(std::span<char>(buffer)).error(),
              std::errc::operation_would_block);
    EXPECT_TRUE(polled(read_ready).is_pending());
    EXPECT_TRUE(ends.server.close());
    EXPECT_TRUE(co_await poll_fn(read_ready));
  }());
}

TEST(N20, PollWriteReadyFollowsTheRoom) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    const auto write_ready = [&](Context& cx) { return ends.client.poll_write_ready(cx); };
    EXPECT_TRUE(co_await poll_fn(write_ready));
    const std::vector<std::byte> block(64 * 1024);
    while (ends.client.try_write(block)) {
    }
    EXPECT_TRUE(polled(write_ready).is_pending());
    EXPECT_TRUE(ends.server.close());  // a full writer whose peer has gone
    EXPECT_TRUE(co_await poll_fn(write_ready));
  }());
}

TEST(NG7, PollFormsReadWriteAndPeek) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    const std::string text = "hello";
    const auto write = [&](Context& cx) {
      return ends.server.poll_write(cx, std::as_bytes(std::span(text)));
    };
    EXPECT_EQ((co_await poll_fn(write)).value(), 5u);

    std::byte room[8];
    io::ReadBuf peeked(room);
    const auto peek = [&](Context& cx) { return ends.client.poll_peek(cx, peeked); };
    EXPECT_EQ((co_await poll_fn(peek)).value(), 5u);
    EXPECT_EQ(peeked.filled().size(), 5u);

    io::ReadBuf buf = io::ReadBuf::uninit(room);
    const auto read = [&](Context& cx) { return ends.client.poll_read(cx, buf); };
    EXPECT_TRUE(co_await poll_fn(read));
    EXPECT_EQ(buf.filled().size(), 5u);
    EXPECT_EQ(buf.filled()[4], std::byte{'o'});
    EXPECT_TRUE(polled(read).is_pending());
    EXPECT_EQ(buf.filled().size(), 5u);

    io::ReadBuf full(std::span<std::byte>{});
    const auto no_room = [&](Context& cx) { return ends.client.poll_read(cx, full); };
    EXPECT_TRUE(polled(no_room).is_ready());
  }());
}

TEST(NG7, PollFlushAndShutdown) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    io::IoSlice slice("x");
    const auto write = [&](Context& cx) {
      return ends.server.poll_write_vectored(cx, std::span(&slice, 1));
    };
    EXPECT_EQ((co_await poll_fn(write)).value(), 1u);
    EXPECT_TRUE(*polled([&](Context& cx) { return ends.server.poll_flush(cx); }));
    EXPECT_TRUE(co_await ends.server.flush());
    EXPECT_TRUE(*polled([&](Context& cx) { return ends.server.poll_shutdown(cx); }));
    const std::string all = co_await read_all(ends.client);
    EXPECT_EQ(all, "x");
  }());
}

TEST(NG7, OfTwoPollersOnlyTheLastIsWoken) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    MockTask first;
    MockTask second;
    Waker first_waker = first.waker();
    Waker second_waker = second.waker();
    Context first_cx(first_waker);
    Context second_cx(second_waker);
    EXPECT_TRUE(ends.client.poll_read_ready(first_cx).is_pending());
    EXPECT_TRUE(ends.client.poll_read_ready(second_cx).is_pending());
    EXPECT_TRUE(co_await ends.server.write_all("x"));
    EXPECT_TRUE(co_await ends.client.readable());
    EXPECT_FALSE(first.take_woken());
    EXPECT_TRUE(second.take_woken());
  }());
}

TEST(NC15, PollAcceptGivesAConnection) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
    const auto accept = [&](Context& cx) { return listener.poll_accept(cx); };
    EXPECT_TRUE(polled(accept).is_pending());
    const TcpStream client = (co_await TcpStream::connect(listener.local_addr().value())).value();
    const auto accepted = (co_await poll_fn(accept)).value();
    EXPECT_EQ(accepted.second, client.local_addr().value());
  }());
}

TEST(N46, TryIoCallsOnlyWhenReadyAndClears) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    int calls = 0;
    const auto blocked = [&calls]() -> Result<int> {
      ++calls;
      return Err(std::errc::operation_would_block);
    };
    EXPECT_TRUE(co_await ends.client.writable());
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(ends.client.try_io(io::Interest::kWritable, blocked).error(),
                std::errc::operation_would_block);
    }
    EXPECT_EQ(calls, 1);
    const auto fine = [] { return Result<int>(7); };
    EXPECT_EQ(ends.client.try_io(io::Interest::kReadable, fine).error(),
              std::errc::operation_would_block);
    EXPECT_TRUE(co_await ends.server.write_all("x"));
    EXPECT_EQ((co_await ends.client.async_io(io::Interest::kReadable, fine)).value(), 7);
  }());
}

}  // namespace
}  // namespace weft::net
