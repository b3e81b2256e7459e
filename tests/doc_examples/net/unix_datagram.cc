// The example in net/unix_datagram.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/unix_datagram.h>

#include <cstddef>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Tells everyone who listens, and says how many did.
Task<int> notify(const net::UnixDatagram& socket, std::vector<net::UnixSocketAddr> listeners) {
  int told = 0;
  for (const net::UnixSocketAddr& listener : listeners) {
    const Result<std::size_t> sent = co_await socket.send_to_addr("changed", listener);
    if (sent) ++told;  // else it is gone
  }
  co_return told;
}
// [end]

TEST(DocExample, NetUnixDatagram) {
  const int told = test::block_on([]() -> Task<int> {
    const auto sender = net::UnixDatagram::unbound().value();
    auto stays = net::UnixDatagram::bind_addr(net::UnixSocketAddr::unnamed()).value();
    auto goes = net::UnixDatagram::bind_addr(net::UnixSocketAddr::unnamed()).value();
    std::vector<net::UnixSocketAddr> both = {stays.local_addr().value(), goes.local_addr().value()};
    EXPECT_TRUE(goes.close());
    co_return co_await notify(sender, std::move(both));
  }());
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace weft
