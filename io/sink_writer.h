// SinkWriter, CopyToBytes: what takes messages of bytes, as a writer.
//
// Spec: io.md T-5; IO-50.
//
// A byte sink has send(bytes), flush() and close(), which are awaited and yield Result<void>.
// SinkWriter makes each write one message. It needs a sink that has done with the bytes when
// send(std::span) returns; CopyToBytes makes one of a sink of Bytes, by copying.
//
//   struct Messages {
//     Task<Result<void>> send(io::Bytes message) {
//       all.push_back(std::move(message));
//       co_return Result<void>();
//     }
//     Task<Result<void>> flush() { co_return Result<void>(); }
//     Task<Result<void>> close() { co_return Result<void>(); }
//     std::vector<io::Bytes> all;
//   };
//
//   Task<Result<void>> write_two(Messages& messages) {
//     io::SinkWriter writer{io::CopyToBytes<Messages&>(messages)};
//     const Result<void> first = co_await writer.write_all("one");
//     const Result<void> second = co_await writer.write_all("two");
//     if (!first || !second) co_return first ? second : first;
//     co_return co_await writer.flush();
//   }

#ifndef WEFT_IO_SINK_WRITER_H_
#define WEFT_IO_SINK_WRITER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/bytes.h>
#include <weft/io/concepts.h>
#include <weft/io/members.h>
#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {

// S: a sink of Bytes, or a reference to one, which is borrowed.
template <class S>
class CopyToBytes {
 public:
  explicit CopyToBytes(S&& sink) : sink_(std::forward<S>(sink)) {}

  // What sink.send(Bytes) returns. Throws std::bad_alloc.
  auto send(std::span<const std::byte> data) { return sink_.send(Bytes::copy_from(data)); }
  auto flush() { return sink_.flush(); }
  auto close() { return sink_.close(); }

  std::remove_reference_t<S>& inner() noexcept { return sink_; }
  S into_inner() && { return std::forward<S>(sink_); }

 private:
  S sink_;
};

template <class S>
CopyToBytes(S&&) -> CopyToBytes<S>;

// S: a sink of std::span<const std::byte>, or a reference to one, which is borrowed. A write that
// the sink keeps waiting is complete for the writer: the next operation waits for it, and gets its
// error. So one message at most is on its way, and awaiting flush() shows that it has arrived.
// Movable between operations; one task at a time; as cancel safe as every writer.
template <class S>
class SinkWriter : public WriteMembers<SinkWriter<S>> {
 public:
  // Throws std::bad_alloc.
  explicit SinkWriter(S&& sink) : state_(std::make_unique<State>(std::forward<S>(sink))) {}

  std::remove_reference_t<S>& inner() noexcept { return state_->sink; }
  // Gives the sink back; a message that is on its way is cancelled.
  S into_inner() && {
    const std::unique_ptr<State> last = std::move(state_);
    last->cancel();
    return std::forward<S>(last->sink);
  }

  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) {
    const Poll<Result<void>> idle = poll_idle(cx);
    if (idle.is_pending()) return kPending;
    if (!*idle) return Err(idle->error());
    if (data.empty()) return Result<std::size_t>(0);
    state_->sending.emplace(state_->sink.send(data));
    const Poll<Result<void>> sent = poll_pending(cx, state_->sending);
    if (sent.is_ready() && !*sent) return Err(sent->error());
    return Result<std::size_t>(data.size());
  }
  Poll<Result<void>> poll_flush(Context& cx) {
    if (!state_->flushing) {
      Poll<Result<void>> idle = poll_idle(cx);
      if (idle.is_pending() || !*idle) return idle;
      state_->flushing.emplace(state_->sink.flush());
    }
    return poll_pending(cx, state_->flushing);
  }
  // Closes the sink.
  Poll<Result<void>> poll_shutdown(Context& cx) {
    if (!state_->closing) {
      Poll<Result<void>> idle = poll_idle(cx);
      if (idle.is_pending() || !*idle) return idle;
      state_->closing.emplace(state_->sink.close());
    }
    return poll_pending(cx, state_->closing);
  }

 private:
  using Sink = std::remove_reference_t<S>;
  template <class A>
  using Call = std::optional<weft::internal::Branch<A>>;

  struct State {
    explicit State(S&& given) : sink(std::forward<S>(given)) {}
    void cancel() noexcept {
      sending.reset();
      flushing.reset();
      closing.reset();
    }

    S sink;
    // Under way; they refer to the sink.
    Call<decltype(std::declval<Sink&>().send(std::span<const std::byte>()))> sending;
    Call<decltype(std::declval<Sink&>().flush())> flushing;
    Call<decltype(std::declval<Sink&>().close())> closing;
  };

  template <class A>
  static Poll<Result<void>> poll_pending(Context& cx, Call<A>& call) {
    if (!call->poll(cx)) return kPending;
    Result<void> result = call->take();
    call.reset();
    return result;
  }

  // Ends what an earlier operation has left under way.
  Poll<Result<void>> poll_idle(Context& cx) {
    if (state_->sending) {
      Poll<Result<void>> sent = poll_pending(cx, state_->sending);
      if (sent.is_pending() || !*sent) return sent;
    }
    if (state_->flushing) {
      Poll<Result<void>> flushed = poll_pending(cx, state_->flushing);
      if (flushed.is_pending() || !*flushed) return flushed;
    }
    if (state_->closing) return poll_pending(cx, state_->closing);
    return Result<void>();
  }

  std::unique_ptr<State> state_;  // null when moved from
};

template <class S>
SinkWriter(S&&) -> SinkWriter<S>;

}  // namespace weft::io

#endif  // WEFT_IO_SINK_WRITER_H_
