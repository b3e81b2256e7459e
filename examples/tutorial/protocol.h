// Tutorial, from chapter Framing on: requests and replies in a stream of bytes, as Redis writes
// them.
//
//   *2 CRLF $3 CRLF GET CRLF $5 CRLF hello CRLF      the request GET hello
//
// Replies are written down where they are made (store.h), so encoding one is appending it.

#ifndef WEFT_EXAMPLES_TUTORIAL_PROTOCOL_H_
#define WEFT_EXAMPLES_TUTORIAL_PROTOCOL_H_

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <examples/tutorial/store.h>
#include <weft/weft.h>

namespace tutorial {

// What a client may make us keep, in bytes, and in how many pieces.
inline constexpr std::size_t kLongestText = 1024 * 1024;
inline constexpr std::size_t kMostWords = 64;

class Protocol {
 public:
  using Item = Request;

  // Takes one request off the front of `in`. Nothing: not all of it has arrived.
  weft::Result<std::optional<Request>> decode(weft::io::BytesMut& in) {
    std::string_view rest = in.as_string_view();
    const auto count = take_number(rest, '*', kMostWords);
    if (!count) return weft::Err(count.error());
    if (!*count) return std::optional<Request>();
    Request request;
    while (request.size() < **count) {
      auto word = take_text(rest);
      if (!word) return weft::Err(word.error());
      if (!*word) return std::optional<Request>();
      request.push_back(**std::move(word));
    }
    in.advance(in.size() - rest.size());
    return std::optional<Request>(std::move(request));
  }

  weft::Result<void> encode(const std::string& reply, weft::io::BytesMut& out) {
    out.extend(reply);
    return {};
  }

 private:
  using Number = std::optional<std::size_t>;
  using Text = std::optional<std::string>;

  // The number in a line such as "*3" or "$5" at the front of `rest`, which loses that line.
  static weft::Result<Number> take_number(std::string_view& rest, char kind, std::size_t most) {
    constexpr std::size_t kLongestLine = 32;
    const std::size_t end = rest.find("\r\n");
    if (end == std::string_view::npos && rest.size() < kLongestLine) return Number();
    if (end == std::string_view::npos || rest[0] != kind) {
      return weft::Err(weft::Errc::invalid_data);
    }
    std::size_t number = 0;
    const char* const last = rest.data() + end;
    const auto [stop, error] = std::from_chars(rest.data() + 1, last, number);
    if (error != std::errc() || stop != last || number > most) {
      return weft::Err(weft::Errc::invalid_data);
    }
    rest.remove_prefix(end + 2);
    return Number(number);
  }

  static weft::Result<Text> take_text(std::string_view& rest) {
    const auto size = take_number(rest, '$', kLongestText);
    if (!size) return weft::Err(size.error());
    if (!*size || rest.size() < **size + 2) return Text();
    Text text(std::in_place, rest.substr(0, **size));
    rest.remove_prefix(**size + 2);
    return text;
  }
};

}  // namespace tutorial

#endif  // WEFT_EXAMPLES_TUTORIAL_PROTOCOL_H_
