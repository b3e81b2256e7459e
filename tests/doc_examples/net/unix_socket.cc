// The example in net/unix_socket.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/unix_socket.h>

#include <utility>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// A listener that holds few connections that wait.
Result<net::UnixListener> listen_shortly(const net::UnixSocketAddr& address) {
  Result<net::UnixSocket> socket = net::UnixSocket::new_stream();
  if (!socket) return Err(socket.error());
  if (const Result<void> bound = socket->bind_addr(address); !bound) return Err(bound.error());
  return std::move(*socket).listen(16);
}
// [end]

TEST(DocExample, NetUnixSocket) {
  test::block_on([]() -> Task<> {
    const auto listener = listen_shortly(net::UnixSocketAddr::unnamed()).value();
    const net::UnixSocketAddr address = listener.local_addr().value();
    EXPECT_TRUE(co_await net::UnixStream::connect_addr(address));
  }());
}

}  // namespace
}  // namespace weft
