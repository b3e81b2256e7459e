// Topic: the cancellation contract.
//
//   $ topic_cancellation

#include <chrono>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <weft/weft.h>

namespace {

namespace io = weft::io;
namespace mpsc = weft::sync::mpsc;
namespace oneshot = weft::sync::oneshot;
namespace time = weft::time;

using namespace std::chrono_literals;

// Says when it goes.
struct Noisy {
  explicit Noisy(const char* what) : name(what) {}
  Noisy(const Noisy&) = delete;
  Noisy& operator=(const Noisy&) = delete;
  ~Noisy() { std::printf("%s is destroyed\n", name); }
  const char* name;
};

weft::Task<> hold_two_things(oneshot::Sender<std::monostate> begun) {
  const Noisy outer("the outer one");
  const Noisy inner("the inner one");
  static_cast<void>(begun.send({}));
  co_await time::sleep(1h);
  std::printf("never said\n");
}

// Aborting a task destroys its frame where it is suspended, in the order of any scope.
weft::Task<> abort_a_task() {
  auto [begun, has_begun] = oneshot::channel<std::monostate>();
  auto task = weft::spawn(hold_two_things(std::move(begun)));
  static_cast<void>(co_await has_begun);
  task.abort();
  const auto result = co_await task;
  std::printf("cancelled: %s\n", !result && result.error().is_cancelled() ? "yes" : "no");
}

// recv() is cancel safe: the message that is not taken in this round comes in another one.
weft::Task<int> sum_until_silence(mpsc::Receiver<int> numbers) {
  int sum = 0;
  while (true) {
    const auto number = co_await time::timeout(10ms, numbers.recv());
    if (!number || !*number) co_return sum;  // silence, or all senders have gone
    sum += **number;
  }
}

// read_exact() is not: what it has read so far would be lost. Borrowed, the one read goes on in the
// next round, because the loser of a select is destroyed only if the select owns it.
weft::Task<std::string> read_with_ticks(io::DuplexStream stream) {
  std::string text(4, ' ');
  auto reading = io::read_exact(stream, std::span<char>(text));
  auto interval = time::interval(1ms);
  while (true) {
    const auto event = co_await weft::select(reading, interval.tick());
    if (event.index() == 0) co_return std::get<0>(event) ? text : "the stream has ended";
  }
}

// Not to be cut in the middle by whoever cancels us: a task of its own, which goes on.
weft::Task<> write_record(io::DuplexStream stream, std::string record) {
  const auto written = co_await stream.write_all(record);
  std::printf("record: %s\n", written ? "whole" : "broken");
}
weft::Task<> save(io::DuplexStream stream) {
  auto writing = weft::spawn(write_record(std::move(stream), "all or nothing"));
  static_cast<void>(co_await writing);  // cancelled here, we let go of the handle, not of the task
}

// Children that use our locals: the scope ends only after the last of them.
weft::Task<> add_to(std::vector<int>& numbers, int number) {
  numbers.push_back(number);
  co_return;
}
weft::Task<std::size_t> fill() {
  std::vector<int> numbers;
  co_await weft::scope([&](weft::Scope& children) { children.spawn(add_to(numbers, 1)); });
  co_return numbers.size();
}

}  // namespace

weft::Task<int> co_main(int, char**) {
  co_await abort_a_task();

  auto [sender, receiver] = mpsc::channel<int>(4);
  for (const int number : {1, 2, 3}) static_cast<void>(sender.try_send(number));
  const int sum = co_await sum_until_silence(std::move(receiver));
  std::printf("sum: %d\n", sum);

  auto [near, far] = io::duplex(2);
  auto reading = weft::spawn(read_with_ticks(std::move(far)));
  static_cast<void>(co_await near.write_all("ab"));
  co_await time::sleep(5ms);  // several ticks go by in the middle
  static_cast<void>(co_await near.write_all("cd"));
  const auto text = co_await reading;
  std::printf("read: %s\n", text.value().c_str());

  auto [out, in] = io::duplex(4);  // the record does not fit: writing takes several steps
  auto saving = weft::spawn(save(std::move(out)));
  std::string begun(4, ' ');
  static_cast<void>(co_await io::read_exact(in, std::span<char>(begun)));
  saving.abort();
  std::string rest;
  static_cast<void>(co_await io::read_to_string(in, rest));
  std::printf("saved: %s%s\n", begun.c_str(), rest.c_str());

  const std::size_t filled = co_await fill();
  std::printf("filled: %zu\n", filled);
  co_return 0;
}
