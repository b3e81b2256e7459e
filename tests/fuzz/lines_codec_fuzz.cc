// LinesCodec and AnyDelimiterCodec, against the same rule written down in the simplest way.
//
// Spec: io.md F-6. However the bytes are cut into reads, the same frames and errors come out.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include <tests/fuzz/codec_support.h>
#include <weft/io/codec/any_delimiter_codec.h>
#include <weft/io/codec/lines_codec.h>
#include <weft/io/internal/utf8.h>

namespace {

using weft::Errc;
using weft::Error;
using weft::fuzz::AfterError;
using weft::fuzz::Outcome;
using weft::fuzz::require;

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

std::string failed(Errc code) { return "!" + Error(code).to_string(); }

std::string line(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (!weft::io::internal::is_utf8(std::as_bytes(std::span(text)))) {
    return failed(Errc::invalid_data);
  }
  return "=" + std::string(text);
}

// Splits at `delimiters`, with the whole input at hand.
template <class Frame>
Outcome expected(std::string_view input, std::string_view delimiters, std::size_t limit,
                 Frame frame, std::string_view nothing_at_end) {
  Outcome outcome;
  for (;;) {
    const std::size_t end = input.find_first_of(delimiters);
    const std::size_t size = std::min(end, input.size());
    if (size > limit) {
      outcome.push_back(failed(Errc::frame_too_large));
    } else if (end != std::string_view::npos) {
      outcome.push_back(frame(input.substr(0, size)));
    } else if (!input.empty() && input != nothing_at_end) {
      outcome.push_back(frame(input));
    }
    if (end == std::string_view::npos) return outcome;
    input.remove_prefix(end + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weft::fuzz::Choices choices(std::span(data, size));
  const std::uint8_t limit_choice = choices.next();
  const std::size_t limit = limit_choice == 255 ? kNoLimit : limit_choice;
  const std::size_t piece = 1 + choices.next();
  const std::string_view input = choices.rest();

  const auto lines = weft::io::codec::LinesCodec::with_max_length(limit);
  require(decode_all(lines, input, piece, AfterError::kGoOn) ==
          expected(input, "\n", limit, line, "\r"));

  const auto chunks = weft::io::codec::AnyDelimiterCodec::with_max_length(",;\n", ",", limit);
  const auto chunk = [](std::string_view text) { return "=" + std::string(text); };
  require(decode_all(chunks, input, piece, AfterError::kGoOn) ==
          expected(input, ",;\n", limit, chunk, ""));
  return 0;
}
