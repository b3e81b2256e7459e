// Interest and Ready: printing, and what the reactor is asked for. Interface: ready.h.

#include <weft/runtime/driver/ready.h>

#include <ostream>
#include <string>
#include <string_view>

namespace weft::runtime {

namespace {

void append(std::string& text, bool present, std::string_view name) {
  if (!present) return;
  if (!text.empty()) text += " | ";
  text += name;
}

}  // namespace

reactor::Interest Interest::to_reactor() const noexcept {
  std::optional<reactor::Interest> watched;
  const auto watch = [&watched](reactor::Interest more) {
    watched = watched ? *watched | more : more;
  };
  if (is_readable()) watch(reactor::Interest::kReadable);
  if (is_writable()) watch(reactor::Interest::kWritable);
  if (is_priority()) watch(reactor::Interest::kPriority);
  return watched.value_or(reactor::Interest::kReadable);
}

std::string Interest::to_string() const {
  std::string text;
  append(text, is_readable(), "READABLE");
  append(text, is_writable(), "WRITABLE");
  append(text, is_priority(), "PRIORITY");
  append(text, is_error(), "ERROR");
  return text;
}

std::ostream& operator<<(std::ostream& out, Interest interest) {
  return out << interest.to_string();
}

std::string Ready::to_string() const {
  std::string text;
  append(text, contains(kReadable), "READABLE");
  append(text, contains(kWritable), "WRITABLE");
  append(text, is_read_closed(), "READ_CLOSED");
  append(text, is_write_closed(), "WRITE_CLOSED");
  append(text, is_priority(), "PRIORITY");
  append(text, is_error(), "ERROR");
  return text.empty() ? "EMPTY" : text;
}

std::ostream& operator<<(std::ostream& out, Ready ready) { return out << ready.to_string(); }

}  // namespace weft::runtime
