// Empty: nothing to read, and no trace of what is written.
//
// Spec: io.md Q-5, B-6; IO-17, IO-18.
//
//   Task<bool> is_at_its_end() {
//     io::Empty nothing = io::empty();
//     std::string text;
//     const Result<std::size_t> read = co_await nothing.read_to_string(text);
//     co_return read == 0U;
//   }

#ifndef WEFT_IO_EMPTY_H_
#define WEFT_IO_EMPTY_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include <weft/base/result.h>
#include <weft/io/internal/discards.h>
#include <weft/io/members.h>
#include <weft/io/read_buf.h>
#include <weft/io/seek_from.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {

// Is at its end; takes everything that is written; its position is 0 wherever one seeks. Each of
// its operations takes a unit of the budget.
class Empty : public ReadMembers<Empty>,
              public BufReadMembers<Empty>,
              public WriteMembers<Empty>,
              public SeekMembers<Empty>,
              public internal::Discards {
 public:
  Poll<Result<void>> poll_read(Context& cx, ReadBuf&) noexcept { return done(cx); }
  Poll<Result<std::span<const std::byte>>> poll_fill_buf(Context& cx) noexcept {
    if (done(cx).is_pending()) return kPending;
    return Result<std::span<const std::byte>>(std::span<const std::byte>());
  }
  void consume(std::size_t) noexcept {}

  Result<void> start_seek(SeekFrom) noexcept { return {}; }
  Poll<Result<std::uint64_t>> poll_complete(Context& cx) noexcept {
    if (done(cx).is_pending()) return kPending;
    return Result<std::uint64_t>(0);
  }
};

inline Empty empty() noexcept { return Empty(); }

}  // namespace weft::io

#endif  // WEFT_IO_EMPTY_H_
