#include <weft/runtime/task/task_home.h>

#include <weft/runtime/task/task_state.h>

namespace weft::internal {

void TaskHome::take_back(FrameHeader* task) noexcept {
  if (TaskState(*task).suspend(0) == TaskState::Suspend::kNotified) schedule(task);
}

}  // namespace weft::internal
