// Interface and design: global.h.

#include <weft/loom/checker/global.h>

#include <weft/loom/checker/execution.h>

namespace weft::loom::checker::internal {

void* global(const GlobalOps* ops) {
  Execution* const execution = Execution::current();
  return execution == nullptr ? nullptr : execution->global(ops);
}

void* Execution::global(const GlobalOps* ops) {
  for (const GlobalValue& made : globals_) {
    if (made.ops == ops) return made.value;
  }
  // Outside of the model: what the constructor stores is no event of the calling thread.
  const OutsideModel outside;
  void* const value = ops->make();
  // The memory may be that of something that this execution has destroyed, a thread-local for one.
  if (has_destroyed_) {
    atomics_.forget_within(value, ops->size);
    cells_.forget_within(value, ops->size);
  }
  globals_.push_back({ops, value});
  return value;
}

void Execution::destroy_globals() {
  while (!globals_.empty()) {
    const GlobalValue last = globals_.back();
    globals_.pop_back();
    last.ops->destroy(last.value);
  }
}

}  // namespace weft::loom::checker::internal
