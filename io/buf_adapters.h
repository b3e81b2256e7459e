// Buffers over spans, vectors and deques, and buffers made of buffers.
//
// Spec: io.md V-4.
//
//   io::Bytes head = io::Bytes::from_static("\x01\x02");
//   io::Bytes body = io::Bytes::from_static("\x03\x04more");
//   auto packet = head.chain(body);           // nothing is copied
//   std::uint32_t number = packet.get_u32();  // 0x01020304, out of both
//   auto part = packet.take(2);               // "mo"
//
// A ring is the chain of its two spans.

#ifndef WEFT_IO_BUF_ADAPTERS_H_
#define WEFT_IO_BUF_ADAPTERS_H_

#include <algorithm>
#include <cstddef>
#include <deque>
#include <limits>
#include <source_location>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/io/buf.h>
#include <weft/io/io_slice.h>
#include <weft/io/read_buf.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {

// Bytes of somebody else, which must stay. One thread at a time, as all here.
class SpanBuf : public internal::BufMembers<SpanBuf> {
 public:
  explicit SpanBuf(std::span<const std::byte> bytes) noexcept : rest_(bytes) {}
  explicit SpanBuf(std::string_view text) noexcept : rest_(std::as_bytes(std::span(text))) {}

  std::size_t remaining() const noexcept { return rest_.size(); }
  std::span<const std::byte> chunk() const noexcept { return rest_; }
  void advance(std::size_t size, std::source_location where = std::source_location::current()) {
    WEFT_CHECK(size <= rest_.size(), "SpanBuf::advance: beyond its end", where);
    rest_ = rest_.subspan(size);
  }

 private:
  std::span<const std::byte> rest_;
};

// Takes bytes out of the front of a deque.
class DequeBuf : public internal::BufMembers<DequeBuf> {
 public:
  explicit DequeBuf(std::deque<std::byte>& bytes) noexcept : bytes_(&bytes) {}

  std::size_t remaining() const noexcept { return bytes_->size(); }
  // A deque does not say where its pieces end, so the first one is measured, up to kLongest bytes.
  std::span<const std::byte> chunk() const noexcept {
    if (bytes_->empty()) return {};
    const std::byte* const first = &bytes_->front();
    const std::size_t most = std::min(bytes_->size(), kLongest);
    std::size_t size = 1;
    while (size < most && &(*bytes_)[size] == first + size) ++size;
    return {first, size};
  }
  void advance(std::size_t size, std::source_location where = std::source_location::current()) {
    WEFT_CHECK(size <= bytes_->size(), "DequeBuf::advance: beyond its end", where);
    bytes_->erase(bytes_->begin(), bytes_->begin() + static_cast<std::ptrdiff_t>(size));
  }

 private:
  static constexpr std::size_t kLongest = 512;
  std::deque<std::byte>* bytes_;
};

// Room of somebody else, which must stay.
class SpanBufMut : public internal::BufMutMembers<SpanBufMut> {
 public:
  explicit SpanBufMut(std::span<std::byte> room) noexcept : room_(room) {}

  std::size_t remaining_mut() const noexcept { return room_.size(); }
  std::span<std::byte> chunk_mut() noexcept { return room_; }
  void advance_mut(std::size_t size, std::source_location where = std::source_location::current()) {
    WEFT_CHECK(size <= room_.size(), "SpanBufMut::advance_mut: beyond its end", where);
    room_ = room_.subspan(size);
  }

 private:
  std::span<std::byte> room_;
};

// Appends to a vector. While it lives the vector has as many elements as it has capacity, because a
// vector's room can only be written to where there are elements; finish(), or destroying this,
// leaves what was put.
class VectorBufMut : public internal::BufMutMembers<VectorBufMut> {
 public:
  explicit VectorBufMut(std::vector<std::byte>& bytes) noexcept
      : bytes_(&bytes), filled_(bytes.size()) {}
  VectorBufMut(VectorBufMut&& other) noexcept
      : bytes_(std::exchange(other.bytes_, nullptr)), filled_(other.filled_) {}
  VectorBufMut& operator=(VectorBufMut&&) = delete;
  ~VectorBufMut() { finish(); }

