// StreamReader: a stream of chunks as a reader.
//
// Spec: io.md T-2; IO-51.
//
// The next() that is under way survives the operation that was waiting for it: it stands beside the
// stream, in one block of memory, so that no chunk is lost and the reader can be moved.
//
//   // The bytes of all chunks, as lines.
//   Task<std::string> second_line(io::ReaderStream<io::DuplexStream> chunks) {
//     auto lines = io::StreamReader(std::move(chunks)).lines();
//     const auto first = co_await lines.next_line();
//     const auto second = co_await lines.next_line();
//     co_return first&& second && *second ? **second : std::string();
//   }

#ifndef WEFT_IO_STREAM_READER_H_
#define WEFT_IO_STREAM_READER_H_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <source_location>
#include <span>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/io/buf.h>
#include <weft/io/concepts.h>
#include <weft/io/members.h>
#include <weft/io/read_buf.h>
#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {
namespace internal {

template <class S>
using NextOf = decltype(std::declval<std::remove_reference_t<S>&>().next());
// What `co_await stream.next()` yields.
template <class S>
using ItemOf = typename weft::internal::Branch<NextOf<S>>::collected_type;

// A stream whose items are Result<a Buf>.
template <class S>
concept ChunkStream = requires(ItemOf<S> item) {
  requires Buf<std::remove_cvref_t<decltype(**item)>>;
  { item->error() } -> std::convertible_to<Error>;
};

}  // namespace internal

// S: a stream of Result<Bytes>, or of another Buf, or a reference to one, which is borrowed.
// Movable between operations; one task at a time. Cancel safe as io::read() and io::fill_buf() are.
template <class S>
  requires internal::ChunkStream<S>
class StreamReader : public ReadMembers<StreamReader<S>>, public BufReadMembers<StreamReader<S>> {
  using Where = std::source_location;
  using Item = internal::ItemOf<S>;

 public:
  using Chunk = std::remove_cvref_t<decltype(**std::declval<Item&>())>;

  // Throws std::bad_alloc.
  explicit StreamReader(S&& stream) : state_(std::make_unique<State>(std::forward<S>(stream))) {}

  std::remove_reference_t<S>& inner() noexcept { return state_->stream; }
  // Gives the stream back; what was not read of the last chunk is lost, and a next() that is under
  // way is cancelled.
  S into_inner() && { return std::move(*this).into_inner_with_chunk().first; }
  // The same, and what was not read of the last chunk.
  std::pair<S, std::optional<Chunk>> into_inner_with_chunk() && {
    const std::unique_ptr<State> last = std::move(state_);
    last->next.reset();
    std::optional<Chunk> rest;
    if (has_bytes(*last)) rest = std::move(last->chunk);
    return {std::forward<S>(last->stream), std::move(rest)};
  }

  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) {
    if (buf.remaining() == 0) return Result<void>();
    const Poll<Result<std::span<const std::byte>>> filled = poll_fill_buf(cx);
    if (filled.is_pending()) return kPending;
    if (!*filled) return Err(filled->error());
    const std::size_t size = std::min((**filled).size(), buf.remaining());
    buf.put_slice((**filled).first(size));
    if (size > 0) consume(size);
    return Result<void>();
  }

  // Empty chunks are left out. After the end the stream is not asked again; after an error it is.
  Poll<Result<std::span<const std::byte>>> poll_fill_buf(Context& cx) {
    using Filled = Result<std::span<const std::byte>>;
    while (!has_bytes(*state_)) {
      if (state_->done) return Filled(std::span<const std::byte>());
      if (!state_->next) state_->next.emplace(state_->stream.next());
      if (!state_->next->poll(cx)) return kPending;
      Item item = state_->next->take_collected();
      state_->next.reset();
      state_->done = !item.has_value();
      if (!item) continue;
      if (!*item) return Err(Error(item->error()));
      state_->chunk.emplace(**std::move(item));
    }
    return Filled(state_->chunk->chunk());
  }
  // Fatal at `where` beyond the chunk.
  void consume(std::size_t size, Where where = Where::current()) {
    if (size == 0) return;
    WEFT_CHECK(state_->chunk && size <= state_->chunk->remaining(),
               "StreamReader::consume: more than poll_fill_buf() has handed out", where);
    state_->chunk->advance(size);
  }

 private:
  struct State {
    explicit State(S&& given) : stream(std::forward<S>(given)) {}

    S stream;
    std::optional<Chunk> chunk;
    std::optional<weft::internal::Branch<internal::NextOf<S>>> next;  // refers to the stream
    bool done = false;
  };

  static bool has_bytes(const State& state) { return state.chunk && state.chunk->remaining() > 0; }

  std::unique_ptr<State> state_;  // null when moved from
};

template <class S>
StreamReader(S&&) -> StreamReader<S>;

}  // namespace weft::io

#endif  // WEFT_IO_STREAM_READER_H_
