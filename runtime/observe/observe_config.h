// From what the Builder was told to an observer in a runtime's configuration.
//
// Spec.

#ifndef WEFT_RUNTIME_OBSERVE_OBSERVE_CONFIG_H_
#define WEFT_RUNTIME_OBSERVE_OBSERVE_CONFIG_H_

#include <string>
#include <string_view>

#include <weft/runtime/observe/observer.h>
#include <weft/runtime/scheduler/config.h>

namespace weft::internal {

// Makes the observer that `config` asks for, if it does, and puts it around its hooks: it sees
// waits without what the program's hooks do before and after them.
void attach_observer(RuntimeConfig& config);

// `path` for the first runtime of the process that asks, then with a number before its extension:
// trace.json, trace.2.json, ...
std::string trace_path_of_next_runtime(std::string_view path);

// The path of the runtime with this number, from 1.
std::string numbered_path(std::string_view path, unsigned number);

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_OBSERVE_OBSERVE_CONFIG_H_
