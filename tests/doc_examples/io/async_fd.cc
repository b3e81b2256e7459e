// The example of io/async_fd.h.

#include <cstdint>
#include <sys/timerfd.h>

#include <gtest/gtest.h>
#include <weft/base/sys.h>
#include <weft/testing/block_on.h>
#include <weft/weft.h>

namespace weft {
namespace {

// How often a timer that fires every so often has fired since the last look.
Result<std::uint64_t> read_count(BorrowedFd timer) {
  std::uint64_t count = 0;
  return sys::read(timer, std::as_writable_bytes(std::span(&count, 1))).transform([&](std::size_t) {
    return count;
  });
}

// [example]
Task<Result<std::uint64_t>> next_tick(const io::AsyncFd<OwnedFd>& timer) {
  const auto read = [&timer] { return read_count(timer.get()); };
  Result<std::uint64_t> count = co_await timer.async_io(io::Interest::kReadable, read);
  co_return count;
}
// [end]

TEST(DocExample, IoAsyncFd) {
  const std::uint64_t count = test::block_on([]() -> Task<std::uint64_t> {
    OwnedFd timer = sys::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC).value();
    const ::itimerspec soon{{0, 0}, {0, 1}};
    EXPECT_TRUE(sys::timerfd_settime(timer, 0, soon));
    const auto fd = io::AsyncFd<OwnedFd>::create(std::move(timer)).value();
    const Result<std::uint64_t> ticks = co_await next_tick(fd);
    co_return ticks.value();
  }());
  EXPECT_EQ(count, 1u);
}

}  // namespace
}  // namespace weft
