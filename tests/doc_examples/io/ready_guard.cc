// The example of io/ready_guard.h.

#include <cstdint>
#include <sys/eventfd.h>

#include <gtest/gtest.h>
#include <weft/base/sys.h>
#include <weft/testing/block_on.h>
#include <weft/weft.h>

namespace weft {
namespace {

Result<std::uint64_t> take(BorrowedFd event) {
  std::uint64_t count = 0;
  return sys::read(event, std::as_writable_bytes(std::span(&count, 1))).transform([&](std::size_t) {
    return count;
  });
}

// [example]
Task<Result<std::uint64_t>> wait_for_event(const io::AsyncFd<OwnedFd>& event) {
  for (;;) {
    Result<io::ReadyGuard> guard = co_await event.readable();
    if (!guard) co_return Err(guard.error());
    const auto taken = guard->try_io([&] { return take(event.get()); });
    if (taken) co_return *taken;  // else it would have blocked: wait for the kernel
  }
}
// [end]

TEST(DocExample, IoReadyGuard) {
  const std::uint64_t count = test::block_on([]() -> Task<std::uint64_t> {
    const auto event =
        io::AsyncFd<OwnedFd>::create(sys::eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC).value()).value();
    const Result<std::uint64_t> taken = co_await wait_for_event(event);
    co_return taken.value();
  }());
  EXPECT_EQ(count, 3u);
}

}  // namespace
}  // namespace weft
