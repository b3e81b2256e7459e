#include <weft/runtime/coroutine/frame_allocator.h>

#include <cstdlib>
#include <mutex>
#include <new>
#include <utility>

#include <weft/base/cache_line.h>
#include <weft/base/check.h>
#include <weft/base/sanitizer.h>
#include <weft/loom/free_blocks.h>
#include <weft/loom/global.h>
#include <weft/loom/model_size.h>
#include <weft/loom/mutex.h>
#include <weft/loom/thread_local.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/coroutine/frame_registry.h>

namespace weft::internal {
namespace {

constexpr std::uint32_t kChainLength = loom::model_size(64, 2);

constexpr std::size_t blocks_in_slab(std::size_t block_size) noexcept {
  constexpr std::size_t kSlabSize = 256 * 1024;
  return loom::model_size((kSlabSize - kFalseSharingRange) / block_size, std::size_t{4});
}

FreeBlock* as_free(void* block) noexcept {
  // SAFETY(cast): every block begins with the three words of a FreeBlock, see the header's head.
  return static_cast<FreeBlock*>(block);
}

// Blocks between threads: full chains, and the slab that is being cut up.
struct alignas(kFalseSharingRange) TransferCache {
  loom::SpinMutex mutex;
  FreeBlock* chains = nullptr;  // guarded by mutex
  std::byte* fresh = nullptr;   // guarded by mutex: unused part of the newest slab
  std::byte* fresh_end = nullptr;
};

struct TransferCaches {
  TransferCache classes[kSizeClasses];
};
struct TransferCachesTag;

TransferCache& transfer_cache(std::size_t index) noexcept {
  return loom::Global<TransferCaches, TransferCachesTag>::get().classes[index];
}

struct ClassCache {
  FreeBlock* active;
  FreeBlock* spare;  // null, or a full chain
  std::byte* fresh;  // a run of blocks that were never used
  std::byte* fresh_end;
  std::uint32_t active_count;
};

// Trivial on purpose: reading it costs no guard. ExitHook hands the blocks over.
struct ThreadCache {
  ClassCache classes[kSizeClasses]{};
  // Of a list. 0 at first, so that the thread's first block, taken or given, goes the slow way,
  // which sets the hook; and once the thread is ending: then nothing is kept.
  std::uint32_t limit = 0;
  bool is_closed = false;
};
struct ThreadCacheTag;
using CurrentCache = loom::ThreadLocal<ThreadCache, ThreadCacheTag>;

void push_chain(std::size_t index, FreeBlock* first) noexcept {
  TransferCache& shared = transfer_cache(index);
  const std::lock_guard lock(shared.mutex);
  first->next_chain = shared.chains;
  shared.chains = first;
}

struct ExitHook {
  ~ExitHook() {
    ThreadCache& cache = *CurrentCache::get();
    cache.limit = 0;
    cache.is_closed = true;
    for (std::size_t i = 0; i < kSizeClasses; ++i) hand_over(i, cache.classes[i]);
  }
  void touch() const noexcept {}

