// The example in net/ancillary/scm_pid_fd.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/scm_pid_fd.h>

#include <array>
#include <cstddef>
#include <sys/socket.h>
#include <utility>

#include <gtest/gtest.h>

#include <weft/base/fd.h>
#include <weft/net/ancillary/ancillary_data.h>

namespace weft {
namespace {

// [example]
// The descriptor of the sender's process, if the socket has SO_PASSPIDFD. Others are closed.
OwnedFd process_of_sender(net::AncillaryData& received) {
  OwnedFd process;
  net::ReceivedFds fds = received.received_fds();
  for (auto it = fds.begin(); it != fds.end(); ++it) {
    if (it.type() == net::kScmPidFd) process = *it;
  }
  return process;
}
// [end]

TEST(DocExample, NetScmPidFd) {
  std::array<std::byte, 64> storage;
  net::AncillaryData nothing(storage);
  EXPECT_FALSE(process_of_sender(nothing));
  EXPECT_FALSE(net::ScmPidFd::matches(net::ControlMessage(SOL_SOCKET, net::kScmPidFd, {})));
}

}  // namespace
}  // namespace weft
