// copy, copy_buf: everything that a reader gives into a writer.
//
// Spec: io.md Q-1, B-6; IO-31, IO-35, IO-57.
//
// copy() has a buffer of 8192 bytes, fills it while the writer keeps it waiting, and flushes when
// it has to wait for the reader. Neither shuts the writer down.
//
// On Linux, when both ends are sockets or pipes of weft::net themselves, with nothing wrapped
// around them, bulk data does not come to this process: as soon as one read has filled the buffer,
// a pipe is made and splice(2) moves the bytes inside the kernel. Where the kernel, or a sandbox,
// does not allow that, and when there is no descriptor left for the pipe, it goes on through the
// buffer. The pipe takes two descriptors until the copy ends. Files are not part of this:
// fs::copy() asks the kernel for them.
//
//   Task<Result<std::uint64_t>> echo(io::DuplexStream stream) {
//     auto [reader, writer] = io::split(std::move(stream));
//     co_return co_await io::copy(reader, writer);
//   }

#ifndef WEFT_IO_COPY_H_
#define WEFT_IO_COPY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/buf_reader.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/operation.h>
#include <weft/io/internal/transfer.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/wait_report.h>

namespace weft::io {
namespace internal {

template <AsyncRead R, AsyncWrite W>
class Copy {
 public:
  Copy(R& reader, W& writer) noexcept
      : reader_(&reader), writer_(&writer), transfer_(kDefaultBufferSize) {}
  Poll<Result<std::uint64_t>> operator()(Context& cx) {
    return transfer_.poll(cx, *reader_, *writer_);
  }
  void describe(WaitReport& report) noexcept {
    describe_descriptor(report, "is read", model(*reader_));
    describe_descriptor(report, "is written", model(*writer_));
  }
  static constexpr const char* kWaitingOn = "copy";

 private:
  R* reader_;
  W* writer_;
  Transfer<R, W> transfer_;
};

template <AsyncBufRead R, AsyncWrite W>
class CopyBuf {
 public:
  CopyBuf(R& reader, W& writer) noexcept : reader_(&reader), writer_(&writer) {}
  Poll<Result<std::uint64_t>> operator()(Context& cx) {
    for (;;) {
      if (!cx.has_budget()) return kPending;
      const Poll<Result<std::span<const std::byte>>> filled = model(*reader_).poll_fill_buf(cx);
      if (filled.is_pending()) return kPending;
      if (!*filled) return Err(filled->error());
      if ((**filled).empty()) {
        const Poll<Result<void>> flushed = model(*writer_).poll_flush(cx);
        if (flushed.is_pending()) return kPending;
        if (!*flushed) return Err(flushed->error());
        return Result<std::uint64_t>(copied_);
      }
      const Poll<Result<std::size_t>> written = model(*writer_).poll_write(cx, **filled);
      if (written.is_pending()) return kPending;
      if (!*written) return Err(written->error());
      if (**written == 0) return Err(Errc::write_zero);
      copied_ += **written;
      model(*reader_).consume(**written);
      cx.spend_budget();
    }
  }
  void describe(WaitReport& report) noexcept {
    describe_descriptor(report, "is read", model(*reader_));
    describe_descriptor(report, "is written", model(*writer_));
  }
  static constexpr const char* kWaitingOn = "copy_buf";

 private:
  R* reader_;
  W* writer_;
  std::uint64_t copied_ = 0;
};

}  // namespace internal

// Yields Result<uint64_t>: how many bytes there were, up to the end of `reader`, all written and
// flushed. Fails as one of the two, and with write_zero if `writer` takes no more. Not cancel safe:
// what was read and not written is lost. Throws std::bad_alloc.
template <AsyncRead R, AsyncWrite W>
auto copy(R& reader, W& writer) {
  return internal::operation(internal::Copy<R, W>(reader, writer));
}

// The same from a buffered reader, out of its own buffer. Destroyed, it has lost nothing, but
// nobody is told how much was copied.
template <AsyncBufRead R, AsyncWrite W>
auto copy_buf(R& reader, W& writer) {
  return internal::operation(internal::CopyBuf<R, W>(reader, writer));
}

}  // namespace weft::io

#endif  // WEFT_IO_COPY_H_
