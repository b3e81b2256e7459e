// glance: says of a task that somebody else has which one it is.
//
// Spec: R-150.
//
// A task that runs or is queued may end, and its memory be given to another task, while we look. So
// nothing but its word and the two Published fields is read, and the id, of which there are no two
// alike, tells whether all of that was of one task: whoever makes another one of the memory writes
// the id first, then where it was spawned, then the word; and the word was 0 in between.
//
//   id is read, and acquires    so the word that is read next is not one of a task before that one
//   the word is read: a task    so what is read next is not of a task before that one either
//   spawned_at is read, and acquires
//   id is read again: the same  so no later task's fields were read
//
// Checked by tests/loom/task/task_dump_loom.cc.

#ifndef WEFT_RUNTIME_DUMP_TASK_GLANCE_H_
#define WEFT_RUNTIME_DUMP_TASK_GLANCE_H_

#include <cstdint>
#include <optional>
#include <source_location>

#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/task/task_state.h>

namespace weft::internal {

struct Glance {
  TaskState::Claim state;  // kQueued, kRunning; kClaimed: it is idle, and may be claimed
  std::uint64_t id;
  std::source_location spawned_at;
};

// `block` is the start of a block in a slab, or one that cannot be freed meanwhile. Nothing if it
// is no task of `runtime_id`, or another one than a moment ago.
inline std::optional<Glance> glance(FrameHeader& block, std::uint32_t runtime_id) noexcept {
  const std::uint64_t id = block.id.peek();
  const TaskState::Claim state = TaskState(block).look(runtime_id);
  if (state == TaskState::Claim::kNone) return std::nullopt;
  const std::source_location spawned_at = block.spawned_at.peek();
  if (block.id.peek() != id) return std::nullopt;
  return Glance{state, id, spawned_at};
}

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DUMP_TASK_GLANCE_H_
