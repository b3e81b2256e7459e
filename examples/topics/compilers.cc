// Topic: what g++ 12 compiles wrong, written so that both compilers get it right.
//
//   $ topic_compilers

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <weft/weft.h>

namespace {

weft::Task<bool> is_ready() { co_return true; }

// A condition is awaited into a local first.
weft::Task<int> condition() {
  const bool ready = co_await is_ready();
  if (ready) co_return 1;
  co_return 0;
}

struct Options {
  std::string host;
  int port;
};
weft::Task<std::string> connect(Options options) {
  co_return options.host + ":" + std::to_string(options.port);
}

// An aggregate for an awaited call has a name, and is moved.
weft::Task<std::string> aggregate() {
  Options options{"example.org", 80};
  co_return co_await connect(std::move(options));
}

// So has a vector made of a list, and a lambda that captures something with a destructor.
weft::Task<int> count(std::vector<std::string> words) { co_return static_cast<int>(words.size()); }
weft::Task<int> list_and_lambda() {
  std::vector<std::string> words{"a", "b"};
  const int counted = co_await count(std::move(words));
  const std::string prefix = "number ";
  const auto say = [prefix](int number) { return prefix + std::to_string(number); };
  auto job = weft::spawn_blocking(say, counted);
  const auto said = co_await job;
  co_return static_cast<int>(said.value().size());
}

// The choice between two awaitables is an if.
weft::Task<int> choice(bool first) {
  if (first) co_return co_await condition();
  co_return co_await list_and_lambda();
}

// co_await is not allowed in a catch block: remember what happened, and await behind it.
weft::Task<std::string> after_an_exception() {
  std::string problem;
  try {
    throw std::string("thrown");
  } catch (const std::string& what) {
    problem = what;
  }
  if (!problem.empty()) co_await weft::yield_now();
  co_return problem;
}

}  // namespace

weft::Task<int> co_main(int, char**) {
  const int one = co_await choice(true);
  const int other = co_await choice(false);
  const std::string address = co_await aggregate();
  const std::string problem = co_await after_an_exception();
  std::printf("%d %d %s %s\n", one, other, address.c_str(), problem.c_str());
  co_return 0;
}
