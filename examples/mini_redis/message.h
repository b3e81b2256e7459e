// Request and Reply: what clients and servers of Redis say to each other.
//
// A request is a list of byte strings, the command and its arguments. A reply is a value of one of
// six kinds. How they look on the wire is the codecs' matter: server_codec.h, client_codec.h.
//
// The strings are io::Bytes. Those of a request show parts of the buffer that it was received in,
// so that receiving copies nothing. Who keeps one for longer copies it (Bytes::copy_from): a few
// bytes would else hold on to the whole buffer.

#ifndef WEFT_EXAMPLES_MINI_REDIS_MESSAGE_H_
#define WEFT_EXAMPLES_MINI_REDIS_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/weft.h>

namespace mini_redis {

using weft::io::Bytes;

using Request = std::vector<Bytes>;

class Reply {
 public:
  enum class Kind : std::uint8_t { kNone, kStatus, kError, kInteger, kText, kArray };

  // "Nothing there".
  Reply() = default;
  // `text` of these two: one line. Literals live forever, so nothing is copied.
  static Reply status(std::string_view literal) {
    return Reply(Kind::kStatus, Bytes::from_static(literal));
  }
  static Reply status(Bytes text) { return Reply(Kind::kStatus, std::move(text)); }
  static Reply error(std::string text) { return Reply(Kind::kError, Bytes(std::move(text))); }
  static Reply error(Bytes text) { return Reply(Kind::kError, std::move(text)); }
  static Reply text(Bytes bytes) { return Reply(Kind::kText, std::move(bytes)); }
  static Reply integer(std::int64_t number) {
    Reply reply(Kind::kInteger, Bytes());
    reply.number_ = number;
    return reply;
  }
  static Reply array(std::vector<Reply> elements) {
    Reply reply(Kind::kArray, Bytes());
    reply.elements_ = std::move(elements);
    return reply;
  }

  Kind kind() const { return kind_; }
  // Of a status, an error or a text.
  const Bytes& bytes() const { return bytes_; }
  std::int64_t number() const { return number_; }
  const std::vector<Reply>& elements() const { return elements_; }

 private:
  Reply(Kind kind, Bytes bytes) : kind_(kind), bytes_(std::move(bytes)) {}

  Kind kind_ = Kind::kNone;
  std::int64_t number_ = 0;
  Bytes bytes_;
  std::vector<Reply> elements_;
};

}  // namespace mini_redis

#endif  // WEFT_EXAMPLES_MINI_REDIS_MESSAGE_H_
