// Targets of requests. Interface: target.h.

#include <examples/http_files/target.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <system_error>
#include <utility>

namespace http_files {
namespace {

// With each %XX replaced by the byte it stands for.
std::optional<std::string> decode(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    if (text.front() != '%') {
      decoded.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    unsigned char byte = 0;
    const std::string_view digits = text.substr(1, 2);
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), byte, 16);
    if (error != std::errc() || digits.size() != 2 || end != digits.end()) return std::nullopt;
    if (byte == 0) return std::nullopt;  // would end the path for the system
    decoded.push_back(static_cast<char>(byte));
    text.remove_prefix(3);
  }
  return decoded;
}

}  // namespace

std::optional<std::filesystem::path> path_of(std::string_view target) {
  if (!target.starts_with('/')) return std::nullopt;
  const std::optional<std::string> decoded = decode(target.substr(0, target.find_first_of("?#")));
  if (!decoded) return std::nullopt;
  std::filesystem::path path;
  std::string_view rest = *decoded;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, end);
    if (part == "..") return std::nullopt;
    if (!part.empty() && part != ".") path /= part;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return path;
}

std::string_view content_type(const std::filesystem::path& path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kTypes = {{
      {".css", "text/css"},
      {".gif", "image/gif"},
      {".html", "text/html; charset=utf-8"},
      {".jpg", "image/jpeg"},
      {".js", "text/javascript"},
      {".json", "application/json"},
      {".md", "text/markdown; charset=utf-8"},
      {".pdf", "application/pdf"},
      {".png", "image/png"},
      {".svg", "image/svg+xml"},
      {".txt", "text/plain; charset=utf-8"},
      {".wasm", "application/wasm"},
  }};
  const std::string ending = path.extension().string();
  for (const auto& [known, type] : kTypes) {
    if (ending == known) return type;
  }
  return "application/octet-stream";
}

}  // namespace http_files
