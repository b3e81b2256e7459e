// ControlMessage: one control message, looked at where it lies.
//
// Spec: ancillary.md.
//
// A view: it owns neither its bytes nor the descriptors that they may stand for. What a message
// means is decided by its level and type together; the types that know one (ScmCredentials,
// ScmTimestamp, yours) are made from it with their `from()`. Descriptors are not got at this way:
// AncillaryData::received_fds() hands them out, each with its owner.

#ifndef WEFT_NET_ANCILLARY_CONTROL_MESSAGE_H_
#define WEFT_NET_ANCILLARY_CONTROL_MESSAGE_H_

#include <cstddef>
#include <span>
#include <sys/socket.h>

namespace weft::net {

// The type of the message in which a socket with SO_PASSPIDFD receives a descriptor of the sender's
// process. libc has no name for it yet.
inline constexpr int kScmPidFd = 0x04;

// Thread-safe as a span is.
class ControlMessage {
 public:
  // A message to be added to an AncillaryData. Views `data`.
  constexpr ControlMessage(int level, int type, std::span<const std::byte> data) noexcept
      : level_(level), type_(type), data_(data) {}

  // SOL_SOCKET, IPPROTO_IP and the like.
  constexpr int level() const noexcept { return level_; }
  // Means something only together with the level.
  constexpr int type() const noexcept { return type_; }
  // The payload, at any alignment: copy values out of it with memcpy.
  constexpr std::span<const std::byte> data() const noexcept { return data_; }
  // The buffer ended before the message did; data() is what there is of it. The kernel also cuts
  // messages without leaving this trace (A-K12): compare the size of data() with what you expect.
  constexpr bool truncated() const noexcept { return truncated_; }

  // Its payload are descriptors: SCM_RIGHTS or kScmPidFd at SOL_SOCKET.
  constexpr bool carries_fds() const noexcept {
    return level_ == SOL_SOCKET && (type_ == SCM_RIGHTS || type_ == kScmPidFd);
  }

 private:
  friend class ControlMessages;

  int level_;
  int type_;
  std::span<const std::byte> data_;
  bool truncated_ = false;
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_CONTROL_MESSAGE_H_
