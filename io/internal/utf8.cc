// UTF-8 validation. Interface: utf8.h.

#include <weft/io/internal/utf8.h>

#include <cstdint>
#include <cstring>

namespace weft::io::internal {
namespace {

// What may stand in the second byte, and how long the sequence is, by its first byte.
struct Sequence {
  std::size_t size;  // 0: no sequence begins like this
  std::uint8_t least;
  std::uint8_t most;
};

Sequence sequence_of(std::uint8_t first) noexcept {
  if (first < 0x80) return {1, 0, 0};
  if (first < 0xC2) return {0, 0, 0};  // a continuation, or an overlong form
  if (first < 0xE0) return {2, 0x80, 0xBF};
  if (first == 0xE0) return {3, 0xA0, 0xBF};  // below: overlong
  if (first == 0xED) return {3, 0x80, 0x9F};  // above: surrogates
  if (first < 0xF0) return {3, 0x80, 0xBF};
  if (first == 0xF0) return {4, 0x90, 0xBF};  // below: overlong
  if (first < 0xF4) return {4, 0x80, 0xBF};
  if (first == 0xF4) return {4, 0x80, 0x8F};  // above: beyond U+10FFFF
  return {0, 0, 0};
}

std::uint8_t value(std::byte byte) noexcept { return std::to_integer<std::uint8_t>(byte); }

// The size of the sequence at the beginning of `bytes`, which is not empty; 0 if it is none.
std::size_t sequence_size(std::span<const std::byte> bytes) noexcept {
  const Sequence sequence = sequence_of(value(bytes[0]));
  if (sequence.size <= 1) return sequence.size;
  if (bytes.size() < sequence.size) return 0;
  if (value(bytes[1]) < sequence.least || value(bytes[1]) > sequence.most) return 0;
  for (std::size_t i = 2; i < sequence.size; ++i) {
    if ((value(bytes[i]) & 0xC0) != 0x80) return 0;
  }
  return sequence.size;
}

}  // namespace

std::size_t valid_utf8_prefix(std::span<const std::byte> bytes) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t at = 0;
  while (at < bytes.size()) {
    std::uint64_t eight = 0;
    if (bytes.size() - at >= sizeof eight) {
      std::memcpy(&eight, bytes.data() + at, sizeof eight);
      if ((eight & kHighBits) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const std::size_t size = sequence_size(bytes.subspan(at));
    if (size == 0) break;
    at += size;
  }
  return at;
}

bool is_utf8(std::span<const std::byte> bytes) noexcept {
  return valid_utf8_prefix(bytes) == bytes.size();
}

}  // namespace weft::io::internal
