// AsyncRead, AsyncWrite: what a byte stream has to be able to do.
//
// Spec: io.md B-1, B-2, B-4, B-5.
//
// The concepts ask for poll forms, from which everything that can be awaited is made.
//
//   poll_read(cx, buf)    ready: data was added to buf; nothing added is the end of the stream, or
//   buf
//                         had no room. Pending: the waker of cx is kept, nothing was added.
//   poll_write(cx, data)  ready: how much was taken; none of some means it takes no more.
//   poll_flush(cx)        ready: what was taken before has been passed on.
//   poll_shutdown(cx)     flushes, then ends the writing side; later writes fail.
//
// Each must be cancel safe: a byte is neither lost nor doubled if it answers "pending" and is never
// called again. A reference to a model is a model.

#ifndef WEFT_IO_CONCEPTS_H_
#define WEFT_IO_CONCEPTS_H_

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

#include <weft/base/result.h>
#include <weft/io/read_buf.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {

template <class R>
concept AsyncRead = requires(std::remove_reference_t<R>& reader, Context& cx, ReadBuf& buf) {
  { reader.poll_read(cx, buf) } -> std::same_as<Poll<Result<void>>>;
};

template <class W>
concept AsyncWrite =
    requires(std::remove_reference_t<W>& writer, Context& cx, std::span<const std::byte> data) {
      { writer.poll_write(cx, data) } -> std::same_as<Poll<Result<std::size_t>>>;
      { writer.poll_flush(cx) } -> std::same_as<Poll<Result<void>>>;
      { writer.poll_shutdown(cx) } -> std::same_as<Poll<Result<void>>>;
    };

}  // namespace weft::io

#endif  // WEFT_IO_CONCEPTS_H_
