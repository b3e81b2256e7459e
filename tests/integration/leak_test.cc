// Runtimes that come and go leave nothing behind, whatever was going on in them.

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/process_usage.h>
#include <tests/support/runtimes.h>
#include <tests/support/scale.h>
#include <weft/weft.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using runtime::Runtime;
using test_support::Kind;
using test_support::ProcessUsage;

constexpr int kRounds = test_support::scaled(100);

Task<> sleep_for_an_hour() { co_await time::sleep(1h); }

Task<> hold_connection(net::TcpStream stream) {
  std::array<char, 16> buffer;
  [[maybe_unused]] const auto received = co_await stream.read(buffer);
}

Task<> accept_for_ever(net::TcpListener listener) {
  for (;;) {
    auto accepted = co_await listener.accept();
    if (!accepted) co_return;
    spawn(hold_connection(std::move(accepted->first)));
  }
}

// Leaves tasks behind that wait for a timer, for a connection, for bytes and for a value; and
// blocking threads that are idle.
Task<bool> begin_much() {
  spawn(sleep_for_an_hour());
  auto [sender, receiver] = sync::mpsc::channel<int>(1);
  spawn(
      [](sync::mpsc::Receiver<int> values, sync::mpsc::Sender<int>) -> Task<> {
        [[maybe_unused]] const auto value = co_await values.recv();
      },
      std::move(receiver), std::move(sender));
  const auto blocking = co_await spawn_blocking([] { return true; });

  auto listener = co_await net::TcpListener::bind("127.0.0.1:0");
  if (!listener) co_return false;
  const auto address = listener->local_addr();
  spawn(accept_for_ever(*std::move(listener)));
  auto stream = co_await net::TcpStream::connect(*address);
  if (!stream) co_return false;
  spawn(hold_connection(*std::move(stream)));
  co_return blocking.has_value();
}

void run_once(Kind kind) {
  const Runtime rt = test_support::make_runtime(kind);
  const auto worked = rt.block_on(rt.spawn(begin_much()));
  EXPECT_TRUE(worked && *worked);
}

// The first round makes what the process keeps: the tables of /proc are compared after it.
void expect_no_growth(Kind kind) {
  run_once(kind);
  const ProcessUsage before = ProcessUsage::now();
  for (int round = 0; round < kRounds; ++round) run_once(kind);
  EXPECT_EQ(ProcessUsage::now(), before);
}

TEST(TE45, CurrentThreadRuntimesLeakNothing) { expect_no_growth(Kind::kCurrentThread); }
TEST(TE45, RuntimesWithOneWorkerLeakNothing) { expect_no_growth(Kind::kOneWorker); }
TEST(TE45, RuntimesWithTwoWorkersLeakNothing) { expect_no_growth(Kind::kTwoWorkers); }

TEST(TE45, RuntimesThatAreNeverUsedLeakNothing) {
  {
    const Runtime rt = test_support::multi_thread(4);
  }
  const ProcessUsage before = ProcessUsage::now();
  for (int round = 0; round < kRounds; ++round) {
    const Runtime rt = test_support::multi_thread(4);
  }
  EXPECT_EQ(ProcessUsage::now(), before);
}

// Each iteration awaits in its own way and gives up: timers, queues and registrations come and go.
TEST(TE45, OperationsThatAreGivenUpLeakNothing) {
  test_support::on_every_kind([](Runtime& rt) {
    const auto give_up_often = [](int rounds) -> Task<> {
      auto listener = co_await net::TcpListener::bind("127.0.0.1:0");
      sync::Notify never;
      auto [sender, receiver] = sync::mpsc::channel<int>(1);
      for (int i = 0; i < rounds; ++i) {
        co_await select(listener->accept(), never.notified(), receiver.recv(), time::sleep(1h),
                        yield_now());
      }
    };
    rt.block_on(give_up_often(1));
    const ProcessUsage before = ProcessUsage::now();
    rt.block_on(give_up_often(test_support::scaled(10'000)));
    EXPECT_EQ(ProcessUsage::now(), before);
  });
}

}  // namespace
}  // namespace weft
