// BytesMut: bytes that one handle may change, in memory that it may share with others.
//
// Spec: io.md V-2..V-5; docs/decisions/0013-bytes-without-a-vtable.md.
//
//   io::BytesMut buffer = io::BytesMut::with_capacity(1024);
//   buffer.put_u16(5);
//   buffer.extend("hello");
//   io::Bytes frame = buffer.split().freeze();  // the room behind it stays with the buffer
//   buffer.extend("world");
//
// A handle has a part of the storage for itself. Splitting cuts that part in two and copies
// nothing; freeze() makes it a Bytes, which copies nothing either. So a reader fills one buffer and
// gives away frame by frame from its front, and reserve() takes the memory back when the frames are
// gone.

#ifndef WEFT_IO_BYTES_MUT_H_
#define WEFT_IO_BYTES_MUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <source_location>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/base/check.h>
#include <weft/io/buf.h>
#include <weft/io/bytes.h>
#include <weft/io/internal/byte_storage.h>

namespace weft::io {

// Move-only; a moved-from one is empty, without capacity. One thread at a time, other handles of
// the same storage on any. What is out of range is fatal at the caller's line; what grows throws
// std::bad_alloc. A Buf, and a BufMut that grows.
class BytesMut : public internal::BufMembers<BytesMut>, public internal::BufMutMembers<BytesMut> {
  using Where = std::source_location;
  using Storage = internal::ByteStorage;

 public:
  // Empty, without capacity.
  BytesMut() noexcept = default;
  // Copies.
  explicit BytesMut(std::span<const std::byte> bytes) { extend(bytes); }
  explicit BytesMut(std::string_view text) { extend(text); }
  // Takes the vector over: its elements, and room for no more.
  explicit BytesMut(std::vector<std::byte>&& bytes);

  // Empty, with room for exactly `capacity` bytes.
  static BytesMut with_capacity(std::size_t capacity);
  // `size` zeroes.
  static BytesMut zeroed(std::size_t size);

