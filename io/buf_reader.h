// BufReader: reads in large pieces and hands out small ones.
//
// Spec: io.md section 2 (BufReader), B-3; IO-25..IO-28.
//
// Worth it for many small reads: of lines, numbers, headers. A read of at least the buffer's size
// that finds it empty goes to the stream below and copies nothing. Writes pass through; seeking
// takes into account what has been read ahead.
//
//   Task<std::string> first_line(io::DuplexStream stream) {
//     io::BufReader reader(std::move(stream));
//     std::string line;
//     const Result<std::size_t> read = co_await reader.read_line(line);
//     co_return read ? line : read.error().to_string();
//   }

#ifndef WEFT_IO_BUF_READER_H_
#define WEFT_IO_BUF_READER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <source_location>
#include <span>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/byte_buffer.h>
#include <weft/io/internal/through.h>
#include <weft/io/members.h>
#include <weft/io/read_buf.h>
#include <weft/io/seek_from.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {

// How much the buffered streams hold unless they are told otherwise.
inline constexpr std::size_t kDefaultBufferSize = 8192;

// R: an AsyncRead, or a reference to one, which is borrowed. Movable between operations; one task
// at a time. Its operations are as cancel safe as those of R: what has been read ahead stays in
// the buffer.
template <class R>
  requires AsyncRead<R>
class BufReader : public ReadMembers<BufReader<R>>,
                  public BufReadMembers<BufReader<R>>,
                  public WriteMembers<BufReader<R>>,
                  public SeekMembers<BufReader<R>>,
                  public internal::WriteThrough<BufReader<R>, R> {
  using Where = std::source_location;

 public:
  // Fatal at `where` if the capacity is 0. Throws std::bad_alloc.
  explicit BufReader(R&& inner, std::size_t capacity = kDefaultBufferSize,
                     Where where = Where::current())
      : inner_(std::forward<R>(inner)), buffer_(capacity, where) {}

  // What has been read and not been handed out.
  std::span<const std::byte> buffer() const noexcept { return buffer_.held(); }
  std::size_t capacity() const noexcept { return buffer_.capacity(); }

  // The stream below. Reading from it misses what is in the buffer.
  std::remove_reference_t<R>& inner() noexcept { return inner_; }
  // Gives it back; what is in the buffer is lost.
  R into_inner() && { return std::forward<R>(inner_); }

  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) {
    if (buffer_.empty() && buf.remaining() >= buffer_.capacity()) {
      return internal::model(inner_).poll_read(cx, buf);
    }
    const Poll<Result<std::span<const std::byte>>> filled = poll_fill_buf(cx);
    if (filled.is_pending()) return kPending;
    if (!*filled) return Err(filled->error());
    const std::size_t size = std::min((**filled).size(), buf.remaining());
    buf.put_slice((**filled).first(size));
    consume(size);
    return Result<void>();
  }

  Poll<Result<std::span<const std::byte>>> poll_fill_buf(Context& cx) {
    if (buffer_.empty()) {
      const Poll<Result<std::size_t>> read =
          internal::poll_read_uninit(inner_, cx, buffer_.spare());
      if (read.is_pending()) return kPending;
      if (!*read) return Err(read->error());
      buffer_.commit(**read);
    }
    return Result<std::span<const std::byte>>(buffer_.held());
  }
  // Fatal at `where` if there is not so much in the buffer.
  void consume(std::size_t size, Where where = Where::current()) noexcept {
    WEFT_CHECK(size <= buffer_.size(), "consume: more than poll_fill_buf() has handed out", where);
    buffer_.consume(size);
  }

  Result<void> start_seek(SeekFrom where) noexcept
    requires AsyncSeek<R>
  {
    where_ = where;
    seek_ = SeekState::kAsked;
    return {};
  }
  // From the start or the end the buffer is of no account; from the current position, which is that
  // of the stream below less what has been read ahead, the distance is corrected, in two seeks if
  // it does not fit into 64 bits otherwise. Then the buffer is empty; not so if seeking fails.
  Poll<Result<std::uint64_t>> poll_complete(Context& cx)
    requires AsyncSeek<R>
  {
    const SeekState state = std::exchange(seek_, SeekState::kNone);
    if (state == SeekState::kNone) return internal::model(inner_).poll_complete(cx);
    if (state == SeekState::kAsked) {
      const Result<bool> started = begin_seek();
      if (!started) return Err(started.error());
      if (*started) return finish_seek(cx, false);
    }
    return finish_seek(cx, state != SeekState::kStarted);
  }

 private:
  friend class internal::WriteThrough<BufReader, R>;

  enum class SeekState : std::uint8_t {
    kNone,
    kAsked,    // by start_seek()
    kBack,     // the stream below goes back to where the reader is; `where_` comes after that
    kStarted,  // on its way to the final position
  };

  std::remove_reference_t<R>& stream_below() noexcept { return inner_; }

  // True: it is on its way to the final position. False: only back over what was read ahead.
  Result<bool> begin_seek() {
    SeekFrom target = where_;
    bool is_final = true;
    if (where_.origin() == SeekFrom::Origin::kCurrent) {
      const auto ahead = static_cast<std::int64_t>(buffer_.size());
      is_final = where_.offset() >= std::numeric_limits<std::int64_t>::min() + ahead;
      target = SeekFrom::current(is_final ? where_.offset() - ahead : -ahead);
    }
    const Result<void> started = internal::model(inner_).start_seek(target);
    if (!started) return Err(started.error());
    return is_final;
  }

  Poll<Result<std::uint64_t>> finish_seek(Context& cx, bool is_back) {
    if (is_back) {
      const Poll<Result<std::uint64_t>> back = internal::model(inner_).poll_complete(cx);
      if (back.is_pending()) seek_ = SeekState::kBack;
      if (back.is_pending() || !*back) return back;
      buffer_.clear();
      const Result<void> started = internal::model(inner_).start_seek(where_);
      if (!started) return Err(started.error());
    }
    const Poll<Result<std::uint64_t>> position = internal::model(inner_).poll_complete(cx);
    if (position.is_pending()) {
      seek_ = SeekState::kStarted;
    } else if (*position) {
      buffer_.clear();
    }
    return position;
  }

  R inner_;
  internal::ByteBuffer buffer_;
  SeekFrom where_ = SeekFrom::start(0);
  SeekState seek_ = SeekState::kNone;
};

template <class R>
BufReader(R&&) -> BufReader<R>;
template <class R>
BufReader(R&&, std::size_t) -> BufReader<R>;

}  // namespace weft::io

#endif  // WEFT_IO_BUF_READER_H_
