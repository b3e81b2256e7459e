// The numbers on an example's command line. Interface: arguments.h.

#include <examples/support/arguments.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <system_error>

namespace examples {
namespace {

std::optional<unsigned> parse_number(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Arguments::Arguments(int argc, char** argv, std::initializer_list<std::string_view> known) {
  for (int i = 1; i < argc && usable_; ++i) {
    const std::string_view argument = argv[i];
    const std::size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    std::string_view value;
    if (equals != std::string_view::npos) {
      value = argument.substr(equals + 1);
    } else if (i + 1 < argc) {
      value = argv[++i];
    }
    const std::optional<unsigned> number = parse_number(value);
    if (!number || std::find(known.begin(), known.end(), name) == known.end()) {
      refuse(argument, known);
    } else {
      numbers_[name] = *number;
    }
  }
}

unsigned Arguments::number(std::string_view name, unsigned otherwise) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? otherwise : found->second;
}

void Arguments::refuse(std::string_view argument, std::initializer_list<std::string_view> known) {
  usable_ = false;
  std::fprintf(stderr, "cannot use '%.*s'; known are:", static_cast<int>(argument.size()),
               argument.data());
  for (const std::string_view name : known) {
    std::fprintf(stderr, " %.*s N", static_cast<int>(name.size()), name.data());
  }
  std::fputc('\n', stderr);
}

}  // namespace examples
