#include <weft/runtime/metrics/internal/prometheus_writer.h>

#include <algorithm>
#include <array>

#include <weft/base/check.h>

namespace weft::internal {
namespace {

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool may_be_label(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 4> kOurs = {"runtime", "worker", "task", "le"};
  return !name.empty() && is_letter(name.front()) && !name.starts_with("__") &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); }) &&
         std::ranges::find(kOurs, name) == kOurs.end();
}

void append_escaped(std::string& text, std::string_view value) {
  for (const char c : value) {
    switch (c) {
      case '\\':
        text += "\\\\";
        break;
      case '"':
        text += "\\\"";
        break;
      case '\n':
        text += "\\n";
        break;
      default:
        text += c;
    }
  }
}

}  // namespace

PrometheusWriter::PrometheusWriter(const runtime::PrometheusLabels& labels,
                                   std::source_location where) {
  for (const auto& [name, value] : labels) {
    WEFT_CHECK(may_be_label(name),
               "prometheus_text: a label's name consists of letters, digits and underscores, does "
               "not begin with a digit or two underscores, and is none of ours",
               where);
    add_label(name, value);
  }
}

void PrometheusWriter::add_label(std::string_view name, std::string_view value) {
  if (!labels_.empty()) labels_ += ',';
  labels_ += name;
  labels_ += "=\"";
  append_escaped(labels_, value);
  labels_ += '"';
}

PrometheusWriter::With::With(PrometheusWriter& writer, std::string_view name,
                             std::string_view value)
    : writer_(writer), length_(writer.labels_.size()) {
  writer_.add_label(name, value);
}

PrometheusWriter::With::~With() { writer_.labels_.resize(length_); }

void PrometheusWriter::family(std::string_view name, std::string_view type, std::string_view help) {
  family_ = name;
  text_ += "# HELP " + family_ + " " + std::string(help) + "\n";
  text_ += "# TYPE " + family_ + " " + std::string(type) + "\n";
}

void PrometheusWriter::sample(std::string_view suffix, std::string_view value) {
  text_ += family_;
  text_ += suffix;
  if (!labels_.empty()) text_ += "{" + labels_ + "}";
  text_ += ' ';
  text_ += value;
  text_ += '\n';
}

std::string PrometheusWriter::seconds(std::chrono::nanoseconds value) {
  constexpr std::size_t kDigits = 9;
  const std::int64_t whole = value.count() / 1'000'000'000;
  const std::string fraction = std::to_string(value.count() % 1'000'000'000);
  std::string digits = std::string(kDigits - fraction.size(), '0') + fraction;
  digits.resize(digits.find_last_not_of('0') + 1);
  return digits.empty() ? std::to_string(whole) : std::to_string(whole) + "." + digits;
}

}  // namespace weft::internal
