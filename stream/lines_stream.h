// The lines, or other segments, of a byte stream as a stream of items.
//
// Spec: ST-22.
//
// This folder knows nothing of byte streams: any object will do that has a next_line() or a
// next_segment() which yields a Result<std::optional<X>>, as io::Lines and io::Split have.
//
//   template <class Lines>
//   Task<Result<int>> count_lines(Lines text) {
//     stream::LinesStream lines(std::move(text));
//     int count = 0;
//     while (const auto line = co_await lines.next()) {
//       if (!*line) co_return Err(line->error());
//       ++count;
//     }
//     co_return count;
//   }

#ifndef WEFT_STREAM_LINES_STREAM_H_
#define WEFT_STREAM_LINES_STREAM_H_

#include <optional>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>
#include <weft/stream/internal/call_box.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/stream_base.h>

namespace weft::stream {

namespace internal {

struct CallNextLine {
  template <class Reader>
  auto operator()(Reader& reader) const {
    return reader.next_line();
  }
};
struct CallNextSegment {
  template <class Reader>
  auto operator()(Reader& reader) const {
    return reader.next_segment();
  }
};

// Result<std::optional<X>, E> as std::optional<Result<X, E>>.
template <class Yielded>
struct Segment;
template <class X, class E>
struct Segment<Result<std::optional<X>, E>> {
  using type = Result<X, E>;
};
template <class Reader, class Call>
using SegmentOf =
    typename Segment<std::remove_cvref_t<AwaitResult<std::invoke_result_t<Call, Reader&>>>>::type;

template <class Reader, class Call>
class SegmentStream : public StreamBase<SegmentStream<Reader, Call>, SegmentOf<Reader, Call>> {
  using T = SegmentOf<Reader, Call>;
  using Box = CallBox<Reader, Call>;

 public:
  static constexpr bool kCancelDriven = Box::kCancelDriven;

  // Throws std::bad_alloc.
  explicit SegmentStream(Reader reader) : reader_(std::move(reader)) {}
  // The reader. A read that is under way is cancelled.
  Reader into_inner() && { return std::move(reader_).release(); }

 private:
  friend class StreamBase<SegmentStream, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    auto polled = reader_.poll(cx);
    if (polled.is_pending()) return kPending;
    if (!*polled) return std::optional<T>(std::in_place, Err(std::move(*polled).error()));
    if (!**polled) return std::optional<T>();
    return std::optional<T>(std::in_place, std::in_place, ***std::move(polled));
  }
  SizeHint hint() const noexcept { return kNoHint; }
  template <class End>
  bool end_parts(End end) noexcept {
    return end(reader_);
  }

  Box reader_;
};

}  // namespace internal

// Yields Result<X, E>: each line, or the error of the read that failed; whether another line may
// follow an error is up to the reader. Cancel safe: what a next() that was destroyed has read
// stays.
template <class Reader>
class [[nodiscard]] LinesStream : public internal::SegmentStream<Reader, internal::CallNextLine> {
 public:
  using internal::SegmentStream<Reader, internal::CallNextLine>::SegmentStream;
};
template <class Reader>
LinesStream(Reader) -> LinesStream<Reader>;

// The same for segments.
template <class Reader>
class [[nodiscard]] SplitStream
    : public internal::SegmentStream<Reader, internal::CallNextSegment> {
 public:
  using internal::SegmentStream<Reader, internal::CallNextSegment>::SegmentStream;
};
template <class Reader>
SplitStream(Reader) -> SplitStream<Reader>;

}  // namespace weft::stream

#endif  // WEFT_STREAM_LINES_STREAM_H_
