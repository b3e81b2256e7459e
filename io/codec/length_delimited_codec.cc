// LengthDelimitedCodec. Interface: length_delimited_codec.h.

#include <weft/io/codec/length_delimited_codec.h>

#include <algorithm>
#include <limits>

#include <weft/io/internal/byte_order.h>

namespace weft::io::codec {
namespace {

// |value|, also of the least one.
std::uint64_t magnitude(std::ptrdiff_t value) noexcept {
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? 0 - bits : bits;
}

// value + adjustment, if that is neither negative nor too large.
std::optional<std::uint64_t> adjusted(std::uint64_t value, std::ptrdiff_t adjustment) noexcept {
  const std::uint64_t size = magnitude(adjustment);
  if (adjustment < 0) return value < size ? std::nullopt : std::optional(value - size);
  if (value > std::numeric_limits<std::uint64_t>::max() - size) return std::nullopt;
  return value + size;
}
// value - adjustment, likewise.
std::optional<std::uint64_t> unadjusted(std::uint64_t value, std::ptrdiff_t adjustment) noexcept {
  const std::uint64_t size = magnitude(adjustment);
  if (adjustment >= 0) return value < size ? std::nullopt : std::optional(value - size);
  if (value > std::numeric_limits<std::uint64_t>::max() - size) return std::nullopt;
  return value + size;
}

// The largest number that a field of `length` bytes holds.
std::uint64_t largest_field(std::size_t length) noexcept {
  return std::numeric_limits<std::uint64_t>::max() >> (64 - 8 * length);
}

// The longest payload that a field of `length` bytes can stand for.
std::uint64_t longest_payload(std::size_t length, std::ptrdiff_t adjustment) noexcept {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  // Saturates at both ends.
  return adjusted(largest_field(length), adjustment).value_or(adjustment < 0 ? 0 : kMost);
}

}  // namespace

LengthDelimitedCodec::LengthDelimitedCodec()
    : LengthDelimitedCodec(Layout(), kDefaultMaxFrameLength) {}

LengthDelimitedCodec::LengthDelimitedCodec(const Layout& layout,
                                           std::size_t max_frame_length) noexcept
    : layout_(layout) {
  set_max_frame_length(max_frame_length);
}

void LengthDelimitedCodec::set_max_frame_length(std::size_t bytes) noexcept {
  const std::uint64_t longest = longest_payload(layout_.field_length, layout_.adjustment);
  max_frame_length_ = std::min<std::uint64_t>(bytes, longest);
}

Result<std::size_t> LengthDelimitedCodec::payload_length(std::uint64_t field) const noexcept {
  if (field > max_frame_length_) return Err(Errc::frame_too_large);
  const std::optional<std::uint64_t> length = adjusted(field, layout_.adjustment);
  if (!length) return Err(std::errc::invalid_argument);
  // The adjustment may have brought it above the maximum again.
  if (*length > max_frame_length_) return Err(Errc::frame_too_large);
  return *length;
}

// Takes the head off `in`, or nothing if it is not all there.
Result<std::optional<std::size_t>> LengthDelimitedCodec::decode_head(BytesMut& in) {
  if (in.size() < std::max(field_end(), skipped())) return std::optional<std::size_t>();
  const auto field = io::internal::load_unsigned<std::uint64_t>(
      std::as_const(in).data() + layout_.field_offset, layout_.field_length, layout_.order);
  const Result<std::size_t> length = payload_length(field);
  if (!length) return Err(length.error());
  // A frame without a byte of its own would be found again and again.
  if (skipped() == 0 && *length == 0) return Err(Errc::invalid_data);
  in.advance(skipped());
  return std::optional<std::size_t>(*length);
}

Result<std::optional<BytesMut>> LengthDelimitedCodec::decode(BytesMut& in) {
  if (!payload_) {
    const Result<std::optional<std::size_t>> head = decode_head(in);
    if (!head) return Err(head.error());
    if (!*head) return std::optional<BytesMut>();
    payload_ = *head;
  }
  if (in.size() < *payload_) {
    in.reserve(std::min(*payload_ - in.size(), kReserveStep));
    return std::optional<BytesMut>();
  }
  return std::optional<BytesMut>(in.split_to(*std::exchange(payload_, std::nullopt)));
}

Result<std::optional<BytesMut>> LengthDelimitedCodec::decode_eof(BytesMut& in) {
  Result<std::optional<BytesMut>> frame = decode(in);
  // Also where the stream ends between a head and its payload, with nothing left in `in`.
  if (frame && !*frame && (payload_ || !in.empty())) return Err(Errc::bytes_remaining);
  return frame;
}

Result<void> LengthDelimitedCodec::encode(std::span<const std::byte> payload, BytesMut& out) {
  if (payload.size() > max_frame_length_) return Err(Errc::frame_too_large);
  const std::optional<std::uint64_t> field = unadjusted(payload.size(), layout_.adjustment);
  if (!field || *field > largest_field(layout_.field_length)) {
    return Err(std::errc::invalid_argument);
  }
  out.reserve(layout_.field_length + payload.size());
  if (layout_.order == std::endian::big) {
    out.put_uint(*field, layout_.field_length);
  } else {
    out.put_uint_le(*field, layout_.field_length);
  }
  out.extend(payload);
  return {};
}

}  // namespace weft::io::codec
