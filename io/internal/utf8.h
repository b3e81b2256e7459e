// is_utf8: whether bytes are text.
//
// Spec: io.md section 2 (invalid_data).

#ifndef WEFT_IO_INTERNAL_UTF8_H_
#define WEFT_IO_INTERNAL_UTF8_H_

#include <cstddef>
#include <span>

namespace weft::io::internal {

// True if `bytes` are well-formed UTF-8 (Unicode, table 3-7): no overlong forms, no surrogates,
// nothing above U+10FFFF, nothing cut off. Eight bytes of ASCII at a time.
bool is_utf8(std::span<const std::byte> bytes) noexcept;

// The size of the longest well-formed beginning.
std::size_t valid_utf8_prefix(std::span<const std::byte> bytes) noexcept;

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_UTF8_H_
