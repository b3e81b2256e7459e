// ReaderStream: a reader as a stream of chunks.
//
// Spec: io.md T-1; IO-48.
//
//   Task<std::size_t> total(io::DuplexStream stream) {
//     io::ReaderStream chunks(std::move(stream));
//     std::size_t size = 0;
//     while (std::optional<Result<io::Bytes>> chunk = co_await chunks.next()) {
//       if (*chunk) size += (*chunk)->size();
//     }
//     co_return size;
//   }

#ifndef WEFT_IO_READER_STREAM_H_
#define WEFT_IO_READER_STREAM_H_

#include <cstddef>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/io/bytes.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/operation.h>
#include <weft/io/read.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {

// R: an AsyncRead, or a reference to one, which is borrowed. Each chunk is what one read gave, not
// copied. Movable between operations; one task at a time.
template <class R>
  requires AsyncRead<R>
class ReaderStream {
  using Where = std::source_location;

 public:
  using Item = std::optional<Result<Bytes>>;
  static constexpr std::size_t kDefaultCapacity = 4096;

  // `capacity`: of the memory that is taken for one or several chunks. Fatal at `where` if it is 0.
  explicit ReaderStream(R&& reader, std::size_t capacity = kDefaultCapacity,
                        Where where = Where::current())
      : reader_(std::forward<R>(reader)), capacity_(capacity) {
    WEFT_CHECK(capacity > 0, "io::ReaderStream: the capacity has to be above 0", where);
  }

  // Yields optional<Result<Bytes>>: the next chunk, which is not empty; an error, once; nothing at
  // the end, and after an error. Cancel safe if R is.
  auto next() { return internal::operation(Next(*this)); }

  // The poll form. Throws std::bad_alloc.
  Poll<Item> poll_next(Context& cx) {
    if (done_) return Item();
    if (buffer_.capacity() == buffer_.size()) buffer_.reserve(capacity_);
    const Poll<Result<std::size_t>> read =
        internal::poll_read_uninit(reader_, cx, buffer_.spare_capacity());
    if (read.is_pending()) return kPending;
    done_ = !*read || **read == 0;
    if (!*read) return Item(Err(read->error()));
    if (**read == 0) return Item();
    buffer_.advance_mut(**read);
    return Item(buffer_.split().freeze());
  }

  std::remove_reference_t<R>& inner() noexcept { return reader_; }
  R into_inner() && { return std::forward<R>(reader_); }

 private:
  class Next {
   public:
    explicit Next(ReaderStream& stream) noexcept : stream_(&stream) {}
    Poll<Item> operator()(Context& cx) { return stream_->poll_next(cx); }
    auto& subject() const noexcept { return *stream_; }
    static constexpr const char* kWaitingOn = "next chunk of a reader";

   private:
    ReaderStream* stream_;
  };

  R reader_;
  std::size_t capacity_;
  BytesMut buffer_;
  bool done_ = false;
};

template <class R>
ReaderStream(R&&) -> ReaderStream<R>;
template <class R>
ReaderStream(R&&, std::size_t) -> ReaderStream<R>;

}  // namespace weft::io

#endif  // WEFT_IO_READER_STREAM_H_
