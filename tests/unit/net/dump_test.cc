// What a task that waits for a descriptor is said to wait for.

#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/runtimes.h>
#include <weft/net/net.h>
#include <weft/runtime/dump.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>

namespace weft::net {
namespace {

TEST(R150, AReadNamesItsDescriptor) {
  runtime::Runtime rt = test_support::current_thread();
  rt.block_on([]() -> Task<> {
    auto pair = UnixStream::pair().value();
    UnixStream& stream = pair.first;
    auto task = spawn([&stream]() -> Task<> {
      std::array<std::byte, 8> room{};
      static_cast<void>(co_await stream.read(room));
    });
    co_await yield_now();
    const runtime::Dump dump = co_await runtime::Handle::current().dump();
    const std::string expected =
        "waiting on io, " + std::to_string(stream.as_fd().raw()) + " is the descriptor, to read";
    EXPECT_NE(dump.to_string().find(expected), std::string::npos) << dump.to_string();
    task.abort();
    static_cast<void>(co_await task);
  }());
}

}  // namespace
}  // namespace weft::net
