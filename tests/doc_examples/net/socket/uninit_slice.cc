// The example in net/socket/uninit_slice.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/socket/uninit_slice.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <weft/net/socket/socket.h>

namespace weft {
namespace {

// [example]
// Room for 64 KiB that nobody fills with zeros first.
Result<std::string> receive_text(const net::Socket& socket) {
  constexpr std::size_t kSize = 65536;
  const auto memory = std::make_unique_for_overwrite<char[]>(kSize);
  const auto got = socket.recv(net::UninitSlice(memory.get(), kSize));
  if (!got) return Err(got.error());
  return std::string(memory.get(), got->size());
}
// [end]

TEST(DocExample, NetUninitSlice) {
  const auto [a, b] = net::Socket::pair(net::Domain::kUnix, net::Type::kStream).value();
  EXPECT_TRUE(a.send("hello"));
  EXPECT_EQ(receive_text(b).value(), "hello");
}

}  // namespace
}  // namespace weft
