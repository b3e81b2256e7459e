// Reading into the free end of a buffer that grows.
//
// Spec: net.md C-10, U-1, N-16, N-30; io.md V-4 (BufMut).
//
// The room is asked for in the poll that makes the call, and what the call has filled is added in
// the same poll: a read that is cancelled has not touched the buffer's content.

#ifndef WEFT_NET_INTERNAL_GROWING_BUFFER_H_
#define WEFT_NET_INTERNAL_GROWING_BUFFER_H_

#include <concepts>
#include <cstddef>
#include <span>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/ready.h>

namespace weft::net::internal {

// What is needed of a BufMut.
template <class B>
concept GrowingBuffer = requires(B& buffer, std::size_t size) {
  { buffer.chunk_mut() } -> std::convertible_to<std::span<std::byte>>;
  buffer.advance_mut(size);
};

// How many bytes a read has put into its room.
inline std::size_t filled_by(std::size_t size) noexcept { return size; }
template <class Address>
std::size_t filled_by(const std::pair<std::size_t, Address>& received) noexcept {
  return received.first;
}

// `Read`, an operation that is made from its room, into one chunk of a buffer.
template <class Read, GrowingBuffer B>
class IntoBuffer {
 public:
  using value_type = typename Read::value_type;
  static constexpr bool kTryFirst = true;

  explicit IntoBuffer(B& buffer) noexcept : buffer_(&buffer) {}

  io::Ready wanted() const noexcept { return Read(std::span<std::byte>()).wanted(); }

  Result<value_type> attempt(BorrowedFd fd) noexcept(noexcept(std::declval<B&>().chunk_mut())) {
    Read read(buffer_->chunk_mut());
    Result<value_type> got = read.attempt(fd);
    if (!got) return got;
    buffer_->advance_mut(filled_by(*got));
    if constexpr (requires { read.is_short(*got); }) was_short_ = read.is_short(*got);
    return got;
  }
  bool is_short(const value_type&) const noexcept { return was_short_; }

 private:
  B* buffer_;
  bool was_short_ = false;
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_GROWING_BUFFER_H_