  std::size_t remaining_mut() const noexcept { return bytes_->max_size() - filled_; }
  // Throws std::bad_alloc.
  std::span<std::byte> chunk_mut() {
    if (filled_ == bytes_->size()) {
      if (filled_ == bytes_->capacity()) bytes_->reserve(std::max(2 * filled_, kLeastRoom));
      bytes_->resize(bytes_->capacity());
    }
    return std::span(*bytes_).subspan(filled_);
  }
  void advance_mut(std::size_t size, std::source_location where = std::source_location::current()) {
    WEFT_CHECK(size <= bytes_->size() - filled_, "VectorBufMut::advance_mut: beyond chunk_mut()",
               where);
    filled_ += size;
  }
  // Lets go of the vector, which then holds what was put and no more.
  void finish() noexcept {
    if (bytes_ != nullptr) bytes_->resize(filled_);
    bytes_ = nullptr;
  }

 private:
  static constexpr std::size_t kLeastRoom = 64;
  std::vector<std::byte>* bytes_;
  std::size_t filled_;
};

// At most so many bytes of B, which is a reference where it is borrowed.
template <class B>
class BufTake : public internal::BufMembers<BufTake<B>> {
 public:
  BufTake(B&& inner, std::size_t limit) : inner_(std::forward<B>(inner)), limit_(limit) {}

  std::size_t remaining() const noexcept { return std::min(inner_.remaining(), limit_); }
  std::span<const std::byte> chunk() const noexcept {
    const std::span<const std::byte> chunk = inner_.chunk();
    return chunk.first(std::min(chunk.size(), limit_));
  }
  void advance(std::size_t size, std::source_location where = std::source_location::current()) {
    WEFT_CHECK(size <= limit_, "BufTake::advance: beyond its limit", where);
    inner_.advance(size, where);
    limit_ -= size;
  }
  std::size_t chunks_vectored(std::span<IoSlice> slices) const {
    std::size_t left = limit_;
    const std::size_t count = io::chunks_vectored(inner_, slices);
    for (std::size_t i = 0; i < count; ++i) {
      if (left <= slices[i].size()) {
        slices[i] = IoSlice(slices[i].bytes().first(left));
        return left == 0 ? i : i + 1;
      }
      left -= slices[i].size();
    }
    return count;
  }

  std::size_t limit() const noexcept { return limit_; }
  void set_limit(std::size_t limit) noexcept { limit_ = limit; }
  std::remove_reference_t<B>& inner() noexcept { return inner_; }
  B into_inner() && { return std::forward<B>(inner_); }

 private:
  B inner_;
  std::size_t limit_;
};

// A, and then B.
template <class A, class B>
class BufChain : public internal::BufMembers<BufChain<A, B>> {
 public:
  BufChain(A&& first, B&& second)
      : first_(std::forward<A>(first)), second_(std::forward<B>(second)) {}

  // As many as a word counts, if there are more.
  std::size_t remaining() const noexcept {
    const std::size_t first = first_.remaining();
    return first + std::min(second_.remaining(), std::numeric_limits<std::size_t>::max() - first);
  }
  std::span<const std::byte> chunk() const noexcept {
    return first_.remaining() > 0 ? first_.chunk() : second_.chunk();
  }
  void advance(std::size_t size, std::source_location where = std::source_location::current()) {
    const std::size_t from_first = std::min(size, first_.remaining());
    if (from_first > 0) first_.advance(from_first, where);
    if (size > from_first) second_.advance(size - from_first, where);
  }
  std::size_t chunks_vectored(std::span<IoSlice> slices) const {
    const std::size_t count = io::chunks_vectored(first_, slices);
    // If the first has more chunks than it named, the second must not follow yet.
    if (total_size(slices.first(count)) < first_.remaining()) return count;
    return count + io::chunks_vectored(second_, slices.subspan(count));
  }

  std::remove_reference_t<A>& first() noexcept { return first_; }
  std::remove_reference_t<B>& second() noexcept { return second_; }

 private:
  A first_;
  B second_;
};

// At most so much room of B.
template <class B>
class BufMutLimit : public internal::BufMutMembers<BufMutLimit<B>> {
 public:
  BufMutLimit(B&& inner, std::size_t limit) : inner_(std::forward<B>(inner)), limit_(limit) {}

