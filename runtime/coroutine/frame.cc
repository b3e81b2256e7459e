#include <weft/runtime/coroutine/frame.h>

#include <weft/base/check.h>
#include <weft/runtime/coroutine/frame_allocator.h>

namespace weft::internal {

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

namespace {

void destroy_suspended(FrameHeader* frame) noexcept {
  const std::coroutine_handle<> handle = frame->handle();
  // First: a destructor that throws has to find it (promise.h, check_body_threw).
  frame->frame_is_dead = true;
  handle.destroy();
}

}  // namespace

void destroy_chain(FrameHeader* top) noexcept {
  if (top->has_started()) {
    Strand& strand = *top->strand;
    WEFT_CHECK(strand.may_be_destroyed(),
               "a started awaitable that contains a live scope was destroyed by hand, or one that "
               "an executor runs just now; abort its task instead, or let select or timeout cancel "
               "it");
    FrameHeader* frame = FrameHeader::of(strand.innermost());
    while (frame != top) {
      FrameHeader* const parent = frame->parent;
      // The object in the parent's frame that owns this one must not destroy it again.
      *frame->owner = nullptr;
      destroy_suspended(frame);
      frame = parent;
    }
  }
  destroy_suspended(top);
}

}  // namespace weft::internal
