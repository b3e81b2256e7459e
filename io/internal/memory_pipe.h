// MemoryPipe: bytes on their way from one task to another; what duplex() and simplex() are made of.
//
// Spec: io.md, B-6.
//
// A ring of fixed capacity under a lock, with one waiting reader and one waiting writer, of whom
// the last to come counts. Its memory is taken with the first write. Ready results take a unit of
// the budget, but for those that neither move anything nor wait.

#ifndef WEFT_IO_INTERNAL_MEMORY_PIPE_H_
#define WEFT_IO_INTERNAL_MEMORY_PIPE_H_

#include <cstddef>
#include <memory>
#include <span>

#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/io/read_buf.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/waker.h>

namespace weft::io::internal {

// Thread-safe. Wakes nobody under its lock.
class MemoryPipe : public RefCounted<MemoryPipe> {
 public:
  explicit MemoryPipe(std::size_t capacity) noexcept : capacity_(capacity) {}

  // Pending while it is empty and not closed.
  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf);

  // Takes as much as fits; pending while it is full. Fails with broken_pipe once closed, also for
  // nothing. Throws std::bad_alloc.
  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data);
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx, std::span<const IoSlice> slices);

  // No more is written; what is there can still be read. May be repeated.
  void close() noexcept;
  bool is_closed() noexcept;

 private:
  void append(std::span<const std::byte> bytes) noexcept;
  std::span<const std::byte> front() const noexcept;

  loom::Mutex mutex_;
  // The rest is guarded by mutex_, but for the capacity.
  const std::size_t capacity_;
  std::unique_ptr<std::byte[]> ring_;  // null before the first write
  std::size_t begin_ = 0;              // of what is there, below capacity_
  std::size_t size_ = 0;
  bool closed_ = false;
  Waker reader_;
  Waker writer_;
};

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_MEMORY_PIPE_H_
