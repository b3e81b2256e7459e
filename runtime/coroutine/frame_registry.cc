#include <weft/runtime/coroutine/frame_registry.h>

#include <cstdlib>
#include <mutex>
#include <new>

#include <weft/base/cache_line.h>
#include <weft/base/sanitizer.h>
#include <weft/loom/global.h>
#include <weft/runtime/coroutine/debugger_table.h>

namespace weft::internal {

FreeBlock* Slab::block(std::size_t index) noexcept {
  // SAFETY(cast): blocks lie behind the slab's header, kFalseSharingRange bytes in, one after the
  // other; index < block_count.
  auto* const first = reinterpret_cast<std::byte*>(this) + kFalseSharingRange;
  return reinterpret_cast<FreeBlock*>(first + index * block_size);
}

FrameRegistry& FrameRegistry::instance() noexcept {
  struct Tag;
  return loom::Global<FrameRegistry, Tag>::get();
}

// Nothing in the program reads it, and the registry is made once: no two threads meet here.
FrameRegistry::FrameRegistry() { weft_debugger_table.registry = this; }

FrameRegistry::~FrameRegistry() {
  Slab* slab = slabs_.unsync_load();
  while (slab != nullptr) {
    Slab* const next = slab->next;
    unpoison_memory(slab, kFalseSharingRange + slab->block_count * slab->block_size);
    std::free(slab);
    slab = next;
  }
}

void FrameRegistry::publish(Slab* slab) noexcept {
  // relaxed: only a first guess for the exchange.
  slab->next = slabs_.load(std::memory_order_relaxed);
  // [F1] relaxed on failure: the value is only stored into `next`.
  while (!slabs_.compare_exchange_weak(slab->next, slab, std::memory_order_release,
                                       std::memory_order_relaxed)) {
  }
}

void* FrameRegistry::allocate_large(std::size_t size) {
  void* const memory = std::calloc(1, sizeof(LargeBlock) + size);
  if (memory == nullptr) throw std::bad_alloc();
  // SAFETY(storage): calloc's memory is aligned to 16 and large enough; free_large() destroys it.
  auto* const block = new (memory) LargeBlock;
  const std::lock_guard lock(large_mutex_);
  large_.push_back(*block);
  return block + 1;
}

void FrameRegistry::free_large(void* memory) noexcept {
  // SAFETY(cast): allocate_large() put a LargeBlock in front of every block it returned.
  auto* const block = static_cast<LargeBlock*>(memory) - 1;
  {
    const std::lock_guard lock(large_mutex_);
    large_.remove(*block);
  }
  std::destroy_at(block);
  std::free(block);
}

}  // namespace weft::internal
