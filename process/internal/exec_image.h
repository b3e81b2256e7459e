// ExecImage: what exec(2) is given, ready made.
//
// Spec: P-2, P-5.
//
// A child must not allocate, so the parent makes everything beforehand: the arguments, the
// environment, and the paths at which the program may be. These are the directories of PATH, in
// the child's environment; or just the program, if its name contains a slash. The child tries them
// in this order, in its own directory, where relative ones are looked for (so "./tool" with
// current_dir("/opt") is /opt/tool).

#ifndef WEFT_PROCESS_INTERNAL_EXEC_IMAGE_H_
#define WEFT_PROCESS_INTERNAL_EXEC_IMAGE_H_

#include <string>
#include <vector>

#include <weft/base/result.h>
#include <weft/process/internal/command_config.h>

namespace weft::process::internal {

// Movable: the arrays stay where they are. Refers to the strings of the config, and to those of the
// process's environment if nothing in it is changed.
class ExecImage {
 public:
  // Fails with invalid_argument if a string contains a zero byte, or the key of a variable is empty
  // or contains "=".
  static Result<ExecImage> create(const CommandConfig& config);

  // Each ends with a null pointer.
  char* const* paths() const noexcept { return paths_.data(); }
  char* const* arguments() const noexcept { return arguments_.data(); }
  char* const* environment() const noexcept { return environment_.data(); }

 private:
  ExecImage() = default;

  void set_arguments(const CommandConfig& config);
  void set_environment(const CommandConfig& config);
  void set_paths(const std::string& program);
  std::string search_path() const;

  std::vector<std::string> variables_;  // "KEY=value", of those that were set
  std::vector<std::string> path_texts_;
  std::vector<char*> paths_;
  std::vector<char*> arguments_;
  std::vector<char*> environment_;
};

}  // namespace weft::process::internal

#endif  // WEFT_PROCESS_INTERNAL_EXEC_IMAGE_H_
