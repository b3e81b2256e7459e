// Switching between stacks.

#include <weft/base/stack.h>

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace weft::internal {
namespace {

struct Pair {
  StackContext host;
  StackContext fiber;
  std::string log;
};

TEST(TE12, ContextsSwitchAndContinueWhereTheyWere) {
  Stack stack = Stack::create(std::size_t{64} << 10).value();
  Pair pair;
  pair.fiber.start(
      stack,
      [](void* argument) {
        auto& both = *static_cast<Pair*>(argument);
        both.log += "b";
        both.fiber.switch_to(both.host);
        both.log += "d";
        both.fiber.leave_for(both.host);
      },
      &pair);
  pair.log += "a";
  pair.host.switch_to(pair.fiber);
  pair.log += "c";
  pair.host.switch_to(pair.fiber);
  EXPECT_EQ(pair.log, "abcd");
}

TEST(TE12, ExceptionsBeingHandledStayWithTheirContext) {
  Stack stack = Stack::create(std::size_t{64} << 10).value();
  Pair pair;
  pair.fiber.start(
      stack,
      [](void* argument) {
        auto& both = *static_cast<Pair*>(argument);
        try {
          throw std::runtime_error("fiber");
        } catch (const std::exception&) {
          both.fiber.switch_to(both.host);
          try {
            std::rethrow_exception(std::current_exception());
          } catch (const std::exception& again) {
            both.log += again.what();
          }
        }
        both.fiber.leave_for(both.host);
      },
      &pair);
  try {
    throw std::runtime_error("host ");
  } catch (const std::exception& mine) {
    pair.host.switch_to(pair.fiber);
    EXPECT_EQ(std::current_exception() != nullptr, true);
    pair.log += mine.what();
  }
  pair.host.switch_to(pair.fiber);
  EXPECT_EQ(pair.log, "host fiber");
}

TEST(TE12, OverflowHitsTheGuardPage) {
  const auto overflow = [] {
    const Stack stack = Stack::create(std::size_t{64} << 10).value();
    volatile std::byte* const below = stack.lowest() - 1;
    *below = std::byte{1};
  };
  EXPECT_DEATH(overflow(), "");
}

}  // namespace
}  // namespace weft::internal
