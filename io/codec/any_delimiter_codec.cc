// AnyDelimiterCodec. Interface: any_delimiter_codec.h.

#include <weft/io/codec/any_delimiter_codec.h>

#include <algorithm>
#include <utility>

namespace weft::io::codec {

AnyDelimiterCodec::AnyDelimiterCodec(std::string_view delimiters, std::string_view sequence,
                                     std::size_t max_length)
    : search_(max_length), sequence_(sequence) {
  for (const char delimiter : delimiters) is_delimiter_.set(static_cast<unsigned char>(delimiter));
}

Result<std::optional<Bytes>> AnyDelimiterCodec::decode(BytesMut& in) {
  const auto find = [this](std::span<const std::byte> bytes) {
    const auto found = std::ranges::find_if(
        bytes, [this](std::byte b) { return is_delimiter_[static_cast<std::uint8_t>(b)]; });
    return static_cast<std::size_t>(found - bytes.begin());
  };
  Result<std::optional<BytesMut>> frame = search_.next(in, find);
  if (!frame) return Err(frame.error());
  if (!*frame) return std::optional<Bytes>();
  BytesMut& chunk = **frame;
  chunk.truncate(chunk.size() - 1);
  return std::optional<Bytes>(std::move(chunk).freeze());
}

Result<std::optional<Bytes>> AnyDelimiterCodec::decode_eof(BytesMut& in) {
  Result<std::optional<Bytes>> chunk = decode(in);
  if (chunk && !*chunk && in.empty()) search_.finish();
  if (!chunk || *chunk || in.empty()) return chunk;
  return std::optional<Bytes>(search_.rest(in).freeze());
}

Result<void> AnyDelimiterCodec::encode(std::span<const std::byte> chunk, BytesMut& out) {
  if (chunk.size() > max_length()) return Err(Errc::frame_too_large);
  out.reserve(chunk.size() + sequence_.size());
  out.extend(chunk);
  out.extend(std::string_view(sequence_));
  return {};
}

}  // namespace weft::io::codec
