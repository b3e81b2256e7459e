// Passing on what a writer has buffered.
//
// Spec: io.md section 3 (BufWriter).

#ifndef WEFT_IO_INTERNAL_DRAIN_H_
#define WEFT_IO_INTERNAL_DRAIN_H_

#include <cstddef>

#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/byte_buffer.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io::internal {

// Writes until `buffer` is empty. Pending, or failed, the rest stays in it. Fails with write_zero
// if the writer takes no more.
template <AsyncWrite W>
Poll<Result<void>> poll_drain(W& writer, Context& cx, ByteBuffer& buffer) {
  while (!buffer.empty()) {
    const Poll<Result<std::size_t>> written = model(writer).poll_write(cx, buffer.held());
    if (written.is_pending()) return kPending;
    if (!*written) return Err(written->error());
    if (**written == 0) return Err(Errc::write_zero);
    buffer.consume(**written);
  }
  return Result<void>();
}

// A `writer` is destroyed with `size` bytes in its buffer, which nobody will see: a library that
// was built for debugging says so on standard error, unless `size` is 0.
void warn_if_lost(const char* writer, std::size_t size) noexcept;

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_DRAIN_H_
