// Topic: lifetimes, the eight ways to get them wrong. All of this compiles, without a warning, and
// is undefined when it runs; so nobody runs it. lifetimes.cc has each of them right.

#include <array>
#include <cstdio>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <weft/weft.h>

namespace topic_wrong {

namespace net = weft::net;

weft::Task<std::size_t> length_of(std::string_view text) {
  co_await weft::yield_now();
  co_return text.size();
}

// 1. A view of a temporary. The string goes at the semicolon, the task looks at it afterwards.
weft::Task<std::size_t> view_of_a_temporary(std::string name) {
  weft::Task<std::size_t> length = length_of("hello " + name);
  co_return co_await std::move(length);
}

// 2. A lambda that captures. The coroutine refers to the lambda, which is gone when it runs.
weft::Task<> captures(std::string name) {
  weft::Task<> greeting = [name]() -> weft::Task<> {
    co_await weft::yield_now();
    std::printf("hello %s\n", name.c_str());
  }();
  co_await std::move(greeting);
}

// 3. A member function of an object that goes before the task does.
class Greeter {
 public:
  explicit Greeter(std::string name) : name_(std::move(name)) {}
  weft::Task<> greet() {
    co_await weft::yield_now();
    std::printf("hello %s\n", name_.c_str());
  }

 private:
  std::string name_;
};
void member_of_the_dead() {
  Greeter greeter("weft");
  weft::spawn(greeter.greet());
}

// 4. A task of its own that uses its spawner's locals. If the spawner returns early, or is
// cancelled while it waits, its frame goes and the task goes on.
weft::Task<> add_one(int& number) {
  co_await weft::yield_now();
  ++number;
}
weft::Task<int> borrowed_by_a_task() {
  int number = 0;
  auto adding = weft::spawn(add_one(number));
  static_cast<void>(co_await adding);
  co_return number;
}

// 5. An operation that outlives its buffer. It does not copy: it reads into what it was given.
auto start_reading(net::TcpStream& stream) {
  std::array<char, 64> buffer;
  return stream.read(std::span<char>(buffer));
}

// 6. A reference into shared data, kept over an await in which others change the data.
std::map<std::string, int> visits;
weft::Task<> count_visit(std::string name) {
  const auto entry = visits.try_emplace(name, 0).first;
  co_await weft::yield_now();  // another task: visits.clear()
  ++entry->second;
}

// 7. A lock over an await. The task may go on on another thread, which must not unlock it; and the
// tasks that want the lock block the threads that would have to run this one.
std::mutex mutex;
weft::Task<> lock_over_an_await(int& total) {
  const std::lock_guard lock(mutex);
  co_await weft::yield_now();
  ++total;
}

// 8. A pointer to a local, given to somebody who does not know of cancelling. If the task is
// aborted while it waits, the callback writes into a frame that is gone.
using Callback = void (*)(void* context, int result);
void start(Callback callback, void* context);
weft::Task<int> callback_into_the_frame() {
  weft::sync::Notify done;
  struct Call {
    weft::sync::Notify* done;
    int result = 0;
  } call{&done};
  start(
      [](void* context, int result) {
        static_cast<Call*>(context)->result = result;
        static_cast<Call*>(context)->done->notify_one();
      },
      &call);
  co_await done.notified();
  co_return call.result;
}

}  // namespace topic_wrong
