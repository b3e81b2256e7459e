// BufStream: both directions of a stream buffered.
//
// Spec: io.md section 3 (BufStream).
//
// A BufReader over a BufWriter over the stream. The writer does not flush by itself before a read:
// await flush() where an answer is expected. Destroying it loses what was not flushed.
//
//   Task<Result<void>> greet(io::DuplexStream stream) {
//     io::BufStream buffered(std::move(stream), 256, 256);
//     std::string name;
//     const Result<std::size_t> read = co_await buffered.read_line(name);
//     if (!read) co_return Err(read.error());
//     const Result<void> written = co_await buffered.write_all("hello " + name);
//     if (!written) co_return written;
//     co_return co_await buffered.flush();
//   }

#ifndef WEFT_IO_BUF_STREAM_H_
#define WEFT_IO_BUF_STREAM_H_

#include <cstddef>
#include <source_location>
#include <span>
#include <utility>

#include <weft/io/buf_reader.h>
#include <weft/io/buf_writer.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/through.h>
#include <weft/io/members.h>

namespace weft::io {

// S: an AsyncRead and AsyncWrite, or a reference to one. Movable between operations; one task at a
// time. Its operations are as cancel safe as those of S.
template <class S>
  requires AsyncRead<S> && AsyncWrite<S>
class BufStream : public ReadMembers<BufStream<S>>,
                  public BufReadMembers<BufStream<S>>,
                  public WriteMembers<BufStream<S>>,
                  public SeekMembers<BufStream<S>>,
                  public internal::ReadThrough<BufStream<S>, BufReader<BufWriter<S>>>,
                  public internal::WriteThrough<BufStream<S>, BufReader<BufWriter<S>>>,
                  public internal::SeekThrough<BufStream<S>, BufReader<BufWriter<S>>> {
  using Both = BufReader<BufWriter<S>>;
  using Where = std::source_location;

 public:
  // Fatal at `where` if a capacity is 0. Throws std::bad_alloc.
  explicit BufStream(S&& inner, std::size_t read_capacity = kDefaultBufferSize,
                     std::size_t write_capacity = kDefaultBufferSize,
                     Where where = Where::current())
      : both_(BufWriter<S>(std::forward<S>(inner), write_capacity, where), read_capacity, where) {}

  // What has been read and not handed out; what has been written and not passed on.
  std::span<const std::byte> read_buffer() const noexcept { return both_.buffer(); }
  std::span<const std::byte> write_buffer() noexcept { return both_.inner().buffer(); }

  std::remove_reference_t<S>& inner() noexcept { return both_.inner().inner(); }
  // Gives the stream back; what is in the buffers is lost.
  S into_inner() && { return std::move(both_).into_inner().into_inner(); }

 private:
  friend class internal::ReadThrough<BufStream, Both>;
  friend class internal::WriteThrough<BufStream, Both>;
  friend class internal::SeekThrough<BufStream, Both>;

  Both& stream_below() noexcept { return both_; }

  Both both_;
};

template <class S>
BufStream(S&&) -> BufStream<S>;
template <class S>
BufStream(S&&, std::size_t, std::size_t) -> BufStream<S>;

}  // namespace weft::io

#endif  // WEFT_IO_BUF_STREAM_H_
