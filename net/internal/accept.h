// The leaves of accepting connections.
//
// Spec: net.md C-13, X-1, section 8; G-1.
//
// The connection is accepted in the poll that completes, and registered when it is taken. Between
// the two it is an OwnedFd in the leaf; so if registering fails it is closed, and the error is the
// result.
//
// What is accepted is described by a class like this:
//
//   struct TcpConnections {
//     using Stream = TcpStream;
//     using Address = SocketAddr;
//     static Result<Stream> make(OwnedFd&& connection, std::source_location where);
//   };

#ifndef WEFT_NET_INTERNAL_ACCEPT_H_
#define WEFT_NET_INTERNAL_ACCEPT_H_

#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/ready.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_record.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/driver/io_wait.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>

namespace weft::net::internal {

// One accept4(2). Defined for SocketAddr and UnixSocketAddr.
template <class Address>
Result<std::pair<OwnedFd, Address>> accept_one(BorrowedFd listener) noexcept;

template <class Connections>
class Accept {
 public:
  using value_type = std::pair<OwnedFd, typename Connections::Address>;
  static constexpr bool kTryFirst = true;

  io::Ready wanted() const noexcept { return io::Ready::kReadable | io::Ready::kReadClosed; }
  Result<value_type> attempt(BorrowedFd listener) noexcept {
    return accept_one<typename Connections::Address>(listener);
  }
};

// What accept() yields.
template <class Connections>
using AcceptedFrom = Result<std::pair<typename Connections::Stream, typename Connections::Address>>;

// Registers an accepted connection with the current runtime.
template <class Connections>
AcceptedFrom<Connections> register_accepted(
    Result<typename Accept<Connections>::value_type> accepted, std::source_location where) {
  if (!accepted) return Err(accepted.error());
  auto stream = Connections::make(std::move(accepted->first), where);
  if (!stream) return Err(stream.error());
  return std::pair(*std::move(stream), std::move(accepted->second));
}

template <class Connections>
class AcceptNode : public weft::internal::IoPerformNode<Accept<Connections>> {
  using Base = weft::internal::IoPerformNode<Accept<Connections>>;

 public:
  AcceptNode(weft::internal::IoRecord& record, std::source_location where) noexcept
      : Base(record, Accept<Connections>()), where_(where) {}

  AcceptedFrom<Connections> take() { return register_accepted<Connections>(Base::take(), where_); }

  static constexpr const char* kWaitingOn = "accept";

 private:
  const std::source_location where_;
};

template <class Connections>
class NextNode : public AcceptNode<Connections> {
 public:
  using AcceptNode<Connections>::AcceptNode;

  std::optional<Result<typename Connections::Stream>> take() {
    AcceptedFrom<Connections> accepted = AcceptNode<Connections>::take();
    if (!accepted) return Err(accepted.error());
    return std::move(accepted->first);
  }
};

template <class Connections>
using AcceptFrom =
    weft::internal::IoOperationAwaitable<AcceptNode<Connections>, std::source_location>;
template <class Connections>
using NextFrom = weft::internal::IoOperationAwaitable<NextNode<Connections>, std::source_location>;

// The poll form.
template <class Connections>
Poll<AcceptedFrom<Connections>> poll_accept_from(const weft::internal::IoRegistration& io,
                                                 Context& cx, std::source_location where) {
  auto accepted = io.poll(cx, weft::internal::IoDirection::kRead, Accept<Connections>());
  if (accepted.is_pending()) return kPending;
  return register_accepted<Connections>(*std::move(accepted), where);
}

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_ACCEPT_H_
