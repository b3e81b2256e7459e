// Result: what it holds and how it gets there. The monadic operations: result_monadic_test.cc.

#include <weft/base/result.h>

#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using weft::BadResultAccess;
using weft::Err;
using weft::Errc;
using weft::Error;
using weft::Result;

// Counts the living, and throws on request where a test says so.
struct Tracked {
  explicit Tracked(int n) : number(n) { ++alive; }
  Tracked(const Tracked& other) : number(other.number) {
    if (throw_on_copy) throw std::runtime_error("copy");
    ++alive;
  }
  Tracked(Tracked&& other) noexcept : number(std::exchange(other.number, -1)) { ++alive; }
  Tracked& operator=(const Tracked&) = default;
  Tracked& operator=(Tracked&& other) noexcept {
    number = std::exchange(other.number, -1);
    return *this;
  }
  ~Tracked() { --alive; }
  friend bool operator==(const Tracked& a, const Tracked& b) { return a.number == b.number; }

  int number;
  static inline int alive = 0;
  static inline bool throw_on_copy = false;
};

// Its moves may throw, so that a Result has to put the old state back.
struct ThrowingMove {
  explicit ThrowingMove(int n) : number(n) {
    if (n < 0) throw std::runtime_error("made from a negative number");
  }
  ThrowingMove(const ThrowingMove& other) : ThrowingMove(other.number) {}
  ThrowingMove& operator=(const ThrowingMove&) = default;
  int number;
};

struct Explicit {
  explicit Explicit(int n) : number(n) {}
  int number;
};

TEST(Result, KindsOfSpecialMembersFollowTheTypes) {
  static_assert(std::is_trivially_copyable_v<Result<int>> && sizeof(Result<int>) == 12);
  static_assert(std::is_trivially_copyable_v<Result<void>> && sizeof(Result<void>) == 12);
  static_assert(std::is_trivially_destructible_v<Result<int*, int>>);
  using Movable = Result<std::unique_ptr<int>>;
  static_assert(!std::is_copy_constructible_v<Movable> && !std::is_copy_assignable_v<Movable>);
  static_assert(std::is_nothrow_move_constructible_v<Movable>);
  static_assert(std::is_nothrow_move_assignable_v<Movable>);
  static_assert(!std::is_trivially_destructible_v<Movable>);
  using MovableError = Result<void, std::unique_ptr<int>>;
  static_assert(!std::is_copy_constructible_v<MovableError>);
  static_assert(std::is_move_constructible_v<MovableError>);
  static_assert(std::is_copy_assignable_v<Result<std::string>>);
  static_assert(!std::is_default_constructible_v<Result<Explicit>>);
  static_assert(std::is_default_constructible_v<Result<void, Explicit>>);
}

TEST(Result, ConversionsAreAsExplicitAsTheTypes) {
  static_assert(std::is_convertible_v<const char*, Result<std::string>>);
  static_assert(!std::is_convertible_v<int, Result<Explicit>>);
  static_assert(std::is_constructible_v<Result<Explicit>, int>);
  static_assert(std::is_convertible_v<Result<const char*>, Result<std::string>>);
  static_assert(std::is_convertible_v<Result<const char*, Errc>, Result<std::string>>);
  static_assert(!std::is_convertible_v<Result<int>, Result<Explicit>>);
  static_assert(std::is_constructible_v<Result<Explicit>, Result<int>>);
  static_assert(!std::is_constructible_v<Result<int, int>, Result<std::string, int>>);
  static_assert(!std::is_convertible_v<Result<int>, Result<void>>);
  // An error always converts, also where the type alone would not.
  static_assert(std::is_convertible_v<Err<int>, Result<void, Explicit>>);
  static_assert(!std::is_constructible_v<Result<void, int>, Err<std::string>>);
  static_assert(!std::is_convertible_v<Result<int>, bool>);
}

