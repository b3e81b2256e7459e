// ReadHalf, WriteHalf: the two directions of any stream, in two hands.
//
// Spec: io.md Q-6; IO-19.
//
// The halves share the stream behind a lock, which is held for the length of one poll and never
// while waiting: one task may read while another writes. Streams with cheaper halves of their own
// have a split() of their own; TcpStream is one.
//
// The lock is held while the stream's poll forms run, so these must not use the other half.
//
//   Task<> write_dots(io::WriteHalf<io::DuplexStream> writer) {
//     for (int i = 0; i < 3; ++i) static_cast<void>(co_await writer.write_all("."));
//     static_cast<void>(co_await writer.shutdown());
//   }
//
//   Task<std::size_t> both_ways(io::DuplexStream stream) {
//     auto [reader, writer] = io::split(std::move(stream));
//     JoinHandle<void> writing = spawn(write_dots(std::move(writer)));
//     std::string text;
//     const Result<std::size_t> read = co_await reader.read_to_string(text);
//     static_cast<void>(co_await writing);
//     co_return read.value_or(0);
//   }

#ifndef WEFT_IO_SPLIT_H_
#define WEFT_IO_SPLIT_H_

#include <cstddef>
#include <mutex>
#include <source_location>
#include <span>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/io_slice.h>
#include <weft/io/lines.h>
#include <weft/io/members.h>
#include <weft/io/read_buf.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/ref_counted.h>

namespace weft::io {
namespace internal {

// The stream of two halves.
template <class S>
struct SplitStream : RefCounted<SplitStream<S>> {
  explicit SplitStream(S&& given)
      : stream(std::forward<S>(given)), is_vectored(internal::is_write_vectored(stream)) {}

  loom::Mutex mutex;
  S stream;  // guarded by mutex
  const bool is_vectored;
};

}  // namespace internal

template <class S>
class WriteHalf;

// Movable; the two halves may be used on different threads at a time, each on one.
template <class S>
class ReadHalf : public ReadMembers<ReadHalf<S>> {
 public:
  // As the stream's own.
  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) {
    const std::lock_guard lock(shared_->mutex);
    return internal::model(shared_->stream).poll_read(cx, buf);
  }

  // Whether both come from one split().
  bool is_pair_of(const WriteHalf<S>& other) const noexcept { return shared_ == other.shared_; }

  // Puts the stream together again. Fatal at `where` if `other` is not this one's pair.
  S unsplit(WriteHalf<S>&& other, std::source_location where = std::source_location::current()) && {
    WEFT_CHECK(is_pair_of(other), "unsplit: the halves do not come from the same stream", where);
    const RefPtr<internal::SplitStream<S>> last = std::move(shared_);
    other.shared_.reset();
    return std::forward<S>(last->stream);
  }

 private:
  friend class WriteHalf<S>;
  template <class T>
    requires AsyncRead<T> && AsyncWrite<T>
  friend std::pair<ReadHalf<T>, WriteHalf<T>> split(T&& stream);

  explicit ReadHalf(RefPtr<internal::SplitStream<S>> shared) noexcept
      : shared_(std::move(shared)) {}

  RefPtr<internal::SplitStream<S>> shared_;
};

// As ReadHalf.
template <class S>
class WriteHalf : public WriteMembers<WriteHalf<S>> {
 public:
  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) {
    const std::lock_guard lock(shared_->mutex);
    return internal::model(shared_->stream).poll_write(cx, data);
  }
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx, std::span<const IoSlice> slices) {
    const std::lock_guard lock(shared_->mutex);
    return internal::poll_write_vectored(shared_->stream, cx, slices);
  }
  // What the stream said when it was split.
  bool is_write_vectored() const noexcept { return shared_->is_vectored; }
  Poll<Result<void>> poll_flush(Context& cx) {
    const std::lock_guard lock(shared_->mutex);
    return internal::model(shared_->stream).poll_flush(cx);
  }
  Poll<Result<void>> poll_shutdown(Context& cx) {
    const std::lock_guard lock(shared_->mutex);
    return internal::model(shared_->stream).poll_shutdown(cx);
  }

  // Whether both come from one split().
  bool is_pair_of(const ReadHalf<S>& other) const noexcept { return shared_ == other.shared_; }

  // As ReadHalf::unsplit().
  S unsplit(ReadHalf<S>&& other, std::source_location where = std::source_location::current()) && {
    return std::move(other).unsplit(std::move(*this), where);
  }

 private:
  friend class ReadHalf<S>;
  template <class T>
    requires AsyncRead<T> && AsyncWrite<T>
  friend std::pair<ReadHalf<T>, WriteHalf<T>> split(T&& stream);

  explicit WriteHalf(RefPtr<internal::SplitStream<S>> shared) noexcept
      : shared_(std::move(shared)) {}

  RefPtr<internal::SplitStream<S>> shared_;
};

// An rvalue is moved in, an lvalue borrowed. The stream is destroyed with the second half; one that
// is left alone goes on. Throws std::bad_alloc.
template <class S>
  requires AsyncRead<S> && AsyncWrite<S>
std::pair<ReadHalf<S>, WriteHalf<S>> split(S&& stream) {
  auto shared = make_ref<internal::SplitStream<S>>(std::forward<S>(stream));
  ReadHalf<S> reader(shared);
  return {std::move(reader), WriteHalf<S>(std::move(shared))};
}

}  // namespace weft::io

#endif  // WEFT_IO_SPLIT_H_
