// FakeTasks: task headers that are nothing but queue elements, for tests of the run queues.
//
// Zeroed memory of a header's size each; there is no frame, and nothing may be run or woken.
//
//   FakeTasks tasks(300);
//   queue.push(tasks[0]);
//   EXPECT_EQ(tasks.index_of(queue.pop()), 0);

#ifndef WEFT_TESTS_SUPPORT_FAKE_TASKS_H_
#define WEFT_TESTS_SUPPORT_FAKE_TASKS_H_

#include <cstddef>
#include <cstdlib>
#include <memory>

#include <weft/base/check.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/scheduler/task_chain.h>

namespace weft::test_support {

class FakeTasks {
 public:
  explicit FakeTasks(std::size_t count)
      // SAFETY(storage): calloc's memory is aligned for any header and freed by blocks_; what the
      // queues use of a header is a plain pointer, for which zeroed memory is an object.
      : blocks_(static_cast<internal::FrameHeader*>(
            std::calloc(count, sizeof(internal::FrameHeader)))) {
    WEFT_CHECK(blocks_ != nullptr);
  }

  internal::FrameHeader* operator[](std::size_t index) const noexcept {
    return blocks_.get() + index;
  }
  // -1 for null.
  std::ptrdiff_t index_of(const internal::FrameHeader* task) const noexcept {
    return task == nullptr ? -1 : task - blocks_.get();
  }
  // Those from `begin` up to `end`, linked.
  internal::TaskChain chain(std::size_t begin, std::size_t end) const noexcept {
    internal::TaskChain tasks;
    for (std::size_t i = begin; i < end; ++i) tasks.push_back((*this)[i]);
    return tasks;
  }

 private:
  struct Free {
    void operator()(internal::FrameHeader* blocks) const noexcept { std::free(blocks); }
  };
  std::unique_ptr<internal::FrameHeader, Free> blocks_;
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_FAKE_TASKS_H_
