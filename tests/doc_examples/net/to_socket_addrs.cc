// The example in net/to_socket_addrs.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/to_socket_addrs.h>

#include <vector>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<std::vector<net::SocketAddr>>> everything_local() {
  auto addresses = co_await net::lookup_host("localhost:80");  // by name: perhaps several
  if (!addresses) co_return addresses;
  const auto literal = co_await net::lookup_host("[::1]:80");  // asks nobody
  if (literal) addresses->push_back(literal->front());
  co_return addresses;
}
// [end]

TEST(DocExample, NetToSocketAddrs) {
  const auto addresses = test::block_on(everything_local());
  EXPECT_GE(addresses->size(), 2U);
}

}  // namespace
}  // namespace weft
