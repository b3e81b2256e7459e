// Sending to the address of a unix datagram socket, whose queue may be full.
//
// Spec: net.md X-2; ancillary.md A-H1.
//
// Readiness of the sender's own socket does not tell of the receiver's queue, unless it is
// connected there: it stays "writable", and no edge comes when the receiver has read. So the wait
// is done on another socket, which is connected to the receiver and sends nothing: of that one the
// kernel reports writability by the receiver's queue. It is made when it is needed, which is when
// the sender is too fast anyway.

#ifndef WEFT_NET_INTERNAL_UNIX_ROOM_H_
#define WEFT_NET_INTERNAL_UNIX_ROOM_H_

#include <cstddef>
#include <optional>
#include <system_error>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/unix_socket_addr.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/task.h>

namespace weft::net::internal {

// Whether `socket` may be written to as far as its own buffer is concerned.
bool has_room_to_send(BorrowedFd socket) noexcept;

// Completes when the queue of the receiver has room, or it is gone. Cancel safe.
Task<Result<void>> room_at(UnixSocketAddr receiver);

// An operation that sends; tells the two reasons to wait apart. "Would block" is only that our own
// buffer is full, which readiness tells the end of; no size means that the receiver's queue is.
template <class Op>
class UnlessFull : public Op {
 public:
  using value_type = std::optional<std::size_t>;

  explicit UnlessFull(Op op) noexcept : Op(std::move(op)) {}

  Result<value_type> attempt(BorrowedFd fd) noexcept {
    const Result<std::size_t> sent = Op::attempt(fd);
    if (sent) return value_type(*sent);
    const bool full = sent.error() == std::errc::operation_would_block && has_room_to_send(fd);
    if (full) return value_type();
    return Err(sent.error());
  }
};

// Carries out `op`, which sends to `to` over `io`, however full the two queues are. `io` has to
// outlive the task. Cancel safe: what is destroyed has sent nothing.
template <class Op>
Task<Result<std::size_t>> send_when_room(const weft::internal::IoRegistration& io, Op op,
                                         UnixSocketAddr to) {
  for (;;) {
    const Result<std::optional<std::size_t>> sent = co_await io.perform(UnlessFull<Op>(op));
    if (!sent) co_return Err(sent.error());
    if (*sent) co_return **sent;
    const Result<void> room = co_await room_at(to);
    if (!room) co_return Err(room.error());
  }
}

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_UNIX_ROOM_H_
