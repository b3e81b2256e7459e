// BufWriter: collects small writes into large ones.
//
// Spec: io.md section 3 (BufWriter); IO-29, IO-30.
//
// What does not fit any more is preceded by passing on what is there; what is at least as large as
// the buffer is not copied into it. Reads pass through.
//
// Destroying a BufWriter does not write what it still holds: that may take time and fail. Await
// flush() or shutdown() first; builds for debugging complain on standard error if nobody did.
//
//   Task<Result<void>> write_table(io::DuplexStream& stream) {
//     io::BufWriter<io::DuplexStream&> writer(stream);
//     for (int i = 0; i < 3; ++i) {
//       const std::string row = std::to_string(i) + "\n";
//       const Result<void> written = co_await writer.write_all(row);
//       if (!written) co_return written;
//     }
//     co_return co_await writer.flush();  // all three in one write
//   }

#ifndef WEFT_IO_BUF_WRITER_H_
#define WEFT_IO_BUF_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/buf_reader.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/byte_buffer.h>
#include <weft/io/internal/drain.h>
#include <weft/io/internal/through.h>
#include <weft/io/io_slice.h>
#include <weft/io/members.h>
#include <weft/io/seek_from.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {

// W: an AsyncWrite, or a reference to one, which is borrowed. Movable between operations; one task
// at a time. Its operations are as cancel safe as those of W.
template <class W>
  requires AsyncWrite<W>
class BufWriter : public ReadMembers<BufWriter<W>>,
                  public BufReadMembers<BufWriter<W>>,
                  public WriteMembers<BufWriter<W>>,
                  public SeekMembers<BufWriter<W>>,
                  public internal::ReadThrough<BufWriter<W>, W> {
  using Where = std::source_location;

 public:
  // Fatal at `where` if the capacity is 0. Throws std::bad_alloc.
  explicit BufWriter(W&& inner, std::size_t capacity = kDefaultBufferSize,
                     Where where = Where::current())
      : inner_(std::forward<W>(inner)), buffer_(capacity, where) {}
  BufWriter(BufWriter&&) = default;
  BufWriter& operator=(BufWriter&&) = default;
  ~BufWriter() { internal::warn_if_lost("BufWriter", buffer_.size()); }

  // What has been written and not been passed on.
  std::span<const std::byte> buffer() const noexcept { return buffer_.held(); }
  std::size_t capacity() const noexcept { return buffer_.capacity(); }

  // The stream below. Writing to it overtakes what is in the buffer.
  std::remove_reference_t<W>& inner() noexcept { return inner_; }
  // Gives it back; what is in the buffer is lost.
  W into_inner() && {
    buffer_.clear();
    return std::forward<W>(inner_);
  }

  // Fails as the stream below, and with write_zero if that takes no more of what is in the buffer;
  // nothing of `data` has been taken then, and what was not passed on stays.
  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) {
    const Poll<Result<void>> room = poll_room(cx, data.size());
    if (room.is_pending()) return kPending;
    if (!*room) return Err(room->error());
    if (data.size() >= buffer_.capacity()) return internal::model(inner_).poll_write(cx, data);
    buffer_.append(data);
    return Result<std::size_t>(data.size());
  }

  // If the stream below is vectored, what does not fit goes there as it is. Otherwise the first
  // slice that is not empty is written as above, and with it the following ones that fit whole.
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx, std::span<const IoSlice> slices) {
    if (!internal::is_write_vectored(inner_)) return poll_write_leading(cx, slices);
    const std::size_t total = total_size(slices);
    const Poll<Result<void>> room = poll_room(cx, total);
    if (room.is_pending()) return kPending;
    if (!*room) return Err(room->error());
    if (total >= buffer_.capacity()) return internal::poll_write_vectored(inner_, cx, slices);
    for (const IoSlice& slice : slices) buffer_.append(slice.bytes());
    return Result<std::size_t>(total);
  }
  static constexpr bool is_write_vectored() noexcept { return true; }

  Poll<Result<void>> poll_flush(Context& cx) {
    Poll<Result<void>> drained = poll_flush_buf(cx);
    if (drained.is_pending() || !*drained) return drained;
    return internal::model(inner_).poll_flush(cx);
  }
  Poll<Result<void>> poll_shutdown(Context& cx) {
    Poll<Result<void>> drained = poll_flush_buf(cx);
    if (drained.is_pending() || !*drained) return drained;
    return internal::model(inner_).poll_shutdown(cx);
  }
  // Passes on what is in the buffer, and leaves it at that.
  Poll<Result<void>> poll_flush_buf(Context& cx) {
    return internal::poll_drain(inner_, cx, buffer_);
  }

  Result<void> start_seek(SeekFrom where) noexcept
    requires AsyncSeek<W>
  {
    where_ = where;
    seek_asked_ = true;
    return {};
  }
  // Passes on first what is in the buffer.
  Poll<Result<std::uint64_t>> poll_complete(Context& cx)
    requires AsyncSeek<W>
  {
    if (seek_asked_) {
      const Poll<Result<void>> drained = poll_flush_buf(cx);
      if (drained.is_pending()) return kPending;
      seek_asked_ = false;
      if (!*drained) return Err(drained->error());
      const Result<void> started = internal::model(inner_).start_seek(where_);
      if (!started) return Err(started.error());
    }
    return internal::model(inner_).poll_complete(cx);
  }

 private:
  friend class internal::ReadThrough<BufWriter, W>;

  std::remove_reference_t<W>& stream_below() noexcept { return inner_; }

  // Ready: `size` bytes fit, or the buffer is empty.
  Poll<Result<void>> poll_room(Context& cx, std::size_t size) {
    if (size <= buffer_.spare_size()) return Result<void>();
    return poll_flush_buf(cx);
  }

  Poll<Result<std::size_t>> poll_write_leading(Context& cx, std::span<const IoSlice> slices) {
    while (!slices.empty() && slices.front().size() == 0) slices = slices.subspan(1);
    if (slices.empty()) return Result<std::size_t>(0);
    const std::size_t first = slices.front().size();
    Poll<Result<std::size_t>> written = poll_write(cx, slices.front().bytes());
    if (written.is_pending() || !*written || first >= buffer_.capacity()) return written;
    for (const IoSlice& slice : slices.subspan(1)) {
      if (slice.size() > buffer_.spare_size()) break;
      buffer_.append(slice.bytes());
      **written += slice.size();
    }
    return written;
  }

  W inner_;
  internal::ByteBuffer buffer_;
  SeekFrom where_ = SeekFrom::start(0);
  bool seek_asked_ = false;
};

template <class W>
BufWriter(W&&) -> BufWriter<W>;
template <class W>
BufWriter(W&&, std::size_t) -> BufWriter<W>;

}  // namespace weft::io

#endif  // WEFT_IO_BUF_WRITER_H_
