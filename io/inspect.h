// InspectReader, InspectWriter: a look at every byte that passes.
//
// Spec: io.md T-4; IO-47.
//
// For checksums, traces, progress: the function is called with exactly the bytes that were read, or
// that were taken by the writer, in their order.
//
//   Task<std::size_t> count_bytes(io::DuplexStream stream) {
//     std::size_t seen = 0;
//     auto count = [&seen](std::span<const std::byte> part) { seen += part.size(); };
//     io::InspectReader reader(std::move(stream), count);
//     std::string text;
//     const Result<std::size_t> read = co_await reader.read_to_string(text);
//     co_return read ? seen : 0;
//   }

#ifndef WEFT_IO_INSPECT_H_
#define WEFT_IO_INSPECT_H_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <span>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/through.h>
#include <weft/io/io_slice.h>
#include <weft/io/members.h>
#include <weft/io/read_buf.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {

// R: an AsyncRead, or a reference to one, which is borrowed. F: takes std::span<const std::byte>,
// which is not empty. Writes pass through. As cancel safe as R.
template <class R, std::invocable<std::span<const std::byte>> F>
  requires AsyncRead<R>
class InspectReader : public ReadMembers<InspectReader<R, F>>,
                      public WriteMembers<InspectReader<R, F>>,
                      public internal::WriteThrough<InspectReader<R, F>, R> {
 public:
  InspectReader(R&& inner, F function)
      : inner_(std::forward<R>(inner)), function_(std::move(function)) {}

  std::remove_reference_t<R>& inner() noexcept { return inner_; }
  R into_inner() && { return std::forward<R>(inner_); }

  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) {
    const std::size_t before = buf.filled().size();
    Poll<Result<void>> polled = internal::model(inner_).poll_read(cx, buf);
    const std::span<const std::byte> read = std::as_const(buf).filled().subspan(before);
    if (!read.empty()) std::invoke(function_, read);
    return polled;
  }

 private:
  friend class internal::WriteThrough<InspectReader, R>;
  std::remove_reference_t<R>& stream_below() noexcept { return inner_; }

  R inner_;
  F function_;
};

// As InspectReader, for writing. Called once for each slice of a vectored write, as far as that was
// taken. Reads pass through.
template <class W, std::invocable<std::span<const std::byte>> F>
  requires AsyncWrite<W>
class InspectWriter : public ReadMembers<InspectWriter<W, F>>,
                      public WriteMembers<InspectWriter<W, F>>,
                      public internal::ReadThrough<InspectWriter<W, F>, W> {
 public:
  InspectWriter(W&& inner, F function)
      : inner_(std::forward<W>(inner)), function_(std::move(function)) {}

  std::remove_reference_t<W>& inner() noexcept { return inner_; }
  W into_inner() && { return std::forward<W>(inner_); }

  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) {
    Poll<Result<std::size_t>> written = internal::model(inner_).poll_write(cx, data);
    if (written.is_ready() && *written) show(data, **written);
    return written;
  }
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx, std::span<const IoSlice> slices) {
    Poll<Result<std::size_t>> written = internal::poll_write_vectored(inner_, cx, slices);
    if (written.is_pending() || !*written) return written;
    std::size_t left = **written;
    for (const IoSlice& slice : slices) left -= show(slice.bytes(), left);
    return written;
  }
  bool is_write_vectored() { return internal::is_write_vectored(inner_); }
  Poll<Result<void>> poll_flush(Context& cx) { return internal::model(inner_).poll_flush(cx); }
  Poll<Result<void>> poll_shutdown(Context& cx) {
    return internal::model(inner_).poll_shutdown(cx);
  }

 private:
  friend class internal::ReadThrough<InspectWriter, W>;
  std::remove_reference_t<W>& stream_below() noexcept { return inner_; }

  // Shows at most `size` bytes of `data` and says how many.
  std::size_t show(std::span<const std::byte> data, std::size_t size) {
    const std::span<const std::byte> taken = data.first(std::min(size, data.size()));
    if (!taken.empty()) std::invoke(function_, taken);
    return taken.size();
  }

  W inner_;
  F function_;
};

template <class R, class F>
InspectReader(R&&, F) -> InspectReader<R, F>;
template <class W, class F>
InspectWriter(W&&, F) -> InspectWriter<W, F>;

}  // namespace weft::io

#endif  // WEFT_IO_INSPECT_H_
