// How control messages lie in memory: sizes, headers, and where the next one begins.
//
// Spec: ancillary.md A-K1, "Parsing".
//
// A control message is a header (size, level, type), padding, a payload, and padding up to where
// the next header may begin. How much padding is the system's affair, so every number here comes
// out of its macros. No pointer to a cmsghdr is ever formed: headers are copied out of the bytes
// and into them, which works at any address and reads nothing that is not there.

#ifndef WEFT_NET_ANCILLARY_INTERNAL_CONTROL_LAYOUT_H_
#define WEFT_NET_ANCILLARY_INTERNAL_CONTROL_LAYOUT_H_

#include <cstddef>
#include <cstring>
#include <span>
#include <sys/socket.h>

#include <weft/base/check.h>

namespace weft::net::internal {

// From the start of a message to its payload. CMSG_LEN(0) includes the padding after the header.
inline constexpr std::size_t kHeaderSize = CMSG_LEN(0);
static_assert(kHeaderSize >= sizeof(::cmsghdr));

// `size` rounded up to where a header may begin. Must not be near the largest size_t.
constexpr std::size_t align_up(std::size_t size) noexcept { return CMSG_ALIGN(size); }

// The bytes that a message with `count` descriptors needs in a buffer.
constexpr std::size_t rights_space(std::size_t count) noexcept {
  return CMSG_SPACE(count * sizeof(int));
}

// A value of trivial type out of, or into, bytes at any address.
template <class T>
T load(const std::byte* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <class T>
void store(std::byte* to, const T& value) noexcept {
  std::memcpy(to, &value, sizeof value);
}

// The header at the beginning of `bytes`, which are at least kHeaderSize.
inline ::cmsghdr load_header(std::span<const std::byte> bytes) noexcept {
  WEFT_DCHECK(bytes.size() >= kHeaderSize);
  return load<::cmsghdr>(bytes.data());
}

}  // namespace weft::net::internal

#endif  // WEFT_NET_ANCILLARY_INTERNAL_CONTROL_LAYOUT_H_
