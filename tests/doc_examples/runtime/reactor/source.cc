// The example in runtime/reactor/source.h; tools/doc_examples.py keeps the two equal.

#include <weft/runtime/reactor/source.h>

#include <sys/eventfd.h>

#include <gtest/gtest.h>

#include <weft/base/sys.h>
#include <weft/runtime/reactor/reactor.h>

namespace weft {
namespace {

namespace reactor = runtime::reactor;

// [example]
class Bell {
 public:
  explicit Bell(OwnedFd fd) : fd_(std::move(fd)) {}

  Result<void> register_with(reactor::Registry& r, reactor::Token t, reactor::Interest i) {
    reactor::SourceFd source(fd_.borrow());
    return r.register_source(source, t, i);
  }
  Result<void> reregister_with(reactor::Registry& r, reactor::Token t, reactor::Interest i) {
    reactor::SourceFd source(fd_.borrow());
    return r.reregister(source, t, i);
  }
  Result<void> deregister_from(reactor::Registry& r) {
    reactor::SourceFd source(fd_.borrow());
    return r.deregister(source);
  }

 private:
  OwnedFd fd_;
};
static_assert(reactor::Source<Bell>);
// [end]

TEST(DocExample, ReactorSource) {
  reactor::Poll poll = reactor::Poll::create().value();
  Bell bell(sys::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK).value());
  const reactor::Token token{1};
  ASSERT_TRUE(poll.registry().register_source(bell, token, reactor::Interest::kReadable));
  EXPECT_TRUE(poll.registry().reregister(bell, token, reactor::Interest::kReadable));
  EXPECT_TRUE(poll.registry().deregister(bell));
}

}  // namespace
}  // namespace weft
