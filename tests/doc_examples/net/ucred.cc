// The example in net/ucred.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ucred.h>

#include <unistd.h>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/net/unix_stream.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Whether the process at the other end runs as the same user.
bool is_one_of_us(const net::UnixStream& stream) {
  const Result<net::UCred> peer = stream.peer_cred();
  return peer && peer->uid() == ::getuid();
}
// [end]

TEST(DocExample, NetUcred) {
  test::block_on([]() -> Task<> {
    const auto [near, far] = net::UnixStream::pair().value();
    EXPECT_TRUE(is_one_of_us(near));
    EXPECT_EQ(far.peer_cred()->pid(), ::getpid());
    co_return;
  }());
}

}  // namespace
}  // namespace weft
