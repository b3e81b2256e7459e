// The example in runtime/reactor/unix_pipe.h; tools/doc_examples.py keeps the two equal.

#include <weft/runtime/reactor/unix_pipe.h>

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include <gtest/gtest.h>

#include <weft/runtime/reactor/reactor.h>

namespace weft {
namespace {

namespace reactor = runtime::reactor;

// [example]
// Sends one byte through a pipe, and waits until it can be read.
Result<std::size_t> through_a_pipe(reactor::Poll& poll, std::byte byte) {
  Result<reactor::UnixPipe> pipe = reactor::UnixPipe::create();
  if (!pipe) return Err(pipe.error());
  const Result<void> added = poll.registry().register_source(pipe->receiver, reactor::Token{1},
                                                             reactor::Interest::kReadable);
  if (!added) return Err(added.error());
  const Result<std::size_t> written = pipe->sender.write(std::span(&byte, 1));
  if (!written) return written;
  reactor::Events events(1);
  const Result<void> polled = poll.poll(events, std::nullopt);
  if (!polled) return Err(polled.error());
  std::array<std::byte, 8> room;
  return pipe->receiver.read(room);
}
// [end]

TEST(DocExample, ReactorUnixPipe) {
  reactor::Poll poll = reactor::Poll::create().value();
  EXPECT_EQ(through_a_pipe(poll, std::byte{7}), 1U);
}

}  // namespace
}  // namespace weft