  std::size_t remaining_mut() const noexcept { return std::min(inner_.remaining_mut(), limit_); }
  std::span<std::byte> chunk_mut() {
    if (limit_ == 0) return {};
    const std::span<std::byte> chunk = inner_.chunk_mut();
    return chunk.first(std::min(chunk.size(), limit_));
  }
  void advance_mut(std::size_t size, std::source_location where = std::source_location::current()) {
    WEFT_CHECK(size <= limit_, "BufMutLimit::advance_mut: beyond its limit", where);
    inner_.advance_mut(size, where);
    limit_ -= size;
  }

  std::size_t limit() const noexcept { return limit_; }
  void set_limit(std::size_t limit) noexcept { limit_ = limit; }
  std::remove_reference_t<B>& inner() noexcept { return inner_; }
  B into_inner() && { return std::forward<B>(inner_); }

 private:
  B inner_;
  std::size_t limit_;
};

// A Buf as a reader that never waits: its end is the end of the stream. Made by reader().
template <class B>
class BufAsRead {
 public:
  explicit BufAsRead(B&& buf) : buf_(std::forward<B>(buf)) {}

  Poll<Result<void>> poll_read(Context& cx, ReadBuf& room) {
    if (!cx.has_budget()) return kPending;
    while (room.remaining() > 0 && buf_.remaining() > 0) {
      const std::span<const std::byte> chunk = buf_.chunk();
      const std::size_t size = std::min(chunk.size(), room.remaining());
      room.put_slice(chunk.first(size));
      buf_.advance(size);
    }
    cx.spend_budget();
    return Result<void>();
  }
  std::remove_reference_t<B>& inner() noexcept { return buf_; }
  B into_inner() && { return std::forward<B>(buf_); }

 private:
  B buf_;
};

// A BufMut as a writer that never waits; when it is full it takes nothing more. Made by writer().
template <class B>
class BufMutAsWrite {
 public:
  explicit BufMutAsWrite(B&& buf) : buf_(std::forward<B>(buf)) {}

  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> bytes) {
    if (!cx.has_budget()) return kPending;
    const std::size_t size = std::min(bytes.size(), buf_.remaining_mut());
    buf_.put_slice(bytes.first(size));
    cx.spend_budget();
    return Result<std::size_t>(size);
  }
  Poll<Result<void>> poll_flush(Context&) { return Result<void>(); }
  Poll<Result<void>> poll_shutdown(Context&) { return Result<void>(); }
  std::remove_reference_t<B>& inner() noexcept { return buf_; }
  B into_inner() && { return std::forward<B>(buf_); }

 private:
  B buf_;
};

// `buf` as an AsyncRead; an lvalue is borrowed.
template <class B>
  requires Buf<B>
[[nodiscard]] BufAsRead<B> reader(B&& buf) {
  return BufAsRead<B>(std::forward<B>(buf));
}
// `buf` as an AsyncWrite; an lvalue is borrowed.
template <class B>
  requires BufMut<B>
[[nodiscard]] BufMutAsWrite<B> writer(B&& buf) {
  return BufMutAsWrite<B>(std::forward<B>(buf));
}

namespace internal {

template <class Derived>
BufTake<Derived&> BufMembers<Derived>::take(std::size_t limit) & noexcept {
  return BufTake<Derived&>(self(), limit);
}
template <class Derived>
BufTake<Derived> BufMembers<Derived>::take(std::size_t limit) && {
  return BufTake<Derived>(std::move(self()), limit);
}
template <class Derived>
template <class Next>
BufChain<Derived&, Next> BufMembers<Derived>::chain(Next&& next) & {
  return BufChain<Derived&, Next>(self(), std::forward<Next>(next));
}
template <class Derived>
template <class Next>
BufChain<Derived, Next> BufMembers<Derived>::chain(Next&& next) && {
  return BufChain<Derived, Next>(std::move(self()), std::forward<Next>(next));
}
template <class Derived>
BufMutLimit<Derived&> BufMutMembers<Derived>::limit(std::size_t size) & noexcept {
  return BufMutLimit<Derived&>(self(), size);
}
template <class Derived>
BufMutLimit<Derived> BufMutMembers<Derived>::limit(std::size_t size) && {
  return BufMutLimit<Derived>(std::move(self()), size);
}

}  // namespace internal
}  // namespace weft::io

#endif  // WEFT_IO_BUF_ADAPTERS_H_