TEST(Result, HoldsAValue) {
  Result<std::string> r = "text";
  EXPECT_TRUE(r.has_value());
  EXPECT_TRUE(static_cast<bool>(r));
  EXPECT_EQ(*r, "text");
  EXPECT_EQ(r->size(), 4u);
  EXPECT_EQ(r.value(), "text");
  EXPECT_EQ(std::as_const(r).value(), "text");
  EXPECT_EQ(*std::as_const(r), "text");
  EXPECT_EQ(std::as_const(r)->size(), 4u);
  EXPECT_EQ(*Result<int>(), 0);
}

TEST(Result, HoldsAnError) {
  Result<int> r = Err(Errc::closed);
  EXPECT_FALSE(r.has_value());
  EXPECT_FALSE(static_cast<bool>(r));
  EXPECT_EQ(r.error(), Errc::closed);
  EXPECT_EQ(std::as_const(r).error(), Errc::closed);
  const Err<std::string> kept("why");
  const Result<int, std::string> copied = kept;
  EXPECT_EQ(copied.error(), "why");
}

TEST(Result, MovesOutOfAnRvalue) {
  Result<std::unique_ptr<int>> r = std::make_unique<int>(5);
  const std::unique_ptr<int> taken = *std::move(r);
  EXPECT_EQ(*taken, 5);
  EXPECT_EQ(*r, nullptr);
  Result<std::unique_ptr<int>> again = std::make_unique<int>(6);
  EXPECT_EQ(*std::move(again).value(), 6);
  Result<void, std::unique_ptr<int>> failed = Err(std::make_unique<int>(7));
  const std::unique_ptr<int> error = std::move(failed).error();
  EXPECT_EQ(*error, 7);
  Err<std::unique_ptr<int>> carried(std::make_unique<int>(8));
  const Result<int, std::unique_ptr<int>> from_err = std::move(carried);
  EXPECT_EQ(*from_err.error(), 8);
  EXPECT_EQ(carried.error(), nullptr);
}

TEST(Result, ConstRvaluesKeepTheirCategory) {
  using R = Result<std::string, std::string>;
  static_assert(std::is_same_v<decltype(*std::declval<const R>()), const std::string&&>);
  static_assert(std::is_same_v<decltype(std::declval<const R>().value()), const std::string&&>);
  static_assert(std::is_same_v<decltype(std::declval<const R>().error()), const std::string&&>);
  const R value = "v";
  EXPECT_EQ(*std::move(value), "v");
  EXPECT_EQ(std::move(value).value(), "v");
  const R error = Err("e");
  EXPECT_EQ(std::move(error).error(), "e");
  const Err<std::string> err("e");
  EXPECT_EQ(std::move(err).error(), "e");
}

TEST(Result, ValueOrFallsBack) {
  EXPECT_EQ(Result<int>(3).value_or(4), 3);
  const Result<int> failed = Err(Errc::other);
  EXPECT_EQ(failed.value_or(4), 4);
  EXPECT_EQ(Result<std::string>(Err(Errc::other)).value_or("none"), "none");
  EXPECT_EQ(*Result<std::unique_ptr<int>>(std::make_unique<int>(1)).value_or(nullptr), 1);
}

TEST(Result, InPlaceAndEmplace) {
  Result<std::vector<int>> r(std::in_place, 3u, 7);
  EXPECT_EQ(*r, (std::vector<int>{7, 7, 7}));
  r = Err(Errc::closed);
  EXPECT_EQ(r.emplace(2u, 1).size(), 2u);
  EXPECT_EQ(*r, (std::vector<int>{1, 1}));
  r.emplace(1u, 9);
  EXPECT_EQ(*r, (std::vector<int>{9}));
}

TEST(Result, CopiesAndMovesEitherHalf) {
  using R = Result<Tracked, std::string>;
  {
    R value(std::in_place, 1);
    R error = Err("long enough to be allocated on the heap");
    R value_copy = value;
    R error_copy = error;
    EXPECT_EQ(value_copy, value);
    EXPECT_EQ(error_copy, error);
    R value_moved = std::move(value_copy);
    R error_moved = std::move(error_copy);
    EXPECT_EQ(value_moved->number, 1);
    EXPECT_EQ(value_copy->number, -1);
    EXPECT_EQ(error_moved, error);
    EXPECT_EQ(Tracked::alive, 3);
  }
  EXPECT_EQ(Tracked::alive, 0);
}

