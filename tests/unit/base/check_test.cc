// The checks as a debug build has them; what NDEBUG changes is in check_release_test.cc.

#include <gtest/gtest.h>

// Whatever the build type. check.h has no inline code, so this affects this file alone.
#undef NDEBUG
#include <csignal>
#include <source_location>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <weft/base/check.h>

namespace {

// Converts only where an `if` would convert it, as a Result does.
struct OnlyContextually {
  explicit operator bool() const { return holds; }
  bool holds;
};

std::string at(int line) { return "weft: fatal: .*check_test\\.cc:" + std::to_string(line) + ": "; }

// A function of ours that a caller misuses.
void needs_positive(int n, std::source_location where = std::source_location::current()) {
  WEFT_CHECK(n > 0, "needs_positive: pass a number above zero", where);
}

constexpr int checked_half(int n) {
  WEFT_CHECK(n % 2 == 0);
  WEFT_DCHECK(n >= 0);
  return n / 2;
}

TEST(Check, TrueConditionPasses) {
  WEFT_CHECK(true);
  WEFT_CHECK(1 + 1 == 2, "arithmetic");
  WEFT_DCHECK(true, "a message is allowed here too");
}

TEST(Check, ConditionIsEvaluatedOnce) {
  int evaluated = 0;
  WEFT_CHECK(++evaluated == 1);
  EXPECT_EQ(evaluated, 1);
  WEFT_DCHECK(++evaluated == 2);
  EXPECT_EQ(evaluated, 2);
}

TEST(Check, IsAnExpressionThatConstantFunctionsMayUse) {
  static_assert(checked_half(8) == 4);
  const int taken = (WEFT_CHECK(true), 3);
  EXPECT_EQ(taken, 3);
}

TEST(CheckDeathTest, ConvertsTheConditionAsAnIfDoes) {
  WEFT_CHECK(OnlyContextually{true});
  EXPECT_DEATH(WEFT_CHECK(OnlyContextually{false}), "check failed: OnlyContextually");
}

TEST(CheckDeathTest, WithoutMessageShowsConditionAndPlace) {
  const int n = 3;
  EXPECT_DEATH(WEFT_CHECK(n == 4), at(__LINE__) + "check failed: n == 4\n");
}

TEST(CheckDeathTest, MessageReplacesTheCondition) {
  EXPECT_DEATH(WEFT_CHECK(false, "open the door first"), at(__LINE__) + "open the door first\n");
}

TEST(CheckDeathTest, PlaceIsTheCallersWhenHandedOn) {
  EXPECT_DEATH(needs_positive(0), at(__LINE__) + "needs_positive: pass a number above zero\n");
}

TEST(CheckDeathTest, DebugCheckFailsAlike) {
  EXPECT_DEATH(WEFT_DCHECK(1 > 2), at(__LINE__) + "check failed: 1 > 2\n");
  EXPECT_DEATH(WEFT_DCHECK(1 > 2, "numbers are upside down"), "numbers are upside down\n");
}

TEST(CheckDeathTest, EndsByAbort) {
  EXPECT_EXIT(weft::internal::fatal("the end"), testing::KilledBySignal(SIGABRT), "the end");
}

// A packet socket keeps each write apart, so the whole line in one packet is one system call.
TEST(CheckDeathTest, LineIsWrittenInOnePiece) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
  const std::string what(3000, 'w');
  const int line = __LINE__ + 4;
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], 2);
    weft::internal::fatal(what);
  }
  ASSERT_GT(child, 0);
  char buffer[8192];
  const ssize_t size = ::recv(ends[0], buffer, sizeof buffer, 0);
  ASSERT_GT(size, 0);
  const std::string_view got(buffer, static_cast<std::size_t>(size));
  EXPECT_TRUE(got.starts_with("weft: fatal: "));
  EXPECT_TRUE(got.ends_with("check_test.cc:" + std::to_string(line) + ": " + what + "\n")) << got;
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(CheckDeathTest, LongConditionIsCutNotOverrun) {
  const std::string text(5000, 'c');
  EXPECT_DEATH(weft::internal::check_failed(text.c_str()), ": check failed: c{100,300}\n");
}

}  // namespace
