// MessageFd. Interface and design: message_fd.h.

#include <weft/net/ancillary/message_fd.h>

#include <algorithm>
#include <optional>

#include <weft/base/check.h>
#include <weft/base/sys.h>
#include <weft/base/sys_message.h>
#include <weft/net/ancillary/internal/control_layout.h>
#include <weft/net/ancillary/unchecked.h>
#include <weft/net/socket/msg_hdr.h>

namespace weft::net {
namespace {

// Whether the descriptors in a message that is about to be sent are open, which the caller
// promised. For a check in debug builds.
bool all_fds_open(ControlMessages messages) noexcept {
  for (const ControlMessage& message : messages) {
    if (!message.carries_fds()) continue;
    std::span<const std::byte> left = message.data();
    for (; left.size() >= sizeof(int); left = left.subspan(sizeof(int))) {
      const int fd = internal::load<int>(left.data());
      if (fd < 0 || !sys::get_fd_flags(BorrowedFd(fd))) return false;
    }
  }
  return true;
}

}  // namespace

Result<std::size_t> MessageFd::send(const SockAddr* to, std::span<const io::IoSlice> data,
                                    AncillaryData& ancillary, SendOptions options) const noexcept {
  WEFT_DCHECK(all_fds_open(ancillary.control_messages()),
              "AncillaryData: a descriptor in it was closed before the message was sent");
  MsgHdr message;
  message.with_buffers(data);
  if (to != nullptr) message.with_addr(*to);
  if (!ancillary.send_view().empty()) message.with_control(ancillary.send_view());
  const Result<std::size_t> sent = sys::sendmsg_with_flags(fd_, message.native(), options.flags());
  if (sent) ancillary.clear();
  return sent;
}

Result<std::pair<std::size_t, RecvResult>> MessageFd::receive(SockAddr* from,
                                                              std::span<io::IoSliceMut> room,
                                                              AncillaryData& ancillary,
                                                              RecvOptions options) const noexcept {
  MsgHdrMut message;
  message.with_buffers(room);
  if (from != nullptr) message.with_addr(*from);
  // SAFETY(storage): what recv_buffer() gives goes to the kernel and nowhere else. It is there
  // unless there is no storage: nobody can be between this and set_received_len(), which follows on
  // every path.
  const std::optional<std::span<std::byte>> control = ancillary.recv_buffer(unchecked::unsafe());
  if (control) message.with_control(*control);
  const Result<std::size_t> got = sys::recvmsg(fd_, message.begin(), options.flags());
  if (control) {
    // SAFETY(storage): the kernel has said how much of it is its answer: of a failure, none.
    ancillary.set_received_len(got ? message.control_len() : 0, unchecked::unsafe());
    // SAFETY(lifetime): these are this call's own descriptors, new in the process, close-on-exec
    // (RecvOptions), and nobody has seen their numbers.
    ancillary.adopt_rights(unchecked::unsafe());
  }
  if (!got) return Err(got.error());
  message.end();
  return std::pair(*got, RecvResult(message.flags().raw()));
}

Result<std::size_t> MessageFd::send_message(std::span<const io::IoSlice> data,
                                            AncillaryData& ancillary,
                                            SendOptions options) const noexcept {
  return send(nullptr, data, ancillary, options);
}

Result<std::size_t> MessageFd::send_message_to(const SockAddr& to,
                                               std::span<const io::IoSlice> data,
                                               AncillaryData& ancillary,
                                               SendOptions options) const noexcept {
  return send(&to, data, ancillary, options);
}

Result<std::pair<std::size_t, RecvResult>> MessageFd::recv_message(
    std::span<io::IoSliceMut> room, AncillaryData& ancillary, RecvOptions options) const noexcept {
  return receive(nullptr, room, ancillary, options);
}

Result<std::tuple<std::size_t, RecvResult, SockAddr>> MessageFd::recv_message_from(
    std::span<io::IoSliceMut> room, AncillaryData& ancillary, RecvOptions options) const noexcept {
  SockAddr from;
  const auto got = receive(&from, room, ancillary, options);
  if (!got) return Err(got.error());
  return std::tuple(got->first, got->second, from);
}

}  // namespace weft::net
