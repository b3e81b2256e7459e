// Tracked: a value that counts how many of its kind are alive, to find leaks and double ends.
//
//   Tracked::Count alive;
//   { Tracked value(alive, 7);  EXPECT_EQ(alive.count(), 1); }
//   EXPECT_EQ(alive.count(), 0);

#ifndef WEFT_TESTS_SUPPORT_TRACKED_H_
#define WEFT_TESTS_SUPPORT_TRACKED_H_

#include <utility>

#include <weft/loom/atomic.h>

namespace weft::test_support {

// Move-only; only objects that were not moved from count.
class Tracked {
 public:
  class Count {
   public:
    int count() const noexcept { return count_.load(std::memory_order_acquire); }

   private:
    friend class Tracked;
    loom::Atomic<int> count_{0};
  };

  Tracked(Count& count, int value) noexcept : count_(&count), value_(value) {
    count_->count_.fetch_add(1, std::memory_order_acq_rel);
  }
  Tracked(Tracked&& other) noexcept
      : count_(std::exchange(other.count_, nullptr)), value_(other.value_) {}
  Tracked& operator=(Tracked&& other) noexcept {
    Tracked moved(std::move(other));
    std::swap(count_, moved.count_);
    std::swap(value_, moved.value_);
    return *this;
  }
  ~Tracked() {
    if (count_ != nullptr) count_->count_.fetch_sub(1, std::memory_order_acq_rel);
  }

  int value() const noexcept { return value_; }
  bool is_moved_from() const noexcept { return count_ == nullptr; }

 private:
  Count* count_;
  int value_;
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_TRACKED_H_
