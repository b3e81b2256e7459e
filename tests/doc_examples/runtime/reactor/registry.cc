// The example in runtime/reactor/registry.h; tools/doc_examples.py keeps the two equal.

#include <weft/runtime/reactor/registry.h>

#include <sys/eventfd.h>

#include <gtest/gtest.h>

#include <weft/base/sys.h>
#include <weft/runtime/reactor/reactor.h>

namespace weft {
namespace {

namespace reactor = runtime::reactor;

// [example]
// Watches `fd` for reading first, then for writing, then no more.
Result<void> take_turns(reactor::Registry& registry, BorrowedFd fd) {
  reactor::SourceFd source(fd);
  const reactor::Token token{1};
  Result<void> done = registry.register_source(source, token, reactor::Interest::kReadable);
  if (done) done = registry.reregister(source, token, reactor::Interest::kWritable);
  if (done) done = registry.deregister(source);
  return done;
}
// [end]

TEST(DocExample, ReactorRegistry) {
  reactor::Poll poll = reactor::Poll::create().value();
  const OwnedFd fd = sys::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK).value();
  EXPECT_TRUE(take_turns(poll.registry(), fd));
}

}  // namespace
}  // namespace weft
