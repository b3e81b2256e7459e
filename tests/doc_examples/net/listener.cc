// The example in net/listener.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/listener.h>

#include <gtest/gtest.h>

#include <weft/net/accept_backoff.h>
#include <weft/net/unix_listener.h>
#include <weft/net/unix_stream.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Accepts a number of connections, of TCP or of a unix socket.
template <net::Listener L>
Task<int> accept_some(L& listener, int wanted) {
  int count = 0;
  while (count < wanted) {
    const auto accepted = co_await listener.accept();
    if (!accepted) break;
    ++count;
  }
  co_return count;
}
// [end]

TEST(DocExample, NetListener) {
  const int count = test::block_on([]() -> Task<int> {
    auto listener = net::UnixListener::bind_addr(net::UnixSocketAddr::unnamed()).value();
    const net::UnixSocketAddr address = listener.local_addr().value();
    const auto first = co_await net::UnixStream::connect_addr(address);
    const auto second = co_await net::UnixStream::connect_addr(address);
    EXPECT_TRUE(first && second);
    co_return co_await accept_some(listener, 2);
  }());
  EXPECT_EQ(count, 2);
}

}  // namespace
}  // namespace weft
