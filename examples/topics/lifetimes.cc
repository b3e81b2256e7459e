// Topic: lifetimes, the eight rules kept. lifetimes_wrong.cc breaks each.
//
//   $ topic_lifetimes

#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include <weft/weft.h>

namespace {

namespace io = weft::io;
namespace oneshot = weft::sync::oneshot;

// 1. What a task keeps is a value; or the task is awaited in the statement that makes the argument.
weft::Task<std::size_t> length_of(std::string text) {
  co_await weft::yield_now();
  co_return text.size();
}

// 2. A lambda that is a coroutine captures nothing and takes arguments. spawn() keeps both.
weft::Task<> passes_arguments(std::string name) {
  const auto greet = [](std::string whom) -> weft::Task<> {
    co_await weft::yield_now();
    std::printf("hello %s\n", whom.c_str());
  };
  auto greeting = weft::spawn(greet, std::move(name));
  static_cast<void>(co_await greeting);
}

// 3. The task shares the object: a static function with a pointer, instead of a member with `this`.
class Greeter {
 public:
  explicit Greeter(std::string name) : name_(std::move(name)) {}
  static weft::Task<> greet(std::shared_ptr<Greeter> self) {
    co_await weft::yield_now();
    std::printf("hello %s\n", self->name_.c_str());
  }

 private:
  std::string name_;
};

// 4. Tasks that use our locals belong to a scope, which ends after the last of them.
weft::Task<> add_one(int& number) {
  co_await weft::yield_now();
  ++number;
}
weft::Task<int> in_a_scope() {
  int number = 0;
  co_await weft::scope([&number](weft::Scope& tasks) { tasks.spawn(add_one(number)); });
  co_return number;
}

// 5. The buffer first, then what uses it. Locals are destroyed in the opposite order.
weft::Task<std::size_t> buffer_first(io::DuplexStream stream) {
  std::array<char, 64> buffer;
  auto reading = stream.read(std::span<char>(buffer));
  while (true) {
    const auto event = co_await weft::select(reading, weft::yield_now());
    if (event.index() == 0) co_return std::get<0>(event).value_or(0);
  }
}

// 6. Look it up again after the await.
std::map<std::string, int> visits;
weft::Task<> count_visit(std::string name) {
  co_await weft::yield_now();
  ++visits[name];
}

// 7. A lock for a few lines, given back before the await; or weft's own mutex, over awaits too.
weft::sync::Mutex<int> total;
weft::Task<> lock_for_tasks() {
  auto locked = co_await total.lock();
  co_await weft::yield_now();
  ++*locked;
}

// 8. What the callback gets is its own: a sender on the heap, that outlives whoever waits.
using Callback = void (*)(void* context, int result);
void start(Callback callback, void* context) {
  std::thread([callback, context] { callback(context, 7); }).detach();
}
weft::Task<int> callback_with_a_sender() {
  using Sender = oneshot::Sender<int>;
  auto [sender, receiver] = oneshot::channel<int>();
  start(
      [](void* context, int result) {
        const std::unique_ptr<Sender> answer(static_cast<Sender*>(context));
        static_cast<void>(answer->send(result));
      },
      std::make_unique<Sender>(std::move(sender)).release());
  const auto result = co_await receiver;
  co_return result.value_or(-1);
}

}  // namespace

weft::Task<int> co_main(int, char**) {
  weft::Task<std::size_t> length = length_of(std::string("hello ") + "weft");
  const std::size_t size = co_await std::move(length);
  std::printf("length: %zu\n", size);

  co_await passes_arguments("lambda");
  auto greeting = weft::spawn(Greeter::greet(std::make_shared<Greeter>("member")));
  static_cast<void>(co_await greeting);

  const int number = co_await in_a_scope();
  auto [near, far] = io::duplex(16);
  auto reading = weft::spawn(buffer_first(std::move(far)));
  static_cast<void>(co_await near.write_all("four"));
  const auto count = co_await reading;
  co_await count_visit("weft");
  co_await lock_for_tasks();
  const auto locked = co_await total.lock();
  const int result = co_await callback_with_a_sender();
  std::printf("scope: %d, read: %zu, visits: %d, total: %d, callback: %d\n", number, count.value(),
              visits["weft"], *locked, result);
  co_return 0;
}
