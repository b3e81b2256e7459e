// SeekFrom: a place in a stream that has positions.
//
// Spec: io.md B-3; conformance/io.cc.
//
//   constexpr io::SeekFrom kLastBlock = io::SeekFrom::end(-512);
//   static_assert(kLastBlock.offset() == -512);

#ifndef WEFT_IO_SEEK_FROM_H_
#define WEFT_IO_SEEK_FROM_H_

#include <cstdint>

namespace weft::io {

// A plain value.
class SeekFrom {
 public:
  enum class Origin : std::uint8_t { kStart, kCurrent, kEnd };

  // So many bytes from the beginning.
  static constexpr SeekFrom start(std::uint64_t offset) noexcept {
    return SeekFrom(Origin::kStart, static_cast<std::int64_t>(offset));
  }
  // So many bytes behind, or if negative before, the present position.
  static constexpr SeekFrom current(std::int64_t offset) noexcept {
    return SeekFrom(Origin::kCurrent, offset);
  }
  // So many bytes behind, or if negative before, the end.
  static constexpr SeekFrom end(std::int64_t offset) noexcept {
    return SeekFrom(Origin::kEnd, offset);
  }

  constexpr Origin origin() const noexcept { return origin_; }
  // Of start().
  constexpr std::uint64_t position() const noexcept { return static_cast<std::uint64_t>(offset_); }
  // Of current() and end().
  constexpr std::int64_t offset() const noexcept { return offset_; }

  friend constexpr bool operator==(SeekFrom, SeekFrom) noexcept = default;

 private:
  constexpr SeekFrom(Origin origin, std::int64_t offset) noexcept
      : offset_(offset), origin_(origin) {}

  std::int64_t offset_;
  Origin origin_;
};

}  // namespace weft::io

#endif  // WEFT_IO_SEEK_FROM_H_
