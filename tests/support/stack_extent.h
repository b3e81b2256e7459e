// StackExtent: how much stack was in use between the shallowest and the deepest call of note().
//
//   StackExtent extent;
//   ... every level of a recursion calls extent.note() ...
//   EXPECT_LT(extent.bytes(), 8192U);      // constant, however many levels there were

#ifndef WEFT_TESTS_SUPPORT_STACK_EXTENT_H_
#define WEFT_TESTS_SUPPORT_STACK_EXTENT_H_

#include <algorithm>
#include <cstdint>

namespace weft::test_support {

class StackExtent {
 public:
  [[gnu::noinline]] void note() {
    // SAFETY(cast): the address is compared, never followed.
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    low_ = std::min(low_, here);
    high_ = std::max(high_, here);
  }
  std::uintptr_t bytes() const { return high_ - low_; }

 private:
  std::uintptr_t low_ = UINTPTR_MAX;
  std::uintptr_t high_ = 0;
};

// Notes the depth at which it is destroyed.
class NoteOnDestroy {
 public:
  explicit NoteOnDestroy(StackExtent& extent) : extent_(&extent) {}
  NoteOnDestroy(const NoteOnDestroy&) = delete;
  NoteOnDestroy& operator=(const NoteOnDestroy&) = delete;
  ~NoteOnDestroy() { extent_->note(); }

 private:
  StackExtent* extent_;
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_STACK_EXTENT_H_
