// The example in io/codec/framed.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/codec/framed.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/codec/lines_codec.h>
#include <weft/io/duplex.h>
#include <weft/runtime/join.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Answers each line with itself, until the peer has ended.
template <class Stream>
Task<Result<void>> echo(Stream stream) {
  io::codec::Framed lines(std::move(stream), io::codec::LinesCodec::with_max_length(1024));
  while (auto line = co_await lines.next()) {
    if (!*line) co_return Err(line->error());
    const Result<void> sent = co_await lines.send(**std::move(line));
    if (!sent) co_return sent;
  }
  co_return co_await lines.close();
}
// [end]

Task<std::string> ask(io::DuplexStream stream) {
  io::codec::Framed lines(std::move(stream), io::codec::LinesCodec());
  const Result<void> sent = co_await lines.send("hello");
  EXPECT_TRUE(sent.has_value());
  auto answer = co_await lines.next();
  co_return **std::move(answer);
}

TEST(DocExample, IoCodecFramed) {
  auto [here, there] = io::duplex(64);
  const auto [answer, echoed] = test::block_on(join(ask(std::move(here)), echo(std::move(there))));
  EXPECT_EQ(answer, "hello");
}

}  // namespace
}  // namespace weft