 private:
  static void hand_over(std::size_t index, ClassCache& local) noexcept {
    while (local.fresh != local.fresh_end) {
      FreeBlock* const block = as_free(local.fresh);
      local.fresh += size_of_class(index);
      block->next = std::exchange(local.active, block);
    }
    if (local.active != nullptr) push_chain(index, std::exchange(local.active, nullptr));
    if (local.spare != nullptr) push_chain(index, std::exchange(local.spare, nullptr));
    local.active_count = 0;
  }
};
struct ExitHookTag;

// From now on the thread keeps blocks, and hands them over when it ends.
void set_hook(ThreadCache& cache) noexcept {
  loom::ThreadLocal<ExitHook, ExitHookTag>::get()->touch();
  cache.limit = kChainLength;
}

// A new slab. Zeroed pages come from the system as they are touched, so every first word is 0.
Slab& new_slab(std::size_t index) {
  const std::size_t block_size = size_of_class(index);
  const std::size_t count = blocks_in_slab(block_size);
  // SAFETY(storage): calloc's memory is zero and aligned to 16; the slab lives as long as the
  // registry, which is for ever.
  auto* const slab = static_cast<Slab*>(std::calloc(1, kFalseSharingRange + count * block_size));
  if (slab == nullptr) throw std::bad_alloc();
  slab->block_size = block_size;
  slab->block_count = count;
  FrameRegistry::instance().publish(slab);
  return *slab;
}

// Makes a new slab the one that is cut up.
void add_slab(std::size_t index, TransferCache& shared) {
  Slab& slab = new_slab(index);
  // SAFETY(cast): plain bytes behind the slab's header.
  shared.fresh = reinterpret_cast<std::byte*>(slab.block(0));
  shared.fresh_end = shared.fresh + slab.block_count * slab.block_size;
}

// In models that are not about this allocator (loom/free_blocks.h).
[[gnu::noinline]] void* take_model_block(std::size_t index) {
  const std::size_t size = size_of_class(index);
  for (;;) {
    if (void* const block = loom::FreeBlocks::take(size); block != nullptr) return block;
    Slab& slab = new_slab(index);
    for (std::size_t i = slab.block_count; i-- > 0;) loom::FreeBlocks::put(slab.block(i), size);
  }
}

// Fills an empty class from the transfer cache: a chain, or a run of unused blocks.
void refill(std::size_t index, ClassCache& local, std::uint32_t wanted) {
  const std::size_t block_size = size_of_class(index);
  TransferCache& shared = transfer_cache(index);
  const std::lock_guard lock(shared.mutex);
  if (shared.chains != nullptr) {
    local.active = shared.chains;
    local.active_count = kChainLength;  // an upper bound: a thread's last chain may be shorter
    shared.chains = shared.chains->next_chain;
    return;
  }
  if (shared.fresh == shared.fresh_end) add_slab(index, shared);
  const auto left = static_cast<std::size_t>(shared.fresh_end - shared.fresh) / block_size;
  const std::size_t run = left < wanted ? left : wanted;
  local.fresh = shared.fresh;
  shared.fresh += run * block_size;
  local.fresh_end = shared.fresh;
}

[[gnu::noinline]] void* allocate_slowly(std::size_t index, ThreadCache& cache) {
  ClassCache& local = cache.classes[index];
  if (local.spare != nullptr) {
    local.active = std::exchange(local.spare, nullptr);
    local.active_count = kChainLength;
  } else if (cache.is_closed) {
    // The thread is ending: take what is handed out and return the rest at once.
    refill(index, local, 1);
    if (local.active != nullptr) {
      FreeBlock* const rest = std::exchange(local.active->next, nullptr);
      if (rest != nullptr) push_chain(index, rest);
    }
  } else {
    if (cache.limit == 0) set_hook(cache);
    refill(index, local, kChainLength);
  }
  if (local.active != nullptr) {
    FreeBlock* const block = local.active;
    local.active = block->next;
    if (local.active_count > 0) --local.active_count;
    return block;
  }
  std::byte* const block = local.fresh;
  local.fresh += size_of_class(index);
  return block;
}

[[gnu::noinline]] void free_slowly(std::size_t index, ThreadCache& cache,
                                   FreeBlock* block) noexcept {
  ClassCache& local = cache.classes[index];
  if (cache.is_closed) {
    block->next = nullptr;
    push_chain(index, block);
    return;
  }
  if (cache.limit == 0) set_hook(cache);
  if (local.spare != nullptr) push_chain(index, local.spare);
  local.spare = local.active;
  block->next = nullptr;
  local.active = block;
  local.active_count = 1;
}

inline void* take_block(std::size_t size) {
  if (size > kLargestClass) [[unlikely]]
    return FrameRegistry::instance().allocate_large(size);
  const std::size_t index = size_class_of(size);
  if (loom::uses_free_blocks()) return take_model_block(index);
  ThreadCache& cache = *CurrentCache::get_here();
  ClassCache& local = cache.classes[index];
  void* block;
  if (FreeBlock* const first = local.active; first != nullptr) [[likely]] {
    local.active = first->next;
    --local.active_count;
    block = first;
  } else if (local.fresh != local.fresh_end) {
    block = local.fresh;
    local.fresh += size_of_class(index);
  } else {
    block = allocate_slowly(index, cache);
  }
  unpoison_memory(block, size_of_class(index));
  return block;
}

inline void give_block(void* block, std::size_t size) noexcept {
  if (size > kLargestClass) [[unlikely]] {
    FrameRegistry::instance().free_large(block);
    return;
  }
  const std::size_t index = size_class_of(size);
  if (loom::uses_free_blocks()) return loom::FreeBlocks::put(block, size_of_class(index));
  ThreadCache& cache = *CurrentCache::get_here();
  ClassCache& local = cache.classes[index];
  FreeBlock* const freed = as_free(block);
  // SAFETY(cast): the body behind the three words of a free block, poisoned for AddressSanitizer.
  poison_memory(static_cast<std::byte*>(block) + sizeof(FreeBlock),
                size_of_class(index) - sizeof(FreeBlock));
  if (local.active_count >= cache.limit) [[unlikely]] {
    free_slowly(index, cache, freed);
    return;
  }
  freed->next = local.active;
  local.active = freed;
  ++local.active_count;
}

}  // namespace

// In functions that are not inlined: the thread's cache is looked up anew each time they are
// called, and only once for a frame.
[[gnu::noinline]] void* allocate_block(std::size_t size) {
  WEFT_DCHECK(size >= sizeof(FreeBlock));
  return take_block(size);
}

[[gnu::noinline]] void free_block(void* block, std::size_t size) noexcept {
  give_block(block, size);
}

[[gnu::noinline]] void* allocate_frame(std::size_t size) {
  const std::size_t block_size = sizeof(FrameHeader) + size;
  // SAFETY(cast): the block is large enough and aligned to 16. Its first word has been an atomic
  // since the slab was cut; all other fields are of types that begin to live by assignment.
  auto* const header = static_cast<FrameHeader*>(take_block(block_size));
  // relaxed: publishes nothing; whoever walks the slabs skips nested frames.
  header->word().store(FrameHeader::kNestedWord, std::memory_order_relaxed);
  header->parent = nullptr;
  header->strand = nullptr;
  header->block_size = static_cast<std::uint32_t>(block_size);
  header->outcome = Outcome::kNone;
  header->block_is_kept = false;
  header->frame_is_dead = false;
  return header->frame_address();
}

[[gnu::noinline]] void deallocate_frame(void* frame) noexcept {
  // SAFETY(cast): every frame has its header right in front of it.
  FrameHeader* const header = static_cast<FrameHeader*>(frame) - 1;
  if (header->block_is_kept) return;
  // relaxed: as in free_block(FrameHeader*).
  header->word().store(FrameHeader::kFreeWord, std::memory_order_relaxed);
  give_block(header, header->block_size);
}

std::size_t live_frames() noexcept {
  std::size_t live = 0;
  // relaxed: the caller says that nothing is allocated or freed meanwhile.
  FrameRegistry::instance().for_each_slab_block([&live](FreeBlock* block) {
    if (block->word.load(std::memory_order_relaxed) != 0) ++live;
  });
  FrameRegistry::instance().for_each_large_block([&live](void*) { ++live; });
  return live;
}

}  // namespace weft::internal
