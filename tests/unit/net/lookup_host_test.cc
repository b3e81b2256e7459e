// lookup_host, ToSocketAddrs.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <tests/support/mock_task.h>
#include <tests/unit/net/net_support.h>

namespace weft::net {
namespace {

using test_support::on_every_kind;

using Addresses = Result<std::vector<SocketAddr>>;

// What a lookup yields that needs no runtime.
template <class... What>
Addresses at_once(What&&... what) {
  test_support::MockTask task;
  test_support::Polled lookup(lookup_host(std::forward<What>(what)...));
  EXPECT_TRUE(lookup.poll(task));
  return lookup.take();
}

TEST(N32, LiteralsAreExactAndNeedNoRuntime) {
  const SocketAddr four = SocketAddr::parse("127.0.0.1:80").value();
  const SocketAddr six = SocketAddr::parse("[::1]:80").value();
  EXPECT_EQ(at_once("127.0.0.1:80").value(), std::vector{four});
  EXPECT_EQ(at_once("[::1]:80").value(), std::vector{six});
  EXPECT_EQ(at_once("127.0.0.1", 80).value(), std::vector{four});
  EXPECT_EQ(at_once("::1", 80).value(), std::vector{six});
  EXPECT_EQ(at_once(std::string("127.0.0.1:80")).value(), std::vector{four});
  EXPECT_EQ(at_once(four).value(), std::vector{four});
  EXPECT_EQ(at_once(ToSocketAddrs(six.ip(), 80)).value(), std::vector{six});
}

TEST(N32, AListKeepsItsOrder) {
  const std::vector<SocketAddr> several = {SocketAddr::parse("[::1]:80").value(),
                                           SocketAddr::parse("127.0.0.1:80").value()};
  EXPECT_EQ(at_once(several).value(), several);
  EXPECT_TRUE(at_once(std::vector<SocketAddr>())->empty());
}

TEST(N32, LocalhostIsALoopbackAddress) {
  on_every_kind([](runtime::Runtime& rt) {
    const Addresses by_text = rt.block_on(lookup_host("localhost:80"));
    const Addresses by_pair = rt.block_on(lookup_host("localhost", 80));
    ASSERT_TRUE(by_text && by_pair);
    EXPECT_FALSE(by_text->empty());
    EXPECT_TRUE(std::ranges::all_of(*by_text, [](const SocketAddr& address) {
      return address.ip().is_loopback() && address.port() == 80;
    }));
    EXPECT_EQ(*by_text, *by_pair);
  });
}

TEST(NL1, TextWithoutAPortIsRefused) {
  for (const char* text : {"", "localhost", "localhost:", "localhost:http", "localhost:65536",
                           "127.0.0.1", "localhost:80 "}) {
    EXPECT_EQ(at_once(text).error(), std::errc::invalid_argument) << text;
  }
  EXPECT_EQ(at_once(std::string("local\0host:80", 13)).error(), std::errc::invalid_argument);
}

TEST(NL1, AnUnknownNameIsAnError) {
  runtime::Runtime rt = test_support::current_thread();
  const Addresses found = rt.block_on(lookup_host("no-such-name.invalid:80"));
  EXPECT_FALSE(found);
}

TEST(NL1, AnAbandonedLookupLeavesNothing) {
  runtime::Runtime rt = test_support::current_thread();
  rt.block_on([]() -> Task<> {
    test_support::MockTask task;
    test_support::Polled lookup(lookup_host("localhost:80"));
    static_cast<void>(lookup.poll(task));
    lookup.cancel();
    co_return;
  }());
}

TEST(NL1, OutsideARuntimeANameIsFatal) {
  EXPECT_DEATH(static_cast<void>(at_once("localhost:80")), "runtime");
}

}  // namespace
}  // namespace weft::net
