// Operations on a descriptor, and the loop that carries one out: wait, try, wait again.
//
// Spec: R-134..R-136; net.md G-4, G-5, G-7, G-8, G-10; reactor.md E-8, E-9; R-98.
//
// An operation is an object that says what to wait for and can be tried:
//
//   struct Receive {
//     using value_type = std::size_t;
//     Ready wanted() const noexcept;                       what has to be ready first
//     Result<std::size_t> attempt(BorrowedFd fd);          one try; may answer "would block"
//     bool is_short(std::size_t n) const noexcept;         optional: it moved less than it could
//     bool is_empty() const noexcept;                      optional: there is nothing to move
//     static constexpr bool kTryFirst = true;              optional: see below
//   };
//
// It describes the work instead of being a callback, so that another kind of driver could be given
// the same object to submit: one that completes operations would ask for their arguments, where
// this one calls attempt(). The exception is the function a user passes to async_io(), which no
// kernel can run; for it every driver has to offer readiness.
//
// The readiness that is cached spares the useless calls: nothing is tried that would block, a
// "would block" uses the cache up, and so does a short transfer of a stream, which proves the
// kernel's buffer empty, or full (E-9). So an echo of one message costs one recv and one send.
//
// The one guess: as long as the kernel has reported nothing at all, that is between registration
// and the first turn of the driver, operations that say so are tried first. A new connection can
// nearly always be written to, and often its first request has come with it; then trying saves a
// turn's delay. If not, it has cost one call, once in the connection's life. Afterwards, what is
// not cached is not ready, and nothing is guessed.
//
// An empty operation completes at once with nothing, and makes no call (C-9). An interrupted try is
// made again. "Would block" with the same report still standing (a user's
// function that does not care) is put off until others had their turn, rather than spun on.

#ifndef WEFT_RUNTIME_DRIVER_IO_CALL_H_
#define WEFT_RUNTIME_DRIVER_IO_CALL_H_

#include <concepts>
#include <optional>
#include <system_error>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_record.h>
#include <weft/runtime/driver/ready.h>

namespace weft::internal {

template <class Op>
concept IoOperation = requires(Op& op, BorrowedFd fd) {
  typename Op::value_type;
  { std::as_const(op).wanted() } -> std::same_as<runtime::Ready>;
  { op.attempt(fd) } -> std::same_as<Result<typename Op::value_type>>;
};

template <IoOperation Op>
using IoResult = Result<typename Op::value_type>;

template <IoOperation Op>
inline constexpr bool kTriesFirst = false;
template <IoOperation Op>
  requires requires { Op::kTryFirst; }
inline constexpr bool kTriesFirst<Op> = Op::kTryFirst;

template <IoOperation Op>
bool is_short(const Op& op, const IoResult<Op>& result) noexcept {
  if constexpr (requires { op.is_short(*result); }) {
    return result && op.is_short(*result);
  } else {
    return false;
  }
}

// What an operation without anything to do completes with; nothing if there is something to do.
template <IoOperation Op>
std::optional<IoResult<Op>> result_if_empty(const Op& op) noexcept {
  if constexpr (requires { op.is_empty(); }) {
    if (op.is_empty()) return IoResult<Op>(typename Op::value_type());
  }
  return std::nullopt;
}

// Tries `op` once, `seen` being the latest look at the record. Nothing: it would block.
template <IoOperation Op>
std::optional<IoResult<Op>> try_operation(IoRecord& record, IoSeen seen, Op& op) {
  IoRecord::Call call(record);
  if (!call) return IoResult<Op>(Err(Errc::closed));
  for (;;) {
    std::optional<IoResult<Op>> result(op.attempt(call.fd()));
    if (!*result && (*result).error() == std::errc::interrupted) continue;
    if (!*result && (*result).error() == std::errc::operation_would_block) {
      call.would_block(op.wanted(), seen);
      return std::nullopt;
    }
    if (call.short_means_drained() && is_short(op, *result)) call.drained(op.wanted(), seen);
    return result;
  }
}

// What ends every wait on the record before it is ready; nothing otherwise.
inline std::optional<Error> reason_to_stop(IoSeen seen) noexcept {
  if (seen.is_closed()) [[unlikely]]
    return Error(Errc::closed);
  if (seen.is_shut_down()) [[unlikely]]
    return Error(Errc::runtime_shutdown);
  return std::nullopt;
}

// One poll of `op`; nothing: pending. wait(wanted) queues the computation that `cx` polls and
// answers whether it had to.
template <IoOperation Op, std::predicate<runtime::Ready> Wait>
std::optional<IoResult<Op>> poll_operation(IoRecord& record, Context& cx, Op& op, Wait wait) {
  if (std::optional<IoResult<Op>> nothing = result_if_empty(op)) return nothing;
  if (!cx.has_budget()) return std::nullopt;
  for (;;) {
    const IoSeen seen = record.look();
    if (const std::optional<Error> error = reason_to_stop(seen)) {
      cx.spend_budget();
      return IoResult<Op>(Err(*error));
    }
    if (seen.ready().intersects(op.wanted()) || (kTriesFirst<Op> && seen.is_fresh())) {
      std::optional<IoResult<Op>> result = try_operation(record, seen, op);
      if (result) {
        cx.spend_budget();
        return result;
      }
      const IoSeen now = record.look();
      if (now.ready().intersects(op.wanted()) && now.tick() == seen.tick()) {
        cx.defer();
        return std::nullopt;
      }
    }
    if (wait(op.wanted())) return std::nullopt;
  }
}

// The poll form: waits in the slot of `direction` (G-7).
template <IoOperation Op>
std::optional<IoResult<Op>> poll_operation(IoRecord& record, Context& cx, Op& op,
                                           IoDirection direction) {
  return poll_operation(record, cx, op, [&](runtime::Ready) { return record.wait(direction, cx); });
}

// The try form: would_block, without a try, unless the readiness is cached (G-5). Works on after
// the driver's shutdown (G-8).
template <IoOperation Op>
IoResult<Op> try_operation_if_ready(IoRecord& record, Op& op) {
  if (std::optional<IoResult<Op>> nothing = result_if_empty(op)) return *std::move(nothing);
  const IoSeen seen = record.look();
  if (seen.is_closed()) return Err(Errc::closed);
  if (!seen.ready().intersects(op.wanted())) return Err(std::errc::operation_would_block);
  std::optional<IoResult<Op>> result = try_operation(record, seen, op);
  if (!result) return Err(std::errc::operation_would_block);
  return *std::move(result);
}

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_IO_CALL_H_
