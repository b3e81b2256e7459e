// What net's streams have from weft::io.

#include <cstdint>
#include <string>

#include <tests/unit/net/net_support.h>
#include <weft/io/bytes_mut.h>

namespace weft::net {
namespace {

using test_support::current_thread;

TEST(N16, TryReadFillsABufferThatGrows) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    io::BytesMut buffer = io::BytesMut::with_capacity(64);
    EXPECT_TRUE(co_await ends.server.write_all("hello"));
    EXPECT_TRUE(co_await ends.client.readable());
    EXPECT_EQ(ends.client.try_read_buf(buffer).value(), 5u);
    EXPECT_EQ(buffer.as_string_view(), "hello");
    EXPECT_EQ(ends.client.try_read_buf(buffer).error(), std::errc::operation_would_block);
    EXPECT_TRUE(co_await ends.server.write_all(" again"));
    EXPECT_EQ((co_await ends.client.read_buf(buffer)).value(), 6u);
    EXPECT_EQ(buffer.as_string_view(), "hello again");
  }());
}

TEST(N70, StreamsHaveTheOperationsOfIo) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    EXPECT_TRUE(co_await ends.server.write_u32(0x01020304));
    EXPECT_TRUE(co_await ends.server.write_all("and the rest"));
    EXPECT_TRUE(co_await ends.server.shutdown());
    EXPECT_EQ((co_await ends.client.read_u32()).value(), 0x01020304u);
    std::string rest;
    EXPECT_EQ((co_await ends.client.read_to_string(rest)).value(), 12u);
    EXPECT_EQ(rest, "and the rest");
    auto [sender, receiver] = pipe::pipe().value();
    EXPECT_TRUE(co_await sender.write_u16_le(0x0102));
    EXPECT_EQ((co_await receiver.read_u16_le()).value(), 0x0102);
  }());
}

}  // namespace
}  // namespace weft::net
