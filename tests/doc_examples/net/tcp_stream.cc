// The example in net/tcp_stream.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/tcp_stream.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/net/tcp_listener.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

Task<> echo_once(net::TcpListener listener) {
  auto accepted = (co_await listener.accept()).value();
  std::string heard;
  EXPECT_TRUE(co_await accepted.first.read_to_string(heard));
  EXPECT_TRUE(co_await accepted.first.write_all(heard));
}

// [example]
Task<Result<std::string>> ask(net::ToSocketAddrs server, std::string_view question) {
  Result<net::TcpStream> stream = co_await net::TcpStream::connect(std::move(server));
  if (!stream) co_return Err(stream.error());
  const Result<void> asked = co_await stream->write_all(question);
  if (!asked) co_return Err(asked.error());
  const Result<void> ended = co_await stream->shutdown();  // the server reads to the end
  if (!ended) co_return Err(ended.error());
  std::string answer;
  const Result<std::size_t> read = co_await stream->read_to_string(answer);
  if (!read) co_return Err(read.error());
  co_return answer;
}
// [end]

TEST(DocExample, NetTcpStream) {
  const std::string answer = test::block_on([]() -> Task<std::string> {
    auto listener = (co_await net::TcpListener::bind("127.0.0.1:0")).value();
    const net::SocketAddr address = listener.local_addr().value();
    auto serving = spawn(echo_once(std::move(listener)));
    co_return (co_await ask(address, "how are you?")).value();
  }());
  EXPECT_EQ(answer, "how are you?");
}

}  // namespace
}  // namespace weft
