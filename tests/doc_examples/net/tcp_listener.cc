// The example in net/tcp_listener.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/tcp_listener.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/net/accept_backoff.h>
#include <weft/net/tcp_stream.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

std::uint16_t port = 0;

Task<> serve(net::TcpStream client) {
  const Result<void> written = co_await client.write_all("hi");
  EXPECT_TRUE(written);
}

// [example]
Task<Result<void>> run(std::string_view address) {
  Result<net::TcpListener> listener = co_await net::TcpListener::bind(address);
  if (!listener) co_return Err(listener.error());
  port = listener->local_addr()->port();
  for (;;) {
    auto accepted = co_await net::accept_with_backoff(*listener);
    if (!accepted) co_return Err(accepted.error());
    spawn(serve(std::move(accepted->first)));
  }
}
// [end]

TEST(DocExample, NetTcpListener) {
  const bool refused = test::block_on(run("not an address")).error() == std::errc::invalid_argument;
  EXPECT_TRUE(refused);
  test::block_on([]() -> Task<> {
    auto running = spawn(run("127.0.0.1:0"));
    while (port == 0) co_await yield_now();
    const auto client = (co_await net::TcpStream::connect({"127.0.0.1", port})).value();
    std::array<char, 2> room;
    EXPECT_EQ((co_await client.read_exact(room)).value(), 2U);
    running.abort();
  }());
}

}  // namespace
}  // namespace weft
