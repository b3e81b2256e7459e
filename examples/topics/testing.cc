// Topic: testing with virtual time. Each test is a function that throws if it fails, as the tests
// of any framework may; main stands for the framework.
//
//   $ topic_testing

#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <weft/testing/testing.h>
#include <weft/weft.h>

namespace {

namespace io = weft::io;
namespace mpsc = weft::sync::mpsc;
namespace test = weft::test;
namespace time = weft::time;

using namespace std::chrono_literals;

// What is tested: tries up to five times, and waits 1, 2, 4, 8 seconds in between.
weft::Task<bool> with_retries(std::function<bool()> attempt) {
  auto pause = 1s;
  for (int i = 1; i <= 5; ++i) {
    if (attempt()) co_return true;
    if (i < 5) co_await time::sleep(std::exchange(pause, 2 * pause));
  }
  co_return false;
}

// Fifteen seconds of waiting take no time, and exactly fifteen seconds by the test's clock.
void retries_give_up_after_fifteen_seconds() {
  test::PausedRuntime runtime;
  int attempts = 0;
  const bool succeeded = runtime.block_on(with_retries([&attempts] {
    ++attempts;
    return false;
  }));
  test::assert_ready_eq(weft::Poll<bool>(succeeded), false);
  test::assert_ready_eq(weft::Poll<int>(attempts), 5);
  test::assert_elapsed(runtime.at(0s), 15s);
}

// What is tested: greets whoever says hello, on any stream.
template <class Stream>
weft::Task<weft::Result<void>> greet(Stream stream) {
  io::codec::Framed lines(std::move(stream), io::codec::LinesCodec());
  while (auto line = co_await lines.next()) {
    if (!*line) co_return weft::Err(line->error());
    const auto sent = co_await lines.send(**line == "hello" ? "hello to you" : "what?");
    if (!sent) co_return sent;
  }
  co_return weft::Result<void>();
}

// A script instead of a socket: a greeting in two pieces, a pause between them, a broken
// connection.
void greet_survives_pieces_and_reports_a_break() {
  test::PausedRuntime runtime;
  auto stream = test::IoMockBuilder()
                    .read("hel")
                    .wait(10s)
                    .read("lo\n")
                    .write("hello to you\n")
                    .read_error(std::errc::connection_reset)
                    .build();
  const auto result = runtime.block_on(greet(std::move(stream)));
  const weft::Error error = test::assert_err(result);
  test::assert_ready_eq(weft::Poll<bool>(error == std::errc::connection_reset), true);
}

// Step by step: what is pending, who wakes whom, what a cancelled wait leaves behind.
void a_cancelled_receive_loses_nothing() {
  auto [sender, receiver] = mpsc::channel<int>(1);
  {
    auto wait = test::spawn(receiver.recv());
    test::assert_pending(wait.poll());
    test::assert_ok(sender.try_send(7));
    test::assert_ready_eq(weft::Poll<bool>(wait.is_woken()), true);
  }  // woken, and destroyed before it took the message: that is what cancelling does
  auto again = test::spawn(receiver.recv());
  const std::optional<int> message = test::assert_ready(again.poll());
  test::assert_ready_eq(weft::Poll<int>(message.value()), 7);
}

}  // namespace

int main() {
  try {
    retries_give_up_after_fifteen_seconds();
    greet_survives_pieces_and_reports_a_break();
    a_cancelled_receive_loses_nothing();
  } catch (const std::exception& failure) {
    std::printf("%s\n", failure.what());
    return 1;
  }
  std::printf("3 tests passed\n");
  return 0;
}
