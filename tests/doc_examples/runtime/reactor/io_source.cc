// The example in runtime/reactor/io_source.h; tools/doc_examples.py keeps the two equal.

#include <weft/runtime/reactor/io_source.h>

#include <array>
#include <cstddef>
#include <span>
#include <sys/eventfd.h>
#include <system_error>

#include <gtest/gtest.h>

#include <weft/base/sys.h>
#include <weft/runtime/reactor/reactor.h>

namespace weft {
namespace {

namespace reactor = runtime::reactor;

// [example]
struct Counter {
  OwnedFd fd;
  BorrowedFd as_fd() const { return fd.borrow(); }
};

// operation_would_block until somebody has counted; do_io() hears of it.
Result<std::size_t> read(reactor::IoSource<Counter>& source, std::span<std::byte, 8> out) {
  return source.do_io([out](Counter& counter) { return sys::read(counter.fd, out); });
}
// [end]

TEST(DocExample, ReactorIoSource) {
  reactor::Poll poll = reactor::Poll::create().value();
  reactor::IoSource<Counter> source(Counter{sys::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK).value()});
  const reactor::Token token{1};
  ASSERT_TRUE(poll.registry().register_source(source, token, reactor::Interest::kReadable));
  std::array<std::byte, 8> count;
  EXPECT_EQ(read(source, count), 8U);
  EXPECT_EQ(read(source, count).error(), std::errc::operation_would_block);
}

}  // namespace
}  // namespace weft
