// The example in net/unix_stream.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/unix_stream.h>

#include <array>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/net/unix_listener.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Connects as soon as the server has room for it.
Task<Result<net::UnixStream>> greet(net::UnixSocketAddr server) {
  auto stream = co_await net::UnixStream::connect_with_backoff(server);
  if (!stream) co_return Err(stream.error());
  const Result<void> written = co_await stream->write_all("hello\n");
  if (!written) co_return Err(written.error());
  co_return stream;
}
// [end]

TEST(DocExample, NetUnixStream) {
  test::block_on([]() -> Task<> {
    auto listener = net::UnixListener::bind_addr(net::UnixSocketAddr::unnamed()).value();
    const net::UnixSocketAddr address = listener.local_addr().value();
    const auto stream = co_await greet(address);
    EXPECT_TRUE(stream);
    const auto accepted = (co_await listener.accept()).value();
    std::array<char, 6> room;
    EXPECT_EQ((co_await accepted.first.read_exact(room)).value(), 6U);
  }());
}

}  // namespace
}  // namespace weft
