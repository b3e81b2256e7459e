// and_then, or_else, transform, transform_error: each with a value and with an error, in all four
// value categories.

#include <weft/base/result.h>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace {

using weft::Err;
using weft::Errc;
using weft::Result;

using Text = Result<std::string, std::string>;

// What a function was handed: its argument's type, so that a copy where a move was due shows.
enum class Handed { kLvalue, kConstLvalue, kRvalue, kConstRvalue };
struct Category {
  Handed operator()(std::string&) const { return Handed::kLvalue; }
  Handed operator()(const std::string&) const { return Handed::kConstLvalue; }
  Handed operator()(std::string&&) const { return Handed::kRvalue; }
  Handed operator()(const std::string&&) const { return Handed::kConstRvalue; }
};

TEST(ResultMonadic, TransformHandsOnTheCategory) {
  Text r = "v";
  EXPECT_EQ(*r.transform(Category()), Handed::kLvalue);
  EXPECT_EQ(*std::as_const(r).transform(Category()), Handed::kConstLvalue);
  EXPECT_EQ(*std::move(r).transform(Category()), Handed::kRvalue);
  EXPECT_EQ(*std::move(std::as_const(r)).transform(Category()), Handed::kConstRvalue);
}

TEST(ResultMonadic, TransformErrorHandsOnTheCategory) {
  Text r = Err("e");
  EXPECT_EQ(r.transform_error(Category()).error(), Handed::kLvalue);
  EXPECT_EQ(std::as_const(r).transform_error(Category()).error(), Handed::kConstLvalue);
  EXPECT_EQ(std::move(r).transform_error(Category()).error(), Handed::kRvalue);
  EXPECT_EQ(std::move(std::as_const(r)).transform_error(Category()).error(), Handed::kConstRvalue);
}

TEST(ResultMonadic, AndThenHandsOnTheCategory) {
  const auto next = [](auto&& v) -> Result<Handed, std::string> {
    return Category()(std::forward<decltype(v)>(v));
  };
  Text r = "v";
  EXPECT_EQ(*r.and_then(next), Handed::kLvalue);
  EXPECT_EQ(*std::as_const(r).and_then(next), Handed::kConstLvalue);
  EXPECT_EQ(*std::move(r).and_then(next), Handed::kRvalue);
  EXPECT_EQ(*std::move(std::as_const(r)).and_then(next), Handed::kConstRvalue);
}

TEST(ResultMonadic, OrElseHandsOnTheCategory) {
  const auto next = [](auto&& e) -> Result<std::string, Handed> {
    return Err(Category()(std::forward<decltype(e)>(e)));
  };
  Text r = Err("e");
  EXPECT_EQ(r.or_else(next).error(), Handed::kLvalue);
  EXPECT_EQ(std::as_const(r).or_else(next).error(), Handed::kConstLvalue);
  EXPECT_EQ(std::move(r).or_else(next).error(), Handed::kRvalue);
  EXPECT_EQ(std::move(std::as_const(r)).or_else(next).error(), Handed::kConstRvalue);
}

TEST(ResultMonadic, TheOtherHalfPassesThroughUncalled) {
  const Text value = "v";
  const Text error = Err("e");
  bool called = false;
  const auto touch = [&](const std::string&) {
    called = true;
    return 1;
  };
  const auto touch_value = [&](const std::string&) -> Result<int, std::string> {
    called = true;
    return 1;
  };
  const auto touch_error = [&](const std::string&) -> Result<std::string, int> {
    called = true;
    return Err(1);
  };
  EXPECT_EQ(error.transform(touch).error(), "e");
  EXPECT_EQ(error.and_then(touch_value).error(), "e");
  EXPECT_EQ(*value.transform_error(touch), "v");
  EXPECT_EQ(*value.or_else(touch_error), "v");
  EXPECT_FALSE(called);
}

TEST(ResultMonadic, AndThenMayFail) {
  const Result<int> three = 3;
  const auto half = [](int n) -> Result<int> {
    if (n % 2 != 0) return Err(Errc::invalid_data);
    return n / 2;
  };
  EXPECT_EQ(three.and_then(half), Err(Errc::invalid_data));
  EXPECT_EQ(Result<int>(8).and_then(half).and_then(half), 2);
}

TEST(ResultMonadic, OrElseMayRecover) {
  const Result<int> failed = Err(Errc::elapsed);
  EXPECT_EQ(failed.or_else([](weft::Error) -> Result<int> { return 5; }), 5);
}

TEST(ResultMonadic, MoveOnlyValuesPassAlong) {
  Result<std::unique_ptr<int>> r = std::make_unique<int>(1);
  auto next =
      std::move(r)
          .transform([](std::unique_ptr<int> p) {
            ++*p;
            return p;
          })
          .and_then([](std::unique_ptr<int> p) -> Result<std::unique_ptr<int>> { return p; })
          .transform_error([](weft::Error e) { return e.to_string(); });
  static_assert(std::is_same_v<decltype(next), Result<std::unique_ptr<int>, std::string>>);
  EXPECT_EQ(**next, 2);
}

TEST(ResultMonadic, FromAndToVoid) {
  int calls = 0;
  const Result<void> fine;
  static_assert(std::is_same_v<decltype(fine.transform([] { return 5; })), Result<int>>);
  EXPECT_EQ(fine.transform([] { return 5; }), 5);
  const auto to_void = Result<int>(2).transform([&](int n) { calls += n; });
  static_assert(std::is_same_v<decltype(to_void), const Result<void>>);
  EXPECT_TRUE(to_void.has_value());
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(fine.and_then([]() -> Result<int> { return 7; }), 7);
  EXPECT_TRUE(fine.transform([&] { ++calls; }).has_value());
  EXPECT_EQ(calls, 3);
  EXPECT_TRUE(fine.transform_error([](weft::Error) { return 1; }).has_value());
  const Result<void> failed = Err(Errc::closed);
  EXPECT_EQ(failed.transform([] { return 5; }), Err(Errc::closed));
  EXPECT_TRUE(failed.or_else([](weft::Error) { return Result<void>(); }).has_value());
  EXPECT_EQ(failed.transform_error([](weft::Error) { return 1; }), Err(1));
}

}  // namespace
