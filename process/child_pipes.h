// ChildStdin, ChildStdout, ChildStderr: our ends of the pipes to a child.
//
// Spec: P-17, P-21..P-24, P-26.
//
// Each is a byte stream, non-blocking and bound to the runtime it was made in. The child reads the
// end of its input when ChildStdin is destroyed or closed. Writing to a child that is gone fails
// with broken_pipe; it raises no SIGPIPE.
//
// Reading and writing: internal/pipe_members.h.
//
//   Task<Result<std::string>> ask(process::ChildStdin& to, process::ChildStdout& from) {
//     const Result<void> asked = co_await to.write_all("question\n");
//     if (!asked) co_return Err(asked.error());  // broken_pipe: it has gone
//     std::array<char, 100> room;
//     const Result<std::size_t> n = co_await from.read(room);
//     if (!n) co_return Err(n.error());
//     co_return std::string(room.data(), *n);
//   }

#ifndef WEFT_PROCESS_CHILD_PIPES_H_
#define WEFT_PROCESS_CHILD_PIPES_H_

#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/io/ready.h>
#include <weft/process/internal/pipe_members.h>

namespace weft::process {

class [[nodiscard]] ChildStdin : public internal::PipeWriter {
 public:
  // Takes over the writing end of a pipe and makes it non-blocking: for all who share its open file
  // description, so never for one that other processes inherited (P-25). `fd` is moved from only on
  // success. Fails as epoll_ctl(2) does. Fatal without a runtime that has I/O.
  static Result<ChildStdin> from_fd(OwnedFd&& fd,
                                    std::source_location where = std::source_location::current()) {
    return internal::register_pipe(std::move(fd), io::Interest::kWritable, where)
        .transform([](internal::IoRegistration&& pipe) { return ChildStdin(std::move(pipe)); });
  }

 private:
  using PipeWriter::PipeWriter;
};

class [[nodiscard]] ChildStdout : public internal::PipeReader {
 public:
  // Takes over the reading end of a pipe; otherwise as ChildStdin::from_fd().
  static Result<ChildStdout> from_fd(OwnedFd&& fd,
                                     std::source_location where = std::source_location::current()) {
    return internal::register_pipe(std::move(fd), io::Interest::kReadable, where)
        .transform([](internal::IoRegistration&& pipe) { return ChildStdout(std::move(pipe)); });
  }

 private:
  using PipeReader::PipeReader;
};

class [[nodiscard]] ChildStderr : public internal::PipeReader {
 public:
  // As ChildStdout::from_fd().
  static Result<ChildStderr> from_fd(OwnedFd&& fd,
                                     std::source_location where = std::source_location::current()) {
    return internal::register_pipe(std::move(fd), io::Interest::kReadable, where)
        .transform([](internal::IoRegistration&& pipe) { return ChildStderr(std::move(pipe)); });
  }

 private:
  using PipeReader::PipeReader;
};

}  // namespace weft::process

#endif  // WEFT_PROCESS_CHILD_PIPES_H_
