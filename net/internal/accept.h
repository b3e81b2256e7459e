// The leaves of accepting TCP connections.
//
// Spec: net.md C-13, section 8; G-1.
//
// The connection is accepted in the poll that completes, and registered when it is taken. Between
// the two it is an OwnedFd in the leaf; so if registering fails it is closed, and the error is the
// result.

#ifndef WEFT_NET_INTERNAL_ACCEPT_H_
#define WEFT_NET_INTERNAL_ACCEPT_H_

#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/ready.h>
#include <weft/net/socket_addr.h>
#include <weft/net/tcp_stream.h>
#include <weft/runtime/driver/io_record.h>
#include <weft/runtime/driver/io_wait.h>
#include <weft/runtime/leaf.h>

namespace weft::net::internal {

// One accept4(2).
class Accept {
 public:
  using value_type = std::pair<OwnedFd, SocketAddr>;
  static constexpr bool kTryFirst = true;

  io::Ready wanted() const noexcept { return io::Ready::kReadable | io::Ready::kReadClosed; }
  Result<value_type> attempt(BorrowedFd listener) noexcept;
};

using AcceptedTcp = Result<std::pair<TcpStream, SocketAddr>>;

// Registers an accepted connection with the current runtime.
AcceptedTcp register_accepted(Result<Accept::value_type> accepted, std::source_location where);

class AcceptTcpNode : public weft::internal::IoPerformNode<Accept> {
 public:
  AcceptTcpNode(weft::internal::IoRecord& record, std::source_location where) noexcept
      : IoPerformNode(record, Accept()), where_(where) {}

  AcceptedTcp take() { return register_accepted(IoPerformNode::take(), where_); }

  static constexpr const char* kWaitingOn = "accept";

 private:
  const std::source_location where_;
};

class NextTcpNode : public AcceptTcpNode {
 public:
  using AcceptTcpNode::AcceptTcpNode;
  std::optional<Result<TcpStream>> take();
};

using AcceptTcp = weft::internal::IoOperationAwaitable<AcceptTcpNode, std::source_location>;
using NextTcp = weft::internal::IoOperationAwaitable<NextTcpNode, std::source_location>;

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_ACCEPT_H_
