// BlockingReader, BlockingWriter: a descriptor that can only be waited for by blocking in it.
//
// Spec: io.md Q-7; IO-58, IO-59.
//
// Terminals, and whatever else stands behind the standard streams, are read and written by threads
// of the blocking pool, up to 2 MiB at a time. The memory of a call goes with it to its thread and
// comes back with the result, so an operation that nobody waits for any more harms nobody: what it
// has read stays in the reader; what it is writing is a copy.

#ifndef WEFT_IO_INTERNAL_BLOCKING_STREAM_H_
#define WEFT_IO_INTERNAL_BLOCKING_STREAM_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <source_location>
#include <span>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/read_buf.h>
#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/poll.h>

namespace weft::io::internal {

// The most that one call moves.
inline constexpr std::size_t kMostAtOnce = 2 * 1024 * 1024;

// Memory of a call; not zeroed.
struct CallBuffer {
  // Room for `size` bytes at the beginning; what was in it is lost.
  void reserve(std::size_t size);
  std::span<const std::byte> held() const noexcept { return {memory.get() + begin, end - begin}; }

  std::unique_ptr<std::byte[]> memory;
  std::size_t capacity = 0;
  std::size_t begin = 0;  // of what it holds
  std::size_t end = 0;
};

// How a call came out, and its memory again.
struct CallOutcome {
  CallBuffer buffer;
  Result<std::size_t> result;
};

// A call on the blocking pool, or none. Movable while it is under way.
class BlockingCall {
 public:
  bool is_running() const noexcept { return running_ != nullptr; }

  // `call(buffer)` on a thread of the current runtime's pool. Fails with runtime_shutdown or
  // resource_unavailable_try_again; fatal at `where` outside of every runtime.
  Result<void> start(Result<std::size_t> (*call)(int fd, CallBuffer& buffer), BorrowedFd fd,
                     CallBuffer buffer, std::source_location where);
  // Nothing: it is still running. Fails with runtime_shutdown if it never ran; the memory is lost.
  std::optional<CallOutcome> poll(Context& cx);

 private:
  using Running = weft::internal::Branch<JoinHandle<CallOutcome>>;
  std::unique_ptr<Running> running_;
};

// An AsyncRead. Movable; one task at a time. Does not own the descriptor.
class BlockingReader {
 public:
  BlockingReader(BorrowedFd fd, std::source_location where) noexcept : fd_(fd), where_(where) {}

  // Asks the descriptor for as much as there is room, at most 2 MiB; what an earlier call has read
  // and nobody has taken comes first. A call that has begun goes on when nobody waits for it.
  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf);

 private:
  BorrowedFd fd_;
  std::source_location where_;
  CallBuffer buffer_;
  BlockingCall call_;
};

// An AsyncWrite. Movable; one task at a time. Does not own the descriptor.
class BlockingWriter {
 public:
  BlockingWriter(BorrowedFd fd, std::source_location where) noexcept : fd_(fd), where_(where) {}

  // Copies up to 2 MiB, begins to write them and is ready; while an earlier write runs, pending.
  // The error of a write comes out of the next call of any kind.
  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data);
  // Ready when everything is written.
  Poll<Result<void>> poll_flush(Context& cx);
  // Does nothing.
  Poll<Result<void>> poll_shutdown(Context&) { return Result<void>(); }

 private:
  BorrowedFd fd_;
  std::source_location where_;
  CallBuffer buffer_;
  BlockingCall call_;
};

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_BLOCKING_STREAM_H_
