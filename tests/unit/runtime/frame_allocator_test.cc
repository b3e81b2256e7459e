// Blocks of frames: what becomes of those that a thread has when it ends.

#include <algorithm>
#include <array>
#include <cstddef>
#include <thread>

#include <gtest/gtest.h>

#include <weft/runtime/coroutine/frame_allocator.h>

namespace weft {
namespace {

// A size class that nothing else in this program uses.
constexpr std::size_t kSize = 1984;
constexpr std::size_t kBlocks = 8;

std::array<void*, kBlocks> allocate_all() {
  std::array<void*, kBlocks> blocks{};
  for (void*& block : blocks) block = internal::allocate_block(kSize);
  return blocks;
}

void free_all(const std::array<void*, kBlocks>& blocks) {
  for (void* const block : blocks) internal::free_block(block, kSize);
}

TEST(R103, AThreadThatOnlyFreesHandsItsBlocksOverWhenItEnds) {
  std::array<void*, kBlocks> blocks = allocate_all();
  std::thread([&] { free_all(blocks); }).join();
  // A new thread has nothing of its own and takes what was handed over last.
  std::array<void*, kBlocks> again{};
  std::thread([&] {
    again = allocate_all();
    free_all(again);
  }).join();
  std::sort(blocks.begin(), blocks.end());
  std::sort(again.begin(), again.end());
  EXPECT_EQ(blocks, again);
}

}  // namespace
}  // namespace weft
