// FrameWriter: frames in, bytes of a stream out.
//
// Spec: io.md F-2, F-4.
//
// Frames are collected until there are `boundary` bytes of them; then nothing more is taken before
// all is written.

#ifndef WEFT_IO_CODEC_INTERNAL_FRAME_WRITER_H_
#define WEFT_IO_CODEC_INTERNAL_FRAME_WRITER_H_

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/codec/internal/frame_reader.h>
#include <weft/io/concepts.h>
#include <weft/io/write.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io::codec::internal {

// One thread at a time. Cancel safe: what is not written is in the buffer.
class FrameWriter {
 public:
  FrameWriter() : buffer_(BytesMut::with_capacity(kInitialCapacity)) {}
  // Goes on with bytes that were to be written elsewhere.
  explicit FrameWriter(BytesMut buffer) : buffer_(std::move(buffer)) {
    if (buffer_.capacity() < kInitialCapacity) buffer_.reserve(kInitialCapacity - buffer_.size());
  }

  BytesMut& buffer() noexcept { return buffer_; }
  const BytesMut& buffer() const noexcept { return buffer_; }
  std::size_t boundary() const noexcept { return boundary_; }
  void set_boundary(std::size_t boundary) noexcept { boundary_ = boundary; }

  // Ready when another frame may be encoded.
  template <class S>
  Poll<Result<void>> poll_ready(S& stream, Context& cx) {
    if (buffer_.size() < boundary_) return Result<void>();
    return poll_flush(stream, cx);
  }
  template <class S>
  Poll<Result<void>> poll_flush(S& stream, Context& cx) {
    while (!buffer_.empty()) {
      const Poll<Result<std::size_t>> written =
          io::internal::poll_write_buffer(stream, cx, buffer_);
      if (written.is_pending()) return kPending;
      if (!*written) return Err(written->error());
      if (**written == 0) return Err(Errc::write_zero);
    }
    return io::internal::model(stream).poll_flush(cx);
  }
  template <class S>
  Poll<Result<void>> poll_close(S& stream, Context& cx) {
    Poll<Result<void>> flushed = poll_flush(stream, cx);
    if (flushed.is_pending() || !*flushed) return flushed;
    return io::internal::model(stream).poll_shutdown(cx);
  }

 private:
  BytesMut buffer_;
  std::size_t boundary_ = kInitialCapacity;
};

// The steps of the awaitables of Framed, FramedRead and FramedWrite, which is F.
template <class F>
class NextFrame {
 public:
  explicit NextFrame(F& framed) noexcept : framed_(&framed) {}
  auto operator()(Context& cx) { return framed_->poll_next(cx); }
  auto& subject() const noexcept { return *framed_; }
  static constexpr const char* kWaitingOn = "next frame";

 private:
  F* framed_;
};

template <class F, class T>
class FeedFrame {
 public:
  FeedFrame(F& framed, T&& item) : framed_(&framed), item_(std::move(item)) {}
  FeedFrame(F& framed, const T& item) : framed_(&framed), item_(item) {}
  Poll<Result<void>> operator()(Context& cx) {
    Poll<Result<void>> ready = framed_->poll_ready(cx);
    if (ready.is_pending() || !*ready) return ready;
    return framed_->start_send(std::move(item_));
  }
  auto& subject() const noexcept { return *framed_; }
  static constexpr const char* kWaitingOn = "feed frame";

 private:
  F* framed_;
  T item_;
};

// As FeedFrame, and flushes. The item is encoded once, however often this is polled.
template <class F, class T>
class SendFrame {
 public:
  template <class U>
  SendFrame(F& framed, U&& item)
      : feed_(std::in_place, framed, std::forward<U>(item)), framed_(&framed) {}
  Poll<Result<void>> operator()(Context& cx) {
    if (feed_) {
      Poll<Result<void>> fed = (*feed_)(cx);
      if (fed.is_pending() || !*fed) return fed;
      feed_.reset();
    }
    return framed_->poll_flush(cx);
  }
  auto& subject() const noexcept { return *framed_; }
  static constexpr const char* kWaitingOn = "send frame";

 private:
  std::optional<FeedFrame<F, T>> feed_;
  F* framed_;
};

template <class F>
class FlushFrames {
 public:
  explicit FlushFrames(F& framed) noexcept : framed_(&framed) {}
  Poll<Result<void>> operator()(Context& cx) { return framed_->poll_flush(cx); }
  auto& subject() const noexcept { return *framed_; }
  static constexpr const char* kWaitingOn = "flush frames";

 private:
  F* framed_;
};

template <class F>
class CloseFrames {
 public:
  explicit CloseFrames(F& framed) noexcept : framed_(&framed) {}
  Poll<Result<void>> operator()(Context& cx) { return framed_->poll_close(cx); }
  auto& subject() const noexcept { return *framed_; }
  static constexpr const char* kWaitingOn = "close frames";

 private:
  F* framed_;
};

}  // namespace weft::io::codec::internal

#endif  // WEFT_IO_CODEC_INTERNAL_FRAME_WRITER_H_
