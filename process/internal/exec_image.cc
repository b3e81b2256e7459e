// ExecImage. See exec_image.h.

#include <weft/process/internal/exec_image.h>

#include <algorithm>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace weft::process::internal {

namespace {

// As execvp(3) does without a PATH.
constexpr std::string_view kDefaultPath = "/bin:/usr/bin";

bool has_zero(std::string_view text) noexcept { return text.find('\0') != text.npos; }

bool is_well_formed(const CommandConfig& config) noexcept {
  if (has_zero(config.program) || (config.name && has_zero(*config.name))) return false;
  if (config.directory && has_zero(*config.directory)) return false;
  if (std::ranges::any_of(config.arguments, has_zero)) return false;
  return std::ranges::none_of(config.environment, [](const auto& variable) {
    const auto& [key, value] = variable;
    return key.empty() || has_zero(key) || key.find('=') != key.npos || (value && has_zero(*value));
  });
}

// SAFETY(cast): exec(2) and its environment have no const for historical reasons only; nothing
// writes to what they point to.
char* pointer_to(const std::string& text) noexcept { return const_cast<char*>(text.c_str()); }

}  // namespace

Result<ExecImage> ExecImage::create(const CommandConfig& config) {
  if (!is_well_formed(config)) return Err(std::errc::invalid_argument);
  ExecImage image;
  image.set_arguments(config);
  image.set_environment(config);
  image.set_paths(config.program);
  return image;
}

void ExecImage::set_arguments(const CommandConfig& config) {
  arguments_.reserve(config.arguments.size() + 2);
  arguments_.push_back(pointer_to(config.name ? *config.name : config.program));
  for (const std::string& argument : config.arguments) arguments_.push_back(pointer_to(argument));
  arguments_.push_back(nullptr);
}

void ExecImage::set_environment(const CommandConfig& config) {
  variables_.reserve(config.environment.size());  // so that they stay where they are
  if (!config.clears_environment) {
    for (char** variable = ::environ; variable != nullptr && *variable != nullptr; ++variable) {
      const std::string_view text(*variable);
      const std::string key(text.substr(0, text.find('=')));
      if (!config.environment.contains(key)) environment_.push_back(*variable);
    }
  }
  for (const auto& [key, value] : config.environment) {
    if (!value) continue;
    variables_.push_back(key + "=" + *value);
    environment_.push_back(pointer_to(variables_.back()));
  }
  environment_.push_back(nullptr);
}

// The PATH of the child (P-5).
std::string ExecImage::search_path() const {
  constexpr std::string_view kPrefix = "PATH=";
  for (const char* variable : environment_) {
    if (variable == nullptr) break;
    const std::string_view text(variable);
    if (text.starts_with(kPrefix)) return std::string(text.substr(kPrefix.size()));
  }
  return std::string(kDefaultPath);
}

void ExecImage::set_paths(const std::string& program) {
  if (program.empty() || program.find('/') != program.npos) {
    path_texts_.push_back(program);
  } else {
    const std::string search = search_path();
    std::string_view rest = search;
    for (;;) {
      const std::size_t end = rest.find(':');
      const std::string_view directory = rest.substr(0, end);
      // An empty one is the working directory, as in a shell.
      path_texts_.push_back(directory.empty() ? "./" + program
                                              : std::string(directory) + "/" + program);
      if (end == rest.npos) break;
      rest.remove_prefix(end + 1);
    }
  }
  for (const std::string& path : path_texts_) paths_.push_back(pointer_to(path));
  paths_.push_back(nullptr);
}

}  // namespace weft::process::internal
