// Which part of a file a request wants: "bytes=0-499", "bytes=500-", "bytes=-500".

#ifndef WEFT_EXAMPLES_HTTP_FILES_RANGE_H_
#define WEFT_EXAMPLES_HTTP_FILES_RANGE_H_

#include <cstdint>
#include <string_view>

namespace http_files {

// The bytes from `begin` up to `end`.
struct Range {
  enum class Kind : std::uint8_t {
    kWhole,  // no range is asked for, or one that we need not understand: several at a time
    kPart,
    kNotInTheFile,  // to be refused
  };

  Kind kind = Kind::kWhole;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// What the field's `value` asks for in a file of `size` bytes.
Range range_of(std::string_view value, std::uint64_t size);

}  // namespace http_files

#endif  // WEFT_EXAMPLES_HTTP_FILES_RANGE_H_
