// Discards: the writing half of Sink and Empty, which take everything and keep nothing.
//
// Spec: io.md Q-5, B-6; IO-17.

#ifndef WEFT_IO_INTERNAL_DISCARDS_H_
#define WEFT_IO_INTERNAL_DISCARDS_H_

#include <cstddef>
#include <span>

#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io::internal {

class Discards {
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

 protected:
  // What every operation is: a unit of the budget, and nothing else.
  static Poll<Result<void>> done(Context& cx) noexcept {
    if (!cx.has_budget()) return kPending;
    cx.spend_budget();
    return Result<void>();
  }
};

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_DISCARDS_H_
