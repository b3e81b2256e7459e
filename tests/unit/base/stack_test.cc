// Switching between stacks.

#include <weft/base/stack.h>

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

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

TEST(R164, AContextGoesOnOnAnotherThreadWithItsExceptions) {
  Stack stack = Stack::create(std::size_t{64} << 10).value();
  StackContext fiber;
  struct Shared {
    StackContext* host = nullptr;
    StackContext* fiber = nullptr;
    std::string log;
  } shared;
  shared.fiber = &fiber;
  const auto switch_there = [&] {
    StackContext host;
    shared.host = &host;
    host.switch_to(fiber);
    EXPECT_EQ(std::current_exception(), nullptr);
    EXPECT_EQ(std::uncaught_exceptions(), 0);
  };
  fiber.start(
      stack,
      [](void* argument) {
        auto& both = *static_cast<Shared*>(argument);
        try {
          throw std::runtime_error("carried along");
        } catch (const std::exception& caught) {
          both.fiber->switch_to(*both.host);
          EXPECT_NE(std::current_exception(), nullptr);
          both.log = caught.what();
        }
        EXPECT_EQ(std::current_exception(), nullptr);
        both.fiber->leave_for(*both.host);
      },
      &shared);
  switch_there();
  std::thread(switch_there).join();
  EXPECT_EQ(shared.log, "carried along");
}

TEST(R164, AStackTellsHowMuchOfItWasUsed) {
  const Stack stack = Stack::create(std::size_t{64} << 10).value();
  EXPECT_EQ(stack.high_water(), 0u);
  stack.lowest()[stack.size() - 1] = std::byte{1};
  EXPECT_EQ(stack.high_water(), sizeof(void*));
  stack.lowest()[stack.size() - 4096] = std::byte{1};
  EXPECT_EQ(stack.high_water(), 4096u);
  stack.lowest()[0] = std::byte{1};
  EXPECT_EQ(stack.high_water(), stack.size());
}

TEST(R164, AnIdleStackIsUsedAgainForTheSameSize) {
  StackPool pool(StackPool::kLargest);
  EXPECT_FALSE(pool.take(StackPool::kSmallest));
  Stack stack = Stack::create(StackPool::kSmallest).value();
  const std::byte* const place = stack.lowest();
  EXPECT_FALSE(pool.give_back(std::move(stack)));
  EXPECT_FALSE(pool.take(2 * StackPool::kSmallest));
  stack = pool.take(StackPool::kSmallest);
  EXPECT_EQ(stack.lowest(), place);
  EXPECT_FALSE(pool.take(StackPool::kSmallest));
}

TEST(R164, APoolOfStacksKeepsNoMoreThanItsCapacity) {
  StackPool pool(3 * StackPool::kSmallest);
  EXPECT_FALSE(pool.give_back(Stack::create(2 * StackPool::kSmallest).value()));
  EXPECT_TRUE(pool.give_back(Stack::create(2 * StackPool::kSmallest).value()));
  EXPECT_FALSE(pool.give_back(Stack::create(StackPool::kSmallest).value()));
  EXPECT_TRUE(pool.give_back(Stack::create(StackPool::kSmallest).value()));
  EXPECT_TRUE(pool.take(2 * StackPool::kSmallest));
  EXPECT_FALSE(pool.give_back(Stack::create(StackPool::kSmallest).value()));
}

TEST(R164, SizesThatAPoolDoesNotKeepAreGivenBack) {
  StackPool pool(4 * StackPool::kLargest);
  EXPECT_TRUE(pool.give_back(Stack::create(3 * StackPool::kSmallest).value()));
  EXPECT_TRUE(pool.give_back(Stack::create(StackPool::kSmallest / 2).value()));
  EXPECT_TRUE(pool.give_back(Stack::create(2 * StackPool::kLargest).value()));
  EXPECT_FALSE(pool.give_back(Stack::create(StackPool::kLargest).value()));
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
