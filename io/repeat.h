// Repeat: one byte, for ever.
//
// Spec: io.md Q-5, B-6; IO-17.
//
//   Task<Result<std::size_t>> fill(std::span<char> room) {
//     io::Repeat dashes = io::repeat(std::byte{'-'});
//     co_return co_await dashes.read_exact(room);
//   }

#ifndef WEFT_IO_REPEAT_H_
#define WEFT_IO_REPEAT_H_

#include <algorithm>
#include <cstddef>
#include <span>

#include <weft/base/result.h>
#include <weft/io/members.h>
#include <weft/io/read_buf.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {

// Fills all the room there is. Each read takes a unit of the budget.
class Repeat : public ReadMembers<Repeat> {
 public:
  explicit Repeat(std::byte byte) noexcept : byte_(byte) {}

  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) noexcept {
    if (!cx.has_budget()) return kPending;
    const std::span<std::byte> room = buf.unfilled_raw();
    std::fill(room.begin(), room.end(), byte_);
    buf.assume_init(room.size());
    buf.advance(room.size());
    cx.spend_budget();
    return Result<void>();
  }

 private:
  std::byte byte_;
};

inline Repeat repeat(std::byte byte) noexcept { return Repeat(byte); }

}  // namespace weft::io

#endif  // WEFT_IO_REPEAT_H_
