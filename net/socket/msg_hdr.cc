// MsgHdr, MsgHdrMut. Interface: msg_hdr.h.

#include <weft/net/socket/msg_hdr.h>

#include <algorithm>

#include <weft/base/check.h>

namespace weft::net {

namespace {

// What the kernel takes (UIO_MAXIOV); more is EMSGSIZE to it. A receiver has less room then, which
// the flags tell of. A sender must not: half a datagram would go out as if it were whole.
constexpr std::size_t kMostSlices = 1024;

void set_buffers(::msghdr& native, std::span<const ::iovec> buffers) noexcept {
  // SAFETY(cast): a msghdr has no const form; neither call writes to the array of slices.
  native.msg_iov = const_cast<::iovec*>(buffers.data());
  native.msg_iovlen = buffers.size();
}

void set_room(::msghdr& native, std::span<const ::iovec> buffers) noexcept {
  set_buffers(native, buffers.first(std::min(buffers.size(), kMostSlices)));
}

}  // namespace

MsgHdr& MsgHdr::with_addr(const SockAddr& address) noexcept {
  // SAFETY(cast): a msghdr has no const form; sendmsg(2) only reads the address.
  native_.msg_name = const_cast<::sockaddr*>(address.data());
  native_.msg_namelen = address.size();
  return *this;
}

MsgHdr& MsgHdr::with_buffers(std::span<const io::IoSlice> buffers) noexcept {
  set_buffers(native_, io::as_iovecs(buffers));
  return *this;
}

MsgHdr& MsgHdr::with_control(std::span<const std::byte> control) noexcept {
  // SAFETY(cast): a msghdr has no const form; sendmsg(2) only reads the control data.
  native_.msg_control = const_cast<std::byte*>(control.data());
  native_.msg_controllen = control.size();
  return *this;
}

MsgHdr& MsgHdr::with_flags(int flags) noexcept {
  native_.msg_flags = flags;
  return *this;
}

MsgHdrMut& MsgHdrMut::with_addr(SockAddr& address) noexcept {
  native_.msg_name = &address;
  return *this;
}

MsgHdrMut& MsgHdrMut::with_buffers(std::span<io::IoSliceMut> buffers) noexcept {
  set_room(native_, io::as_iovecs(std::span<const io::IoSliceMut>(buffers)));
  return *this;
}

MsgHdrMut& MsgHdrMut::with_buffers(std::span<UninitSlice> buffers) noexcept {
  set_room(native_, as_iovecs(std::span<const UninitSlice>(buffers)));
  return *this;
}

MsgHdrMut& MsgHdrMut::with_control(std::span<std::byte> control) noexcept {
  native_.msg_control = control.data();
  native_.msg_controllen = control.size();
  return *this;
}

::msghdr& MsgHdrMut::begin() noexcept {
  if (SockAddr* const to = address(); to != nullptr) {
    to->storage_ = SockAddrStorage();
    native_.msg_namelen = SockAddrStorage::size();
  }
  return native_;
}

void MsgHdrMut::end() noexcept {
  SockAddr* const to = address();
  if (to == nullptr) return;
  WEFT_DCHECK(native_.msg_namelen <= SockAddrStorage::size(),
              "recvmsg(2) wrote an address larger than a sockaddr_storage");
  to->size_ = std::min<::socklen_t>(native_.msg_namelen, SockAddrStorage::size());
}

SockAddr* MsgHdrMut::address() const noexcept {
  // The kernel is given a SockAddr where it wants a sockaddr: the storage is its first member.
  return static_cast<SockAddr*>(native_.msg_name);
}

}  // namespace weft::net
