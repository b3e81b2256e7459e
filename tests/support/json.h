// Json: a value read from JSON text, for tests that look at what a program has written.
//
//   const Json document = Json::parse(text);   // throws std::runtime_error if it is not JSON
//   document["events"].items().front()["name"].text();

#ifndef WEFT_TESTS_SUPPORT_JSON_H_
#define WEFT_TESTS_SUPPORT_JSON_H_

#include <cctype>
#include <cstddef>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weft::test_support {

class Json {
 public:
  using Items = std::vector<Json>;
  using Members = std::map<std::string, Json>;

  Json() = default;

  static Json parse(std::string_view text) {
    Reader reader{text};
    Json value = reader.value();
    reader.skip_space();
    if (reader.at != text.size()) throw std::runtime_error("text after the value");
    return value;
  }

  // Each throws std::bad_variant_access or std::out_of_range if it is something else.
  double number() const { return std::get<double>(value_); }
  const std::string& text() const { return std::get<std::string>(value_); }
  const Items& items() const { return std::get<Items>(value_); }
  const Json& operator[](const std::string& name) const {
    return std::get<Members>(value_).at(name);
  }
  bool has(const std::string& name) const { return std::get<Members>(value_).contains(name); }

 private:
  struct Reader {
    std::string_view text;
    std::size_t at = 0;

    void skip_space() {
      while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])) != 0) ++at;
    }
    char peek() {
      skip_space();
      if (at == text.size()) throw std::runtime_error("the text ends too early");
      return text[at];
    }
    bool take_if(char wanted) {
      if (peek() != wanted) return false;
      ++at;
      return true;
    }
    void take(char wanted) {
      if (!take_if(wanted)) throw std::runtime_error(std::string("expected ") + wanted);
    }

    Json value() {
      switch (peek()) {
        case '{':
          return object();
        case '[':
          return array();
        case '"':
          return Json(string());
        default:
          return Json(number());
      }
    }
    Json object() {
      Members members;
      take('{');
      if (take_if('}')) return Json(std::move(members));
      do {
        peek();
        std::string name = string();
        take(':');
        members.emplace(std::move(name), value());
      } while (take_if(','));
      take('}');
      return Json(std::move(members));
    }
    Json array() {
      Items items;
      take('[');
      if (take_if(']')) return Json(std::move(items));
      do items.push_back(value());
      while (take_if(','));
      take(']');
      return Json(std::move(items));
    }
    std::string string() {
      std::string result;
      take('"');
      for (;;) {
        const char next = text.at(at++);
        if (next == '"') return result;
        if (static_cast<unsigned char>(next) < 0x20) throw std::runtime_error("a bare control");
        result += next == '\\' ? escaped() : next;
      }
    }
    char escaped() {
      const char kind = text.at(at++);
      if (kind != 'u') return kind;
      const std::string digits(text.substr(at, 4));
      at += 4;
      return static_cast<char>(std::strtol(digits.c_str(), nullptr, 16));
    }
    double number() {
      const std::string rest(text.substr(at, 40));
      char* end = nullptr;
      const double result = std::strtod(rest.c_str(), &end);
      if (end == rest.c_str()) throw std::runtime_error("not a value: " + rest);
      at += static_cast<std::size_t>(end - rest.c_str());
      return result;
    }
  };

  template <class T>
  explicit Json(T value) : value_(std::move(value)) {}

  std::variant<std::monostate, double, std::string, Items, Members> value_;
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_JSON_H_
