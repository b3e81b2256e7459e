// The failing side of the checks. Interface and design: check.h.

#include <weft/base/check.h>

#include <charconv>
#include <cstdlib>
#include <iterator>
#include <sys/uio.h>

namespace weft::internal {
namespace {

::iovec piece(std::string_view text) noexcept {
  // SAFETY(cast): writev only reads what iov_base points to; the type is shared with readv.
  return ::iovec{.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
}

}  // namespace

void fatal(std::string_view what, std::source_location where) noexcept {
  char digits[16];
  const auto end = std::to_chars(digits, std::end(digits), where.line()).ptr;
  const ::iovec line[] = {
      piece("weft: fatal: "),
      piece(where.file_name()),
      piece(":"),
      piece({digits, end}),
      piece(": "),
      piece(what),
      piece("\n"),
  };
  // SAFETY(syscall): the pieces are alive and standard error is only written to. Not by way of
  // weft::sys: the line has to come out also where a test or a simulator has taken that over. One
  // call, so that lines of several threads do not mix; whether it succeeds no longer matters.
  [[maybe_unused]] const auto written = ::writev(2, line, static_cast<int>(std::size(line)));
  std::abort();
}

void check_failed(const char* condition, std::source_location where) noexcept {
  // A buffer rather than a string: there may be no heap left. Whoever has a longer condition sees
  // its beginning, and the line it stands on.
  char text[256] = "check failed: ";
  constexpr std::size_t kPrefix = sizeof("check failed: ") - 1;
  const std::string_view shown = std::string_view(condition).substr(0, sizeof text - kPrefix);
  const std::size_t size = kPrefix + shown.copy(text + kPrefix, shown.size());
  fatal({text, size}, where);
}

void check_failed(const char* /*condition*/, std::string_view message,
                  std::source_location where) noexcept {
  fatal(message, where);
}

}  // namespace weft::internal
