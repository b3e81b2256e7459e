// The operations whose instructions `make bench-guard` counts: a change that makes one of them
// dearer shows at once, on a busy machine too, where times say nothing.
//
//   guard <check> <iterations>
//
// Everything runs on one thread (a current_thread runtime without spinning), so that two runs
// execute the same instructions; tools/bench_guard.py takes the difference of two counts, which
// leaves the iterations alone. Bounds: bounds.txt.

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <weft/weft.h>

namespace {

using namespace std::chrono_literals;
using weft::Task;

weft::runtime::Runtime make_runtime() {
  return weft::runtime::Builder::new_current_thread()
      .enable_all()
      .adaptive_spin(false)
      .build()
      .value();
}

Task<int> number(int value) { co_return value; }

Task<> spawn_join(int iterations) {
  for (int i = 0; i < iterations; ++i) {
    const auto joined = co_await weft::spawn(number(i));
    joined.value();
  }
}

Task<> yield_often(int iterations) {
  for (int i = 0; i < iterations; ++i) co_await weft::yield_now();
}

// Ten tasks, so that there is somebody to yield to.
Task<> yield(int iterations) {
  constexpr int kTasks = 10;
  std::vector<weft::JoinHandle<void>> handles;
  for (int i = 0; i < kTasks; ++i) handles.push_back(weft::spawn(yield_often(iterations / kTasks)));
  for (auto& handle : handles) {
    const auto joined = co_await handle;
    joined.value();
  }
}

Task<> oneshot(int iterations) {
  for (int i = 0; i < iterations; ++i) {
    auto [sender, receiver] = weft::sync::oneshot::channel<int>();
    sender.send(i).value();
    const auto received = co_await receiver;
    received.value();
  }
}

Task<> mutex(int iterations) {
  weft::sync::Mutex<int> counter(0);
  for (int i = 0; i < iterations; ++i) {
    const auto guard = co_await counter.lock();
    ++*guard;
  }
}

// Made, waited for, cancelled before it fires.
Task<> timer(int iterations) {
  for (int i = 0; i < iterations; ++i) {
    auto sleep = weft::time::sleep(10s + i % 1000 * 1ms);
    co_await weft::poll_fn([&sleep](weft::Context& cx) {
      std::ignore = sleep.poll(cx);
      return weft::Poll<void>();
    });
  }
}

// A number that goes through a chain of combinators.
Task<> stream_chain(int iterations) {
  auto chain = weft::stream::iter(std::views::iota(0, iterations)) |
               weft::stream::filter([](int n) { return n % 2 == 0; }) |
               weft::stream::map([](int n) { return n * n; }) |
               weft::stream::take(static_cast<std::size_t>(iterations));
  const unsigned sum = co_await weft::stream::fold(
      std::move(chain), 0U, [](unsigned so_far, int n) { return so_far ^ unsigned(n); });
  if (sum == 1) std::puts("");  // the chain is not to be left out
}

weft::stream::AsyncGenerator<int> numbers(int count) {
  for (int i = 0; i < count; ++i) co_yield i;
}

Task<> generator(int iterations) {
  auto all = numbers(iterations);
  unsigned sum = 0;
  while (const auto n = co_await all.next()) sum ^= unsigned(*n);
  if (sum == 1) std::puts("");
}

Task<> send_back(weft::net::TcpListener listener) {
  auto accepted = co_await listener.accept();
  weft::net::TcpStream stream = std::move(accepted.value().first);
  std::array<char, 64> buffer;
  for (;;) {
    const auto received = co_await stream.read(buffer);
    if (!received || *received == 0) co_return;
    const auto sent = co_await stream.write_all(std::string_view(buffer.data(), *received));
    if (!sent) co_return;
  }
}

// Client and server are tasks of the same thread: a round trip is both of them.
Task<> echo(int iterations) {
  auto listener = co_await weft::net::TcpListener::bind("127.0.0.1:0");
  const auto address = listener.value().local_addr().value();
  weft::spawn(send_back(*std::move(listener)));
  auto stream = co_await weft::net::TcpStream::connect(address);
  std::array<char, 64> buffer{};
  for (int i = 0; i < iterations; ++i) {
    const auto sent = co_await stream.value().write_all(std::string_view(buffer.data(), 64));
    sent.value();
    const auto received = co_await stream.value().read_exact(std::span<char>(buffer));
    received.value();
  }
}

struct Check {
  std::string_view name;
  Task<> (*body)(int iterations);
};

constexpr Check kChecks[] = {
    {"spawn_join", spawn_join}, {"yield", yield}, {"oneshot", oneshot},
    {"mutex", mutex},           {"timer", timer}, {"stream_chain", stream_chain},
    {"generator", generator},   {"echo", echo},
};

int list_checks() {
  for (const Check& check : kChecks) std::puts(std::string(check.name).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "list") return list_checks();
  for (const Check& check : kChecks) {
    if (argc != 3 || check.name != argv[1]) continue;
    const auto rt = make_runtime();
    rt.block_on(rt.spawn(check.body(std::atoi(argv[2])))).value();
    return 0;
  }
  std::fprintf(stderr, "usage: %s list | <check> <iterations>\n", argv[0]);
  return 2;
}
