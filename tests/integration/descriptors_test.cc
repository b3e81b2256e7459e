// A process that runs out of descriptors.

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/process_usage.h>
#include <tests/support/raw_sockets.h>
#include <tests/support/runtimes.h>
#include <weft/base/sys_table.h>
#include <weft/weft.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using runtime::Runtime;
using test_support::NoMoreDescriptors;

constexpr std::size_t kPending = 3;

// A listener with connections that wait in its queue.
struct BusyListener {
  explicit BusyListener(const Runtime& rt)
      : listener(rt.block_on(net::TcpListener::bind("127.0.0.1:0")).value()) {
    const std::uint16_t port = listener.local_addr().value().port();
    for (std::size_t i = 0; i < kPending; ++i) clients.push_back(test_support::begin_connect(port));
  }

  net::TcpListener listener;
  std::vector<OwnedFd> clients;
};

// Accepts what is pending.
Task<std::size_t> accept_all(const net::TcpListener& listener) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < kPending; ++i) {
    const auto accepted = co_await listener.accept();
    if (accepted) ++count;
  }
  co_return count;
}

Task<Error> accept_in_vain(const net::TcpListener& listener) {
  const auto accepted = co_await listener.accept();
  co_return accepted ? Error(Errc::other) : accepted.error();
}

// What a runtime does for a program beside sockets.
Task<bool> other_things_work() {
  const auto spawned = co_await spawn([]() -> Task<int> {
    co_await time::sleep(1ms);
    co_return 1;
  });
  const auto blocking = co_await spawn_blocking([] { return 1; });
  co_return spawned&& blocking;
}

TEST(NC14, AcceptWithoutDescriptorsFailsAndWorksAgainAfterwards) {
  test_support::on_every_kind([](Runtime& rt) {
    BusyListener busy(rt);
    {
      const NoMoreDescriptors none;
      for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(rt.block_on(accept_in_vain(busy.listener)), std::errc::too_many_files_open);
      }
    }
    EXPECT_EQ(rt.block_on(accept_all(busy.listener)), kPending);
  });
}

TEST(TE44, RuntimeIsUsableWithoutDescriptors) {
  test_support::on_every_kind([](Runtime& rt) {
    // Once before: the undefined-behaviour sanitizer needs a descriptor when it meets a class
    // first.
    EXPECT_TRUE(rt.block_on(other_things_work()));
    const NoMoreDescriptors none;
    EXPECT_TRUE(rt.block_on(other_things_work()));
    EXPECT_EQ(rt.block_on(net::TcpListener::bind("127.0.0.1:0")).error(),
              std::errc::too_many_files_open);
    EXPECT_FALSE(Runtime::create());
    EXPECT_TRUE(rt.block_on(other_things_work()));
  });
}

int accept_calls = 0;

// In ten minutes of virtual time a loop that did not wait would try millions of times.
TEST(N59, ServerWithoutDescriptorsDoesNotSpinAndAcceptsWhenItCan) {
  const Runtime rt = test_support::paused_current_thread();
  BusyListener busy(rt);
  sys::Table table;
  table.accept4 = [](int fd, ::sockaddr* peer, ::socklen_t* size, int flags) {
    ++accept_calls;
    return ::accept4(fd, peer, size, flags);
  };
  const sys::TableScope scope(table);
  accept_calls = 0;
  {
    const NoMoreDescriptors none;
    const auto accepted =
        rt.block_on(time::timeout(10min, net::accept_with_backoff(busy.listener)));
    EXPECT_FALSE(accepted) << "there is no descriptor for it";
  }
  EXPECT_GT(accept_calls, 1);
  EXPECT_LT(accept_calls, 1000);
  EXPECT_TRUE(rt.block_on(net::accept_with_backoff(busy.listener)));
}

}  // namespace
}  // namespace weft