  BytesMut(BytesMut&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)),
        storage_(std::exchange(other.storage_, nullptr)) {}
  BytesMut& operator=(BytesMut&& other) noexcept {
    BytesMut moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~BytesMut() {
    if (storage_ != nullptr) storage_->release();
  }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  // How large it can get without reserve().
  std::size_t capacity() const noexcept { return capacity_; }
  std::byte* data() noexcept { return data_; }
  const std::byte* data() const noexcept { return data_; }
  std::span<std::byte> span() noexcept { return {data_, size_}; }
  std::span<const std::byte> span() const noexcept { return {data_, size_}; }
  std::string_view as_string_view() const noexcept {
    // SAFETY(cast): chars may look at any bytes.
    return {reinterpret_cast<const char*>(data_), size_};
  }
  std::byte* begin() noexcept { return data_; }
  std::byte* end() noexcept { return data_ + size_; }
  const std::byte* begin() const noexcept { return data_; }
  const std::byte* end() const noexcept { return data_ + size_; }
  std::byte& operator[](std::size_t index) noexcept {
    WEFT_CHECK(index < size_, "BytesMut::operator[]: beyond its end");
    return data_[index];
  }
  const std::byte& operator[](std::size_t index) const noexcept {
    WEFT_CHECK(index < size_, "BytesMut::operator[]: beyond its end");
    return data_[index];
  }

  // Makes room for `additional` bytes more. If this is the only handle of its storage, it takes
  // back what other handles have given up, and moves its bytes to the front where that is paid for
  // by what went before them; else the storage is replaced, by one at least twice as large, or, if
  // others use it, at least as large as it was once. Fatal if the size overflows.
  void reserve(std::size_t additional, Where where = Where::current()) {
    if (capacity_ - size_ < additional) reserve_slowly(additional, where);
  }
  // Makes room for `additional` bytes more if that needs no allocation; tells whether there is.
  [[nodiscard]] bool try_reclaim(std::size_t additional) noexcept;

  // Appends. What is appended must not lie in this.
  void extend(std::span<const std::byte> bytes, Where where = Where::current()) {
    reserve(bytes.size(), where);
    if (!bytes.empty()) std::memcpy(data_ + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void extend(std::string_view text, Where where = Where::current()) {
    extend(std::as_bytes(std::span(text)), where);
  }
  // Cuts off, or appends as many `value`.
  void resize(std::size_t size, std::byte value, Where where = Where::current());
  // Keeps the first `size` bytes, if there are more, and the capacity.
  void truncate(std::size_t size) noexcept { size_ = std::min(size_, size); }
  void clear() noexcept { size_ = 0; }

  // The room behind the bytes, to be written to and not read.
  std::span<std::byte> spare_capacity() noexcept { return {data_ + size_, capacity_ - size_}; }
  // Says that the first `size` bytes of the capacity have been written to. Precondition: they have.
  void unchecked_set_len(std::size_t size, Where where = Where::current()) noexcept {
    WEFT_CHECK(size <= capacity_, "BytesMut::unchecked_set_len: beyond its capacity", where);
    size_ = size;
  }

  // Cuts in two at `at`, which may be anywhere up to the capacity: this keeps what is before, bytes
  // and room, and returns what is behind.
  BytesMut split_off(std::size_t at, Where where = Where::current()) noexcept;
  // Returns the first `at` bytes, without room; this keeps the others, and the room.
  BytesMut split_to(std::size_t at, Where where = Where::current()) noexcept;
  // Returns all bytes; this keeps the room.
  BytesMut split() noexcept { return split_to(size_); }
  // Appends `other`: at no cost if it is what split_off() returned, else by copying.
  void unsplit(BytesMut other);

  // The bytes, never to be changed again; the room behind them is lost until the last handle dies.
  Bytes freeze() && noexcept;
  // The bytes as a vector: the one that they were moved in with, if this is its only handle, else a
  // copy.
  std::vector<std::byte> into_vector() &&;

  // As a Buf.
  std::size_t remaining() const noexcept { return size_; }
  std::span<const std::byte> chunk() const noexcept { return span(); }
  void advance(std::size_t size, Where where = Where::current()) noexcept {
    WEFT_CHECK(size <= size_, "BytesMut::advance: beyond its end", where);
    skip(size);
    size_ -= size;
  }
  // The next `size` bytes, which are not copied.
  Bytes copy_to_bytes(std::size_t size, Where where = Where::current()) noexcept {
    return split_to(size, where).freeze();
  }

  // As a BufMut.
  std::size_t remaining_mut() const noexcept { return PTRDIFF_MAX - size_; }
  // spare_capacity(), and some if there is none.
  std::span<std::byte> chunk_mut() {
    if (size_ == capacity_) reserve(kLeastRoom);
    return spare_capacity();
  }
  void advance_mut(std::size_t size, Where where = Where::current()) noexcept {
    WEFT_CHECK(size <= capacity_ - size_, "BytesMut::advance_mut: beyond its capacity", where);
    size_ += size;
  }
  void put_slice(std::span<const std::byte> bytes, Where where = Where::current()) {
    extend(bytes, where);
  }
  void put_slice(std::string_view text, Where where = Where::current()) { extend(text, where); }

  void swap(BytesMut& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    std::swap(storage_, other.storage_);
  }

 private:
  friend class Bytes;
  static constexpr std::size_t kLeastRoom = 64;

  // Takes over a reference to `storage`, and all of it behind `offset`.
  BytesMut(Storage* storage, std::size_t offset, std::size_t size) noexcept
      : data_(storage->begin() + offset),
        size_(size),
        capacity_(storage->capacity() - offset),
        storage_(storage) {}

  void skip(std::size_t size) noexcept {
    data_ += size;
    capacity_ -= size;
  }
  void reserve_slowly(std::size_t additional, Where where);
  bool reclaim(std::size_t needed) noexcept;
  void move_to(Storage* storage) noexcept;

  // data_ .. data_ + capacity_ is in the storage, and no other handle's.
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  Storage* storage_ = nullptr;  // null: no capacity
};

static_assert(sizeof(BytesMut) == 4 * sizeof(void*));

}  // namespace weft::io

#endif  // WEFT_IO_BYTES_MUT_H_
