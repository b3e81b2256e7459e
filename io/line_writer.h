// LineWriter: collects writes and passes them on line by line.
//
// Spec: api.md "I/O"; IO-56.
//
// For terminals and logs: a write that contains an LF passes on everything up to its last one, and
// keeps the rest. What does not fit is passed on as it is. Passing on is writing to the stream
// below, not flushing that. Destroying it loses what is in the buffer, as with BufWriter.
//
//   Task<Result<void>> log(io::DuplexStream& stream) {
//     io::LineWriter<io::DuplexStream&> writer(stream);
//     const Result<void> begun = co_await writer.write_all("connecting ... ");
//     if (!begun) co_return begun;
//     co_return co_await writer.write_all("done\n");  // now the whole line is passed on
//   }

#ifndef WEFT_IO_LINE_WRITER_H_
#define WEFT_IO_LINE_WRITER_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <source_location>
#include <span>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/byte_buffer.h>
#include <weft/io/internal/drain.h>
#include <weft/io/members.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {

// W: an AsyncWrite, or a reference to one, which is borrowed. Movable between operations; one task
// at a time. Its operations are as cancel safe as those of W.
template <class W>
  requires AsyncWrite<W>
class LineWriter : public WriteMembers<LineWriter<W>> {
  using Where = std::source_location;

 public:
  static constexpr std::size_t kDefaultCapacity = 1024;

  // Fatal at `where` if the capacity is 0. Throws std::bad_alloc.
  explicit LineWriter(W&& inner, std::size_t capacity = kDefaultCapacity,
                      Where where = Where::current())
      : inner_(std::forward<W>(inner)), buffer_(capacity, where) {}
  LineWriter(LineWriter&&) = default;
  LineWriter& operator=(LineWriter&&) = default;
  ~LineWriter() { internal::warn_if_lost("LineWriter", buffer_.size()); }

  // What has been written and not been passed on.
  std::span<const std::byte> buffer() const noexcept { return buffer_.held(); }

  // The stream below. Writing to it overtakes what is in the buffer.
  std::remove_reference_t<W>& inner() noexcept { return inner_; }
  // Gives it back; what is in the buffer is lost.
  W into_inner() && {
    buffer_.clear();
    return std::forward<W>(inner_);
  }

  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) {
    const std::size_t lines = lines_in(data);
    if (lines == 0) return poll_write_part(cx, data);
    // Older bytes come first. Nothing of `data` is taken before they are gone.
    const Poll<Result<void>> drained = internal::poll_drain(inner_, cx, buffer_);
    if (drained.is_pending()) return kPending;
    if (!*drained) return Err(drained->error());
    const Poll<Result<std::size_t>> written =
        internal::model(inner_).poll_write(cx, data.first(lines));
    if (written.is_pending() || !*written || **written == 0) return written;
    return Result<std::size_t>(**written + keep(data, **written, lines));
  }

  Poll<Result<void>> poll_flush(Context& cx) {
    Poll<Result<void>> drained = internal::poll_drain(inner_, cx, buffer_);
    if (drained.is_pending() || !*drained) return drained;
    return internal::model(inner_).poll_flush(cx);
  }
  Poll<Result<void>> poll_shutdown(Context& cx) {
    Poll<Result<void>> drained = internal::poll_drain(inner_, cx, buffer_);
    if (drained.is_pending() || !*drained) return drained;
    return internal::model(inner_).poll_shutdown(cx);
  }

 private:
  // The size of all whole lines at the beginning of `data`.
  static std::size_t lines_in(std::span<const std::byte> data) noexcept {
    const auto last = std::find(data.rbegin(), data.rend(), std::byte{'\n'});
    return static_cast<std::size_t>(data.rend() - last);
  }

  // `data` contains no LF.
  Poll<Result<std::size_t>> poll_write_part(Context& cx, std::span<const std::byte> data) {
    const bool has_line = !buffer_.empty() && buffer_.held().back() == std::byte{'\n'};
    if (has_line || data.size() > buffer_.spare_size()) {
      const Poll<Result<void>> drained = internal::poll_drain(inner_, cx, buffer_);
      if (drained.is_pending()) return kPending;
      if (!*drained) return Err(drained->error());
    }
    if (data.size() >= buffer_.capacity()) return internal::model(inner_).poll_write(cx, data);
    buffer_.append(data);
    return Result<std::size_t>(data.size());
  }

  // `written` bytes of `data` are gone, whose first `lines` are whole lines. Puts into the empty
  // buffer what comes next: the rest of the lines, or what follows them; of what does not fit,
  // whole lines if there are any. Yields how much.
  std::size_t keep(std::span<const std::byte> data, std::size_t written,
                   std::size_t lines) noexcept {
    std::span<const std::byte> next =
        written < lines ? data.subspan(written, lines - written) : data.subspan(written);
    if (next.size() > buffer_.capacity()) {
      next = next.first(buffer_.capacity());
      if (const std::size_t whole = lines_in(next); whole > 0) next = next.first(whole);
    }
    buffer_.append(next);
    return next.size();
  }

  W inner_;
  internal::ByteBuffer buffer_;
};

template <class W>
LineWriter(W&&) -> LineWriter<W>;
template <class W>
LineWriter(W&&, std::size_t) -> LineWriter<W>;

}  // namespace weft::io

#endif  // WEFT_IO_LINE_WRITER_H_
