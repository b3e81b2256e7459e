// The pieces of RESP. Interface: wire.h.

#include <examples/mini_redis/wire.h>

#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace mini_redis {

using weft::Err;
using weft::Errc;
using weft::Result;

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || parsed != end) return std::nullopt;
  return number;
}

void put_number_line(char kind, std::int64_t number, BytesMut& out) {
  std::array<char, 24> line;  // 20 characters are the longest number
  line[0] = kind;
  char* end = std::to_chars(line.data() + 1, line.data() + line.size() - 2, number).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.extend(std::string_view(line.data(), end));
}

void put_text(std::string_view bytes, BytesMut& out) {
  put_number_line('$', static_cast<std::int64_t>(bytes.size()), out);
  out.extend(bytes);
  out.extend("\r\n");
}

Result<std::optional<Bytes>> LineFinder::take(BytesMut& in) {
  const std::size_t end = in.as_string_view().find('\n', searched_);
  if (end == std::string_view::npos) {
    searched_ = in.size();
    if (searched_ > kLongestLine) return Err(Errc::frame_too_large);
    return std::optional<Bytes>();
  }
  searched_ = 0;
  if (end > kLongestLine) return Err(Errc::frame_too_large);
  Bytes line = in.split_to(end + 1).freeze();
  line.truncate(end);
  if (line.as_string_view().ends_with('\r')) line.truncate(end - 1);
  return std::optional<Bytes>(std::move(line));
}

Result<std::optional<Bytes>> take_text(BytesMut& in, std::size_t size) {
  if (in.size() < size + 2) return std::optional<Bytes>();
  if (in.as_string_view().substr(size, 2) != "\r\n") return Err(Errc::invalid_data);
  Bytes text = in.split_to(size + 2).freeze();
  text.truncate(size);
  return std::optional<Bytes>(std::move(text));
}

}  // namespace mini_redis
