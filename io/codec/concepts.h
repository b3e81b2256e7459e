// Decoder, Encoder: how frames lie in a stream of bytes.
//
// Spec: io.md F-1.
//
// A decoder is a class with a type Item and
//
//   Result<std::optional<Item>> decode(BytesMut& in);
//       takes one frame off the front of `in`, with all bytes that belong to it; nothing if `in`
//       does not hold a whole one yet. Called again until it answers nothing.
//   Result<std::optional<Item>> decode_eof(BytesMut& in);    optional
//       the same when no more bytes will come; called until it answers nothing, with nothing left
//       in `in`, too. Without it: decode(), and what is left that makes no frame is
//       bytes_remaining.
//
// An encoder of T has
//
//   Result<void> encode(T item, BytesMut& out);
//       appends it to `out`.
//
// Both in one class, as codecs usually are:
//
//   // Numbers of four bytes.
//   struct Numbers {
//     using Item = std::uint32_t;
//     Result<std::optional<std::uint32_t>> decode(io::BytesMut& in) {
//       if (in.size() < 4) return std::optional<std::uint32_t>();
//       return std::optional<std::uint32_t>(in.get_u32());
//     }
//     Result<void> encode(std::uint32_t number, io::BytesMut& out) {
//       out.put_u32(number);
//       return {};
//     }
//   };
//   static_assert(io::codec::Decoder<Numbers> && io::codec::Encoder<Numbers, std::uint32_t>);
//
// Frames are best given out as parts of `in` (split_to()), which copies nothing.

#ifndef WEFT_IO_CODEC_CONCEPTS_H_
#define WEFT_IO_CODEC_CONCEPTS_H_

#include <concepts>
#include <optional>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/bytes_mut.h>

namespace weft::io::codec {

template <class D>
concept Decoder = requires(D& decoder, BytesMut& in) {
  typename D::Item;
  { decoder.decode(in) } -> std::same_as<Result<std::optional<typename D::Item>>>;
};

template <class E, class T>
concept Encoder = requires(E& encoder, T&& item, BytesMut& out) {
  { encoder.encode(std::forward<T>(item), out) } -> std::same_as<Result<void>>;
};

// The next of the last frames: the decoder's decode_eof(), or what stands for it.
template <Decoder D>
Result<std::optional<typename D::Item>> decode_eof(D& decoder, BytesMut& in) {
  if constexpr (requires { decoder.decode_eof(in); }) {
    return decoder.decode_eof(in);
  } else {
    Result<std::optional<typename D::Item>> frame = decoder.decode(in);
    if (frame && !*frame && !in.empty()) return Err(Errc::bytes_remaining);
    return frame;
  }
}

}  // namespace weft::io::codec

#endif  // WEFT_IO_CODEC_CONCEPTS_H_
