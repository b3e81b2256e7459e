// The frame allocator: blocks that go from thread to thread.
//
// Explored: threads that allocate, and free what others allocated, with lists of two blocks and
// slabs of four, so that they overflow into the transfer cache and come back from there; a thread
// that ends and hands its blocks over. The blocks' contents are Cells: a block that two threads
// have at once, or that is seen without what its last user did, is found; so is one whose first
// word is not 0 while it is free.
//
// Not explored: the free lists' links themselves, which are plain memory of whoever owns the block.

#include <array>
#include <memory>

#include <tests/loom/support/model.h>
#include <weft/loom/cell.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/coroutine/frame_registry.h>

namespace weft::loom_test {
namespace {

using Contents = loom::Cell<int>;

void* take() {
  void* const frame = internal::allocate_frame(sizeof(Contents));
  // SAFETY(storage): large enough, and ours.
  std::construct_at(static_cast<Contents*>(frame));
  return frame;
}
void use(void* frame) {
  // SAFETY(cast): made by take().
  static_cast<Contents*>(frame)->with_mut([](int& uses) { ++uses; });
}
void give(void* frame) {
  use(frame);
  // SAFETY(cast): made by take().
  std::destroy_at(static_cast<Contents*>(frame));
  internal::deallocate_frame(frame);
}

int count_blocks() {
  int count = 0;
  internal::FrameRegistry::instance().for_each_slab_block([&](internal::FreeBlock*) { ++count; });
  return count;
}

Extent with_allocator(unsigned quick) {
  Extent extent = bounded(quick, std::nullopt);
  extent.explore_allocators = true;
  return extent;
}

TEST(R103, BlocksComeBackFromAThreadThatFreesThem) {
  model(with_allocator(3), [] {
    std::array<void*, 3> frames{take(), take(), take()};  // of one slab
    loom::Thread other = start([&] {
      for (void* const frame : frames) give(frame);
    });
    void* const first = take();
    void* const second = take();
    use(first);
    use(second);
    give(first);
    give(second);
    other.join();
    // What the thread handed over when it ended is enough: there is no third slab.
    std::array<void*, 8> more{};
    for (void*& frame : more) frame = take();
    for (void* const frame : more) use(frame);
    for (void* const frame : more) give(frame);
    expect(count_blocks() == 8, "blocks are lost with the thread that freed them");
    expect(internal::live_frames() == 0, "the first word of a free block is not 0");
  });
}

TEST(R103, TwoThreadsCutUpOneSlab) {
  model(with_allocator(3), [] {
    loom::Thread other = start([] {
      void* const first = take();
      void* const second = take();
      use(first);
      give(second);
      give(first);
    });
    void* const first = take();
    void* const second = take();
    use(first);
    give(first);
    use(second);
    give(second);
    other.join();
    expect(internal::live_frames() == 0, "the first word of a free block is not 0");
  });
}

}  // namespace
}  // namespace weft::loom_test
