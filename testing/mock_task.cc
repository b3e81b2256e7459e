// MockTask. See mock_task.h.

#include <weft/testing/mock_task.h>

namespace weft::test {

// On the heap and counted, because wakers may outlive the MockTask.
class MockTask::Target final : public Wakeable {
 public:
  Target() noexcept : Wakeable(1, &kOps) {}

  int wakes() const noexcept { return wakes_.load(std::memory_order_acquire); }  // [MT1]
  int references() const noexcept {
    return static_cast<int>(word_.load(std::memory_order_acquire));  // [MT2]
  }

 private:
  static Target* from(Wakeable* target) noexcept { return static_cast<Target*>(target); }
  static void retain(Wakeable* target) noexcept {
    // relaxed: who copies a waker has one already, so the count is not 0.
    from(target)->word_.fetch_add(1, std::memory_order_relaxed);
  }
  static void release(Wakeable* target) noexcept {
    if (from(target)->word_.fetch_sub(1, std::memory_order_acq_rel) == 1) {  // [MT2]
      delete from(target);
    }
  }
  static void wake_by_ref(Wakeable* target) noexcept {
    from(target)->wakes_.fetch_add(1, std::memory_order_acq_rel);  // [MT1]
  }
  static void wake(Wakeable* target) noexcept {
    wake_by_ref(target);
    release(target);
  }
  static constexpr WakeOps kOps = {&wake, &wake_by_ref, &retain, &release};

  // Written by whoever wakes, read by the test.
  // [MT1] release in wake_by_ref() -> acquire in wakes(): a test that sees a wake-up sees what the
  // waking thread did before it.
  // [MT2], of the reference count in word_: release in release() -> acquire in release() and
  // references(): the last user destroys the target after all others are done with it, and a test
  // that sees a waker gone sees what its holder did before.
  loom::Atomic<int> wakes_{0};
};

MockTask::MockTask() : target_(new Target()), waker_(Waker::adopt(target_)) {}

bool MockTask::is_woken() const noexcept { return target_->wakes() != seen_; }
int MockTask::wake_count() const noexcept { return target_->wakes(); }
int MockTask::waker_ref_count() const noexcept { return target_->references(); }
void MockTask::forget_wake() noexcept { seen_ = target_->wakes(); }

}  // namespace weft::test
