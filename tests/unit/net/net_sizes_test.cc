// What a connection costs in memory while nothing happens on it.

#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include <tests/unit/net/net_support.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/driver/io_record.h>

namespace weft::net {
namespace {

constexpr std::size_t kBufferSize = 4096;

// What a buffer is used for stands in a function of its own, which is not a coroutine.
[[gnu::noinline]] Result<std::size_t> echo_once(TcpStream& stream) {
  std::array<char, kBufferSize> buffer;
  const Result<std::size_t> received = stream.try_read(buffer);
  if (!received) return received;
  return stream.try_write(std::string_view(buffer.data(), *received));
}

Task<> echo(TcpStream stream) {
  for (;;) {
    const Result<void> ready = co_await stream.readable();
    if (!ready) co_return;
    const Result<std::size_t> echoed = echo_once(stream);
    if (echoed && *echoed == 0) co_return;
  }
}

// What the allocator gives for the frame of `task`, header included.
template <class T>
std::size_t bytes_of(Task<T> task) {
  weft::internal::FrameHeader* const frame = std::move(task).release();
  const std::size_t bytes =
      weft::internal::size_of_class(weft::internal::size_class_of(frame->block_size));
  weft::internal::destroy_frame<T>(frame);
  return bytes;
}

Task<TcpStream> connected_client() {
  Pair ends = co_await connected();
  co_return std::move(ends.client);
}

TEST(N18, ABufferThatAPlainFunctionUsesIsNotInTheFrame) {
  runtime::Runtime rt = test_support::current_thread();
  EXPECT_LT(bytes_of(echo(rt.block_on(connected_client()))), 1000u);
}

// 10,000 connections then take 7.7 MB. Beside these two blocks there is nothing of ours.
TEST(N68, AnIdleConnectionTakesAtMost768Bytes) {
  runtime::Runtime rt = test_support::current_thread();
  const std::size_t frame = bytes_of(echo(rt.block_on(connected_client())));
  EXPECT_LE(frame + sizeof(weft::internal::IoRecord), 768u);
}

}  // namespace
}  // namespace weft::net
