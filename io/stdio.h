// stdin_, stdout_, stderr_: the standard streams.
//
// Spec: io.md Q-7; IO-58, IO-59.
//
// Nothing can be waited for there but by blocking, so each operation is a call on a thread of the
// blocking pool. Hence what one should know.
//
// A read that has begun cannot be cancelled. What it reads when nobody waits for it any more stays
// in its handle for the next read. Until there is input it holds up the shutdown of the runtime; an
// interactive program that wants to end in between uses Runtime::shutdown_background().
//
// A write copies its bytes and is complete while they are being written. Its error comes out of the
// next operation. Await flush() before the program ends, or what is on its way is lost. Each handle
// is for itself: the output of two handles of one stream may change places. shutdown() does
// nothing. If nobody reads standard output any more, SIGPIPE ends the program unless it is ignored,
// as with any other output of a program.
//
// The functions have an underscore because stdin, stdout and stderr are macros.
//
//   Task<Result<void>> complain(std::string_view what) {
//     io::Stderr err = io::stderr_();
//     const Result<void> written = co_await err.write_all(what);
//     if (!written) co_return written;
//     co_return co_await err.flush();
//   }

#ifndef WEFT_IO_STDIO_H_
#define WEFT_IO_STDIO_H_

#include <cstddef>
#include <source_location>
#include <span>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/internal/blocking_stream.h>
#include <weft/io/members.h>
#include <weft/io/read_buf.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {

// Standard input. Movable; one task at a time. Its operations are fatal outside of a runtime, where
// the handle was made; they fail with runtime_shutdown when that is ending. Cancel safe.
class Stdin : public ReadMembers<Stdin> {
 public:
  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) { return reader_.poll_read(cx, buf); }

 private:
  friend Stdin stdin_(std::source_location where) noexcept;
  explicit Stdin(std::source_location where) noexcept : reader_(BorrowedFd(0), where) {}

  internal::BlockingReader reader_;
};

// Standard output, or error output. As Stdin.
class OutputStream : public WriteMembers<OutputStream> {
 public:
  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) {
    return writer_.poll_write(cx, data);
  }
  Poll<Result<void>> poll_flush(Context& cx) { return writer_.poll_flush(cx); }
  Poll<Result<void>> poll_shutdown(Context& cx) { return writer_.poll_shutdown(cx); }

 private:
  friend OutputStream stdout_(std::source_location where) noexcept;
  friend OutputStream stderr_(std::source_location where) noexcept;
  OutputStream(int fd, std::source_location where) noexcept : writer_(BorrowedFd(fd), where) {}

  internal::BlockingWriter writer_;
};

using Stdout = OutputStream;
using Stderr = OutputStream;

// New handles; `where` is what is named if they are used outside of a runtime.
inline Stdin stdin_(std::source_location where = std::source_location::current()) noexcept {
  return Stdin(where);
}
inline Stdout stdout_(std::source_location where = std::source_location::current()) noexcept {
  return Stdout(1, where);
}
inline Stderr stderr_(std::source_location where = std::source_location::current()) noexcept {
  return Stderr(2, where);
}

}  // namespace weft::io

#endif  // WEFT_IO_STDIO_H_
