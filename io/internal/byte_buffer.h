// ByteBuffer: the fixed memory of a buffering wrapper, filled behind and emptied in front.
//
//      0        begin        end         capacity
//      |  gone    |   held    |   spare     |
//
// Never moves what it holds: when that is used up, both ends start again at 0. The memory is not
// zeroed.

#ifndef WEFT_IO_INTERNAL_BYTE_BUFFER_H_
#define WEFT_IO_INTERNAL_BYTE_BUFFER_H_

#include <cstddef>
#include <cstring>
#include <memory>
#include <source_location>
#include <span>
#include <utility>

#include <weft/base/check.h>

namespace weft::io::internal {

// Moved from, it holds nothing and has no capacity. One thread at a time.
class ByteBuffer {
 public:
  // Fatal at `where` if `capacity` is 0.
  ByteBuffer(std::size_t capacity, std::source_location where)
      : capacity_(checked(capacity, where)),
        memory_(std::make_unique_for_overwrite<std::byte[]>(capacity)) {}
  ByteBuffer(ByteBuffer&& other) noexcept
      : capacity_(std::exchange(other.capacity_, 0)),
        begin_(std::exchange(other.begin_, 0)),
        end_(std::exchange(other.end_, 0)),
        memory_(std::move(other.memory_)) {}
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    capacity_ = std::exchange(other.capacity_, 0);
    begin_ = std::exchange(other.begin_, 0);
    end_ = std::exchange(other.end_, 0);
    memory_ = std::move(other.memory_);
    return *this;
  }

  std::size_t capacity() const noexcept { return capacity_; }
  std::size_t size() const noexcept { return end_ - begin_; }
  bool empty() const noexcept { return begin_ == end_; }

  std::span<const std::byte> held() const noexcept { return {memory_.get() + begin_, size()}; }
  // Room behind what is held. Was perhaps never written to.
  std::span<std::byte> spare() noexcept { return {memory_.get() + end_, capacity_ - end_}; }
  std::size_t spare_size() const noexcept { return capacity_ - end_; }

  // So much of the room has been filled.
  void commit(std::size_t size) noexcept { end_ += size; }
  // Copies what has to fit.
  void append(std::span<const std::byte> bytes) noexcept {
    if (bytes.empty()) return;
    std::memcpy(memory_.get() + end_, bytes.data(), bytes.size());
    end_ += bytes.size();
  }
  // Lets go of the first bytes that are held.
  void consume(std::size_t size) noexcept {
    begin_ += size;
    if (begin_ == end_) clear();
  }
  void clear() noexcept { begin_ = end_ = 0; }

 private:
  static std::size_t checked(std::size_t capacity, std::source_location where) {
    WEFT_CHECK(capacity > 0, "a buffered stream needs a buffer: give it a capacity above 0", where);
    return capacity;
  }

  std::size_t capacity_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::unique_ptr<std::byte[]> memory_;
};

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_BYTE_BUFFER_H_
