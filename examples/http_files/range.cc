// Ranges of bytes. Interface: range.h.

#include <examples/http_files/range.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <system_error>

namespace http_files {
namespace {

// Nothing: no number. What is too large for one is as large as can be: files are smaller.
std::optional<std::uint64_t> parse(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return std::numeric_limits<std::uint64_t>::max();
  if (error != std::errc()) return std::nullopt;
  return number;
}

}  // namespace

Range range_of(std::string_view value, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  const Range whole{Range::Kind::kWhole, 0, size};
  if (!value.starts_with(kUnit)) return whole;
  value.remove_prefix(kUnit.size());
  const std::size_t dash = value.find('-');
  if (dash == std::string_view::npos) return whole;
  const std::string_view first = value.substr(0, dash);
  const std::string_view last = value.substr(dash + 1);

  Range range{Range::Kind::kPart, 0, size};
  const std::optional<std::uint64_t> begin = parse(first);
  const std::optional<std::uint64_t> number = parse(last);
  if (first.empty() && number) {
    range.begin = size - std::min(*number, size);  // so many at the end
  } else if (begin && last.empty()) {
    range.begin = *begin;
  } else if (begin && number && *begin <= *number) {
    range.begin = *begin;
    if (*number < size) range.end = *number + 1;
  } else {
    return whole;
  }
  if (range.begin >= range.end) range.kind = Range::Kind::kNotInTheFile;
  return range;
}

}  // namespace http_files
