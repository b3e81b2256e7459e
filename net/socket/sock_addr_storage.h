// SockAddrStorage: room for a socket address of any family.
//
// Spec: S-K3.
//
// Bytes, all zero at first, of the size and alignment of a sockaddr_storage: what a system call
// writes an address into, and what a struct of one family is made in. They are bytes, not a
// sockaddr_storage, because that makes forming a struct of another family in them well defined.
//
//   // An address of a family that net::SockAddr does not know by name.
//   net::SockAddr packet_address(int interface) {
//     net::SockAddrStorage storage;
//     auto& address = storage.view_as<::sockaddr_ll>();
//     address.sll_family = AF_PACKET;
//     address.sll_ifindex = interface;
//     return net::SockAddr(storage, sizeof address);
//   }

#ifndef WEFT_NET_SOCKET_SOCK_ADDR_STORAGE_H_
#define WEFT_NET_SOCKET_SOCK_ADDR_STORAGE_H_

#include <cstddef>
#include <cstring>
#include <new>
#include <sys/socket.h>
#include <type_traits>

namespace weft::net {

// The structs that may live in it.
template <class T>
concept NativeAddress =
    std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T> &&
    sizeof(T) <= sizeof(::sockaddr_storage) && alignof(T) <= alignof(::sockaddr_storage);

// A plain value.
class SockAddrStorage {
 public:
  static constexpr std::size_t size() noexcept { return sizeof(::sockaddr_storage); }

  // As system calls want it.
  ::sockaddr* data() noexcept {
    // SAFETY(cast): the bytes are as large and as aligned as any address; they are given to the
    // kernel, which looks at the family. Nothing here reads through this pointer.
    return reinterpret_cast<::sockaddr*>(bytes_);
  }
  const ::sockaddr* data() const noexcept {
    // SAFETY(cast): as above.
    return reinterpret_cast<const ::sockaddr*>(bytes_);
  }

  // The bytes as a T, to be filled in. One T at a time: what another T left is not readable by it.
  template <NativeAddress T>
  T& view_as() noexcept {
    // SAFETY(cast): T is an implicit-lifetime type that fits, by its concept, and an array of bytes
    // provides storage for one; any bytes are a value of it.
    return *std::launder(reinterpret_cast<T*>(bytes_));
  }
  // A copy of the bytes as a T.
  template <NativeAddress T>
  T load() const noexcept {
    T value;
    std::memcpy(&value, bytes_, sizeof value);
    return value;
  }

 private:
  alignas(::sockaddr_storage) std::byte bytes_[sizeof(::sockaddr_storage)] = {};
};

static_assert(sizeof(SockAddrStorage) == sizeof(::sockaddr_storage) &&
              std::is_standard_layout_v<SockAddrStorage>);

}  // namespace weft::net

#endif  // WEFT_NET_SOCKET_SOCK_ADDR_STORAGE_H_
