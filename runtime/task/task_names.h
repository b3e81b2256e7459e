// TaskNames: the names of all live tasks that have one.
//
// Spec: R-150, T-14.
//
// A name stands behind a task's own table of functions (OwnTaskOps) and goes with the task. Who
// has no reference to the task must not follow that pointer; a dump that sees a task running has
// only its id. So the tables are in a list, under a lock that is taken when a named task is made
// and when it goes. Tasks without a name know nothing of it.

#ifndef WEFT_RUNTIME_TASK_TASK_NAMES_H_
#define WEFT_RUNTIME_TASK_TASK_NAMES_H_

#include <cstdint>
#include <string>
#include <unordered_map>

#include <weft/runtime/coroutine/frame.h>

namespace weft::internal {

// Thread-safe.
class TaskNames {
 public:
  TaskNames() = delete;

  // A new task whose table is a OwnTaskOps; it has its id.
  static void add(FrameHeader& task) noexcept;
  // Destroys the table of a task that goes.
  static void destroy(FrameHeader& task) noexcept;
  // The names by id, of those that there are now. Throws std::bad_alloc.
  static std::unordered_map<std::uint64_t, std::string> all();
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TASK_TASK_NAMES_H_
