// The example in net/ancillary/message_receiver.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/message_receiver.h>

#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include <gtest/gtest.h>

#include <weft/net/ancillary/scm_credentials.h>
#include <weft/net/socket/sock_ref.h>
#include <weft/net/unix_stream.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Who sent the next bytes of a stream with SO_PASSCRED.
Task<Result<net::ScmCredentials>> sender_of_next(net::UnixStream& from, std::span<char> room) {
  std::array<std::byte, 64> storage;
  net::AncillaryData ancillary(storage);
  const auto got = co_await net::MessageReceiver(from, room).ancillary(ancillary).recv();
  if (!got) co_return Err(got.error());
  for (const net::ControlMessage& message : ancillary.control_messages()) {
    if (const auto sender = net::ScmCredentials::from(message)) co_return *sender;
  }
  co_return Err(std::errc::permission_denied);
}
// [end]

Task<bool> receive_one() {
  auto [left, right] = net::UnixStream::pair().value();
  EXPECT_TRUE(net::SockRef(right)->set_passcred(true));
  const Result<std::size_t> written = co_await left.write("x");
  EXPECT_TRUE(written);
  std::array<char, 8> room;
  const auto sender = co_await sender_of_next(right, room);
  co_return sender == net::ScmCredentials::current();
}

TEST(DocExample, NetMessageReceiver) { EXPECT_TRUE(test::block_on(receive_one())); }

}  // namespace
}  // namespace weft
