// ByteStorage: memory that Bytes and BytesMut share, and the count of who does.
//
// Spec: io.md V-1..V-3; docs/decisions/0013-bytes-without-a-vtable.md.
//
// Design. One heap object stands for the memory of any number of handles. Either the memory lies
// behind it in the same allocation (a block: what BytesMut makes), or it belongs to an owner that
// was moved into it (a vector, a string, anything that has data() and size()). Handles carry their
// own pointer into the memory, so what is shared is touched only to be counted, and `destroy`, the
// one thing that differs between the kinds, is called once.
//
//   references   how many handles there are. One: that handle may use all of begin..begin+capacity,
//                also what others have used before it.
//
// Handles of one storage never overlap where one of them may write.

#ifndef WEFT_IO_INTERNAL_BYTE_STORAGE_H_
#define WEFT_IO_INTERNAL_BYTE_STORAGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <weft/base/check.h>
#include <weft/loom/allocation.h>
#include <weft/loom/atomic.h>

namespace weft::io::internal {

// Thread-safe but for what a sole owner does. Alignment: of what follows in a block.
class alignas(16) ByteStorage {
 public:
  // What make_block() is asked for when others still use the memory: the capacity that the buffer
  // began with, rounded down to a power of two, at most kMostRemembered; nothing below 1 KiB (V-3).
  static constexpr std::size_t kLeastRemembered = std::size_t{1} << 10;
  static constexpr std::size_t kMostRemembered = std::size_t{128} << 10;

  // A block with room for `capacity` bytes, and one reference. Throws std::bad_alloc.
  static ByteStorage* make_block(std::size_t capacity, std::size_t remembered);
  static ByteStorage* make_block(std::size_t capacity) {
    return make_block(capacity, remember(capacity));
  }
  static std::size_t remember(std::size_t capacity) noexcept;

  ByteStorage(const ByteStorage&) = delete;
  ByteStorage& operator=(const ByteStorage&) = delete;

  // One more handle; the caller has one. Fatal beyond half of what a word counts.
  void retain() noexcept {
    // relaxed: whoever calls this has the memory in hand already; a count publishes nothing.
    const std::size_t before = references_.fetch_add(1, std::memory_order_relaxed);
    WEFT_CHECK(before <= SIZE_MAX / 2, "weft::io::Bytes: too many copies");
  }
  // One handle less; the last one destroys the storage.
  void release() noexcept {
    // A sole owner has nobody to race with, and needs no read-modify-write.
    if (is_unique() || references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {  // [S1]
      destroy_(this);
    }
  }
  // Whether the caller's handle is the only one; if so it stays that until it is copied.
  bool is_unique() const noexcept {
    return references_.load(std::memory_order_acquire) == 1;  // [S1]
  }

  // Where a handle may be made writable; null and 0 where the owner keeps that to itself.
  std::byte* begin() const noexcept { return begin_; }
  std::size_t capacity() const noexcept { return capacity_; }
  bool is_writable() const noexcept { return begin_ != nullptr; }
  std::size_t remembered() const noexcept { return remembered_; }

  // The vector that the memory belongs to, if it is one. For a sole owner.
  std::vector<std::byte>* vector() noexcept;

 protected:
  using Destroy = void (*)(ByteStorage*) noexcept;

  ByteStorage(Destroy destroy, std::span<std::byte> writable, std::size_t remembered) noexcept
      : destroy_(destroy),
        begin_(writable.data()),
        capacity_(writable.size()),
        remembered_(static_cast<std::uint32_t>(remembered)) {}
  ~ByteStorage() = default;

  void set_writable(std::span<std::byte> memory) noexcept {
    begin_ = memory.data();
    capacity_ = memory.size();
    remembered_ = static_cast<std::uint32_t>(remember(capacity_));
  }
  void set_is_vector() noexcept { is_vector_ = true; }

 private:
  static void destroy_block(ByteStorage* storage) noexcept;

  // Written by every handle, with read-modify-writes from one upwards and down to one, or zero; the
  // last handle only looks and does not write. Read by who wants to be alone.
  // [S1] release in release() -> acquire in is_unique(), and in the release() that finds one: what
  // other handles did with the memory is over before the sole owner writes to it or frees it.
  // Read-modify-writes in between keep the release sequence.
  loom::Atomic<std::size_t> references_{1};
  const Destroy destroy_;
  std::byte* begin_;
  std::size_t capacity_;
  std::uint32_t remembered_;
  bool is_vector_ = false;
};

// What an owner shows, as bytes; it may be a pointer to what does.
template <class Owner>
auto bytes_of_owner(Owner& owner) {
  if constexpr (requires { std::span(owner.data(), owner.size()); }) {
    return std::span(owner.data(), owner.size());
  } else {
    return std::span(owner->data(), owner->size());
  }
}

// A storage whose memory belongs to `Owner`. Writable: the owner's bytes are the storage's to
// write.
template <class Owner>
class OwnedByteStorage final : public ByteStorage {
 public:
  explicit OwnedByteStorage(Owner&& owner) noexcept(std::is_nothrow_move_constructible_v<Owner>)
      : ByteStorage(&destroy, {}, 0), owner_(std::move(owner)) {}

  // Moves the owner in. Throws std::bad_alloc and what moving throws.
  static OwnedByteStorage* make(Owner&& owner) {
    return loom::make<OwnedByteStorage>(std::move(owner));
  }

  Owner& owner() noexcept { return owner_; }
  void make_writable() noexcept {
    set_writable(std::as_writable_bytes(std::span(owner_.data(), owner_.size())));
    if constexpr (std::is_same_v<Owner, std::vector<std::byte>>) set_is_vector();
  }

 private:
  static void destroy(ByteStorage* storage) noexcept {
    loom::free(static_cast<OwnedByteStorage*>(storage));
  }

  Owner owner_;
};

inline std::vector<std::byte>* ByteStorage::vector() noexcept {
  if (!is_vector_) return nullptr;
  return &static_cast<OwnedByteStorage<std::vector<std::byte>>*>(this)->owner();
}

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_BYTE_STORAGE_H_
