// The example in net/happy_eyeballs.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/happy_eyeballs.h>

#include <chrono>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/net/tcp_listener.h>
#include <weft/net/tcp_stream.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

// [example]
// Connects to a service that may be reachable by one family of addresses only.
Task<Result<net::TcpStream>> reach(std::vector<net::SocketAddr> addresses) {
  co_return co_await net::connect_happy_eyeballs(std::move(addresses), 100ms);
}
// [end]

TEST(DocExample, NetHappyEyeballs) {
  const bool connected = test::block_on([]() -> Task<bool> {
    auto listener = (co_await net::TcpListener::bind("127.0.0.1:0")).value();
    std::vector<net::SocketAddr> addresses = {listener.local_addr().value()};
    const auto stream = co_await reach(std::move(addresses));
    co_return stream.has_value();
  }());
  EXPECT_TRUE(connected);
}

}  // namespace
}  // namespace weft
