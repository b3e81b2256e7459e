#include <weft/runtime/coroutine/frame.h>

#include <weft/base/check.h>
#include <weft/runtime/coroutine/frame_allocator.h>

namespace weft::internal {

void* allocate_frame(std::size_t size) {
  const std::size_t block_size = sizeof(FrameHeader) + size;
  // SAFETY(cast): the block is large enough and aligned to 16. Its first word has been an atomic
  // since the slab was cut; all other fields are of types that begin to live by assignment.
  auto* const header = static_cast<FrameHeader*>(allocate_block(block_size));
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

void deallocate_frame(void* frame) noexcept {
  // SAFETY(cast): every frame has its header right in front of it.
  FrameHeader* const header = static_cast<FrameHeader*>(frame) - 1;
  if (!header->block_is_kept) free_block(header);
}

void free_block(FrameHeader* header) noexcept {
  const std::size_t size = header->block_size;
  // relaxed: whoever reads 0 here does not touch the block; the next owner gets it through the
  // free list of a thread or its lock.
  header->word().store(FrameHeader::kFreeWord, std::memory_order_relaxed);
  free_block(static_cast<void*>(header), size);
}

void destroy_frame_keep_block(FrameHeader* header) noexcept {
  // A spawned task's block is kept anyway, and for longer than this.
  const bool was_kept = header->block_is_kept;
  header->block_is_kept = true;
  header->handle().destroy();
  header->block_is_kept = was_kept;
  header->frame_is_dead = true;
}

void destroy_chain(FrameHeader* top) noexcept {
  if (top->has_started()) {
    Strand& strand = *top->strand;
    WEFT_CHECK(strand.may_be_destroyed(),
               "a started awaitable that contains a live scope was destroyed by hand; abort its "
               "task instead, or let select or timeout cancel it");
    FrameHeader* frame = FrameHeader::of(strand.innermost());
    while (frame != top) {
      FrameHeader* const parent = frame->parent;
      // The object in the parent's frame that owns this one must not destroy it again.
      *frame->owner = nullptr;
      frame->handle().destroy();
      frame = parent;
    }
  }
  top->handle().destroy();
}

}  // namespace weft::internal
