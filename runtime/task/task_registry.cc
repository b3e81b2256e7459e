#include <weft/runtime/task/task_registry.h>

#include <algorithm>

#include <weft/base/check.h>
#include <weft/runtime/task/raw_task.h>
#include <weft/runtime/task/task_state.h>

namespace weft::internal {

void TaskRegistry::add(FrameHeader* task) noexcept {
  WEFT_DCHECK(size_ < room(), "TaskRegistry::add without reserve");
  retain_task(task);
  slot(size_++) = task;
}

void TaskRegistry::clear() noexcept {
  for (std::size_t i = 0; i < size_; ++i) release_task(slot(i));
  size_ = 0;
}

void TaskRegistry::drop_complete() noexcept {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    FrameHeader* const task = slot(i);
    if (TaskState(*task).is_complete()) {
      release_task(task);
    } else {
      slot(kept++) = task;
    }
  }
  size_ = kept;
}

void TaskRegistry::make_room(std::size_t count) {
  drop_complete();
  // Twice the live ones, so that the next sweep is that many tasks away.
  const std::size_t wanted = 2 * (size_ + count);
  if (wanted <= room()) return;
  const bool was_few = more_.empty();
  more_.resize(wanted);
  if (was_few) std::copy_n(few_, size_, more_.begin());
}

}  // namespace weft::internal
