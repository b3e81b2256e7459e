// SyncIoBridge: an asynchronous stream for code that blocks.
//
// Spec: io.md T-3; IO-52.
//
// For a library that reads or writes and knows nothing of coroutines, on a thread that may block:
// of spawn_blocking(), or one of the program's own. Each call runs one operation to its end. On a
// thread that runs tasks they are fatal, since the worker would stand still.
//
//   // For instance the parser of another library.
//   std::size_t parse(io::SyncIoBridge<io::DuplexStream> input) {
//     std::string text;
//     return input.read_to_string(text).value_or(0);
//   }
//
//   Task<std::size_t> parse_elsewhere(io::DuplexStream stream) {
//     io::SyncIoBridge bridge(std::move(stream));
//     JoinResult<std::size_t> size = co_await spawn_blocking(parse, std::move(bridge));
//     co_return size.value_or(0);
//   }

#ifndef WEFT_IO_SYNC_IO_BRIDGE_H_
#define WEFT_IO_SYNC_IO_BRIDGE_H_

#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <weft/base/result.h>
#include <weft/io/buf_read.h>
#include <weft/io/concepts.h>
#include <weft/io/read.h>
#include <weft/io/read_to_end.h>
#include <weft/io/seek.h>
#include <weft/io/write.h>
#include <weft/runtime/handle.h>

namespace weft::io {

// S: the stream, or a reference to one, which is borrowed. What it can do, the bridge can. One
// thread at a time. Destroying it does not shut the stream down.
template <class S>
class SyncIoBridge {
  using Where = std::source_location;
  using Bytes = std::span<const std::byte>;
  using Room = std::span<std::byte>;

 public:
  // Waits in the runtime of `handle`, which must be running.
  SyncIoBridge(S&& stream, runtime::Handle handle)
      : stream_(std::forward<S>(stream)), handle_(std::move(handle)) {}
  // In the runtime that the calling thread is in; fatal at `where` if there is none.
  explicit SyncIoBridge(S&& stream, Where where = Where::current())
      : SyncIoBridge(std::forward<S>(stream), runtime::Handle::current(where)) {}

  // As the functions of weft::io of the same name.
  Result<std::size_t> read(Room room, Where where = Where::current()) {
    return handle_.block_on(io::read(stream_, room), where);
  }
  Result<std::size_t> read(std::span<char> room, Where where = Where::current()) {
    return read(std::as_writable_bytes(room), where);
  }
  Result<std::size_t> read_exact(Room room, Where where = Where::current()) {
    return handle_.block_on(io::read_exact(stream_, room), where);
  }
  Result<std::size_t> read_to_end(std::vector<std::byte>& vec, Where where = Where::current()) {
    return handle_.block_on(io::read_to_end(stream_, vec), where);
  }
  Result<std::size_t> read_to_string(std::string& text, Where where = Where::current()) {
    return handle_.block_on(io::read_to_string(stream_, text), where);
  }
  Result<Bytes> fill_buf(Where where = Where::current()) {
    return handle_.block_on(io::fill_buf(stream_), where);
  }
  void consume(std::size_t size) { internal::model(stream_).consume(size); }
  Result<std::size_t> read_until(std::byte delimiter, std::vector<std::byte>& vec,
                                 Where where = Where::current()) {
    return handle_.block_on(io::read_until(stream_, delimiter, vec), where);
  }
  Result<std::size_t> read_line(std::string& text, Where where = Where::current()) {
    return handle_.block_on(io::read_line(stream_, text), where);
  }

  Result<std::size_t> write(Bytes data, Where where = Where::current()) {
    return handle_.block_on(io::write(stream_, data), where);
  }
  Result<std::size_t> write(std::string_view text, Where where = Where::current()) {
    return write(std::as_bytes(std::span(text)), where);
  }
  Result<void> write_all(Bytes data, Where where = Where::current()) {
    return handle_.block_on(io::write_all(stream_, data), where);
  }
  Result<void> write_all(std::string_view text, Where where = Where::current()) {
    return write_all(std::as_bytes(std::span(text)), where);
  }
  bool is_write_vectored() { return internal::is_write_vectored(stream_); }
  Result<void> flush(Where where = Where::current()) {
    return handle_.block_on(io::flush(stream_), where);
  }
  Result<void> shutdown(Where where = Where::current()) {
    return handle_.block_on(io::shutdown(stream_), where);
  }

  Result<std::uint64_t> seek(SeekFrom position, Where where = Where::current()) {
    return handle_.block_on(io::seek(stream_, position), where);
  }
  Result<void> rewind(Where where = Where::current()) {
    return handle_.block_on(io::rewind(stream_), where);
  }

  std::remove_reference_t<S>& inner() noexcept { return stream_; }
  S into_inner() && { return std::forward<S>(stream_); }

 private:
  S stream_;
  runtime::Handle handle_;
};

template <class S>
SyncIoBridge(S&&, runtime::Handle) -> SyncIoBridge<S>;
template <class S>
SyncIoBridge(S&&) -> SyncIoBridge<S>;

}  // namespace weft::io

#endif  // WEFT_IO_SYNC_IO_BRIDGE_H_