TEST(Result, AssignsAllFourWays) {
  using R = Result<Tracked, std::string>;
  {
    const R one(std::in_place, 1);
    const R two(std::in_place, 2);
    const R bad = Err("bad");
    const R worse = Err("worse");
    R r = one;
    r = two;
    EXPECT_EQ(r->number, 2);
    r = bad;
    EXPECT_EQ(r.error(), "bad");
    EXPECT_EQ(Tracked::alive, 2);
    r = worse;
    EXPECT_EQ(r.error(), "worse");
    r = one;
    EXPECT_EQ(r->number, 1);
    EXPECT_EQ(Tracked::alive, 3);
    r = R(Err("moved"));
    EXPECT_EQ(r.error(), "moved");
    r = R(std::in_place, 9);
    EXPECT_EQ(r->number, 9);
    r = R(std::in_place, 10);
    EXPECT_EQ(r->number, 10);
    r = R(Err("a"));
    r = R(Err("b"));
    EXPECT_EQ(r.error(), "b");
    auto& self = r;
    r = self;
    EXPECT_EQ(r.error(), "b");
  }
  EXPECT_EQ(Tracked::alive, 0);
}

TEST(Result, AssignmentThatThrowsChangesNothing) {
  using R = Result<Tracked, std::string>;
  const R value(std::in_place, 1);
  R r = Err("kept");
  Tracked::throw_on_copy = true;
  EXPECT_THROW(r = value, std::runtime_error);
  Tracked::throw_on_copy = false;
  EXPECT_EQ(r.error(), "kept");
}

TEST(Result, EmplaceThatThrowsPutsTheOldStateBack) {
  static_assert(!std::is_nothrow_move_constructible_v<ThrowingMove>);
  Result<ThrowingMove, std::string> r = Err("kept");
  EXPECT_THROW(r.emplace(-1), std::runtime_error);
  ASSERT_FALSE(r.has_value());
  EXPECT_EQ(r.error(), "kept");
  r.emplace(4);
  EXPECT_EQ(r->number, 4);
}

TEST(Result, ConvertsHalfByHalf) {
  const Result<const char*, Errc> value = "text";
  const Result<const char*, Errc> error = Err(Errc::closed);
  const Result<std::string> a = value;
  const Result<std::string> b = error;
  EXPECT_EQ(*a, "text");
  EXPECT_EQ(b.error(), Errc::closed);
  Result<std::unique_ptr<int>, Errc> source = std::make_unique<int>(3);
  const Result<std::shared_ptr<int>> taken = std::move(source);
  EXPECT_EQ(**taken, 3);
  const Result<void> from_void = Result<void, Errc>(Err(Errc::elapsed));
  EXPECT_EQ(from_void.error(), Errc::elapsed);
  const Result<void, Errc> fine;
  EXPECT_TRUE(Result<void>(fine).has_value());
}

// A Result that holds false is a value; it must not be asked whether it succeeded.
TEST(Result, OfBoolKeepsTheBool) {
  const Result<bool, Errc> no = false;
  const Result<bool> converted = no;
  ASSERT_TRUE(converted.has_value());
  EXPECT_FALSE(*converted);
  const Result<bool, Errc> failed = Err(Errc::closed);
  EXPECT_FALSE(Result<bool>(failed).has_value());
}

