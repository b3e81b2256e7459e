// ByteStorage: blocks. Interface and counting: byte_storage.h.

#include <weft/io/internal/byte_storage.h>

#include <algorithm>
#include <bit>
#include <new>

namespace weft::io::internal {

std::size_t ByteStorage::remember(std::size_t capacity) noexcept {
  if (capacity < kLeastRemembered) return 0;
  return std::min(std::bit_floor(capacity), kMostRemembered);
}

ByteStorage* ByteStorage::make_block(std::size_t capacity, std::size_t remembered) {
  WEFT_CHECK(capacity <= PTRDIFF_MAX - sizeof(ByteStorage),
             "weft::io::BytesMut: the capacity overflows");
  void* const memory = ::operator new(sizeof(ByteStorage) + capacity);
  auto* const first = static_cast<std::byte*>(memory) + sizeof(ByteStorage);
  // SAFETY(storage): as large as the storage and its bytes, aligned as operator new aligns, and
  // nobody else's; destroy_block() gives it back.
  return ::new (memory) ByteStorage(&destroy_block, {first, capacity}, remembered);
}

void ByteStorage::destroy_block(ByteStorage* storage) noexcept {
  // SAFETY(lifetime): the last handle is gone, and with it whoever could reach the storage.
  storage->~ByteStorage();
  ::operator delete(storage);
}

}  // namespace weft::io::internal
