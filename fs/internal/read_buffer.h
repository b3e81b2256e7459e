// ReadBuffer: what a File has read and its user has not.
//
// Spec: FS-11, FS-12, FS-17.
//
// Memory that is never cleared: only what the kernel has filled in is ever copied out.

#ifndef WEFT_FS_INTERNAL_READ_BUFFER_H_
#define WEFT_FS_INTERNAL_READ_BUFFER_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include <weft/io/read_buf.h>

namespace weft::fs::internal {

class ReadBuffer {
 public:
  ReadBuffer() noexcept = default;
  ReadBuffer(ReadBuffer&& other) noexcept
      : bytes_(std::move(other.bytes_)),
        capacity_(std::exchange(other.capacity_, 0)),
        begin_(std::exchange(other.begin_, 0)),
        end_(std::exchange(other.end_, 0)) {}
  ReadBuffer& operator=(ReadBuffer&& other) noexcept {
    ReadBuffer moved(std::move(other));
    std::swap(bytes_, moved.bytes_);
    std::swap(capacity_, moved.capacity_);
    std::swap(begin_, moved.begin_);
    std::swap(end_, moved.end_);
    return *this;
  }

  std::size_t unread() const noexcept { return end_ - begin_; }
  bool empty() const noexcept { return begin_ == end_; }
  void clear() noexcept { begin_ = end_ = 0; }

  // Room for `size` bytes, nothing in it. Throws std::bad_alloc.
  std::span<std::byte> reset(std::size_t size) {
    clear();
    if (capacity_ < size) {
      bytes_ = std::make_unique_for_overwrite<std::byte[]>(size);
      capacity_ = size;
    }
    return {bytes_.get(), size};
  }
  // The first `size` bytes of the room have been filled.
  void fill(std::size_t size) noexcept {
    begin_ = 0;
    end_ = size;
  }

  // Moves as much as fits.
  void copy_to(io::ReadBuf& room) noexcept {
    const std::size_t count = std::min(unread(), room.remaining());
    room.put_slice({bytes_.get() + begin_, count});
    begin_ += count;
  }

 private:
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace weft::fs::internal

#endif  // WEFT_FS_INTERNAL_READ_BUFFER_H_
