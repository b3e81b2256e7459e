// ScmPidFd: a descriptor of the process that sent a message (Linux 6.5, SO_PASSPIDFD).
//
// Spec: ancillary.md A-33, A-K13.
//
// It is a descriptor like any other, and so it has an owner from the moment of receiving: it comes
// out of AncillaryData::received_fds(), whose iterator says kScmPidFd of it. Here is only the test
// that there was one.
//
//   // The descriptor of the sender's process, if the socket has SO_PASSPIDFD. Others are closed.
//   OwnedFd process_of_sender(net::AncillaryData& received) {
//     OwnedFd process;
//     net::ReceivedFds fds = received.received_fds();
//     for (auto it = fds.begin(); it != fds.end(); ++it) {
//       if (it.type() == net::kScmPidFd) process = *it;
//     }
//     return process;
//   }

#ifndef WEFT_NET_ANCILLARY_SCM_PID_FD_H_
#define WEFT_NET_ANCILLARY_SCM_PID_FD_H_

#include <sys/socket.h>

#include <weft/net/ancillary/control_message.h>
#include <weft/net/ancillary/internal/plain_payload.h>

namespace weft::net {

struct ScmPidFd {
  static bool matches(const ControlMessage& message) noexcept {
    return internal::is_payload<int>(message, SOL_SOCKET, kScmPidFd);
  }
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_SCM_PID_FD_H_
