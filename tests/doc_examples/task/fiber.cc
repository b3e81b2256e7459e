// The example in task/fiber.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/fiber.h>

#include <functional>
#include <optional>
#include <span>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Knows nothing of tasks: it calls `read` whenever it needs another byte.
int sum_of_numbers(const std::function<std::optional<char>()>& read) {
  int sum = 0, number = 0;
  while (const std::optional<char> next = read()) {
    if (*next >= '0' && *next <= '9') {
      number = number * 10 + (*next - '0');
    } else {
      sum += std::exchange(number, 0);
    }
  }
  return sum + number;
}

Task<int> sum_what_comes(io::DuplexStream& stream) {
  co_return co_await fiber::run([&stream] {
    return sum_of_numbers([&stream]() -> std::optional<char> {
      char byte = 0;
      const auto got = fiber::await(stream.read(std::span<char>(&byte, 1)));
      if (!got || *got == 0) return std::nullopt;
      return byte;
    });
  });
}
// [end]

TEST(DocExample, TaskFiber) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(near.write_all("12 and 30, not 4")));
  {
    const auto closed = std::move(near);
  }
  EXPECT_EQ(test::block_on(sum_what_comes(far)), 46);
}

}  // namespace
}  // namespace weft
