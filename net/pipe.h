// pipe::Sender, pipe::Receiver: the ends of a unix pipe, or of a FIFO.
//
// Spec: net.md section 5, section 1; N-41..N-45, N-61, N-64.
//
// A pipe has no names and two ends; its reader comes to the end when the last writer has gone. A
// FIFO is a pipe in the file system, which processes open: its reader comes to the end when the
// last writer has gone, too, and reads on when another one opens it. Who does not want ends between
// writers opens it with read_write(true), and so is a writer himself.
//
//   // What goes into a pipe comes out of it, up to the end.
//   Task<Result<std::string>> through_a_pipe(std::string_view text) {
//     auto ends = net::pipe::pipe();
//     if (!ends) co_return Err(ends.error());
//     auto& [sender, receiver] = *ends;
//     const Result<void> sent = co_await sender.write_all(text);
//     if (!sent) co_return Err(sent.error());
//     if (const Result<void> closed = sender.close(); !closed) co_return Err(closed.error());
//     std::string received;
//     const Result<std::size_t> read = co_await receiver.read_to_string(received);
//     if (!read) co_return Err(read.error());
//     co_return received;
//   }
//
// Making a Sender turns SIGPIPE off for the process, unless the program has set its action: writing
// to a pipe without readers would kill it.

#ifndef WEFT_NET_PIPE_H_
#define WEFT_NET_PIPE_H_

#include <filesystem>
#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/internal/pipe_operations.h>
#include <weft/net/internal/socket_access.h>
#include <weft/net/internal/stream_members.h>
#include <weft/runtime/driver/io_registration.h>

namespace weft::net::pipe {

namespace internal {

class PipeMaker;

// What both ends have, besides moving bytes; `End` is one of them. Moving, destroying and the &&
// functions need it for themselves.
template <class End>
class PipeEnd {
  using Where = std::source_location;

 public:
  // Takes over the end of a pipe, and makes it non-blocking; `fd` is moved from only on success.
  // Fails with invalid_argument if it is not a pipe or FIFO, or not open for writing (Sender) or
  // reading (Receiver). Fatal without a runtime that has I/O.
  static Result<End> from_fd(OwnedFd&& fd, Where where = Where::current());
  // The same without looking: it must be non-blocking and open in the right way. For what behaves
  // like a pipe and is none, such as a terminal.
  static Result<End> from_fd_unchecked(OwnedFd&& fd, Where where = Where::current());
  // Gives the descriptor out; tasks waiting for it end with Errc::closed. Fails with
  // device_or_resource_busy while another thread is in a call on it, and then changes nothing. A
  // child process wants a blocking one.
  Result<OwnedFd> into_nonblocking_fd() && { return std::move(io_).into_fd(); }
  Result<OwnedFd> into_blocking_fd() &&;

  // Closes now; tasks waiting for it, and whatever is done later, end with Errc::closed. May be
  // repeated.
  Result<void> close() noexcept { return io_.close(); }

  // Valid until closed; fatal after that.
  BorrowedFd as_fd(Where where = Where::current()) const noexcept { return io_.as_fd(where); }

 protected:
  explicit PipeEnd(weft::internal::IoRegistration io) noexcept : io_(std::move(io)) {}

 private:
  friend class net::internal::SocketAccess;
  friend class PipeMaker;

  const weft::internal::IoRegistration& registration() const noexcept { return io_; }

  weft::internal::IoRegistration io_;
};

}  // namespace internal

// The end that is written to: see above, and net/internal/stream_members.h. Flushing and shutting
// down do nothing and succeed; the reader's end comes when the Sender is destroyed. Writing fails
// with broken_pipe when no reader is left.
class [[nodiscard]] Sender : public internal::PipeEnd<Sender>,
                             public net::internal::ReadinessMembers<Sender>,
                             public net::internal::WriteMembers<Sender, net::internal::PipeBytes> {
 private:
  friend class net::internal::SocketAccess;

  using PipeEnd::PipeEnd;

  Result<void> shutdown_write() const noexcept { return {}; }
};

// The end that is read from: see above, and net/internal/stream_members.h. A read of 0 bytes is the
// end: no writer is left.
class [[nodiscard]] Receiver
    : public internal::PipeEnd<Receiver>,
      public net::internal::ReadinessMembers<Receiver>,
      public net::internal::ReadMembers<Receiver, net::internal::PipeBytes> {
 private:
  using PipeEnd::PipeEnd;
};

// A pipe between a task and another, or a child process. Fatal without a runtime that has I/O.
Result<std::pair<Sender, Receiver>> pipe(
    std::source_location where = std::source_location::current());

// How to open a FIFO. A plain value.
class OpenOptions {
  using Where = std::source_location;

 public:
  // Opens it for both, on Linux: then there is always a reader and a writer, whoever else comes
  // and goes. A sender does not fail for lack of a reader, a receiver never comes to the end. Off
  // at first.
  OpenOptions& read_write(bool value) noexcept {
    read_write_ = value;
    return *this;
  }
  // Does not look whether it is a FIFO. Off at first.
  OpenOptions& unchecked(bool value) noexcept {
    unchecked_ = value;
    return *this;
  }

  // Neither waits for the other side. Fail as open(2) does, and with invalid_argument if it is not
  // a FIFO; open_sender() with no_such_device_or_address while nobody has it open for reading.
  // Fatal without a runtime that has I/O.
  Result<Receiver> open_receiver(const std::filesystem::path& path,
                                 Where where = Where::current()) const;
  Result<Sender> open_sender(const std::filesystem::path& path,
                             Where where = Where::current()) const;

 private:
  bool read_write_ = false;
  bool unchecked_ = false;
};

}  // namespace weft::net::pipe

#endif  // WEFT_NET_PIPE_H_
