// poll_read_until: appends to a container up to a delimiter.
//
// Spec: io.md section 2 (read_until, read_line, lines, split); section 5.

#ifndef WEFT_IO_INTERNAL_READ_UNTIL_H_
#define WEFT_IO_INTERNAL_READ_UNTIL_H_

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io::internal {

inline void append(std::vector<std::byte>& vec, std::span<const std::byte> bytes) {
  vec.insert(vec.end(), bytes.begin(), bytes.end());
}
inline void append(std::string& text, std::span<const std::byte> bytes) {
  // SAFETY(cast): any object's bytes may be looked at as chars.
  text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// How many of `bytes` there are up to the first `delimiter`, which counts; all, if there is none.
struct UntilDelimiter {
  std::size_t size;
  bool found;
};
inline UntilDelimiter find_delimiter(std::span<const std::byte> bytes,
                                     std::byte delimiter) noexcept {
  if (bytes.empty()) return {0, false};
  const void* const at =
      std::memchr(bytes.data(), std::to_integer<unsigned char>(delimiter), bytes.size());
  if (at == nullptr) return {bytes.size(), false};
  const auto index = static_cast<const std::byte*>(at) - bytes.data();
  return {static_cast<std::size_t>(index) + 1, true};
}

// Yields how many bytes were appended by this and all earlier calls since the last that was ready:
// `read` remembers. Fewer than up to the delimiter: the end of the stream. What a pending call, or
// one that failed, has appended stays in `out`, and is consumed.
template <AsyncBufRead R, class Container>
Poll<Result<std::size_t>> poll_read_until(R& reader, Context& cx, std::byte delimiter,
                                          Container& out, std::size_t& read) {
  for (;;) {
    const Poll<Result<std::span<const std::byte>>> filled = model(reader).poll_fill_buf(cx);
    if (filled.is_pending()) return kPending;
    if (!*filled) return Err(filled->error());
    const UntilDelimiter until = find_delimiter(**filled, delimiter);
    append(out, (**filled).first(until.size));
    model(reader).consume(until.size);
    read += until.size;
    if (until.found || until.size == 0) return Result<std::size_t>(std::exchange(read, 0));
  }
}

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_READ_UNTIL_H_
