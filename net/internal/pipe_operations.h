// The operations of pipes, as the driver wants them.
//
// Spec: net.md P-1, P-5; io_call.h for the shape.
//
// As those of stream sockets, by the calls that every descriptor has.

#ifndef WEFT_NET_INTERNAL_PIPE_OPERATIONS_H_
#define WEFT_NET_INTERNAL_PIPE_OPERATIONS_H_

#include <cstddef>
#include <span>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/base/sys.h>
#include <weft/io/io_slice.h>
#include <weft/net/internal/stream_operations.h>

namespace weft::net::internal {

class PipeRead : public ReadOperation {
 public:
  explicit PipeRead(std::span<std::byte> room) noexcept : room_(room) {}
  bool is_empty() const noexcept { return room_.empty(); }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept { return sys::read(fd, room_); }
  bool is_short(std::size_t n) const noexcept { return n > 0 && n < room_.size(); }

 private:
  std::span<std::byte> room_;
};

// A short write says less than on a socket: a pipe counts in pages, and takes up to PIPE_BUF bytes
// whole or not at all. So none of these proves it full.
class PipeWrite : public WriteOperation {
 public:
  explicit PipeWrite(std::span<const std::byte> data) noexcept : data_(data) {}
  bool is_empty() const noexcept { return data_.empty(); }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept { return sys::write(fd, data_); }

 private:
  std::span<const std::byte> data_;
};

class PipeWriteVectored : public WriteOperation {
 public:
  explicit PipeWriteVectored(std::span<const io::IoSlice> data) noexcept : data_(data) {}
  bool is_empty() const noexcept { return io::total_size(data_) == 0; }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept {
    return sys::writev(fd, io::as_iovecs(data_));
  }

 private:
  std::span<const io::IoSlice> data_;
};

// How bytes go through pipes. A scattering read of a socket is readv() already.
struct PipeBytes {
  using Read = PipeRead;
  using ReadVectored = ReceiveVectored;
  using Write = PipeWrite;
  using WriteVectored = PipeWriteVectored;
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_PIPE_OPERATIONS_H_
