// TaskId: names a task for as long as anything refers to it.
//
// Spec: R-115, T-9.
//
// Nonzero, unique among live tasks and tasks with live handles; its value says nothing about order.
// Blocking jobs have ids too.

#ifndef WEFT_RUNTIME_TASK_ID_H_
#define WEFT_RUNTIME_TASK_ID_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <source_location>
#include <string>

namespace weft {

class TaskId {
 public:
  // For the runtime, which hands the numbers out.
  constexpr explicit TaskId(std::uint64_t value) noexcept : value_(value) {}

  constexpr std::uint64_t value() const noexcept { return value_; }
  std::string to_string() const { return std::to_string(value_); }

  friend constexpr auto operator<=>(TaskId, TaskId) noexcept = default;

 private:
  std::uint64_t value_;
};

// The id of the task that is being run, or whose frame or output is being destroyed, on this
// thread. Outside a task (block_on's argument is none) it is a check failure (T-9).
TaskId current_task_id(std::source_location where = std::source_location::current());
// The same; nullopt outside a task.
std::optional<TaskId> try_current_task_id() noexcept;

}  // namespace weft

template <>
struct std::hash<weft::TaskId> {
  std::size_t operator()(weft::TaskId id) const noexcept {
    return std::hash<std::uint64_t>{}(id.value());
  }
};

#endif  // WEFT_RUNTIME_TASK_ID_H_
