// PipeReader, PipeWriter: what our ends of a child's pipes can do.
//
// Spec: P-21..P-24; io.md sections 2, 3, 5.
//
// All functions may be called from several threads at a time. Awaitables are movable until awaited;
// the pipe has to be there until then, and may go while they are suspended: they end with
// Errc::closed. Buffers have to live until the awaitable has completed or is destroyed.

#ifndef WEFT_PROCESS_INTERNAL_PIPE_MEMBERS_H_
#define WEFT_PROCESS_INTERNAL_PIPE_MEMBERS_H_

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <string_view>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/io/read_buf.h>
#include <weft/process/internal/pipe_operations.h>
#include <weft/process/stdio.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/wait_report.h>

namespace weft::process::internal {

using weft::internal::IoDirection;
using weft::internal::IoPerform;
using weft::internal::IoRegistration;

// Makes a blocking descriptor non-blocking and registers it; `fd` is moved from only on success,
// and else has the flags that it had.
Result<IoRegistration> register_pipe(OwnedFd&& fd, io::Interest interest,
                                     std::source_location where);
// Undoes that.
Result<OwnedFd> take_back_pipe(IoRegistration&& pipe);

// A pipe: what is neither reading nor writing.
class PipeEnd {
  using Where = std::source_location;

 public:
  // Valid until closed; fatal after that.
  BorrowedFd as_fd(Where where = Where::current()) const noexcept { return io_.as_fd(where); }
  // For dumps: says `what` of the descriptor.
  void describe_wait(WaitReport& report, const char* what) const noexcept {
    report.note(what, static_cast<std::uint64_t>(io_.record().number()));
  }
  // Closes now; tasks waiting for it, and whatever is done later, end with Errc::closed. May be
  // repeated.
  Result<void> close() noexcept { return io_.close(); }

  // Gives the descriptor out, blocking as other programs expect it; tasks waiting for it end with
  // Errc::closed. Fails with device_or_resource_busy while another thread is in a call on it, and
  // then changes nothing.
  Result<OwnedFd> into_fd() && { return take_back_pipe(std::move(io_)); }
  // The same for the standard stream of another command: that is how a pipeline is made.
  Result<Stdio> into_stdio() && {
    Result<OwnedFd> fd = std::move(*this).into_fd();
    if (!fd) return Err(fd.error());
    return Stdio::from_fd(*std::move(fd));
  }

 protected:
  explicit PipeEnd(IoRegistration io) noexcept : io_(std::move(io)) {}

  const IoRegistration& io() const noexcept { return io_; }

 private:
  IoRegistration io_;
};

class PipeReader : public PipeEnd {
 public:
  // Yields Result<size_t>: how much was read; 0 is the end, that is: all processes that could write
  // to it have closed it (P-15); or an empty buffer, for which nothing is waited. Cancel safe.
  IoPerform<ReadPipe> read(std::span<std::byte> room) const noexcept {
    return io().perform(ReadPipe(room));
  }
  IoPerform<ReadPipe> read(std::span<char> room) const noexcept {
    return read(std::as_writable_bytes(room));
  }
  IoPerform<ReadPipeVectored> read_vectored(std::span<io::IoSliceMut> room) const noexcept {
    return io().perform(ReadPipeVectored(room));
  }

  // At once: would_block unless there is known to be something to read.
  Result<std::size_t> try_read(std::span<std::byte> room) const noexcept {
    return io().attempt(ReadPipe(room));
  }
  Result<std::size_t> try_read(std::span<char> room) const noexcept {
    return try_read(std::as_writable_bytes(room));
  }

  // For hand-written awaitables. Only the last caller is woken.
  Poll<Result<void>> poll_read(Context& cx, io::ReadBuf& buf) const noexcept {
    const Poll<Result<std::size_t>> read =
        io().poll(cx, IoDirection::kRead, ReadPipe(buf.unfilled_raw()));
    if (read.is_pending()) return kPending;
    if (!*read) return Result<void>(Err((*read).error()));
    buf.assume_init(**read);
    buf.advance(**read);
    return Result<void>();
  }

 protected:
  using PipeEnd::PipeEnd;
};

class PipeWriter : public PipeEnd {
 public:
  // Yields Result<size_t>: how much was written, at least 1 of what was not empty. Fails with
  // broken_pipe, and no SIGPIPE, once no process can read it any more (P-23, P-26). Cancel safe.
  IoPerform<WritePipe> write(std::span<const std::byte> data) const noexcept {
    return io().perform(WritePipe(data));
  }
  IoPerform<WritePipe> write(std::string_view text) const noexcept {
    return write(std::as_bytes(std::span(text)));
  }
  IoPerform<WritePipeVectored> write_vectored(std::span<const io::IoSlice> data) const noexcept {
    return io().perform(WritePipeVectored(data));
  }
  static constexpr bool is_write_vectored() noexcept { return true; }

  // Yields Result<void>: everything was written. Not cancel safe.
  WriteAll write_all(std::span<const std::byte> data) const noexcept {
    return WriteAll(io().record(), data);
  }
  WriteAll write_all(std::string_view text) const noexcept {
    return write_all(std::as_bytes(std::span(text)));
  }

  // At once: would_block unless it is known to be possible.
  Result<std::size_t> try_write(std::span<const std::byte> data) const noexcept {
    return io().attempt(WritePipe(data));
  }
  Result<std::size_t> try_write(std::string_view text) const noexcept {
    return try_write(std::as_bytes(std::span(text)));
  }

  // Yield Result<void> and do nothing: what is written is in the pipe, and only closing it says
  // that there is no more (P-22). Cancel safe.
  Done flush() const noexcept { return {}; }
  Done shutdown() const noexcept { return {}; }

  // For hand-written awaitables. Only the last caller is woken.
  Poll<Result<std::size_t>> poll_write(Context& cx,
                                       std::span<const std::byte> data) const noexcept {
    return io().poll(cx, IoDirection::kWrite, WritePipe(data));
  }
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx,
                                                std::span<const io::IoSlice> data) const noexcept {
    return io().poll(cx, IoDirection::kWrite, WritePipeVectored(data));
  }
  Poll<Result<void>> poll_flush(Context&) const noexcept { return Result<void>(); }
  Poll<Result<void>> poll_shutdown(Context&) const noexcept { return Result<void>(); }

 protected:
  using PipeEnd::PipeEnd;
};

}  // namespace weft::process::internal

#endif  // WEFT_PROCESS_INTERNAL_PIPE_MEMBERS_H_
