// Bytes: bytes that nobody changes, shared by any number of handles.
//
// Spec: io.md V-1, V-4, V-5; docs/decisions/0013-bytes-without-a-vtable.md.
//
// A handle is a view and a reference to the memory behind it (internal/byte_storage.h); copying and
// slicing it moves no bytes. Where the bytes are from:
//
//   io::Bytes message(std::string("GET /index.html"));  // moved in
//   io::Bytes method = message.split_to(3);
//   io::Bytes path = message.slice(1, message.size());
//   io::Bytes copy = path;  // the same memory
//
// An empty slice keeps nothing alive, but still has the address it was cut at.

#ifndef WEFT_IO_BYTES_H_
#define WEFT_IO_BYTES_H_

#include <compare>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/io/buf.h>
#include <weft/io/buf_adapters.h>
#include <weft/io/internal/byte_storage.h>

namespace weft::io {

class BytesMut;

// Copyable; a moved-from one is empty. Each handle is used by one thread at a time, handles of the
// same memory by any number. What is out of range is fatal at the caller's line. A Buf.
class Bytes : public internal::BufMembers<Bytes> {
  using Where = std::source_location;
  using Storage = internal::ByteStorage;

 public:
  // Empty, of nothing.
  Bytes() noexcept = default;
  // Takes the memory over. Throws std::bad_alloc.
  explicit Bytes(std::vector<std::byte>&& bytes);
  explicit Bytes(std::string&& text);

  Bytes(const Bytes& other) noexcept
      : data_(other.data_), size_(other.size_), storage_(other.storage_) {
    if (storage_ != nullptr) storage_->retain();
  }
  Bytes(Bytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        storage_(std::exchange(other.storage_, nullptr)) {}
  Bytes& operator=(const Bytes& other) noexcept {
    Bytes copy(other);
    swap(copy);
    return *this;
  }
  Bytes& operator=(Bytes&& other) noexcept {
    Bytes moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~Bytes() {
    if (storage_ != nullptr) storage_->release();
  }

  // Memory that is never freed or changed, such as a string literal.
  static Bytes from_static(std::span<const std::byte> bytes) noexcept {
    return Bytes(bytes, nullptr);
  }
  static Bytes from_static(std::string_view text) noexcept {
    return from_static(std::as_bytes(std::span(text)));
  }
  // Throws std::bad_alloc.
  static Bytes copy_from(std::span<const std::byte> bytes);
  static Bytes copy_from(std::string_view text) {
    return copy_from(std::as_bytes(std::span(text)));
  }
  // The bytes that owner.data() and owner.size() name, or owner-> if it is a pointer; they are
  // asked for once, after the owner was moved into its place, and must stay valid until it is
  // destroyed, which the last handle does. Throws what moving, data() and size() throw, and
  // std::bad_alloc; the owner is then destroyed.
  template <class Owner>
  static Bytes from_owner(Owner owner);

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  const std::byte* data() const noexcept { return data_; }
  std::span<const std::byte> span() const noexcept { return {data_, size_}; }
  std::string_view as_string_view() const noexcept {
    // SAFETY(cast): chars may look at any bytes.
    return {reinterpret_cast<const char*>(data_), size_};
  }
  const std::byte* begin() const noexcept { return data_; }
  const std::byte* end() const noexcept { return data_ + size_; }
  const std::byte& operator[](std::size_t index) const noexcept {
    WEFT_CHECK(index < size_, "Bytes::operator[]: beyond its end");
    return data_[index];
  }

  // The bytes from `begin` up to `end`.
  Bytes slice(std::size_t begin, std::size_t end, Where where = Where::current()) const noexcept {
    WEFT_CHECK(begin <= end && end <= size_, "Bytes::slice: out of range", where);
    return part(data_ + begin, end - begin);
  }
  // The part that `bytes`, which lies in this, shows; an empty span may lie anywhere.
  Bytes slice_ref(std::span<const std::byte> bytes, Where where = Where::current()) const noexcept;
  // Cuts in two at `at`: the first half is returned and this keeps the second.
  Bytes split_to(std::size_t at, Where where = Where::current()) noexcept;
  // The second half is returned and this keeps the first.
  Bytes split_off(std::size_t at, Where where = Where::current()) noexcept;
  // Keeps the first `size` bytes, if there are more.
  void truncate(std::size_t size) noexcept { size_ = std::min(size_, size); }
  void clear() noexcept { size_ = 0; }

  // Whether this is the only handle of memory that is counted: not so for static memory. If it is,
  // it remains so until it is copied or sliced.
  bool is_unique() const noexcept { return storage_ != nullptr && storage_->is_unique(); }
  // The same memory, to be written to, if this is unique and the memory is not an owner's; else
  // this comes back as it is.
  Result<BytesMut, Bytes> try_into_mut() &&;

  // As a Buf.
  std::size_t remaining() const noexcept { return size_; }
  std::span<const std::byte> chunk() const noexcept { return span(); }
  void advance(std::size_t size, Where where = Where::current()) noexcept {
    WEFT_CHECK(size <= size_, "Bytes::advance: beyond its end", where);
    data_ += size;
    size_ -= size;
  }
  // The next `size` bytes, which are not copied.
  Bytes copy_to_bytes(std::size_t size, Where where = Where::current()) noexcept {
    return split_to(size, where);
  }

  void swap(Bytes& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(storage_, other.storage_);
  }

 private:
  friend class BytesMut;

  // Takes over a reference to `storage`, which `bytes` lies in.
  Bytes(std::span<const std::byte> bytes, Storage* storage) noexcept
      : data_(bytes.data()), size_(bytes.size()), storage_(storage) {}
  Bytes part(const std::byte* first, std::size_t size) const noexcept {
    if (size == 0 || storage_ == nullptr) return Bytes({first, size}, nullptr);
    storage_->retain();
    return Bytes({first, size}, storage_);
  }

  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  Storage* storage_ = nullptr;  // null: static memory, or none
};

static_assert(sizeof(Bytes) == 3 * sizeof(void*));

template <class T>
concept BytesHandle = std::same_as<T, Bytes> || std::same_as<T, BytesMut>;

// By content; the order is that of the bytes as unsigned numbers.
template <BytesHandle A, BytesHandle B>
bool operator==(const A& a, const B& b) noexcept {
  return a.as_string_view() == b.as_string_view();
}
template <BytesHandle A>
bool operator==(const A& a, std::string_view b) noexcept {
  return a.as_string_view() == b;
}
template <BytesHandle A, BytesHandle B>
std::strong_ordering operator<=>(const A& a, const B& b) noexcept {
  return a.as_string_view() <=> b.as_string_view();
}
template <BytesHandle A>
std::strong_ordering operator<=>(const A& a, std::string_view b) noexcept {
  return a.as_string_view() <=> b;
}

template <class Owner>
Bytes Bytes::from_owner(Owner owner) {
  using Owned = internal::OwnedByteStorage<Owner>;
  struct Release {
    void operator()(Owned* storage) const noexcept { storage->release(); }
  };
  std::unique_ptr<Owned, Release> storage(Owned::make(std::move(owner)));
  const auto bytes = internal::bytes_of_owner(storage->owner());
  return Bytes(std::as_bytes(bytes), storage.release());
}

}  // namespace weft::io

// By content, as the text of the same bytes.
template <>
struct std::hash<weft::io::Bytes> {
  std::size_t operator()(const weft::io::Bytes& bytes) const noexcept {
    return std::hash<std::string_view>()(bytes.as_string_view());
  }
};

#endif  // WEFT_IO_BYTES_H_
