// The operations of byte streams over sockets, as the driver wants them.
//
// Spec: net.md C-9, C-10, C-13; reactor.md E-9; io_call.h for the shape.
//
// Streams are read with recv and written to with send, which take flags: no SIGPIPE.

#ifndef WEFT_NET_INTERNAL_STREAM_OPERATIONS_H_
#define WEFT_NET_INTERNAL_STREAM_OPERATIONS_H_

#include <cstddef>
#include <span>
#include <sys/socket.h>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/base/sys.h>
#include <weft/io/io_slice.h>
#include <weft/io/ready.h>

namespace weft::net::internal {

class ReadOperation {
 public:
  using value_type = std::size_t;
  static constexpr bool kTryFirst = true;

  io::Ready wanted() const noexcept { return io::Ready::kReadable | io::Ready::kReadClosed; }
};

class WriteOperation {
 public:
  using value_type = std::size_t;
  static constexpr bool kTryFirst = true;

  io::Ready wanted() const noexcept { return io::Ready::kWritable | io::Ready::kWriteClosed; }
};

class Receive : public ReadOperation {
 public:
  explicit Receive(std::span<std::byte> room) noexcept : room_(room) {}
  bool is_empty() const noexcept { return room_.empty(); }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept { return sys::recv(fd, room_, 0); }
  bool is_short(std::size_t n) const noexcept { return n > 0 && n < room_.size(); }

 private:
  std::span<std::byte> room_;
};

// Leaves the bytes in the socket; so a short one says nothing about what a read would do.
class Peek : public ReadOperation {
 public:
  explicit Peek(std::span<std::byte> room) noexcept : room_(room) {}
  bool is_empty() const noexcept { return room_.empty(); }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept { return sys::recv(fd, room_, MSG_PEEK); }

 private:
  std::span<std::byte> room_;
};

class ReceiveVectored : public ReadOperation {
 public:
  explicit ReceiveVectored(std::span<const io::IoSliceMut> room) noexcept : room_(room) {}
  bool is_empty() const noexcept { return io::total_size(room_) == 0; }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept {
    return sys::readv(fd, io::as_iovecs(room_));
  }

 private:
  std::span<const io::IoSliceMut> room_;
};

class Send : public WriteOperation {
 public:
  explicit Send(std::span<const std::byte> data) noexcept : data_(data) {}
  bool is_empty() const noexcept { return data_.empty(); }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept { return sys::send(fd, data_, 0); }
  bool is_short(std::size_t n) const noexcept { return n > 0 && n < data_.size(); }

 private:
  std::span<const std::byte> data_;
};

class SendVectored : public WriteOperation {
 public:
  explicit SendVectored(std::span<const io::IoSlice> data) noexcept : data_(data) {}
  bool is_empty() const noexcept { return io::total_size(data_) == 0; }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept;

 private:
  std::span<const io::IoSlice> data_;
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_STREAM_OPERATIONS_H_
