// What the tests of byte buffers and codecs share.

#ifndef WEFT_TESTS_UNIT_IO_BYTES_SUPPORT_H_
#define WEFT_TESTS_UNIT_IO_BYTES_SUPPORT_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::io::test_support {

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

inline std::string as_text(std::span<const std::byte> bytes) {
  // SAFETY(cast): chars may look at any bytes.
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::vector<std::byte> as_vector(std::string_view text) {
  const auto bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

}  // namespace weft::io::test_support

#endif  // WEFT_TESTS_UNIT_IO_BYTES_SUPPORT_H_
