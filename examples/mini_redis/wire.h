// The pieces of RESP, the protocol of Redis, that both codecs are made of.
//
// Everything begins with a line: a byte that says what it is, and a number or a text; it ends with
// CR LF. Byte strings follow their line, `$5`, with another CR LF behind them.

#ifndef WEFT_EXAMPLES_MINI_REDIS_WIRE_H_
#define WEFT_EXAMPLES_MINI_REDIS_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <weft/weft.h>

namespace mini_redis {

using weft::io::Bytes;
using weft::io::BytesMut;

// What the other side may make us keep in memory, in bytes.
inline constexpr std::size_t kLongestLine = 64 * 1024;
inline constexpr std::size_t kLongestText = 16 * 1024 * 1024;

// All of `text` as a decimal number.
std::optional<std::int64_t> parse_number(std::string_view text);

// Appends `kind`, the number and CR LF.
void put_number_line(char kind, std::int64_t number, BytesMut& out);
// Appends `$`, the size, and the bytes.
void put_text(std::string_view bytes, BytesMut& out);

// Finds the ends of lines in bytes that come in bit by bit, looking at each only once.
class LineFinder {
 public:
  // Takes the next line off the front of `in`, without its LF, and CR if it has one. Nothing: it is
  // not complete. Fails with frame_too_large when it cannot get complete within kLongestLine.
  weft::Result<std::optional<Bytes>> take(BytesMut& in);

 private:
  std::size_t searched_ = 0;  // so many bytes at the front of `in` are not LF
};

// Takes `size` bytes and the CR LF behind them off the front of `in`. Nothing: they are not all
// there. Fails with invalid_data if something else is behind them.
weft::Result<std::optional<Bytes>> take_text(BytesMut& in, std::size_t size);

}  // namespace mini_redis

#endif  // WEFT_EXAMPLES_MINI_REDIS_WIRE_H_
