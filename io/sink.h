// Sink: takes everything that is written and forgets it.
//
// Spec: io.md Q-5, B-6; IO-17.
//
//   Task<Result<std::uint64_t>> size_of(io::DuplexStream stream) {
//     io::Sink nowhere = io::sink();
//     co_return co_await io::copy(stream, nowhere);
//   }

#ifndef WEFT_IO_SINK_H_
#define WEFT_IO_SINK_H_

#include <cstddef>
#include <span>

#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/members.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {

// Each of its operations takes a unit of the budget.
class Sink : public WriteMembers<Sink> {
 public:
  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) noexcept {
    if (done(cx).is_pending()) return kPending;
    return Result<std::size_t>(data.size());
  }
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx,
                                                std::span<const IoSlice> slices) noexcept {
    if (done(cx).is_pending()) return kPending;
    return Result<std::size_t>(total_size(slices));
  }
  static constexpr bool is_write_vectored() noexcept { return true; }
  Poll<Result<void>> poll_flush(Context& cx) noexcept { return done(cx); }
  Poll<Result<void>> poll_shutdown(Context& cx) noexcept { return done(cx); }

 private:
  static Poll<Result<void>> done(Context& cx) noexcept {
    if (!cx.has_budget()) return kPending;
    cx.spend_budget();
    return Result<void>();
  }
};

inline Sink sink() noexcept { return Sink(); }

}  // namespace weft::io

#endif  // WEFT_IO_SINK_H_
