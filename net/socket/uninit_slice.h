// UninitSlice: room to receive into whose bytes have not been written yet.
//
// Spec: S-K8.
//
// Zeroing a large buffer only for the kernel to overwrite it is wasted, but a std::span<std::byte>
// over memory that nobody has written invites reading it. This is the room without the invitation:
// filled() gives the bytes that a call says it wrote, and there is no other way to them. It has the
// layout of an iovec, so that an array of them goes to the kernel as it is.
//
//   // Room for 64 KiB that nobody fills with zeros first.
//   Result<std::string> receive_text(const net::Socket& socket) {
//     constexpr std::size_t kSize = 65536;
//     const auto memory = std::make_unique_for_overwrite<char[]>(kSize);
//     const auto got = socket.recv(net::UninitSlice(memory.get(), kSize));
//     if (!got) return Err(got.error());
//     return std::string(memory.get(), got->size());
//   }

#ifndef WEFT_NET_SOCKET_UNINIT_SLICE_H_
#define WEFT_NET_SOCKET_UNINIT_SLICE_H_

#include <cstddef>
#include <source_location>
#include <span>
#include <sys/uio.h>
#include <type_traits>

#include <weft/base/check.h>

namespace weft::net {

// Borrows the memory. A plain value.
class UninitSlice {
 public:
  UninitSlice() noexcept = default;
  // `memory` has `size` bytes.
  UninitSlice(void* memory, std::size_t size) noexcept : native_{memory, size} {}

  std::size_t size() const noexcept { return native_.iov_len; }

  // The first `size` bytes, which a call has written. Fatal if there are not that many.
  std::span<std::byte> filled(
      std::size_t size,
      std::source_location where = std::source_location::current()) const noexcept {
    WEFT_CHECK(size <= native_.iov_len, "UninitSlice::filled: beyond its end", where);
    return {static_cast<std::byte*>(native_.iov_base), size};
  }

 private:
  ::iovec native_{};
};

static_assert(sizeof(UninitSlice) == sizeof(::iovec) && alignof(UninitSlice) == alignof(::iovec) &&
              std::is_standard_layout_v<UninitSlice> && std::is_trivially_copyable_v<UninitSlice>);

// The same memory, as system calls want it.
inline std::span<const ::iovec> as_iovecs(std::span<const UninitSlice> slices) noexcept {
  // SAFETY(cast): an UninitSlice is an iovec and nothing else, as asserted above.
  return {reinterpret_cast<const ::iovec*>(slices.data()), slices.size()};
}

}  // namespace weft::net

#endif  // WEFT_NET_SOCKET_UNINIT_SLICE_H_
