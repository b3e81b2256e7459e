// simplex: one direction of bytes in memory.
//
// Spec: io.md Q-4; IO-49.
//
//   Task<std::string> through() {
//     auto [sender, receiver] = io::simplex(16);
//     const Result<void> written = co_await sender.write_all("one way");
//     const Result<void> closed = co_await sender.shutdown();
//     std::string text;
//     const Result<std::size_t> read = co_await receiver.read_to_string(text);
//     co_return written&& closed&& read ? text : std::string();
//   }

#ifndef WEFT_IO_SIMPLEX_H_
#define WEFT_IO_SIMPLEX_H_

#include <cstddef>
#include <source_location>
#include <span>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/internal/memory_pipe.h>
#include <weft/io/io_slice.h>
#include <weft/io/members.h>
#include <weft/io/read_buf.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/ref_counted.h>

namespace weft::io {

class SimplexSender;
class SimplexReceiver;

// The sending end first. Holds up to `capacity` bytes that were written and not read. Fatal at
// `where` if that is 0. Throws std::bad_alloc.
std::pair<SimplexSender, SimplexReceiver> simplex(
    std::size_t capacity, std::source_location where = std::source_location::current());

// Destroying it, or shutting it down, closes the channel: the receiver reads what is left and then
// the end. Movable; one task at a time.
class SimplexSender : public WriteMembers<SimplexSender> {
 public:
  SimplexSender(SimplexSender&&) noexcept = default;
  SimplexSender& operator=(SimplexSender&& other) noexcept;
  ~SimplexSender();

  // Takes what fits; waits while it is full. Fails with broken_pipe once the channel is closed,
  // also when there is nothing to write.
  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) {
    return pipe_->poll_write(cx, data);
  }
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx, std::span<const IoSlice> slices) {
    return pipe_->poll_write_vectored(cx, slices);
  }
  static constexpr bool is_write_vectored() noexcept { return true; }
  // Fails with broken_pipe once the channel is closed; there is nothing else to do.
  Poll<Result<void>> poll_flush(Context& cx) noexcept;
  // May be repeated.
  Poll<Result<void>> poll_shutdown(Context&) noexcept {
    pipe_->close();
    return Result<void>();
  }

 private:
  friend std::pair<SimplexSender, SimplexReceiver> simplex(std::size_t, std::source_location);
  explicit SimplexSender(RefPtr<internal::MemoryPipe> pipe) noexcept : pipe_(std::move(pipe)) {}

  RefPtr<internal::MemoryPipe> pipe_;  // null when moved from
};

// Destroying it closes the channel: the sender's writes fail. Movable; one task at a time.
class SimplexReceiver : public ReadMembers<SimplexReceiver> {
 public:
  SimplexReceiver(SimplexReceiver&&) noexcept = default;
  SimplexReceiver& operator=(SimplexReceiver&& other) noexcept;
  ~SimplexReceiver();

  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) { return pipe_->poll_read(cx, buf); }

 private:
  friend std::pair<SimplexSender, SimplexReceiver> simplex(std::size_t, std::source_location);
  explicit SimplexReceiver(RefPtr<internal::MemoryPipe> pipe) noexcept : pipe_(std::move(pipe)) {}

  RefPtr<internal::MemoryPipe> pipe_;  // null when moved from
};

}  // namespace weft::io

#endif  // WEFT_IO_SIMPLEX_H_
