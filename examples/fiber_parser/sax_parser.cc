#include <examples/fiber_parser/sax_parser.h>

#include <charconv>

namespace fiber_parser {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_of_number(char c) {
  return (c >= '0' && c <= '9') || std::string_view("+-.eE").find(c) != std::string_view::npos;
}

}  // namespace

bool SaxParser::parse_document() {
  while (const std::optional<char> next = peek()) {
    if (!is_space(*next)) {
      parse_value(0);
      return true;
    }
    take();
  }
  return false;
}

void SaxParser::parse_value(int depth) {
  if (depth == kMaxDepth) fail("nested too deeply");
  const char first = peek_token();
  if (first == '{') {
    parse_object(depth);
  } else if (first == '[') {
    parse_array(depth);
  } else if (first == '"') {
    handler_.string(parse_string());
  } else if (is_letter(first)) {
    parse_literal();
  } else {
    parse_number();
  }
}

void SaxParser::parse_object(int depth) {
  expect('{');
  handler_.begin_object();
  while (peek_token() != '}') {
    handler_.key(parse_string());
    expect(':');
    parse_value(depth + 1);
    if (peek_token() != '}') expect(',');
  }
  expect('}');
  handler_.end_object();
}

void SaxParser::parse_array(int depth) {
  expect('[');
  handler_.begin_array();
  while (peek_token() != ']') {
    parse_value(depth + 1);
    if (peek_token() != ']') expect(',');
  }
  expect(']');
  handler_.end_array();
}

void SaxParser::parse_number() {
  std::string text;
  while (const std::optional<char> next = peek()) {
    if (!is_of_number(*next)) break;
    text += take();
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) fail("not a value");
  handler_.number(value);
}

void SaxParser::parse_literal() {
  std::string word;
  while (const std::optional<char> next = peek()) {
    if (!is_letter(*next)) break;
    word += take();
  }
  if (word != "true" && word != "false" && word != "null") fail("not a value");
  handler_.literal(word);
}

// Escapes are left as they are.
std::string SaxParser::parse_string() {
  expect('"');
  std::string text;
  for (;;) {
    if (!peek()) fail("the input ends inside a string");
    const char next = take();
    if (next == '"') return text;
    text += next;
    if (next == '\\' && peek()) text += take();
  }
}

std::optional<char> SaxParser::peek() {
  if (unread_.empty()) {
    unread_ = std::span<const char>(buffer_).first(read_(buffer_));
    if (unread_.empty()) return std::nullopt;
  }
  return unread_.front();
}

char SaxParser::peek_token() {
  while (const std::optional<char> next = peek()) {
    if (!is_space(*next)) return *next;
    take();
  }
  fail("the input ends inside a document");
}

char SaxParser::take() {
  const char next = unread_.front();
  unread_ = unread_.subspan(1);
  ++taken_;
  return next;
}

void SaxParser::expect(char wanted) {
  if (peek_token() != wanted) fail(std::string("expected ") + wanted);
  take();
}

void SaxParser::fail(std::string_view what) const {
  throw SyntaxError("at byte " + std::to_string(taken_) + ": " + std::string(what));
}

}  // namespace fiber_parser
