// CopyBuffer: carries bytes from a reader to a writer.
//
// Spec: io.md Q-1, B-6; IO-31.
//
// It reads whenever there is room and nothing else to do: also while the writer keeps it waiting,
// so that the next write is a large one. If it waits for the reader with everything written, it
// flushes once, because what the reader waits for may stand in the writer's buffer.

#ifndef WEFT_IO_INTERNAL_COPY_BUFFER_H_
#define WEFT_IO_INTERNAL_COPY_BUFFER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/read.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io::internal {

// One task at a time. Movable until the first poll. Its memory is taken with that, and not zeroed.
class CopyBuffer {
 public:
  explicit CopyBuffer(std::size_t capacity) noexcept : capacity_(capacity) {}

  // What one poll comes to, when it is not pending.
  enum class Progress : std::uint8_t {
    kDone,      // all has been copied, and flushed
    kFullRead,  // the reader has filled the whole buffer, and all of it has been written
  };

  // With `stop_if_full` also returns for kFullRead.
  template <AsyncRead R, AsyncWrite W>
  Poll<Result<Progress>> poll(Context& cx, R& reader, W& writer, bool stop_if_full) {
    if (memory_ == nullptr) memory_ = std::make_unique_for_overwrite<std::byte[]>(capacity_);
    for (;;) {
      // Streams in memory would keep this going for ever.
      if (!cx.has_budget()) return kPending;
      const Poll<Result<void>> filled = poll_fill(cx, reader, writer);
      if (filled.is_pending()) return kPending;
      if (!*filled) return Err(filled->error());
      const bool was_full = end_ == capacity_ && begin_ == 0;
      const Poll<Result<void>> emptied = poll_empty(cx, reader, writer);
      if (emptied.is_pending()) return kPending;
      if (!*emptied) return Err(emptied->error());
      if (read_done_) return poll_finish(cx, writer);
      if (stop_if_full && was_full) return Result<Progress>(Progress::kFullRead);
    }
  }

  // How many bytes have been written.
  std::uint64_t copied() const noexcept { return copied_; }

  // Bytes of the reader's that came another way, and are to be written next. Only while it is
  // empty.
  void adopt(std::unique_ptr<std::byte[]> memory, std::size_t size) noexcept {
    memory_ = std::move(memory);
    capacity_ = size;
    end_ = size;
  }
  // So many bytes were copied another way.
  void add_copied(std::uint64_t size) noexcept { copied_ += size; }

 private:
  // Reads once if there is room. Pending only if there is nothing to write meanwhile.
  template <AsyncRead R, AsyncWrite W>
  Poll<Result<void>> poll_fill(Context& cx, R& reader, W& writer) {
    if (read_done_ || end_ == capacity_) return Result<void>();
    Poll<Result<void>> filled = poll_read_more(cx, reader);
    if (filled.is_ready() || begin_ != end_) return filled.is_ready() ? filled : Result<void>();
    if (must_flush_) {
      const Poll<Result<void>> flushed = model(writer).poll_flush(cx);
      if (flushed.is_ready() && !*flushed) return Err(flushed->error());
      if (flushed.is_ready()) must_flush_ = false;
    }
    return kPending;
  }

  template <AsyncRead R>
  Poll<Result<void>> poll_read_more(Context& cx, R& reader) {
    const Poll<Result<std::size_t>> read =
        poll_read_uninit(reader, cx, std::span(memory_.get() + end_, capacity_ - end_));
    if (read.is_pending()) return kPending;
    if (!*read) return Err(read->error());
    end_ += **read;
    read_done_ = **read == 0;
    cx.spend_budget();
    return Result<void>();
  }

  // Writes all there is.
  template <AsyncRead R, AsyncWrite W>
  Poll<Result<void>> poll_empty(Context& cx, R& reader, W& writer) {
    while (begin_ < end_) {
      const Poll<Result<std::size_t>> written =
          model(writer).poll_write(cx, std::span(memory_.get() + begin_, end_ - begin_));
      if (written.is_pending()) {
        while (!read_done_ && end_ < capacity_) {
          const Poll<Result<void>> more = poll_read_more(cx, reader);
          if (more.is_pending()) break;
          if (!*more) return more;
        }
        return kPending;
      }
      if (!*written) return Err(written->error());
      if (**written == 0) return Err(Errc::write_zero);
      begin_ += **written;
      copied_ += **written;
      must_flush_ = true;
      cx.spend_budget();
    }
    begin_ = end_ = 0;
    return Result<void>();
  }

  template <AsyncWrite W>
  static Poll<Result<Progress>> poll_finish(Context& cx, W& writer) {
    const Poll<Result<void>> flushed = model(writer).poll_flush(cx);
    if (flushed.is_pending()) return kPending;
    if (!*flushed) return Err(flushed->error());
    return Result<Progress>(Progress::kDone);
  }

  std::size_t capacity_;
  std::unique_ptr<std::byte[]> memory_;
  std::size_t begin_ = 0;  // of what has been read and not written
  std::size_t end_ = 0;
  std::uint64_t copied_ = 0;
  bool read_done_ = false;
  bool must_flush_ = false;  // something was written since the last flush
};

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_COPY_BUFFER_H_
