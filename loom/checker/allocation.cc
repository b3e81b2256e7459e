// The blocks of an execution. Interface: allocation.h.

#include <weft/loom/checker/allocation.h>

#include <string>

#include <weft/base/sanitizer.h>
#include <weft/loom/checker/execution.h>

namespace weft::loom::checker {

using internal::describe;
using internal::Execution;
using internal::MemoryBlock;
using internal::ObjectKind;
using internal::Operation;

void* allocate(std::size_t size, std::size_t alignment, std::source_location where) {
  void* const memory = ::operator new(size, std::align_val_t(alignment));
  Execution* const execution = Execution::current();
  if (execution == nullptr) return memory;
  MemoryBlock& block = execution->blocks[memory];
  block.number = execution->next_block++;
  block.size = size;
  block.alignment = alignment;
  block.allocated_at = where;
  execution->trace({.operation = Operation::kAllocate,
                    .kind = ObjectKind::kMemory,
                    .object = block.number,
                    .where = where});
  return memory;
}

void deallocate(void* memory, std::size_t alignment, std::source_location where) {
  if (memory == nullptr) return;
  Execution* const execution = Execution::current();
  if (execution == nullptr) {
    ::operator delete(memory, std::align_val_t(alignment));
    return;
  }
  const auto found = execution->blocks.find(memory);
  if (found == execution->blocks.end()) {
    execution->fail(FailureKind::kDoubleFree,
                    "memory that was not allocated in this execution is "
                    "freed at " +
                        describe(where));
  }
  MemoryBlock& block = found->second;
  if (block.freed) {
    execution->fail(FailureKind::kDoubleFree,
                    "double free: " + describe(ObjectKind::kMemory, block.number) +
                        ", allocated at " + describe(block.allocated_at) + ", is freed at " +
                        describe(where) + " after it was freed at " + describe(block.freed_at));
  }
  block.freed = true;
  block.freed_at = where;
  weft::internal::poison_memory(memory, block.size);
  execution->trace({.operation = Operation::kFree,
                    .kind = ObjectKind::kMemory,
                    .object = block.number,
                    .where = where});
}

namespace internal {

void release_memory(void* address, const MemoryBlock& block) {
  weft::internal::unpoison_memory(address, block.size);
  ::operator delete(address, std::align_val_t(block.alignment));
}

}  // namespace internal
}  // namespace weft::loom::checker
