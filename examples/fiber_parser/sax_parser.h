// SaxParser: a JSON parser of the old kind, in plain C++. It calls a function when it needs more
// bytes, which blocks until there are some, and a handler for each thing that it finds.
//
// It is not written for weft and includes nothing of it: that is the point of the example. Nested
// values are nested calls, so what has been read so far stands on the stack.

#ifndef WEFT_EXAMPLES_FIBER_PARSER_SAX_PARSER_H_
#define WEFT_EXAMPLES_FIBER_PARSER_SAX_PARSER_H_

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fiber_parser {

// Called for each thing in a document, in the order in which they stand there.
class SaxHandler {
 public:
  virtual ~SaxHandler() = default;
  virtual void begin_object() = 0;
  virtual void end_object() = 0;
  virtual void begin_array() = 0;
  virtual void end_array() = 0;
  virtual void key(std::string_view name) = 0;
  virtual void string(std::string_view text) = 0;
  virtual void number(double value) = 0;
  virtual void literal(std::string_view word) = 0;  // true, false, null
};

// Fills a part of the room and says how much; 0 is the end of the input.
using Read = std::function<std::size_t(std::span<char> room)>;

struct SyntaxError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class SaxParser {
 public:
  SaxParser(Read read, SaxHandler& handler) : read_(std::move(read)), handler_(handler) {}

  // Parses the next value of the input. False: there is none. Throws SyntaxError.
  bool parse_document();

 private:
  static constexpr int kMaxDepth = 200;

  void parse_value(int depth);
  void parse_object(int depth);
  void parse_array(int depth);
  void parse_number();
  void parse_literal();
  std::string parse_string();

  // The next byte, which stays; nothing at the end of the input.
  std::optional<char> peek();
  // The next byte after white space, which stays. Throws at the end of the input.
  char peek_token();
  char take();
  void expect(char wanted);
  [[noreturn]] void fail(std::string_view what) const;

  Read read_;
  SaxHandler& handler_;
  std::array<char, 4096> buffer_{};
  std::span<const char> unread_;
  std::size_t taken_ = 0;  // bytes, of the whole input
};

}  // namespace fiber_parser

#endif  // WEFT_EXAMPLES_FIBER_PARSER_SAX_PARSER_H_
