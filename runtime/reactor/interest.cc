// Interest: how it is printed. Interface: interest.h.

#include <weft/runtime/reactor/interest.h>

#include <ostream>
#include <string>
#include <string_view>

namespace weft::runtime::reactor {

std::string Interest::to_string() const {
  std::string text;
  const auto append = [&text](bool present, std::string_view name) {
    if (!present) return;
    if (!text.empty()) text += " | ";
    text += name;
  };
  append(is_readable(), "READABLE");
  append(is_writable(), "WRITABLE");
  append(is_priority(), "PRIORITY");
  return text;
}

std::ostream& operator<<(std::ostream& out, Interest interest) {
  return out << interest.to_string();
}

}  // namespace weft::runtime::reactor
