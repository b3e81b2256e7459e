// See debugger_table.h.

#include <weft/runtime/coroutine/debugger_table.h>

#include <cstddef>

#include <weft/base/cache_line.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/coroutine/frame_registry.h>
#include <weft/runtime/coroutine/strand.h>
#include <weft/runtime/task/raw_task.h>
#include <weft/runtime/task/task_state.h>

// offsetof of a class with bases or private members is only conditionally supported by the
// standard. Compilers support it where there is no virtual base, which is so here, and warn all the
// same.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

namespace weft::internal {

static_assert(sizeof(IntrusiveList<LargeBlock>) == 2 * sizeof(void*),
              "the table says that a list is its head, which begins with the next pointer");

constexpr DebuggerTable DebuggerTable::make() noexcept {
  return {
      .format = 1,
      .registry = nullptr,
      .registry_slabs = offsetof(FrameRegistry, slabs_),
      .registry_large = offsetof(FrameRegistry, large_),
      .slab_next = offsetof(Slab, next),
      .slab_block_size = offsetof(Slab, block_size),
      .slab_block_count = offsetof(Slab, block_count),
      .slab_first_block = kFalseSharingRange,
      .large_first_block = sizeof(LargeBlock),
      .header_size = sizeof(FrameHeader),
      .header_ops = offsetof(FrameHeader, ops_),
      .header_parent = offsetof(FrameHeader, parent),
      .header_strand = offsetof(FrameHeader, strand),
      .header_location = offsetof(FrameHeader, location),
      .header_block_size = offsetof(FrameHeader, block_size),
      .header_outcome = offsetof(FrameHeader, outcome),
      .header_frame_is_dead = offsetof(FrameHeader, frame_is_dead),
      .header_own = offsetof(FrameHeader, own),
      .header_id = offsetof(FrameHeader, id),
      .header_spawned_at = offsetof(FrameHeader, spawned_at),
      .strand_ops = offsetof(Strand, ops_),
      .strand_leaf = offsetof(Strand, leaf_),
      .strand_frame = offsetof(Strand, frame_),
      .leaf_ops_waiting_on = offsetof(LeafOps, waiting_on),
      .task_ops_is_own = offsetof(TaskOps, is_own),
      .own_task_ops_name = offsetof(OwnTaskOps, name),
      .free_word = FrameHeader::kFreeWord,
      .nested_word = FrameHeader::kNestedWord,
      .running_bit = TaskState::kRunning,
      .complete_bit = TaskState::kComplete,
      .notified_bit = TaskState::kNotified,
      .cancelled_bit = TaskState::kCancelled,
      .runtime_shift = TaskState::kRuntimeShift,
      .runtime_mask = TaskState::kRuntimeMask,
  };
}

}  // namespace weft::internal

#pragma GCC diagnostic pop

constinit weft::internal::DebuggerTable weft_debugger_table = weft::internal::DebuggerTable::make();
