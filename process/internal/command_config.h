// CommandConfig: all that a Command has been told.
//
// Spec: P-1..P-5, P-16.
//
// Copyable, so that spawn_async() can give a thread of the pool a copy of its own.

#ifndef WEFT_PROCESS_INTERNAL_COMMAND_CONFIG_H_
#define WEFT_PROCESS_INTERNAL_COMMAND_CONFIG_H_

#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include <weft/base/result.h>
#include <weft/process/output.h>
#include <weft/process/stdio.h>

namespace weft::process::internal {

// Runs in the child before exec.
using Hook = std::function<Result<void>()>;

struct OutputLimit {
  std::size_t bytes = std::numeric_limits<std::size_t>::max();  // of each stream
  OutputOverflow overflow = OutputOverflow::kError;
};

struct CommandConfig {
  std::string program;
  std::optional<std::string> name;  // argv[0]; else the program
  std::vector<std::string> arguments;

  bool clears_environment = false;
  // By key; nothing: to be removed from what is inherited.
  std::map<std::string, std::optional<std::string>> environment;

  std::optional<std::string> directory;
  std::array<StdioSource, 3> stdio;  // standard input, output, error

  std::optional<::uid_t> user;
  std::optional<::gid_t> group;
  std::optional<std::vector<::gid_t>> groups;
  std::optional<::pid_t> process_group;
  std::vector<Hook> hooks;

  bool kill_on_drop = false;
  OutputLimit output_limit;
};

}  // namespace weft::process::internal

#endif  // WEFT_PROCESS_INTERNAL_COMMAND_CONFIG_H_
