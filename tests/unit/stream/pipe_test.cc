#include <weft/stream/internal/pipe.h>

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/unit/stream/stream_support.h>
#include <weft/testing/harness.h>
#include <weft/testing/paused_runtime.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using stream_test::count_to;
using stream_test::items_of;
using stream_test::Scripted;
using stream_test::Value;
using test::assert_ready;

const auto is_even = [](const int& i) { return i % 2 == 0; };

TEST(ST48, APipeIsTheFunctionWithTheStreamFirst) {
  EXPECT_EQ(items_of(count_to(9) | stream::filter(is_even) | stream::map([](int i) { return -i; }) |
                     stream::take(3)),
            (std::vector{-2, -4, -6}));
}

TEST(ST48, AnLvalueIsBorrowed) {
  auto numbers = count_to(5);
  EXPECT_EQ(items_of(numbers | stream::take(2)), (std::vector{1, 2}));
  EXPECT_EQ(items_of(numbers), (std::vector{3, 4, 5}));
}

TEST(ST48, PipesArePutTogetherBeforeThereIsAStream) {
  auto evens = stream::filter(is_even) | stream::take(2) | stream::enumerate();
  const auto got = items_of(count_to(9) | std::move(evens));
  EXPECT_EQ(got, (std::vector<std::pair<std::size_t, int>>{{0, 2}, {1, 4}}));
}

TEST(ST48, EveryCombinatorHasAPipe) {
  test::PausedRuntime runtime;
  const auto yes = [](int) { return true; };
  const auto some = [](int i) { return Value(i); };
  const auto all = std::vector{1, 2, 3};
  EXPECT_EQ(items_of(count_to(3) | stream::filter_map(some)), all);
  EXPECT_EQ(items_of(count_to(3) | stream::then([](int i) -> Task<int> { co_return i; })), all);
  EXPECT_EQ(items_of(count_to(3) | stream::take_while(yes)), all);
  EXPECT_EQ(items_of(count_to(3) | stream::map_while(some)), all);
  EXPECT_EQ(items_of(count_to(4) | stream::skip(1)), (std::vector{2, 3, 4}));
  EXPECT_EQ(items_of(count_to(3) | stream::skip_while([](int i) { return i < 3; })),
            std::vector{3});
  EXPECT_EQ(items_of(count_to(1) | stream::chain(Scripted({2, 3}))), all);
  EXPECT_EQ(items_of(count_to(3) | stream::merge(Scripted({}))), all);
  EXPECT_EQ(items_of(count_to(3) | stream::zip(count_to(2))).size(), 2u);
  EXPECT_EQ(items_of(count_to(3) | stream::fuse()), all);
  EXPECT_EQ(items_of(count_to(3) | stream::peekable()), all);
  EXPECT_EQ(items_of(count_to(3) | stream::notify_close()).size(), 4u);
  EXPECT_EQ(items_of(count_to(3) | stream::timeout(1s)).size(), 3u);
  EXPECT_EQ(items_of(count_to(3) | stream::timeout_repeating(time::interval(1s))).size(), 3u);
  EXPECT_EQ(items_of(count_to(3) | stream::throttle(0s)), all);
  EXPECT_EQ(items_of(count_to(3) | stream::chunks_timeout(3, 1s)).at(0), all);
  const auto task = [](int i) -> Task<int> { co_return i; };
  EXPECT_EQ(items_of(count_to(3) | stream::map(task) | stream::buffered(2)), all);
}

TEST(ST48, EveryEndHasAPipe) {
  const auto result_of = [](auto awaitable) {
    auto spawned = test::spawn(std::move(awaitable));
    return assert_ready(spawned.poll());
  };
  EXPECT_EQ(result_of(count_to(4) | stream::fold(0, [](int a, int b) { return a + b; })), 10);
  EXPECT_EQ(result_of(count_to(2) | stream::collect<std::set<int>>()), (std::set{1, 2}));
  EXPECT_TRUE(result_of(count_to(4) | stream::all([](int i) { return i < 5; })));
  EXPECT_FALSE(result_of(count_to(4) | stream::any([](int i) { return i == 5; })));
  int sum = 0;
  auto each = test::spawn(count_to(4) | stream::for_each([&](int i) { sum += i; }));
  assert_ready(each.poll());
  EXPECT_EQ(sum, 10);
  const auto work = [&sum](int i) -> Task<> {
    sum += i;
    co_return;
  };
  auto concurrent = test::spawn(count_to(4) | stream::for_each_concurrent(2, work));
  assert_ready(concurrent.poll());
  EXPECT_EQ(sum, 20);
}

}  // namespace
}  // namespace weft
