#include <weft/base/error.h>

#include <cerrno>
#include <gtest/gtest.h>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

#include <weft/base/runtime_gone.h>

namespace {

using weft::Errc;
using weft::Error;

constexpr Errc kAll[] = {
    Errc::unexpected_eof,  Errc::write_zero,  Errc::runtime_shutdown, Errc::elapsed,
    Errc::cancelled,       Errc::closed,      Errc::frame_too_large,  Errc::invalid_data,
    Errc::bytes_remaining, Errc::no_capacity, Errc::too_many_fds,     Errc::control_truncated,
    Errc::other,
};

TEST(Error, IsEightBytesCopiedFreely) {
  static_assert(sizeof(Error) == 8 && std::is_trivially_copyable_v<Error>);
  static_assert(!std::is_default_constructible_v<Error>);
  static_assert(std::is_convertible_v<Error, std::error_code>);
  static_assert(std::is_convertible_v<std::errc, Error> && std::is_convertible_v<Errc, Error>);
  static_assert(!std::is_convertible_v<int, Error>);
}

TEST(Error, ErrnoIsKeptExactly) {
  for (const int number : {1, EAGAIN, ECONNREFUSED, 133, 4095}) {
    const Error error = Error::from_errno(number);
    EXPECT_EQ(error.raw_os_error(), std::optional<int>(number));
    EXPECT_EQ(error.code().value(), number);
    EXPECT_EQ(error.code().category(), std::system_category());
  }
}

TEST(Error, LastOsErrorIsErrno) {
  errno = ENOTDIR;
  EXPECT_EQ(Error::last_os_error(), std::errc::not_a_directory);
}

TEST(Error, ErrcHasNoErrno) {
  for (const Errc code : kAll) EXPECT_EQ(Error(code).raw_os_error(), std::nullopt);
}

TEST(Error, EqualsWhatItWasMadeFromAndNothingElse) {
  for (const Errc a : kAll) {
    for (const Errc b : kAll) {
      EXPECT_EQ(Error(a) == b, a == b);
      EXPECT_EQ(Error(a) == Error(b), a == b);
    }
    // Errc values are numbers as errnos are, but never equal to one.
    EXPECT_NE(Error(a), Error::from_errno(static_cast<int>(a)));
    EXPECT_NE(Error(a), static_cast<std::errc>(static_cast<int>(a)));
  }
  EXPECT_EQ(Error(std::errc::broken_pipe), Error::from_errno(EPIPE));
  EXPECT_EQ(Error::from_errno(EPIPE), std::errc::broken_pipe);
  EXPECT_EQ(std::errc::broken_pipe, Error::from_errno(EPIPE));
  EXPECT_NE(Error::from_errno(EPIPE), std::errc::timed_out);
  EXPECT_NE(Error(Errc::elapsed), std::errc::timed_out);
}

TEST(Error, WouldBlockAndTryAgainAreOne) {
  for (const int number : {EAGAIN, EWOULDBLOCK}) {
    EXPECT_EQ(Error::from_errno(number), std::errc::operation_would_block);
    EXPECT_EQ(Error::from_errno(number), std::errc::resource_unavailable_try_again);
  }
}

TEST(Error, ConvertsToTheErrorCodeItStandsFor) {
  const std::error_code system = Error(std::errc::connection_refused);
  EXPECT_EQ(system, std::errc::connection_refused);
  const std::error_code own = Error(Errc::closed);
  EXPECT_EQ(own, Errc::closed);
  EXPECT_EQ(own.category(), weft::weft_category());
  EXPECT_EQ(std::string(own.category().name()), "weft");
  EXPECT_NE(own, std::errc::timed_out);
  const std::error_code direct = Errc::elapsed;
  EXPECT_EQ(direct, Errc::elapsed);
  EXPECT_TRUE(own && system);
}

TEST(Error, TextNamesTheReason) {
  EXPECT_EQ(Error(std::errc::connection_refused).to_string(),
            "Connection refused (os error " + std::to_string(ECONNREFUSED) + ")");
  std::set<std::string> texts;
  for (const Errc code : kAll) {
    const std::string text = Error(code).to_string();
    EXPECT_FALSE(text.empty());
    EXPECT_EQ(text, make_error_code(code).message());
    texts.insert(text);
  }
  EXPECT_EQ(texts.size(), std::size(kAll));
  EXPECT_FALSE(texts.contains(weft::weft_category().message(9999)));
}

TEST(Error, StreamsAsItsText) {
  std::ostringstream out;
  out << Error(Errc::closed);
  EXPECT_EQ(out.str(), Error(Errc::closed).to_string());
}

TEST(Error, ThrowsAsSystemError) {
  try {
    weft::internal::throw_bad_result_access(Error(std::errc::timed_out));
  } catch (const std::system_error& thrown) {
    EXPECT_EQ(thrown.code(), std::errc::timed_out);
  }
}

TEST(RuntimeGone, IsAnExceptionThatSaysSo) {
  const weft::RuntimeGone plain;
  const std::exception& base = plain;
  EXPECT_NE(std::string_view(base.what()).find("shut down"), std::string_view::npos);
  const weft::RuntimeGone named("time::sleep: the runtime has shut down");
  EXPECT_STREQ(named.what(), "time::sleep: the runtime has shut down");
}

}  // namespace
