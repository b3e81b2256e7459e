// ClientCodec: requests to send, replies to receive.
//
// A reply may be an array of replies, and those arrays in turn; a server that we trust no more than
// a client could nest them until the stack is used up. So the arrays that have begun are kept in a
// list of ours, of limited length. As in the server's codec, what has been understood is not parsed
// again when more bytes come in.

#ifndef WEFT_EXAMPLES_MINI_REDIS_CLIENT_CODEC_H_
#define WEFT_EXAMPLES_MINI_REDIS_CLIENT_CODEC_H_

#include <cstddef>
#include <optional>
#include <vector>

#include <examples/mini_redis/message.h>
#include <examples/mini_redis/wire.h>
#include <weft/weft.h>

namespace mini_redis {

// Limits of one reply beside those of wire.h.
inline constexpr std::size_t kMostElements = 1024 * 1024;
inline constexpr std::size_t kDeepestNesting = 16;

// A Decoder of replies and an Encoder of requests.
class ClientCodec {
 public:
  using Item = Reply;

  // Fails with invalid_data or frame_too_large; then the stream cannot be read any further.
  weft::Result<std::optional<Reply>> decode(BytesMut& in);
  // At the end of the stream: bytes_remaining if it ends within a reply.
  weft::Result<std::optional<Reply>> decode_eof(BytesMut& in);

  weft::Result<void> encode(const Request& request, BytesMut& out);

 private:
  // An array that has begun.
  struct Open {
    std::size_t missing;
    std::vector<Reply> elements;
  };

  weft::Result<std::optional<Reply>> take_value(BytesMut& in);
  weft::Result<std::optional<Reply>> take_line(Bytes line);
  weft::Result<std::size_t> size_of(std::string_view number, std::size_t most) const;
  std::optional<Reply> close_arrays(Reply value);

  LineFinder lines_;
  std::optional<std::size_t> text_size_;  // its line has come, its bytes are awaited
  std::vector<Open> open_;                // from the outermost to the innermost
  std::size_t elements_ = 0;              // announced, in all arrays of this reply
};

}  // namespace mini_redis

#endif  // WEFT_EXAMPLES_MINI_REDIS_CLIENT_CODEC_H_
