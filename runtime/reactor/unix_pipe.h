// UnixPipe: both ends of a pipe, as sources.
//
// Spec: reactor.md section 8, M-28..M-32.
//
// An end owns its descriptor and remembers where it is registered. Ends that come from elsewhere,
// of a child process say, are taken over by their constructors; make them non-blocking then. Where
// a descriptor has or had a duplicate, deregister the end before destroying it.
//
//   // Sends one byte through a pipe, and waits until it can be read.
//   Result<std::size_t> through_a_pipe(reactor::Poll& poll, std::byte byte) {
//     Result<reactor::UnixPipe> pipe = reactor::UnixPipe::create();
//     if (!pipe) return Err(pipe.error());
//     const Result<void> added = poll.registry().register_source(pipe->receiver, reactor::Token{1},
//                                                                reactor::Interest::kReadable);
//     if (!added) return Err(added.error());
//     const Result<std::size_t> written = pipe->sender.write(std::span(&byte, 1));
//     if (!written) return written;
//     reactor::Events events(1);
//     const Result<void> polled = poll.poll(events, std::nullopt);
//     if (!polled) return Err(polled.error());
//     std::array<std::byte, 8> room;
//     return pipe->receiver.read(room);
//   }

#ifndef WEFT_RUNTIME_REACTOR_UNIX_PIPE_H_
#define WEFT_RUNTIME_REACTOR_UNIX_PIPE_H_

#include <cstddef>
#include <span>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/runtime/reactor/interest.h>
#include <weft/runtime/reactor/io_source.h>
#include <weft/runtime/reactor/registry.h>
#include <weft/runtime/reactor/token.h>

namespace weft::runtime::reactor {

// What the two ends have in common. Move-only; used by one thread at a time.
class PipeEnd {
 public:
  // Whether operations answer operation_would_block rather than wait.
  Result<void> set_nonblocking(bool is_nonblocking) noexcept;

  BorrowedFd as_fd() const noexcept { return end_.get().as_fd(); }

  // Source: as IoSource.
  Result<void> register_with(Registry& registry, Token token, Interest interest) noexcept {
    return end_.register_with(registry, token, interest);
  }
  Result<void> reregister_with(Registry& registry, Token token, Interest interest) noexcept {
    return end_.reregister_with(registry, token, interest);
  }
  Result<void> deregister_from(Registry& registry) noexcept {
    return end_.deregister_from(registry);
  }

 protected:
  struct Descriptor {
    OwnedFd fd;
    BorrowedFd as_fd() const noexcept { return fd.borrow(); }
  };

  explicit PipeEnd(OwnedFd fd) noexcept : end_(Descriptor{std::move(fd)}) {}

  OwnedFd take() noexcept { return std::move(end_).into_inner().fd; }

  IoSource<Descriptor> end_;
};

// The end to write.
class PipeSender : public PipeEnd {
 public:
  // Takes over the writing end of a pipe; fatal later if `fd` is empty.
  explicit PipeSender(OwnedFd fd) noexcept : PipeEnd(std::move(fd)) {}

  // How many bytes were taken, at least one of any; operation_would_block if the pipe is full.
  // broken_pipe if nobody reads any more, where the process ignores SIGPIPE, which else ends it.
  Result<std::size_t> write(std::span<const std::byte> in) noexcept;

  // Gives the descriptor up; deregister first.
  OwnedFd into_fd() && noexcept { return take(); }
};

// The end to read.
class PipeReceiver : public PipeEnd {
 public:
  // Takes over the reading end of a pipe; fatal later if `fd` is empty.
  explicit PipeReceiver(OwnedFd fd) noexcept : PipeEnd(std::move(fd)) {}

  // How many bytes were read; zero if nobody writes any more and all is read.
  // operation_would_block if the pipe is empty.
  Result<std::size_t> read(std::span<std::byte> out) noexcept;

  // Gives the descriptor up; deregister first.
  OwnedFd into_fd() && noexcept { return take(); }
};

struct UnixPipe {
  // Non-blocking and close-on-exec from the start. Fails with too_many_files_open.
  static Result<UnixPipe> create() noexcept;

  PipeSender sender;
  PipeReceiver receiver;
};

}  // namespace weft::runtime::reactor

#endif  // WEFT_RUNTIME_REACTOR_UNIX_PIPE_H_
