// Transfer: all of a reader into a writer, by the best way there is.
//
// Spec: io.md Q-1; IO-31, IO-57.
//
// Through a buffer; between two descriptors, as soon as a read has filled the whole buffer, through
// the kernel (kernel_copy.h). Short messages are not worth a pipe and two calls in place of two.

#ifndef WEFT_IO_INTERNAL_TRANSFER_H_
#define WEFT_IO_INTERNAL_TRANSFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/copy_buffer.h>
#include <weft/io/internal/kernel_copy.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io::internal {

// Movable until the first poll.
template <AsyncRead R, AsyncWrite W>
class Transfer {
 public:
  explicit Transfer(std::size_t buffer_size) noexcept : buffer_(buffer_size) {}

  // Ready with how many bytes there were, all flushed.
  Poll<Result<std::uint64_t>> poll(Context& cx, R& reader, W& writer) {
    if constexpr (KernelReader<R> && KernelWriter<W>) {
      for (;;) {
        const Poll<Result<Next>> next =
            kernel_ ? poll_kernel(cx, reader, writer) : poll_until_full(cx, reader, writer);
        if (next.is_pending()) return kPending;
        if (!*next) return Err(next->error());
        if (**next == Next::kDone) return Result<std::uint64_t>(buffer_.copied());
      }
    } else {
      const auto polled = buffer_.poll(cx, reader, writer, false);
      if (polled.is_pending()) return kPending;
      if (!*polled) return Err(polled->error());
      return Result<std::uint64_t>(buffer_.copied());
    }
  }

 private:
  enum class Next : std::uint8_t { kDone, kGoOn };

  Poll<Result<Next>> poll_until_full(Context& cx, R& reader, W& writer) {
    const auto polled = buffer_.poll(cx, reader, writer, may_use_kernel_);
    if (polled.is_pending()) return kPending;
    if (!*polled) return Err(polled->error());
    if (**polled == CopyBuffer::Progress::kDone) return Result<Next>(Next::kDone);
    kernel_ = KernelCopy::create();
    may_use_kernel_ = kernel_.has_value();
    return Result<Next>(Next::kGoOn);
  }

  // Neither sockets nor pipes have anything to flush.
  Poll<Result<Next>> poll_kernel(Context& cx, R& reader, W& writer) {
    const auto polled =
        kernel_->poll(cx, model(reader).read_registration(), model(writer).write_registration());
    buffer_.add_copied(kernel_->take_moved());
    if (polled.is_pending()) return kPending;
    if (!*polled) return Err(polled->error());
    if (**polled == KernelCopy::Progress::kDone) return Result<Next>(Next::kDone);
    return leave_kernel();
  }

  // What is on its way there comes first.
  Poll<Result<Next>> leave_kernel() {
    if (const std::size_t size = kernel_->held(); size > 0) {
      auto memory = std::make_unique_for_overwrite<std::byte[]>(size);
      const Result<void> taken = kernel_->take_held(std::span(memory.get(), size));
      if (!taken) return Err(taken.error());
      buffer_.adopt(std::move(memory), size);
    }
    kernel_.reset();
    may_use_kernel_ = false;
    return Result<Next>(Next::kGoOn);
  }

  CopyBuffer buffer_;
  std::optional<KernelCopy> kernel_;
  bool may_use_kernel_ = true;
};

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_TRANSFER_H_
