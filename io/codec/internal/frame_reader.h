// FrameReader: bytes of a stream in, frames out.
//
// Spec: io.md F-2, F-3.
//
//   kReading   wants bytes                         -> kFraming, kPausing at the end of the stream
//   kFraming   the buffer may hold a frame         -> kReading when the decoder finds none
//   kPausing   at the end; decode_eof() has more   -> kPaused when it finds none
//   kPaused    at the end, and all given out       -> kFraming if the stream goes on after all
//   kErrored   an error was given out              -> kReading, or kPaused after the end, by saying
//                                                     once that there are no more frames
//
// After an error of the decoder it is asked again only when more bytes have come: it may have left
// what it did not like in the buffer.

#ifndef WEFT_IO_CODEC_INTERNAL_FRAME_READER_H_
#define WEFT_IO_CODEC_INTERNAL_FRAME_READER_H_

#include <cstddef>
#include <optional>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/codec/concepts.h>
#include <weft/io/read.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io::codec::internal {

// What buffers begin with (F-2), in bytes.
inline constexpr std::size_t kInitialCapacity = 8192;

// One thread at a time. Cancel safe: what was read is in the buffer.
class FrameReader {
 public:
  explicit FrameReader(std::size_t capacity = kInitialCapacity)
      : buffer_(BytesMut::with_capacity(capacity)) {}
  // Goes on with bytes that were read elsewhere.
  explicit FrameReader(BytesMut buffer) : buffer_(std::move(buffer)) {
    if (buffer_.capacity() < kInitialCapacity) buffer_.reserve(kInitialCapacity - buffer_.size());
    if (!buffer_.empty()) state_ = State::kFraming;
  }

  BytesMut& buffer() noexcept { return buffer_; }
  const BytesMut& buffer() const noexcept { return buffer_; }

  // Ready with a frame or an error, or with nothing at the end of the stream.
  template <class S, Decoder C>
  Poll<std::optional<Result<typename C::Item>>> poll_next(S& stream, C& codec, Context& cx) {
    using Next = std::optional<Result<typename C::Item>>;
    if (!cx.has_budget()) return kPending;
    for (;;) {
      if (state_ == State::kErrored) {
        state_ = at_end_ ? State::kPaused : State::kReading;
        return ended<Next>(cx);
      }
      if (state_ == State::kFraming || state_ == State::kPausing) {
        Result<std::optional<typename C::Item>> frame =
            state_ == State::kFraming ? codec.decode(buffer_) : decode_eof(codec, buffer_);
        if (!frame) return failed<Next>(frame.error(), cx);
        if (frame->has_value()) {
          cx.spend_budget();
          return Next(std::in_place, *std::move(*frame));
        }
        if (state_ == State::kPausing) {
          state_ = State::kPaused;
          return ended<Next>(cx);
        }
        state_ = State::kReading;
      }
      const Poll<Result<std::size_t>> read = fill(stream, cx);
      if (read.is_pending()) return kPending;
      if (!*read) return failed<Next>(read->error(), cx);
      if (!advance_state(**read)) return ended<Next>(cx);
    }
  }

 private:
  enum class State : unsigned char { kReading, kFraming, kPausing, kPaused, kErrored };

  template <class S>
  Poll<Result<std::size_t>> fill(S& stream, Context& cx) {
    // At least one byte of room, so that nothing read always is the end of the stream.
    buffer_.reserve(1);
    Poll<Result<std::size_t>> read =
        io::internal::poll_read_uninit(stream, cx, buffer_.spare_capacity());
    if (read.is_ready() && *read) buffer_.advance_mut(**read);
    return read;
  }

  // After `size` bytes were read. False: it was at the end, and still is.
  bool advance_state(std::size_t size) noexcept {
    const bool was_at_end = std::exchange(at_end_, size == 0);
    if (at_end_ && was_at_end) return false;
    state_ = at_end_ ? State::kPausing : State::kFraming;
    return true;
  }

  template <class Next>
  Poll<Next> failed(Error error, Context& cx) {
    state_ = State::kErrored;
    cx.spend_budget();
    return Next(Err(error));
  }
  template <class Next>
  Poll<Next> ended(Context& cx) {
    cx.spend_budget();
    return Next(std::nullopt);
  }

  BytesMut buffer_;
  State state_ = State::kReading;
  bool at_end_ = false;  // the last read gave nothing
};

}  // namespace weft::io::codec::internal

#endif  // WEFT_IO_CODEC_INTERNAL_FRAME_READER_H_
