// resolve_name() by c-ares, in a build that has it.

#include <algorithm>
#include <chrono>
#include <optional>
#include <poll.h>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <tests/support/raw_sockets.h>
#include <tests/support/runtimes.h>
#include <tests/unit/net_cares/dns_server.h>
#include <weft/base/sys_table.h>
#include <weft/net/internal/cares/lookup.h>
#include <weft/net/net.h>
#include <weft/runtime/runtime.h>
#include <weft/time/instant.h>

namespace weft::net {
namespace {

using internal::CaresOptions;
using internal::look_up_by_cares;
using test_support::current_thread;
using test_support::DnsServer;
using test_support::MockTask;
using test_support::Polled;

using namespace std::chrono_literals;
using Addresses = Result<std::vector<SocketAddr>>;

// For what never gets an answer: a moment, and once.
CaresOptions impatient(const SocketAddr& server) { return {server.to_string(), 20ms, 1}; }
CaresOptions patient(const SocketAddr& server) { return {server.to_string(), std::nullopt, 2}; }

const SocketAddr kFour = SocketAddr::parse("192.0.2.7:80").value();
const SocketAddr kSix = SocketAddr::parse("[2001:db8::7]:80").value();

TEST(NL2, AsksForBothFamilies) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const DnsServer server = co_await DnsServer::start();
    const CaresOptions options = patient(server.address());
    const Addresses found = co_await look_up_by_cares("weft.test", 80, options);
    EXPECT_EQ(found.value().size(), 2u);
    EXPECT_EQ(std::ranges::count(*found, kFour), 1);
    EXPECT_EQ(std::ranges::count(*found, kSix), 1);
    EXPECT_EQ(server.connections(), 0);
  }());
}

TEST(NL2, AnAnswerThatIsCutOffIsAskedForByTcp) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const DnsServer server = co_await DnsServer::start();
    const CaresOptions options = patient(server.address());
    const Addresses found = co_await look_up_by_cares("large.test", 80, options);
    EXPECT_EQ(found.value().size(), 2u);
    EXPECT_GT(server.datagrams(), 0);
    EXPECT_GT(server.connections(), 0);
  }());
}

TEST(NL2, AnUnknownNameIsAnError) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const DnsServer server = co_await DnsServer::start();
    const CaresOptions options = patient(server.address());
    const Addresses found = co_await look_up_by_cares("nobody.test", 80, options);
    EXPECT_EQ(found.error(), Errc::other);
    EXPECT_GT(server.datagrams(), 0);
  }());
}

TEST(NL2, ASilentServerIsTimedOut) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const DnsServer server = co_await DnsServer::start();
    const CaresOptions options = impatient(server.address());
    const Addresses found = co_await look_up_by_cares("silent.test", 80, options);
    EXPECT_EQ(found.error(), std::errc::timed_out);
    EXPECT_GT(server.datagrams(), 0);
  }());
}

// How often a lookup on this thread has looked whether there is something to do.
thread_local int looks = 0;

sys::Table counting_looks() {
  looks = 0;
  sys::Table table;
  table.poll = [](::pollfd* sockets, unsigned long count, int timeout_ms) {
    ++looks;
    return ::poll(sockets, count, timeout_ms);
  };
  return table;
}

TEST(NL2, UnderAPausedClockItWaitsToo) {
  const runtime::Runtime rt = test_support::paused_current_thread();
  const sys::Table table = counting_looks();
  const sys::TableScope scope(table);
  rt.block_on([]() -> Task<> {
    const DnsServer server = co_await DnsServer::start();
    const CaresOptions options = impatient(server.address());
    const time::Instant before = time::Clock::now();
    const Addresses found = co_await look_up_by_cares("silent.test", 80, options);
    EXPECT_EQ(found.error(), std::errc::timed_out);
    // At the start; when the socket can be written to, and again when the server has taken each of
    // the two questions from it; when the time of each is up.
    EXPECT_LE(looks, 6);
    EXPECT_EQ(time::Clock::now(), before);
  }());
}

TEST(NL2, ItNeedsNoTimers) {
  const runtime::Runtime rt = runtime::Builder::new_current_thread().enable_io().build().value();
  rt.block_on([]() -> Task<> {
    const DnsServer server = co_await DnsServer::start();
    const CaresOptions options = impatient(server.address());
    const Addresses found = co_await look_up_by_cares("silent.test", 80, options);
    EXPECT_EQ(found.error(), std::errc::timed_out);
  }());
}

TEST(NL2, AServerThatIsNotThereRefusesAtOnce) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    SocketAddr nobody = kFour;
    {
      const UdpSocket gone = (co_await UdpSocket::bind("127.0.0.1:0")).value();
      nobody = gone.local_addr().value();
    }
    const CaresOptions options = patient(nobody);
    const Addresses found = co_await look_up_by_cares("weft.test", 80, options);
    EXPECT_EQ(found.error(), std::errc::connection_refused);
  }());
}

TEST(NL2, ManyLookupsAtATimeTakeNoThread) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const DnsServer server = co_await DnsServer::start();
    std::vector<JoinHandle<Addresses>> lookups;
    for (int i = 0; i < 50; ++i) {
      lookups.push_back(spawn(look_up_by_cares("weft.test", 80, patient(server.address()))));
    }
    for (JoinHandle<Addresses>& lookup : lookups) {
      const auto found = co_await lookup;
      EXPECT_EQ(found.value().value().size(), 2u);
    }
  }());
}

TEST(NL2, ItRunsOnEveryKindOfRuntime) {
  test_support::on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      const DnsServer server = co_await DnsServer::start();
      const CaresOptions options = patient(server.address());
      const Addresses found = co_await look_up_by_cares("weft.test", 80, options);
      EXPECT_EQ(found.value().size(), 2u);
    }());
  });
}

TEST(NL2, CancellingClosesItsSockets) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const DnsServer server = co_await DnsServer::start();
    const std::size_t before = test_support::open_fd_count();
    {
      MockTask task;
      Polled lookup(look_up_by_cares("silent.test", 80, patient(server.address())));
      EXPECT_FALSE(lookup.poll(task));
      EXPECT_GT(test_support::open_fd_count(), before);
    }
    EXPECT_EQ(test_support::open_fd_count(), before);
  }());
}

TEST(NL2, HostsAreFoundWithoutAServer) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    const DnsServer server = co_await DnsServer::start();
    const CaresOptions options = patient(server.address());
    const Addresses found = co_await look_up_by_cares("localhost", 80, options);
    EXPECT_TRUE(found.value().front().ip().is_loopback());
    EXPECT_EQ(server.datagrams(), 0);
  }());
}

}  // namespace
}  // namespace weft::net
