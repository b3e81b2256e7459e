// DebuggerTable: where a debugger finds the tasks, and what their headers look like.
//
// Reader: tools/gdb/weft_gdb.py. Users: docs/guide/debugging.md.
//
// Design. `weft bt` walks the slabs of a stopped process, or of a core file, as frame_registry.h
// does. It could take the layouts from debug information, but a program is often debugged with a
// library that has none (a distribution's package is stripped), and a compiler leaves out types
// that a source names without using. So the library states its layouts itself, in a constant that
// gdb finds by its name in the symbol table, like CPython's _Py_DebugOffsets. All entries are
// words; the first says which entries follow, and grows with every change of their meaning.
//
// Nothing in a program reads the table.

#ifndef WEFT_RUNTIME_COROUTINE_DEBUGGER_TABLE_H_
#define WEFT_RUNTIME_COROUTINE_DEBUGGER_TABLE_H_

#include <cstdint>

namespace weft::internal {

class FrameRegistry;

struct DebuggerTable {
  std::uint64_t format;
  FrameRegistry* registry;  // set when it is made: before the first frame

  // FrameRegistry, Slab, LargeBlock
  std::uint64_t registry_slabs;  // offset of the pointer to the first Slab
  std::uint64_t registry_large;  // offset of the list's head, which begins with its next pointer
  std::uint64_t slab_next;
  std::uint64_t slab_block_size;
  std::uint64_t slab_block_count;
  std::uint64_t slab_first_block;
  std::uint64_t large_first_block;

  // FrameHeader; the word that says what a block is comes first
  std::uint64_t header_size;
  std::uint64_t header_ops;
  std::uint64_t header_parent;
  std::uint64_t header_strand;
  std::uint64_t header_location;
  std::uint64_t header_block_size;
  std::uint64_t header_outcome;
  std::uint64_t header_frame_is_dead;
  std::uint64_t header_own;
  std::uint64_t header_id;
  std::uint64_t header_spawned_at;

  // Strand, LeafOps, TaskOps
  std::uint64_t strand_ops;
  std::uint64_t strand_leaf;
  std::uint64_t strand_frame;
  std::uint64_t leaf_ops_waiting_on;
  std::uint64_t task_ops_is_own;
  std::uint64_t own_task_ops_name;

  // The first words that are no task's, and bits of those that are (task/task_state.h)
  std::uint64_t free_word;
  std::uint64_t nested_word;
  std::uint64_t running_bit;
  std::uint64_t complete_bit;
  std::uint64_t notified_bit;
  std::uint64_t cancelled_bit;
  std::uint64_t runtime_shift;
  std::uint64_t runtime_mask;

  static constexpr DebuggerTable make() noexcept;
};

}  // namespace weft::internal

// By its name in C, so that it reads the same in every symbol table.
extern "C" weft::internal::DebuggerTable weft_debugger_table;

#endif  // WEFT_RUNTIME_COROUTINE_DEBUGGER_TABLE_H_
