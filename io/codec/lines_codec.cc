// LinesCodec. Interface: lines_codec.h.

#include <weft/io/codec/lines_codec.h>

#include <cstring>
#include <span>
#include <utility>

#include <weft/io/internal/utf8.h>

namespace weft::io::codec {
namespace {

std::size_t find_newline(std::span<const std::byte> bytes) noexcept {
  if (bytes.empty()) return 0;
  const void* const found = std::memchr(bytes.data(), '\n', bytes.size());
  if (found == nullptr) return bytes.size();
  return static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes.data());
}

// The text of a line without its LF.
Result<std::optional<std::string>> to_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (!io::internal::is_utf8(std::as_bytes(std::span(line)))) return Err(Errc::invalid_data);
  return std::optional<std::string>(line);
}

}  // namespace

Result<std::optional<std::string>> LinesCodec::decode(BytesMut& in) {
  const Result<std::optional<BytesMut>> frame = search_.next(in, find_newline);
  if (!frame) return Err(frame.error());
  if (!*frame) return std::optional<std::string>();
  std::string_view line = (*frame)->as_string_view();
  line.remove_suffix(1);
  return to_line(line);
}

Result<std::optional<std::string>> LinesCodec::decode_eof(BytesMut& in) {
  Result<std::optional<std::string>> line = decode(in);
  if (!line || *line) return line;
  // A CR alone stays: if the stream goes on after all, it may belong to an LF.
  if (in.empty() || in == "\r") {
    search_.finish();
    return line;
  }
  return to_line(search_.rest(in).as_string_view());
}

Result<void> LinesCodec::encode(std::string_view line, BytesMut& out) {
  if (line.size() > max_length()) return Err(Errc::frame_too_large);
  out.reserve(line.size() + 1);
  out.extend(line);
  out.put_u8('\n');
  return {};
}

}  // namespace weft::io::codec
