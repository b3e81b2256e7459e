// UCred: who is at the other end of a unix socket.
//
// Spec: S-X11; net.md section 4.
//
// Linux notes the credentials of the peer when the connection is made (or the pair), from the
// process that called connect() or listen(); what that process does later, and to whom it hands the
// socket, does not change them.
//
//   // Whether the process at the other end runs as the same user.
//   bool is_one_of_us(const net::UnixStream& stream) {
//     const Result<net::UCred> peer = stream.peer_cred();
//     return peer && peer->uid() == ::getuid();
//   }

#ifndef WEFT_NET_UCRED_H_
#define WEFT_NET_UCRED_H_

#include <optional>
#include <sys/types.h>

namespace weft::net {

// A plain value.
class UCred {
 public:
  constexpr UCred(::uid_t uid, ::gid_t gid, std::optional<::pid_t> pid) noexcept
      : uid_(uid), gid_(gid), pid_(pid) {}

  constexpr ::uid_t uid() const noexcept { return uid_; }
  constexpr ::gid_t gid() const noexcept { return gid_; }
  // Nothing if the process is in a pid namespace that ours cannot see into. By the time it is
  // looked at, the number may belong to another process: peer_pidfd() does not have that flaw.
  constexpr std::optional<::pid_t> pid() const noexcept { return pid_; }

  friend constexpr bool operator==(const UCred&, const UCred&) noexcept = default;

 private:
  ::uid_t uid_;
  ::gid_t gid_;
  std::optional<::pid_t> pid_;
};

}  // namespace weft::net

#endif  // WEFT_NET_UCRED_H_
