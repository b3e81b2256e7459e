// Reading and writing pipes, as the driver wants them.
//
// Spec: P-21, P-23, P-26; reactor.md E-9; io_call.h for the shape.
//
// An anonymous pipe is a stream: an end that is gone stays so, and a short transfer proves it
// drained, or full. Unlike send(2), write(2) has no flag against SIGPIPE, hence the detour.

#ifndef WEFT_PROCESS_INTERNAL_PIPE_OPERATIONS_H_
#define WEFT_PROCESS_INTERNAL_PIPE_OPERATIONS_H_

#include <cstddef>
#include <optional>
#include <span>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/base/sys.h>
#include <weft/base/sys_process.h>
#include <weft/io/io_slice.h>
#include <weft/io/ready.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_record.h>
#include <weft/runtime/driver/io_wait.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>

namespace weft::process::internal {

class ReadPipe {
 public:
  using value_type = std::size_t;

  explicit ReadPipe(std::span<std::byte> room) noexcept : room_(room) {}
  io::Ready wanted() const noexcept { return io::Ready::kReadable | io::Ready::kReadClosed; }
  bool is_empty() const noexcept { return room_.empty(); }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept { return sys::read(fd, room_); }
  bool is_short(std::size_t n) const noexcept { return n > 0 && n < room_.size(); }

 private:
  std::span<std::byte> room_;
};

class ReadPipeVectored {
 public:
  using value_type = std::size_t;

  explicit ReadPipeVectored(std::span<const io::IoSliceMut> room) noexcept : room_(room) {}
  io::Ready wanted() const noexcept { return io::Ready::kReadable | io::Ready::kReadClosed; }
  bool is_empty() const noexcept { return io::total_size(room_) == 0; }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept {
    return sys::readv(fd, io::as_iovecs(room_));
  }

 private:
  std::span<const io::IoSliceMut> room_;
};

class WritePipe {
 public:
  using value_type = std::size_t;
  // A new pipe is empty.
  static constexpr bool kTryFirst = true;

  explicit WritePipe(std::span<const std::byte> data) noexcept : data_(data) {}
  io::Ready wanted() const noexcept { return io::Ready::kWritable | io::Ready::kWriteClosed; }
  bool is_empty() const noexcept { return data_.empty(); }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept {
    return sys::write_without_sigpipe(fd, data_);
  }
  bool is_short(std::size_t n) const noexcept { return n > 0 && n < data_.size(); }

 private:
  std::span<const std::byte> data_;
};

class WritePipeVectored {
 public:
  using value_type = std::size_t;
  static constexpr bool kTryFirst = true;

  explicit WritePipeVectored(std::span<const io::IoSlice> data) noexcept : data_(data) {}
  io::Ready wanted() const noexcept { return io::Ready::kWritable | io::Ready::kWriteClosed; }
  bool is_empty() const noexcept { return io::total_size(data_) == 0; }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept {
    return sys::writev_without_sigpipe(fd, io::as_iovecs(data_));
  }

 private:
  std::span<const io::IoSlice> data_;
};

// Writes until everything is written. One leaf instead of a coroutine: it allocates nothing.
class WriteAllNode : public Leaf {
 public:
  WriteAllNode(weft::internal::IoRecord& record, std::span<const std::byte> data) noexcept
      : call_(record), rest_(data) {}

  bool poll(Context& cx) noexcept {
    while (!rest_.empty()) {
      WritePipe write(rest_);
      const std::optional<Result<std::size_t>> moved = call_.poll(cx, write);
      if (!moved) return false;
      if (!*moved) {
        result_ = Err(moved->error());
        return true;
      }
      rest_ = rest_.subspan(**moved);
    }
    return true;
  }
  Result<void> take() noexcept { return result_; }
  void describe(WaitReport& report) noexcept {
    weft::internal::describe_io(report, call_.record(), io::Ready::kWritable);
  }

  static constexpr const char* kWaitingOn = "write_all";

 private:
  weft::internal::IoCall call_;
  std::span<const std::byte> rest_;
  Result<void> result_;
};

using WriteAll = weft::internal::IoOperationAwaitable<WriteAllNode, std::span<const std::byte>>;

// Something that has nothing to do, where an awaitable is expected.
class DoneNode : public Leaf {
 public:
  bool poll(Context&) noexcept { return true; }
  Result<void> take() noexcept { return {}; }
  static constexpr const char* kWaitingOn = "nothing";
};
class [[nodiscard]] Done {
 public:
  LeafAwaiter<DoneNode> operator co_await() const noexcept { return LeafAwaiter<DoneNode>(); }
};

}  // namespace weft::process::internal

#endif  // WEFT_PROCESS_INTERNAL_PIPE_OPERATIONS_H_
