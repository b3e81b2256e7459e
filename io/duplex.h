// duplex: two connected streams in memory.
//
// Spec: io.md Q-3; IO-33.
//
// What is written to one end is read from the other: a socket pair without a socket, for tests and
// for tasks that talk to each other in bytes.
//
//   Task<std::string> ping() {
//     auto [here, there] = io::duplex(64);
//     const Result<void> written = co_await here.write_all("ping");
//     std::string got(4, ' ');
//     const Result<std::size_t> read = co_await there.read_exact(std::span<char>(got));
//     co_return written&& read ? got : std::string();
//   }

#ifndef WEFT_IO_DUPLEX_H_
#define WEFT_IO_DUPLEX_H_

#include <cstddef>
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

// One end. Destroying it closes both directions: the peer reads what is left and then the end, and
// its writes fail. Movable; one task reads and one writes at a time, on any threads. The last task
// to wait in a direction is the one that is woken.
class DuplexStream : public ReadMembers<DuplexStream>, public WriteMembers<DuplexStream> {
 public:
  DuplexStream(DuplexStream&&) noexcept = default;
  DuplexStream& operator=(DuplexStream&& other) noexcept;
  ~DuplexStream() { close(); }

  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) { return in_->poll_read(cx, buf); }
  // Takes what fits into the buffer; waits while it is full. Fails with broken_pipe after a
  // shutdown, and when the other end is gone, also when there is nothing to write.
  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) {
    return out_->poll_write(cx, data);
  }
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx, std::span<const IoSlice> slices) {
    return out_->poll_write_vectored(cx, slices);
  }
  static constexpr bool is_write_vectored() noexcept { return true; }
  // There is nothing to flush.
  Poll<Result<void>> poll_flush(Context&) noexcept { return Result<void>(); }
  // Closes this direction only.
  Poll<Result<void>> poll_shutdown(Context&) noexcept {
    out_->close();
    return Result<void>();
  }

 private:
  friend std::pair<DuplexStream, DuplexStream> duplex(std::size_t capacity);

  using Pipe = RefPtr<internal::MemoryPipe>;
  DuplexStream(Pipe in, Pipe out) noexcept : in_(std::move(in)), out_(std::move(out)) {}
  void close() noexcept;

  Pipe in_;  // both null when moved from
  Pipe out_;
};

// Each direction holds up to `capacity` bytes that were written and not read; the memory for them
// is taken with the first write. Throws std::bad_alloc.
std::pair<DuplexStream, DuplexStream> duplex(std::size_t capacity);

}  // namespace weft::io

#endif  // WEFT_IO_DUPLEX_H_
