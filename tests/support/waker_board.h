// WakerBoard: tasks that wait for ever, and their wakers in the hands of the test.
//
// `co_await board.wait(i)` never completes; it leaves the task's waker at place i, where any thread
// may take it, and use it at any time: while the task is alive, is being destroyed, or is gone.
//
//   WakerBoard board(100);
//   for (int i = 0; i < 100; ++i) rt.spawn(wait_at(board, i));
//   rt.block_on(board.until_full());
//   std::vector<Waker> wakers = board.take();

#ifndef WEFT_TESTS_SUPPORT_WAKER_BOARD_H_
#define WEFT_TESTS_SUPPORT_WAKER_BOARD_H_

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include <tests/support/async_event.h>
#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/waker.h>

namespace weft::test_support {

class WakerBoard {
 public:
  explicit WakerBoard(std::size_t places) : wakers_(places), empty_(places) {}
  WakerBoard(const WakerBoard&) = delete;
  WakerBoard& operator=(const WakerBoard&) = delete;

  auto wait(std::size_t place) {
    return until([this, place](Context& cx) {
      put(place, cx.clone_waker());
      return false;
    });
  }

  // Completes when there is a waker at every place.
  auto until_full() { return full_.wait(); }

  std::vector<Waker> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(wakers_, std::vector<Waker>(wakers_.size()));
  }

 private:
  void put(std::size_t place, Waker waker) {
    bool is_full = false;
    {
      const std::lock_guard lock(mutex_);
      if (!wakers_[place] && empty_ > 0) is_full = --empty_ == 0;
      std::swap(wakers_[place], waker);
    }
    if (is_full) full_.set();
  }

  std::mutex mutex_;
  std::vector<Waker> wakers_;  // guarded by mutex_
  std::size_t empty_;          // guarded by mutex_: places that have never had a waker
  AsyncEvent full_;
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_WAKER_BOARD_H_