TEST(Result, Compares) {
  EXPECT_EQ(Result<int>(3), Result<int>(3));
  EXPECT_NE(Result<int>(3), Result<int>(4));
  EXPECT_NE(Result<int>(3), Result<int>(Err(Errc::closed)));
  EXPECT_EQ(Result<int>(Err(Errc::closed)), Result<int>(Err(Errc::closed)));
  EXPECT_NE(Result<int>(Err(Errc::closed)), Result<int>(Err(Errc::other)));
  EXPECT_EQ(Result<int>(3), (Result<long, Errc>(3)));
  EXPECT_EQ(Result<int>(3), 3);
  EXPECT_NE(Result<int>(3), 4);
  EXPECT_NE(Result<int>(Err(Errc::closed)), 0);
  EXPECT_EQ(Result<int>(Err(Errc::closed)), Err(Errc::closed));
  EXPECT_NE(Result<int>(3), Err(Errc::closed));
  EXPECT_EQ(Result<void>(), Result<void>());
  EXPECT_NE(Result<void>(), Result<void>(Err(Errc::closed)));
  EXPECT_EQ(Result<void>(Err(Errc::closed)), Result<void>(Err(Errc::closed)));
  EXPECT_NE(Result<void>(Err(Errc::closed)), Result<void>(Err(Errc::other)));
  EXPECT_EQ(Result<void>(Err(Errc::closed)), Err(Errc::closed));
  EXPECT_NE(Result<void>(), Err(Errc::closed));
}

TEST(Result, ValueOnAnErrorThrowsSystemError) {
  Result<int> r = Err(std::errc::timed_out);
  const auto code_of = [](auto&& call) {
    try {
      call();
    } catch (const std::system_error& thrown) {
      return thrown.code();
    }
    return std::error_code();
  };
  EXPECT_EQ(code_of([&] { return r.value(); }), std::errc::timed_out);
  EXPECT_EQ(code_of([&] { return std::as_const(r).value(); }), std::errc::timed_out);
  EXPECT_EQ(code_of([&] { return std::move(r).value(); }), std::errc::timed_out);
  EXPECT_EQ(code_of([&] { return std::move(std::as_const(r)).value(); }), std::errc::timed_out);
  const Result<void> none = Err(Errc::closed);
  EXPECT_EQ(code_of([&] { none.value(); }), Errc::closed);
  EXPECT_EQ(code_of([&] { Result<void>(Err(Errc::closed)).value(); }), Errc::closed);
}

TEST(Result, ValueOnAnotherErrorThrowsIt) {
  using R = Result<int, std::unique_ptr<int>>;
  try {
    static_cast<void>(R(Err(std::make_unique<int>(3))).value());
    FAIL() << "did not throw";
  } catch (BadResultAccess<std::unique_ptr<int>>& thrown) {
    EXPECT_EQ(*thrown.error(), 3);
    EXPECT_EQ(*std::as_const(thrown).error(), 3);
    EXPECT_STRNE(thrown.what(), "");
    const std::unique_ptr<int> taken = std::move(thrown).error();
    EXPECT_EQ(*taken, 3);
  }
  const Result<void, std::string> copied = Err("kept");
  try {
    copied.value();
    FAIL() << "did not throw";
  } catch (const BadResultAccess<std::string>& thrown) {
    EXPECT_EQ(std::move(thrown).error(), "kept");
  }
  EXPECT_EQ(copied.error(), "kept");
}

TEST(Result, OfVoid) {
  Result<void> r;
  EXPECT_TRUE(r.has_value());
  *r;
  r.value();
  r = Err(Errc::cancelled);
  EXPECT_EQ(r.error(), Errc::cancelled);
  r.emplace();
  EXPECT_TRUE(r.has_value());
  const Err<Errc> kept(Errc::closed);
  EXPECT_EQ(Result<void>(kept).error(), Errc::closed);
}

constexpr int constant() {
  Result<int, int> r = 3;
  r = Err(4);
  r.emplace(5);
  Result<void, int> v = Err(2);
  return *r + v.error();
}
static_assert(constant() == 7);

#ifndef NDEBUG
TEST(ResultDeathTest, ReadingTheHalfThatIsNotThereIsFatal) {
  Result<int> error = Err(Errc::closed);
  Result<int> value = 1;
  const Result<void> none = Err(Errc::closed);
  EXPECT_DEATH(*error = 1, "value read while it holds an error");
  EXPECT_DEATH(static_cast<void>(std::as_const(error).operator->()), "value read while");
  EXPECT_DEATH(static_cast<void>(value.error()), "error: it holds a value");
  EXPECT_DEATH(static_cast<void>(std::as_const(value).error()), "error: it holds a value");
  EXPECT_DEATH(*none, "value read while");
}
#endif

}  // namespace
