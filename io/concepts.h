// AsyncRead, AsyncWrite, AsyncBufRead, AsyncSeek: what a byte stream has to be able to do.
//
// Spec: io.md B-1..B-5.
//
// The concepts ask for poll forms, from which everything that can be awaited is made.
//
//   poll_read(cx, buf)    ready: data was added to buf; nothing added is the end of the stream, or
//                         buf had no room. Pending: the waker of cx is kept, nothing was added.
//   poll_write(cx, data)  ready: how much was taken; none of some means it takes no more.
//   poll_flush(cx)        ready: what was taken before has been passed on.
//   poll_shutdown(cx)     flushes, then ends the writing side; later writes fail.
//   poll_fill_buf(cx)     ready: bytes that are there to be read, none at the end of the stream.
//   consume(size)         so many of them will not be given again.
//   start_seek(where)     moves the position, as far as that goes without waiting.
//   poll_complete(cx)     ready: the position after the last start_seek().
//
// A writer that can take several slices at once also has poll_write_vectored(cx, slices) and an
// is_write_vectored() that says whether it is more than the first slice that is taken.
//
// Each must be cancel safe: a byte is neither lost nor doubled if it answers "pending" and is never
// called again. A reference to a model is a model, and so are unique_ptr and shared_ptr to one. An
// adaptor has an inner(), which dumps call on any thread while a task waits for it, if it is
// noexcept.
//
//   // An endless source of zeroes.
//   struct Zeroes {
//     Poll<Result<void>> poll_read(Context&, io::ReadBuf& buf) {
//       const std::span<std::byte> room = buf.initialize_unfilled();
//       std::fill(room.begin(), room.end(), std::byte{0});
//       buf.advance(room.size());
//       return Result<void>();
//     }
//   };
//   static_assert(io::AsyncRead<Zeroes> && !io::AsyncWrite<Zeroes>);

#ifndef WEFT_IO_CONCEPTS_H_
#define WEFT_IO_CONCEPTS_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/io/read_buf.h>
#include <weft/io/seek_from.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {
namespace internal {

template <class T>
inline constexpr bool kIsOwner = false;
template <class T, class Deleter>
inline constexpr bool kIsOwner<std::unique_ptr<T, Deleter>> = true;
template <class T>
inline constexpr bool kIsOwner<std::shared_ptr<T>> = true;

// The object that has the poll forms: `stream` itself, or what it owns (B-4).
template <class S>
constexpr auto& model(S& stream) noexcept {
  if constexpr (kIsOwner<std::remove_cv_t<S>>) {
    return model(*stream);
  } else {
    return stream;
  }
}

template <class S>
using Model = std::remove_reference_t<decltype(model(std::declval<std::remove_reference_t<S>&>()))>;

template <class M>
concept ReadModel = requires(M& reader, Context& cx, ReadBuf& buf) {
  { reader.poll_read(cx, buf) } -> std::same_as<Poll<Result<void>>>;
};
template <class M>
concept WriteModel = requires(M& writer, Context& cx, std::span<const std::byte> data) {
  { writer.poll_write(cx, data) } -> std::same_as<Poll<Result<std::size_t>>>;
  { writer.poll_flush(cx) } -> std::same_as<Poll<Result<void>>>;
  { writer.poll_shutdown(cx) } -> std::same_as<Poll<Result<void>>>;
};
template <class M>
concept BufReadModel = ReadModel<M> && requires(M& reader, Context& cx, std::size_t size) {
  { reader.poll_fill_buf(cx) } -> std::same_as<Poll<Result<std::span<const std::byte>>>>;
  reader.consume(size);
};
template <class M>
concept SeekModel = requires(M& stream, Context& cx, SeekFrom where) {
  { stream.start_seek(where) } -> std::same_as<Result<void>>;
  { stream.poll_complete(cx) } -> std::same_as<Poll<Result<std::uint64_t>>>;
};
template <class M>
concept VectoredModel = requires(M& writer, Context& cx, std::span<const IoSlice> slices) {
  { writer.poll_write_vectored(cx, slices) } -> std::same_as<Poll<Result<std::size_t>>>;
};

}  // namespace internal

template <class R>
concept AsyncRead = internal::ReadModel<internal::Model<R>>;

template <class W>
concept AsyncWrite = internal::WriteModel<internal::Model<W>>;

template <class R>
concept AsyncBufRead = internal::BufReadModel<internal::Model<R>>;

template <class S>
concept AsyncSeek = internal::SeekModel<internal::Model<S>>;

namespace internal {

// Whether one call takes more than the first slice (B-2).
template <AsyncWrite W>
constexpr bool is_write_vectored(W& writer) {
  if constexpr (!VectoredModel<Model<W>>) {
    return false;
  } else if constexpr (requires { model(writer).is_write_vectored(); }) {
    return model(writer).is_write_vectored();
  } else {
    return true;
  }
}

// One call for several slices; of a writer without one, for the first that is not empty (B-2).
template <AsyncWrite W>
Poll<Result<std::size_t>> poll_write_vectored(W& writer, Context& cx,
                                              std::span<const IoSlice> slices) {
  if constexpr (VectoredModel<Model<W>>) {
    return model(writer).poll_write_vectored(cx, slices);
  } else {
    std::span<const std::byte> first;
    for (const IoSlice& slice : slices) {
      first = slice.bytes();
      if (!first.empty()) break;
    }
    return model(writer).poll_write(cx, first);
  }
}

}  // namespace internal
}  // namespace weft::io

#endif  // WEFT_IO_CONCEPTS_H_
