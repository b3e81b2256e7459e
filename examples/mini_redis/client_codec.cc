// The client's side of RESP. Interface: client_codec.h.

#include <examples/mini_redis/client_codec.h>

#include <utility>

namespace mini_redis {

using weft::Err;
using weft::Errc;
using weft::Result;

Result<std::optional<Reply>> ClientCodec::decode(BytesMut& in) {
  for (;;) {
    const std::size_t depth = open_.size();
    Result<std::optional<Reply>> value = take_value(in);
    if (!value) return value;
    if (*value) {
      std::optional<Reply> whole = close_arrays(**std::move(value));
      if (whole) {
        elements_ = 0;
        return whole;
      }
    } else if (open_.size() == depth && (!text_size_ || in.size() < *text_size_ + 2)) {
      return std::optional<Reply>();
    }
  }
}

Result<std::optional<Reply>> ClientCodec::decode_eof(BytesMut& in) {
  Result<std::optional<Reply>> reply = decode(in);
  if (reply && !*reply && (!open_.empty() || text_size_ || !in.empty())) {
    return Err(Errc::bytes_remaining);
  }
  return reply;
}

// Nothing: the bytes are not all there, or an array has begun, or the size of a text is known now.
Result<std::optional<Reply>> ClientCodec::take_value(BytesMut& in) {
  if (text_size_) {
    Result<std::optional<Bytes>> text = take_text(in, *text_size_);
    if (!text) return Err(text.error());
    if (!*text) return std::optional<Reply>();
    text_size_.reset();
    return std::optional<Reply>(Reply::text(**std::move(text)));
  }
  Result<std::optional<Bytes>> line = lines_.take(in);
  if (!line) return Err(line.error());
  if (!*line) return std::optional<Reply>();
  return take_line(**std::move(line));
}

Result<std::optional<Reply>> ClientCodec::take_line(Bytes line) {
  if (line.empty()) return Err(Errc::invalid_data);
  const std::byte kind = line[0];
  const Bytes rest = line.slice(1, line.size());
  const std::string_view text = rest.as_string_view();
  switch (static_cast<char>(kind)) {
    case '+':
      return std::optional<Reply>(Reply::status(rest));
    case '-':
      return std::optional<Reply>(Reply::error(rest));
    case ':': {
      const std::optional<std::int64_t> number = parse_number(text);
      if (!number) return Err(Errc::invalid_data);
      return std::optional<Reply>(Reply::integer(*number));
    }
    case '$': {
      if (text == "-1") return std::optional<Reply>(Reply());
      const Result<std::size_t> size = size_of(text, kLongestText);
      if (!size) return Err(size.error());
      text_size_ = *size;
      return std::optional<Reply>();
    }
    case '*': {
      if (text == "-1") return std::optional<Reply>(Reply());
      const Result<std::size_t> count = size_of(text, kMostElements - elements_);
      if (!count) return Err(count.error());
      if (*count == 0) return std::optional<Reply>(Reply::array({}));
      if (open_.size() == kDeepestNesting) return Err(Errc::frame_too_large);
      elements_ += *count;
      open_.push_back({*count, {}});
      return std::optional<Reply>();
    }
    default:
      return Err(Errc::invalid_data);
  }
}

Result<std::size_t> ClientCodec::size_of(std::string_view number, std::size_t most) const {
  const std::optional<std::int64_t> size = parse_number(number);
  if (!size || *size < 0) return Err(Errc::invalid_data);
  if (static_cast<std::uint64_t>(*size) > most) return Err(Errc::frame_too_large);
  return static_cast<std::size_t>(*size);
}

// `value` is an element of the innermost array, and may be its last. Nothing: more is to come.
std::optional<Reply> ClientCodec::close_arrays(Reply value) {
  while (!open_.empty()) {
    Open& array = open_.back();
    array.elements.push_back(std::move(value));
    if (--array.missing > 0) return std::nullopt;
    value = Reply::array(std::move(array.elements));
    open_.pop_back();
  }
  return value;
}

Result<void> ClientCodec::encode(const Request& request, BytesMut& out) {
  put_number_line('*', static_cast<std::int64_t>(request.size()), out);
  for (const Bytes& argument : request) put_text(argument.as_string_view(), out);
  return {};
}

}  // namespace mini_redis
