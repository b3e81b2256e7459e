// BytesMut. Interface: bytes_mut.h.

#include <weft/io/bytes_mut.h>

#include <algorithm>

namespace weft::io {

BytesMut::BytesMut(std::vector<std::byte>&& bytes) {
  if (bytes.empty()) return;
  using Owned = internal::OwnedByteStorage<std::vector<std::byte>>;
  Owned* const storage = Owned::make(std::move(bytes));
  storage->make_writable();
  *this = BytesMut(storage, 0, storage->capacity());
}

BytesMut BytesMut::with_capacity(std::size_t capacity) {
  if (capacity == 0) return {};
  return BytesMut(Storage::make_block(capacity), 0, 0);
}

BytesMut BytesMut::zeroed(std::size_t size) {
  BytesMut bytes = with_capacity(size);
  bytes.resize(size, std::byte{0});
  return bytes;
}

// Makes use of what this handle may have, now that it is the only one. Tells whether that is enough
// for `needed` bytes.
bool BytesMut::reclaim(std::size_t needed) noexcept {
  if (storage_ == nullptr || !storage_->is_unique()) return false;
  const auto offset = static_cast<std::size_t>(data_ - storage_->begin());
  const std::size_t total = storage_->capacity();
  if (total - offset >= needed) {
    capacity_ = total - offset;
    return true;
  }
  // Moving costs size_, and has to be paid for by as many bytes that were taken from the front
  // since the last move: that keeps it constant on average.
  if (total < needed || offset < size_) return false;
  if (size_ > 0) std::memcpy(storage_->begin(), data_, size_);
  data_ = storage_->begin();
  capacity_ = total;
  return true;
}

bool BytesMut::try_reclaim(std::size_t additional) noexcept {
  if (capacity_ - size_ >= additional) return true;
  return additional <= PTRDIFF_MAX - size_ && reclaim(size_ + additional);
}

void BytesMut::reserve_slowly(std::size_t additional, Where where) {
  WEFT_CHECK(additional <= PTRDIFF_MAX - size_, "BytesMut::reserve: the size overflows", where);
  const std::size_t needed = size_ + additional;
  if (reclaim(needed)) return;
  if (storage_ == nullptr) {
    move_to(Storage::make_block(std::max(needed, kLeastRoom)));
  } else if (storage_->is_unique()) {
    const std::size_t twice = 2 * storage_->capacity();
    move_to(Storage::make_block(std::max(needed, twice), storage_->remembered()));
  } else {
    // The others keep the old one. What is needed now says little about what will be; what the
    // buffer was made for says more.
    const std::size_t remembered = storage_->remembered();
    move_to(Storage::make_block(std::max(needed, remembered), remembered));
  }
}

void BytesMut::move_to(Storage* storage) noexcept {
  if (size_ > 0) std::memcpy(storage->begin(), data_, size_);
  *this = BytesMut(storage, 0, size_);
}

void BytesMut::resize(std::size_t size, std::byte value, Where where) {
  if (size > size_) {
    reserve(size - size_, where);
    std::fill(data_ + size_, data_ + size, value);
  }
  size_ = size;
}

BytesMut BytesMut::split_off(std::size_t at, Where where) noexcept {
  WEFT_CHECK(at <= capacity_, "BytesMut::split_off: beyond its capacity", where);
  BytesMut behind;
  if (at == capacity_) return behind;
  if (at == 0) {
    swap(behind);
    return behind;
  }
  storage_->retain();
  behind.data_ = data_ + at;
  behind.size_ = size_ > at ? size_ - at : 0;
  behind.capacity_ = capacity_ - at;
  behind.storage_ = storage_;
  size_ = std::min(size_, at);
  capacity_ = at;
  return behind;
}

BytesMut BytesMut::split_to(std::size_t at, Where where) noexcept {
  WEFT_CHECK(at <= size_, "BytesMut::split_to: beyond its end", where);
  BytesMut front;
  if (at == 0) return front;
  storage_->retain();
  front.data_ = data_;
  front.size_ = front.capacity_ = at;
  front.storage_ = storage_;
  skip(at);
  size_ -= at;
  return front;
}

void BytesMut::unsplit(BytesMut other) {
  if (size_ == 0) {
    // Whatever room there is here, the other's bytes need not be copied.
    if (other.capacity_ > 0) *this = std::move(other);
    return;
  }
  const bool is_adjacent = storage_ == other.storage_ && data_ + size_ == other.data_;
  if (other.capacity_ > 0 && is_adjacent) {
    capacity_ = size_ + other.capacity_;
    size_ += other.size_;
  } else {
    extend(std::as_const(other).span());
  }
}

Bytes BytesMut::freeze() && noexcept {
  if (storage_ == nullptr) return {};
  const std::span<const std::byte> bytes = span();
  BytesMut taken(std::move(*this));
  return Bytes(bytes, std::exchange(taken.storage_, nullptr));
}

std::vector<std::byte> BytesMut::into_vector() && {
  const BytesMut taken(std::move(*this));
  if (taken.storage_ != nullptr && taken.storage_->is_unique()) {
    if (std::vector<std::byte>* const owner = taken.storage_->vector()) {
      if (taken.size() > 0) std::memmove(owner->data(), taken.data(), taken.size());
      owner->resize(taken.size());
      return std::move(*owner);
    }
  }
  return {taken.begin(), taken.end()};
}

}  // namespace weft::io
