// seek, rewind, stream_position: places in a stream that has positions.
//
// Spec: io.md B-3, section 5; IO-26.
//
//   Task<Result<std::uint64_t>> size_of(Tape& tape) {
//     const Result<std::uint64_t> end = co_await io::seek(tape, io::SeekFrom::end(0));
//     const Result<void> back = co_await io::rewind(tape);
//     if (!back) co_return Err(back.error());
//     co_return end;
//   }

#ifndef WEFT_IO_SEEK_H_
#define WEFT_IO_SEEK_H_

#include <cstdint>

#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/operation.h>
#include <weft/io/seek_from.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {
namespace internal {

// Ends the seek that is under way, then starts its own and ends that.
template <AsyncSeek S>
class Seek {
 public:
  Seek(S& stream, SeekFrom where) noexcept : stream_(&stream), where_(where) {}
  Poll<Result<std::uint64_t>> operator()(Context& cx) {
    if (!started_) {
      const Poll<Result<std::uint64_t>> earlier = model(*stream_).poll_complete(cx);
      if (earlier.is_pending() || !*earlier) return earlier;
      const Result<void> started = model(*stream_).start_seek(where_);
      if (!started) return Err(started.error());
      started_ = true;
    }
    return model(*stream_).poll_complete(cx);
  }
  auto& subject() const noexcept { return *stream_; }
  static constexpr const char* kWaitingOn = "seek";

 private:
  S* stream_;
  SeekFrom where_;
  bool started_ = false;
};

template <AsyncSeek S>
class Rewind {
 public:
  explicit Rewind(S& stream) noexcept : seek_(stream, SeekFrom::start(0)) {}
  Poll<Result<void>> operator()(Context& cx) {
    const Poll<Result<std::uint64_t>> position = seek_(cx);
    if (position.is_pending()) return kPending;
    return position->transform([](std::uint64_t) {});
  }
  auto& subject() const noexcept { return seek_.subject(); }
  static constexpr const char* kWaitingOn = "rewind";

 private:
  Seek<S> seek_;
};

}  // namespace internal

// Yields Result<uint64_t>: the new position from the beginning. Cancel safe, but the position may
// have changed, or change later.
template <AsyncSeek S>
auto seek(S& stream, SeekFrom where) {
  return internal::operation(internal::Seek<S>(stream, where));
}

// Yields Result<void>: back at the beginning. Cancel safe as seek().
template <AsyncSeek S>
auto rewind(S& stream) {
  return internal::operation(internal::Rewind<S>(stream));
}

// Yields Result<uint64_t>: the position from the beginning. Cancel safe.
template <AsyncSeek S>
auto stream_position(S& stream) {
  return seek(stream, SeekFrom::current(0));
}

}  // namespace weft::io

#endif  // WEFT_IO_SEEK_H_
