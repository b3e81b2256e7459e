// The example in net/tcp_socket.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/tcp_socket.h>

#include <utility>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/net/tcp_listener.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// A listener on a port that other processes may listen on, too.
Result<net::TcpListener> listen_together(net::SocketAddr address) {
  Result<net::TcpSocket> socket = net::TcpSocket::new_v4();
  if (!socket) return Err(socket.error());
  if (const Result<void> set = socket->set_reuseport(true); !set) return Err(set.error());
  if (const Result<void> bound = socket->bind(address); !bound) return Err(bound.error());
  return std::move(*socket).listen(1024);
}
// [end]

TEST(DocExample, NetTcpSocket) {
  test::block_on([]() -> Task<> {
    const auto first = listen_together({net::Ipv4Addr::localhost(), 0}).value();
    const auto second = listen_together(first.local_addr().value());
    EXPECT_TRUE(second);
    co_return;
  }());
}

}  // namespace
}  // namespace weft
