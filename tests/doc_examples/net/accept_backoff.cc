// The example in net/accept_backoff.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/accept_backoff.h>

#include <array>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <weft/base/error.h>
#include <weft/base/result.h>
#include <weft/net/tcp_listener.h>
#include <weft/net/tcp_stream.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

Task<> greet(net::TcpStream client) {
  const Result<void> written = co_await client.write_all("hi");
  EXPECT_TRUE(written);
}

// [example]
// Serves for as long as the listener lasts, whatever happens to single connections.
Task<Error> serve_all(net::TcpListener listener) {
  for (;;) {
    auto accepted = co_await net::accept_with_backoff(listener);
    if (!accepted) co_return accepted.error();
    spawn(greet(std::move(accepted->first)));
  }
}
// [end]

TEST(DocExample, NetAcceptBackoff) {
  const bool greeted = test::block_on([]() -> Task<bool> {
    auto listener = (co_await net::TcpListener::bind("127.0.0.1:0")).value();
    const net::SocketAddr address = listener.local_addr().value();
    auto serving = spawn(serve_all(std::move(listener)));
    const auto client = (co_await net::TcpStream::connect(address)).value();
    std::array<char, 2> room;
    const auto read = co_await client.read_exact(room);
    serving.abort();
    co_return read&& std::string_view(room.data(), 2) == "hi";
  }());
  EXPECT_TRUE(greeted);
}

}  // namespace
}  // namespace weft
