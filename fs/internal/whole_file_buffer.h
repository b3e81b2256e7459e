// WholeFileBuffer: takes in a file of which only a guess at the size is known.
//
// Spec: FS-45.
//
// A file that is as long as was said is read into its final place with no growing: the read that
// finds the end goes into 32 bytes on the side, which are copied only if they turn out not to be
// empty.

#ifndef WEFT_FS_INTERNAL_WHOLE_FILE_BUFFER_H_
#define WEFT_FS_INTERNAL_WHOLE_FILE_BUFFER_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace weft::fs::internal {

class WholeFileBuffer {
 public:
  static constexpr std::size_t kProbe = 32;
  static constexpr std::size_t kMostAtOnce = 64 * 1024 * 1024;

  // Throws std::bad_alloc.
  explicit WholeFileBuffer(std::uint64_t expected) : expected_(expected) {
    bytes_.resize(static_cast<std::size_t>(expected));
  }

  // Where the next bytes go; not empty. Good until advance(). Throws std::bad_alloc.
  std::span<std::byte> room() {
    if (size_ == bytes_.size()) {
      if (size_ == expected_ && expected_ >= kProbe) return probe_;
      bytes_.resize(std::max(2 * size_, size_ + 256));
    }
    return std::span(bytes_).subspan(size_, std::min(bytes_.size() - size_, kMostAtOnce));
  }

  // As many bytes have been put there.
  void advance(std::size_t count) {
    if (size_ == bytes_.size()) {
      // Into the probe. From now on it grows.
      bytes_.resize(std::max(2 * size_, size_ + kProbe));
      std::copy_n(probe_.begin(), count, bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    }
    size_ += count;
  }

  std::vector<std::byte> take() && {
    bytes_.resize(size_);
    return std::move(bytes_);
  }

 private:
  const std::uint64_t expected_;
  std::vector<std::byte> bytes_;  // its first size_ bytes are the file's
  std::size_t size_ = 0;
  std::array<std::byte, kProbe> probe_;
};

}  // namespace weft::fs::internal

#endif  // WEFT_FS_INTERNAL_WHOLE_FILE_BUFFER_H_
