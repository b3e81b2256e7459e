// Parsing the head of a request. Interface: http_request.h.

#include <examples/support/http_request.h>

#include <algorithm>

namespace http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

// Cuts the text before `separator` off the front of `text`; all of it if there is none.
std::string_view cut(std::string_view& text, std::string_view separator) {
  const std::size_t end = text.find(separator);
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + separator.size());
  return front;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool is_printable(char c) { return c > ' ' && c <= '~'; }

// "GET /path HTTP/1.1". False: it is something else.
bool parse_first_line(std::string_view line, Request& request) {
  request.method = cut(line, " ");
  request.target = cut(line, " ");
  if (request.method.empty() || request.target.empty()) return false;
  if (!std::all_of(request.target.begin(), request.target.end(), is_printable)) return false;
  if (line != "HTTP/1.1" && line != "HTTP/1.0") return false;
  request.keep_alive = line == "HTTP/1.1";
  return true;
}

// "Name: value". False: it is something else.
bool parse_field(std::string_view line, Request& request) {
  if (line.find(':') == std::string_view::npos) return false;
  const std::string_view name = cut(line, ":");
  const std::string_view value = trim(line);
  if (equal_ignoring_case(name, "connection")) {
    if (equal_ignoring_case(value, "close")) request.keep_alive = false;
    if (equal_ignoring_case(value, "keep-alive")) request.keep_alive = true;
  } else if (equal_ignoring_case(name, "transfer-encoding")) {
    request.has_body = true;
  } else if (equal_ignoring_case(name, "content-length")) {
    request.has_body = value != "0";
  } else if (equal_ignoring_case(name, "range")) {
    request.range = value;
  } else if (equal_ignoring_case(name, "if-range")) {
    request.has_if_range = true;
  }
  return !name.empty();
}

}  // namespace

Parsed parse_request(std::string_view text) {
  constexpr std::string_view kHeadEnd = "\r\n\r\n";
  const std::size_t end = text.find(kHeadEnd);
  if (end == std::string_view::npos) {
    return {
        text.size() > kLongestHead ? Parsed::State::kMalformed : Parsed::State::kIncomplete, 0, {}};
  }
  Parsed parsed{Parsed::State::kComplete, end + kHeadEnd.size(), {}};
  std::string_view head = text.substr(0, end);
  bool is_well_formed = parse_first_line(cut(head, kLineEnd), parsed.request);
  while (is_well_formed && !head.empty()) {
    is_well_formed = parse_field(cut(head, kLineEnd), parsed.request);
  }
  if (!is_well_formed) parsed.state = Parsed::State::kMalformed;
  return parsed;
}

}  // namespace http
