// Bytes. Interface: bytes.h.

#include <weft/io/bytes.h>

#include <cstring>

#include <weft/io/bytes_mut.h>

namespace weft::io {
namespace {

// Vectors and strings: nobody else has a pointer into them, so a sole handle may write.
template <class Owner>
internal::ByteStorage* storage_of(Owner owner) {
  auto* const storage = internal::OwnedByteStorage<Owner>::make(std::move(owner));
  storage->make_writable();
  return storage;
}

}  // namespace

Bytes::Bytes(std::vector<std::byte>&& bytes) {
  if (bytes.empty()) return;
  storage_ = storage_of(std::move(bytes));
  data_ = storage_->begin();
  size_ = storage_->capacity();
}

Bytes::Bytes(std::string&& text) {
  if (text.empty()) return;
  storage_ = storage_of(std::move(text));
  data_ = storage_->begin();
  size_ = storage_->capacity();
}

Bytes Bytes::copy_from(std::span<const std::byte> bytes) {
  if (bytes.empty()) return {};
  Storage* const storage = Storage::make_block(bytes.size());
  std::memcpy(storage->begin(), bytes.data(), bytes.size());
  return Bytes({storage->begin(), bytes.size()}, storage);
}

Bytes Bytes::slice_ref(std::span<const std::byte> bytes, Where where) const noexcept {
  if (bytes.empty()) return {};
  constexpr std::less_equal<const std::byte*> before;
  WEFT_CHECK(before(data_, bytes.data()) && before(bytes.data() + bytes.size(), data_ + size_),
             "Bytes::slice_ref: the span does not lie in this", where);
  return part(bytes.data(), bytes.size());
}

Bytes Bytes::split_to(std::size_t at, Where where) noexcept {
  WEFT_CHECK(at <= size_, "Bytes::split_to: beyond its end", where);
  if (at == size_) {
    const std::byte* const last = data_ + size_;
    return std::exchange(*this, Bytes({last, 0}, nullptr));
  }
  Bytes first = part(data_, at);
  data_ += at;
  size_ -= at;
  return first;
}

Bytes Bytes::split_off(std::size_t at, Where where) noexcept {
  WEFT_CHECK(at <= size_, "Bytes::split_off: beyond its end", where);
  if (at == 0) return std::exchange(*this, Bytes({data_, 0}, nullptr));
  Bytes second = part(data_ + at, size_ - at);
  size_ = at;
  return second;
}

Result<BytesMut, Bytes> Bytes::try_into_mut() && {
  if (!is_unique() || !storage_->is_writable()) return Err(std::move(*this));
  // Sole owner, and of a kind that may be written to: the view becomes a position in the storage.
  const auto offset = static_cast<std::size_t>(data_ - storage_->begin());
  BytesMut writable(std::exchange(storage_, nullptr), offset, size_);
  data_ = nullptr;
  size_ = 0;
  return writable;
}

}  // namespace weft::io
