// copy_bidirectional: everything that each of two streams gives into the other.
//
// Spec: io.md Q-2, B-6; IO-32.
//
// The heart of a proxy. Both directions go on at the same time, and one that has to wait does not
// keep the other waiting. When one stream is at its end the writing side of the other is flushed
// and shut down, and the reverse direction goes on. Between sockets as copy() does it.
//
//   Task<> proxy(io::DuplexStream client, io::DuplexStream server) {
//     const auto counts = co_await io::copy_bidirectional(client, server);
//     if (counts) {
//       std::printf("%d there, %d back\n", int(counts->first), int(counts->second));
//     }
//   }

#ifndef WEFT_IO_COPY_BIDIRECTIONAL_H_
#define WEFT_IO_COPY_BIDIRECTIONAL_H_

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/io/buf_reader.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/operation.h>
#include <weft/io/internal/transfer.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/wait_report.h>

namespace weft::io {
namespace internal {

// One direction: copy, then shut the writer down.
template <AsyncRead R, AsyncWrite W>
class OneWay {
 public:
  explicit OneWay(std::size_t buffer_size) noexcept : transfer_(buffer_size) {}

  // May be called again when it is ready: the result stays.
  Poll<Result<std::uint64_t>> poll(Context& cx, R& reader, W& writer) {
    if (stage_ == Stage::kCopying) {
      const Poll<Result<std::uint64_t>> copied = transfer_.poll(cx, reader, writer);
      if (copied.is_pending() || !*copied) return copied;
      copied_ = **copied;
      stage_ = Stage::kShuttingDown;
    }
    if (stage_ == Stage::kShuttingDown) {
      const Poll<Result<void>> down = model(writer).poll_shutdown(cx);
      if (down.is_pending()) return kPending;
      if (!*down) return Err(down->error());
      stage_ = Stage::kDone;
    }
    return Result<std::uint64_t>(copied_);
  }

 private:
  enum class Stage : std::uint8_t { kCopying, kShuttingDown, kDone };

  Transfer<R, W> transfer_;
  std::uint64_t copied_ = 0;
  Stage stage_ = Stage::kCopying;
};

template <class A, class B>
class CopyBidirectional {
 public:
  using Counts = std::pair<std::uint64_t, std::uint64_t>;

  CopyBidirectional(A& a, B& b, std::size_t a_to_b_size, std::size_t b_to_a_size) noexcept
      : a_(&a), b_(&b), a_to_b_(a_to_b_size), b_to_a_(b_to_a_size) {}
  Poll<Result<Counts>> operator()(Context& cx) {
    const Poll<Result<std::uint64_t>> forth = a_to_b_.poll(cx, *a_, *b_);
    if (forth.is_ready() && !*forth) return Err(forth->error());
    const Poll<Result<std::uint64_t>> back = b_to_a_.poll(cx, *b_, *a_);
    if (back.is_ready() && !*back) return Err(back->error());
    if (forth.is_pending() || back.is_pending()) return kPending;
    return Result<Counts>(Counts(**forth, **back));
  }
  void describe(WaitReport& report) noexcept {
    describe_descriptor(report, "is the one descriptor", model(*a_));
    describe_descriptor(report, "is the other", model(*b_));
  }
  static constexpr const char* kWaitingOn = "copy_bidirectional";

 private:
  A* a_;
  B* b_;
  OneWay<A, B> a_to_b_;
  OneWay<B, A> b_to_a_;
};

template <class S>
concept AsyncDuplex = AsyncRead<S> && AsyncWrite<S>;

}  // namespace internal

// Yields Result<pair<uint64_t, uint64_t>>: how many bytes went from `a` to `b`, and back, when both
// are at their end. The first error of either ends it; the counts are lost. Not cancel safe: what
// was read and not written is lost. Throws std::bad_alloc.
template <internal::AsyncDuplex A, internal::AsyncDuplex B>
auto copy_bidirectional(A& a, B& b) {
  return internal::operation(
      internal::CopyBidirectional<A, B>(a, b, kDefaultBufferSize, kDefaultBufferSize));
}

// The same with buffers of these sizes. Fatal at `where` if one is 0.
template <internal::AsyncDuplex A, internal::AsyncDuplex B>
auto copy_bidirectional_with_sizes(A& a, B& b, std::size_t a_to_b_size, std::size_t b_to_a_size,
                                   std::source_location where = std::source_location::current()) {
  WEFT_CHECK(a_to_b_size > 0 && b_to_a_size > 0,
             "io::copy_bidirectional_with_sizes: a buffer size has to be above 0", where);
  return internal::operation(internal::CopyBidirectional<A, B>(a, b, a_to_b_size, b_to_a_size));
}

}  // namespace weft::io

#endif  // WEFT_IO_COPY_BIDIRECTIONAL_H_
