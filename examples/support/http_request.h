// The head of an HTTP/1.x request, as much of it as the examples need.

#ifndef WEFT_EXAMPLES_SUPPORT_HTTP_REQUEST_H_
#define WEFT_EXAMPLES_SUPPORT_HTTP_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace http {

// The longest head that is accepted.
inline constexpr std::size_t kLongestHead = 8192;

struct Request {
  std::string_view method;
  std::string_view target;    // of printable characters
  std::string_view range;     // what stands behind "Range:"; empty if there is no such field
  bool keep_alive = true;     // the client wants to send another one on the same connection
  bool has_body = false;      // something follows the head, which is not part of it
  bool has_if_range = false;  // the range is only wanted of a certain version
};

struct Parsed {
  enum class State : std::uint8_t { kComplete, kIncomplete, kMalformed };
  State state;
  std::size_t size = 0;  // of the head, if it is complete
  Request request;       // refers to the text that was parsed
};

// Parses the request that `text` begins with.
Parsed parse_request(std::string_view text);

}  // namespace http

#endif  // WEFT_EXAMPLES_SUPPORT_HTTP_REQUEST_H_
