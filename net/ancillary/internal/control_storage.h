// ControlStorage: memory for control messages on the heap, and whether it is lent out.
//
// Spec: ancillary.md A-18.
//
// Shared by an AncillaryDataBuf and its one lease at a time: whichever goes last frees it.

#ifndef WEFT_NET_ANCILLARY_INTERNAL_CONTROL_STORAGE_H_
#define WEFT_NET_ANCILLARY_INTERNAL_CONTROL_STORAGE_H_

#include <cstddef>
#include <memory>
#include <span>
#include <sys/socket.h>

namespace weft::net::internal {

struct ControlStorage {
  // Throws std::bad_alloc.
  explicit ControlStorage(std::size_t size) : memory(new std::byte[size]), capacity(size) {}

  std::span<std::byte> bytes() const noexcept { return {memory.get(), capacity}; }

  std::unique_ptr<std::byte[]> memory;
  std::size_t capacity;
  bool leased = false;
};

// An array of bytes is aligned for everything that fits into it.
static_assert(alignof(::cmsghdr) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

}  // namespace weft::net::internal

#endif  // WEFT_NET_ANCILLARY_INTERNAL_CONTROL_STORAGE_H_
