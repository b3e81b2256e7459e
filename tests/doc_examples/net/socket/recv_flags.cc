// The example in net/socket/recv_flags.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/socket/recv_flags.h>

#include <array>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include <weft/net/socket/socket.h>

namespace weft {
namespace {

// [example]
// One datagram of at most `most` bytes; a longer one is refused, and gone.
Result<std::string> receive_at_most(const net::Socket& socket, std::size_t most) {
  std::string text(most, '\0');
  std::array slices{io::IoSliceMut(std::span<char>(text))};
  const auto got = socket.recv_vectored(std::span<io::IoSliceMut>(slices));
  if (!got) return Err(got.error());
  const auto [size, flags] = *got;
  if (flags.is_truncated()) return Err(std::errc::message_size);
  text.resize(size);
  return text;
}
// [end]

TEST(DocExample, NetRecvFlags) {
  const auto [a, b] = net::Socket::pair(net::Domain::kUnix, net::Type::kDgram).value();
  EXPECT_TRUE(a.send("12345"));
  EXPECT_EQ(receive_at_most(b, 4).error(), std::errc::message_size);
  EXPECT_TRUE(a.send("1234"));
  EXPECT_EQ(receive_at_most(b, 4).value(), "1234");
}

}  // namespace
}  // namespace weft
