// The server's side of RESP. Interface: server_codec.h.

#include <examples/mini_redis/server_codec.h>

#include <algorithm>
#include <utility>

namespace mini_redis {

using weft::Err;
using weft::Errc;
using weft::Error;
using weft::Result;

Result<std::optional<Request>> ServerCodec::decode(BytesMut& in) {
  for (;;) {
    if (missing_ == 0) {
      const Result<std::optional<Bytes>> line = lines_.take(in);
      if (!line) return refuse(line.error(), "too big inline request");
      if (!*line) return std::optional<Request>();
      const Result<bool> begun = begin((**line).as_string_view());
      if (!begun) return Err(begun.error());
    }
    while (missing_ > 0) {
      const Result<bool> taken = take_argument(in);
      if (!taken) return Err(taken.error());
      if (!*taken) return std::optional<Request>();
    }
    // An empty line, or a list of nothing, is no request.
    if (!request_.empty()) return std::optional<Request>(std::exchange(request_, Request()));
  }
}

Result<std::optional<Request>> ServerCodec::decode_eof(BytesMut& in) {
  Result<std::optional<Request>> request = decode(in);
  if (request && !*request && (missing_ > 0 || !in.empty())) return Err(Errc::bytes_remaining);
  return request;
}

// The first line of a request, which may be all of it.
Result<bool> ServerCodec::begin(std::string_view line) {
  size_ = 0;
  if (line.starts_with('*')) {
    const std::optional<std::int64_t> count = parse_number(line.substr(1));
    if (!count || *count > static_cast<std::int64_t>(kMostArguments)) {
      return refuse(Errc::invalid_data, "invalid multibulk length");
    }
    missing_ = static_cast<std::size_t>(std::max<std::int64_t>(*count, 0));
    return true;
  }
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) request_.push_back(Bytes::copy_from(line.substr(0, end)));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return true;
}

// False: it has not arrived yet.
Result<bool> ServerCodec::take_argument(BytesMut& in) {
  if (!next_) {
    const Result<std::optional<Bytes>> line = lines_.take(in);
    if (!line) return refuse(line.error(), "too big count string");
    if (!*line) return false;
    const Result<void> sized = take_size((**line).as_string_view());
    if (!sized) return Err(sized.error());
  }
  Result<std::optional<Bytes>> text = take_text(in, *next_);
  if (!text) return refuse(text.error(), "expected CRLF behind a string");
  if (!*text) return false;
  request_.push_back(**std::move(text));
  next_.reset();
  --missing_;
  return true;
}

Result<void> ServerCodec::take_size(std::string_view line) {
  if (!line.starts_with('$')) return refuse(Errc::invalid_data, "expected '$'");
  const std::optional<std::int64_t> size = parse_number(line.substr(1));
  if (!size || *size < 0 || *size > static_cast<std::int64_t>(kLongestText)) {
    return refuse(Errc::invalid_data, "invalid bulk length");
  }
  size_ += static_cast<std::size_t>(*size);
  if (size_ > kLargestRequest) return refuse(Errc::frame_too_large, "too big request");
  next_ = static_cast<std::size_t>(*size);
  return {};
}

Err<Error> ServerCodec::refuse(Error error, std::string_view problem) {
  problem_ = problem;
  return Err(error);
}

Result<void> ServerCodec::encode(const Reply& reply, BytesMut& out) {
  const auto put_line = [&out](char kind, const Bytes& text) {
    out.put_u8(static_cast<std::uint8_t>(kind));
    out.extend(text.span());
    out.extend("\r\n");
  };
  switch (reply.kind()) {
    case Reply::Kind::kNone:
      out.extend("$-1\r\n");
      break;
    case Reply::Kind::kStatus:
      put_line('+', reply.bytes());
      break;
    case Reply::Kind::kError:
      put_line('-', reply.bytes());
      break;
    case Reply::Kind::kInteger:
      put_number_line(':', reply.number(), out);
      break;
    case Reply::Kind::kText:
      put_text(reply.bytes().as_string_view(), out);
      break;
    case Reply::Kind::kArray:
      put_number_line('*', static_cast<std::int64_t>(reply.elements().size()), out);
      for (const Reply& element : reply.elements()) {
        // The server makes arrays of plain values, so this goes one level deep.
        const Result<void> encoded = encode(element, out);
        if (!encoded) return encoded;
      }
      break;
  }
  return {};
}

}  // namespace mini_redis
