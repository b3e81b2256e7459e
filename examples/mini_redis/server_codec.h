// ServerCodec: requests to receive, replies to send.
//
//   *2 CRLF $3 CRLF GET CRLF $3 CRLF key CRLF      the request GET key
//   GET key CRLF                                   the same, as somebody types it who has only nc
//   $5 CRLF value CRLF                             a reply
//
// A request is taken out of the buffer piece by piece as it comes in, and the codec remembers what
// it has: a request in a thousand packets is not parsed from its beginning a thousand times. What a
// client announces is worth nothing before it has arrived, so nothing is allocated for it.
//
// After an error the stream cannot be read any further, since nobody knows where the next request
// begins.

#ifndef WEFT_EXAMPLES_MINI_REDIS_SERVER_CODEC_H_
#define WEFT_EXAMPLES_MINI_REDIS_SERVER_CODEC_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include <examples/mini_redis/message.h>
#include <examples/mini_redis/wire.h>
#include <weft/weft.h>

namespace mini_redis {

// Limits of one request beside those of wire.h: arguments, and bytes in all of them together.
inline constexpr std::size_t kMostArguments = 64 * 1024;
inline constexpr std::size_t kLargestRequest = 64 * 1024 * 1024;

// A Decoder of requests and an Encoder of replies.
class ServerCodec {
 public:
  using Item = Request;

  // The next request; it has at least one element. Fails with invalid_data or frame_too_large.
  weft::Result<std::optional<Request>> decode(BytesMut& in);
  // At the end of the stream: bytes_remaining if it ends within a request.
  weft::Result<std::optional<Request>> decode_eof(BytesMut& in);
  // What decode() did not like, for the client.
  std::string_view problem() const { return problem_; }

  weft::Result<void> encode(const Reply& reply, BytesMut& out);

 private:
  weft::Result<bool> begin(std::string_view line);
  weft::Result<bool> take_argument(BytesMut& in);
  weft::Result<void> take_size(std::string_view line);
  weft::Err<weft::Error> refuse(weft::Error error, std::string_view problem);

  LineFinder lines_;
  Request request_;                  // what has arrived of it
  std::size_t missing_ = 0;          // arguments
  std::size_t size_ = 0;             // of the request so far, in bytes
  std::optional<std::size_t> next_;  // the size of the argument that comes next, if it is known
  std::string_view problem_;
};

}  // namespace mini_redis

#endif  // WEFT_EXAMPLES_MINI_REDIS_SERVER_CODEC_H_
