// ReadBuf: memory being filled by readers, some of which may never have been written to.
//
// Spec: io.md "ReadBuf", B-1; IO-3, IO-4.
//
//      0           filled         initialized          capacity
//      |  data      |  written once  |  never written     |
//
// Reading memory that was never written is undefined in C++, so only filled() and initialized()
// hand out spans to read. A reader writes into the unfilled part and then says how much, by one of
//   initialize_unfilled() + advance(n)     safe: what was never written is zeroed first
//   put_slice(bytes)                       copies
//   unfilled_raw() + assume_init(n) + advance(n)   for system calls, which only write
//
// A reader must not put another buffer in the place of the one that it was given.
//
//   // Puts the letter a as often as there is room.
//   void fill(io::ReadBuf& buf) {
//     const std::span<std::byte> room = buf.unfilled_raw();
//     std::memset(room.data(), 'a', room.size());
//     buf.assume_init(room.size());
//     buf.advance(room.size());
//   }

#ifndef WEFT_IO_READ_BUF_H_
#define WEFT_IO_READ_BUF_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <source_location>
#include <span>

#include <weft/base/check.h>

namespace weft::io {

// Borrows the memory. Not copyable and not movable: readers and callers mean the same object. Used
// by one thread at a time. Misuse is fatal at the caller's line.
class ReadBuf {
  using Where = std::source_location;

 public:
  // All of `storage` counts as written to.
  explicit ReadBuf(std::span<std::byte> storage) noexcept : ReadBuf(storage, storage.size()) {}
  // None of it does.
  static ReadBuf uninit(std::span<std::byte> storage) noexcept { return ReadBuf(storage, 0); }

  ReadBuf(const ReadBuf&) = delete;
  ReadBuf& operator=(const ReadBuf&) = delete;

  std::size_t capacity() const noexcept { return storage_.size(); }
  // How much more can be filled.
  std::size_t remaining() const noexcept { return capacity() - filled_; }

  std::span<std::byte> filled() noexcept { return storage_.first(filled_); }
  std::span<const std::byte> filled() const noexcept { return storage_.first(filled_); }
  // Includes what is filled.
  std::span<std::byte> initialized() noexcept { return storage_.first(initialized_); }
  std::span<const std::byte> initialized() const noexcept { return storage_.first(initialized_); }

  // The unfilled part, or its first `size` bytes, with zeroes where nothing was ever written.
  // Precondition: size <= remaining().
  std::span<std::byte> initialize_unfilled() noexcept {
    return initialize_unfilled_to(remaining());
  }
  std::span<std::byte> initialize_unfilled_to(std::size_t size,
                                              Where where = Where::current()) noexcept {
    WEFT_CHECK(size <= remaining(), "ReadBuf::initialize_unfilled_to: more than remaining()",
               where);
    const std::size_t end = filled_ + size;
    if (end > initialized_) {
      std::memset(storage_.data() + initialized_, 0, end - initialized_);
      initialized_ = end;
    }
    return storage_.subspan(filled_, size);
  }

  // A buffer over the first `size` bytes of the unfilled part, or all of it, taken as never
  // written. What is filled there counts here only after assume_init() and advance().
  ReadBuf take(std::size_t size) noexcept {
    return uninit(storage_.subspan(filled_, std::min(size, remaining())));
  }

  // The next `size` bytes, which are initialized, are now filled.
  void advance(std::size_t size, Where where = Where::current()) noexcept {
    WEFT_CHECK(size <= initialized_ - filled_, "ReadBuf::advance: beyond what is initialized",
               where);
    filled_ += size;
  }
  // As many bytes, from the beginning, are filled. Precondition: they are initialized.
  void set_filled(std::size_t size, Where where = Where::current()) noexcept {
    WEFT_CHECK(size <= initialized_, "ReadBuf::set_filled: beyond what is initialized", where);
    filled_ = size;
  }
  // Copies `bytes` behind what is filled. Precondition: they fit into remaining().
  void put_slice(std::span<const std::byte> bytes, Where where = Where::current()) noexcept {
    WEFT_CHECK(bytes.size() <= remaining(), "ReadBuf::put_slice: longer than remaining()", where);
    if (bytes.empty()) return;
    std::memcpy(storage_.data() + filled_, bytes.data(), bytes.size());
    filled_ += bytes.size();
    initialized_ = std::max(initialized_, filled_);
  }
  // Nothing is filled; what is initialized stays so.
  void clear() noexcept { filled_ = 0; }

  // The unfilled part, to be written to and not read.
  std::span<std::byte> unfilled_raw() noexcept { return storage_.subspan(filled_); }
  // The first `size` bytes of unfilled_raw() have been written to. Precondition: they have.
  void assume_init(std::size_t size, Where where = Where::current()) noexcept {
    WEFT_CHECK(size <= remaining(), "ReadBuf::assume_init: more than remaining()", where);
    initialized_ = std::max(initialized_, filled_ + size);
  }

  // As a BufMut (V-4): what is written to chunk_mut() counts by advance_mut() alone.
  std::size_t remaining_mut() const noexcept { return remaining(); }
  std::span<std::byte> chunk_mut() noexcept { return unfilled_raw(); }
  void advance_mut(std::size_t size, Where where = Where::current()) noexcept {
    assume_init(size, where);
    advance(size, where);
  }

 private:
  ReadBuf(std::span<std::byte> storage, std::size_t initialized) noexcept
      : storage_(storage), initialized_(initialized) {}

  const std::span<std::byte> storage_;
  std::size_t initialized_;
  std::size_t filled_ = 0;
};

}  // namespace weft::io

#endif  // WEFT_IO_READ_BUF_H_
