// A runtime with nothing to do costs nothing. These tests wait in real time, because what they look
// at is the processor's; they ask for none of it meanwhile.

#include <array>
#include <chrono>
#include <ctime>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/runtimes.h>
#include <weft/weft.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;
using runtime::Runtime;

constexpr auto kIdleTime = 5s;
constexpr double kShare = 0.001;  // of one processor

// Of all threads of this process.
Seconds processor_time() {
  timespec time{};
  EXPECT_EQ(::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time), 0);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

Task<> wait_for_data(net::TcpStream stream) {
  std::array<char, 16> buffer;
  [[maybe_unused]] const auto received = co_await stream.read(buffer);
}

Task<> wait_for_connection(net::TcpListener listener) {
  [[maybe_unused]] const auto accepted = co_await listener.accept();
}

// With a connection in its backlog, which nobody accepts.
Task<> hold(net::TcpListener, sync::Notify& never) { co_await never.notified(); }

// Leaves tasks behind that wait for a timer, a connection, bytes and a value that never comes.
Task<> leave_waiting(sync::Notify& never) {
  spawn([]() -> Task<> { co_await time::sleep(1h); });
  spawn([&never]() -> Task<> { co_await never.notified(); });
  auto listener = co_await net::TcpListener::bind("127.0.0.1:0");
  const auto address = listener.value().local_addr().value();
  auto stream = co_await net::TcpStream::connect(address);
  spawn(wait_for_data(*std::move(stream)));
  auto other = co_await net::TcpListener::bind("127.0.0.1:0");
  spawn(wait_for_connection(*std::move(other)));
  spawn(hold(*std::move(listener), never));
}

// Short waits, after which a worker that has to wait spins first.
Task<> work_in_short_turns() {
  for (int i = 0; i < 1000; ++i) {
    const auto joined = co_await spawn([]() -> Task<> { co_await yield_now(); });
    EXPECT_TRUE(joined.has_value());
  }
}

void expect_idle(const Runtime& rt, sync::Notify& never) {
  EXPECT_TRUE(rt.block_on(rt.spawn(leave_waiting(never))).has_value());
  EXPECT_TRUE(rt.block_on(rt.spawn(work_in_short_turns())).has_value());
  const Seconds before = processor_time();
  rt.block_on(time::sleep(kIdleTime));
  EXPECT_LT(processor_time() - before, kShare * Seconds(kIdleTime));
}

TEST(R170, IdleWorkersUseNoProcessorTime) {
  sync::Notify never;
  const Runtime rt = test_support::multi_thread(4);
  expect_idle(rt, never);
}

TEST(R170, AnIdleCurrentThreadUsesNoProcessorTime) {
  sync::Notify never;
  const Runtime rt = test_support::current_thread();
  expect_idle(rt, never);
}

}  // namespace
}  // namespace weft
