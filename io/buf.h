// Buf, BufMut: what bytes can be taken from, and what bytes can be put into.
//
// Spec: io.md V-4.
//
// A Buf is a sequence of bytes that is used up from the front; it need not lie in one piece.
//
//   remaining()    how many bytes there are
//   chunk()        the first of them, as one span; empty only if nothing remains
//   advance(n)     lets go of n bytes; fatal beyond the end
//
// A BufMut is room that is filled from the front.
//
//   // Of bytes in one piece or in several.
//   template <io::Buf B>
//   std::size_t sum(B& bytes) {
//     std::size_t total = 0;
//     while (bytes.remaining() > 0) {
//       for (const std::byte b : bytes.chunk()) total += std::to_integer<std::size_t>(b);
//       bytes.advance(bytes.chunk().size());
//     }
//     return total;
//   }
//
// Those of weft have numbers, slices, take() and chain() as members (internal/buf_members.h,
// internal/buf_mut_members.h), which a class of one's own may derive from as well. ReadBuf is a
// BufMut, too.

#ifndef WEFT_IO_BUF_H_
#define WEFT_IO_BUF_H_

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

#include <weft/io/internal/buf_members.h>
#include <weft/io/internal/buf_mut_members.h>
#include <weft/io/io_slice.h>

namespace weft::io {

// A reference to a model is a model.
template <class B>
concept Buf = requires(std::remove_reference_t<B>& buf, const std::remove_reference_t<B>& seen,
                       std::size_t size) {
  { seen.remaining() } -> std::same_as<std::size_t>;
  { seen.chunk() } -> std::same_as<std::span<const std::byte>>;
  buf.advance(size);
};

template <class B>
concept BufMut = requires(std::remove_reference_t<B>& buf, const std::remove_reference_t<B>& seen,
                          std::size_t size) {
  { seen.remaining_mut() } -> std::same_as<std::size_t>;
  { buf.chunk_mut() } -> std::same_as<std::span<std::byte>>;
  buf.advance_mut(size);
};

// The chunks that come next, as many as fit into `slices`; returns how many. For one gathering
// write. Of a buffer that does not say: the first one.
template <Buf B>
std::size_t chunks_vectored(const B& buf, std::span<IoSlice> slices) {
  if constexpr (requires { buf.chunks_vectored(slices); }) {
    return buf.chunks_vectored(slices);
  } else {
    if (slices.empty() || buf.remaining() == 0) return 0;
    slices[0] = IoSlice(buf.chunk());
    return 1;
  }
}

}  // namespace weft::io

#endif  // WEFT_IO_BUF_H_
