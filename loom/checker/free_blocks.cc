// Interface: free_blocks.h.

#include <weft/loom/checker/free_blocks.h>

#include <cstddef>
#include <vector>

#include <weft/loom/checker/execution.h>

namespace weft::loom::checker {

using internal::Execution;
using internal::ModelThread;

bool uses_free_blocks() noexcept {
  const Execution* const execution = Execution::current();
  return execution != nullptr && !execution->options().explore_allocators;
}

namespace {

// Whether what `earlier` says comes before the running thread's next step in any case.
bool is_ordered(const internal::VectorClock& earlier, const ModelThread& me) {
  for (internal::ThreadId i = 0; i < internal::kMaxThreads; ++i) {
    if (earlier[i] > me.order[i]) return false;
  }
  return true;
}

}  // namespace

void* FreeBlocks::take(std::size_t size) {
  Execution& execution = *Execution::current();
  ModelThread& me = execution.self();
  std::vector<Execution::FreeBlock>& blocks = execution.free_blocks[size];
  for (std::size_t i = blocks.size(); i-- > 0;) {
    if (!is_ordered(blocks[i].order, me)) continue;
    const Execution::FreeBlock block = blocks[i];
    blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(i));
    me.view.join(block.sync);
    return block.address;
  }
  return nullptr;
}

void FreeBlocks::put(void* block, std::size_t size) {
  Execution& execution = *Execution::current();
  const ModelThread& me = execution.self();
  execution.free_blocks[size].push_back({block, me.view, me.order});
}

}  // namespace weft::loom::checker
