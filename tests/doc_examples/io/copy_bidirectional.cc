// The example in io/copy_bidirectional.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/copy_bidirectional.h>

#include <cstdio>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<> proxy(io::DuplexStream client, io::DuplexStream server) {
  const auto counts = co_await io::copy_bidirectional(client, server);
  if (counts) {
    std::printf("%d there, %d back\n", int(counts->first), int(counts->second));
  }
}
// [end]

TEST(DocExample, IoCopyBidirectional) {
  auto [client, client_side] = io::duplex(64);
  auto [server, server_side] = io::duplex(64);
  EXPECT_TRUE(test::block_on(client.write_all("ping")));
  EXPECT_TRUE(test::block_on(client.shutdown()));
  EXPECT_TRUE(test::block_on(server.shutdown()));
  test::block_on(proxy(std::move(client_side), std::move(server_side)));
  std::string got;
  EXPECT_EQ(test::block_on(server.read_to_string(got)), 4U);
}

}  // namespace
}  // namespace weft
