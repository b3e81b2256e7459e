// What the fuzz targets of codecs share: feeding a codec in pieces, and comparing.

#ifndef WEFT_TESTS_FUZZ_CODEC_SUPPORT_H_
#define WEFT_TESTS_FUZZ_CODEC_SUPPORT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <weft/base/result.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/codec/concepts.h>

namespace weft::fuzz {

// A property that must hold for every input.
inline void require(bool holds) {
  if (!holds) std::abort();
}

// Bytes at the front of an input decide how the rest is used; zeroes when there are no more.
class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> input) noexcept : rest_(input) {}

  std::uint8_t next() noexcept {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }
  std::string_view rest() const noexcept {
    // SAFETY(cast): chars may look at any bytes.
    return {reinterpret_cast<const char*>(rest_.data()), rest_.size()};
  }

 private:
  std::span<const std::uint8_t> rest_;
};

// What came out, frame by frame: '=' and the frame, or '!' and the error.
using Outcome = std::vector<std::string>;

inline std::string_view text_of(const std::string& item) { return item; }
template <class Item>
std::string_view text_of(const Item& item) {
  return item.as_string_view();
}

enum class AfterError { kGoOn, kStop };

// Takes all frames that there are; false after an error to stop at.
template <class Decode>
bool drain(Decode decode, AfterError after_error, Outcome& outcome) {
  for (;;) {
    auto frame = decode();
    if (!frame) {
      outcome.push_back("!" + frame.error().to_string());
      if (after_error == AfterError::kStop) return false;
    } else if (!*frame) {
      return true;
    } else {
      outcome.push_back("=" + std::string(text_of(**frame)));
    }
  }
}

// Feeds `input` in pieces of `piece` bytes, as reads would.
template <class C>
Outcome decode_all(C codec, std::string_view input, std::size_t piece, AfterError after_error) {
  io::BytesMut in;
  Outcome outcome;
  while (!input.empty()) {
    const std::size_t size = std::min(piece, input.size());
    in.extend(input.substr(0, size));
    input.remove_prefix(size);
    const auto decode = [&] { return codec.decode(in); };
    if (!drain(decode, after_error, outcome)) return outcome;
  }
  const auto decode = [&] { return io::codec::decode_eof(codec, in); };
  drain(decode, AfterError::kStop, outcome);
  return outcome;
}

}  // namespace weft::fuzz

#endif  // WEFT_TESTS_FUZZ_CODEC_SUPPORT_H_
