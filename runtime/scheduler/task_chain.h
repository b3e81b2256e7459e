// TaskChain: a batch of runnable tasks on its way from one queue to another.
//
// Spec.
//
// Design. The tasks are linked through FrameHeader::queue_next, the link of the one queue that a
// task is in, so a batch of any size is built without memory and handed over with two pointers. A
// chain is a plain value that whoever holds it owns: it is in no queue, and no other thread reaches
// its tasks. The last link is null.

#ifndef WEFT_RUNTIME_SCHEDULER_TASK_CHAIN_H_
#define WEFT_RUNTIME_SCHEDULER_TASK_CHAIN_H_

#include <cstddef>

#include <weft/runtime/coroutine/frame.h>

namespace weft::internal {

// Not thread-safe. Copying it copies the two pointers: use one of the copies.
struct TaskChain {
  FrameHeader* first = nullptr;  // null exactly when count is 0
  FrameHeader* last = nullptr;
  std::size_t count = 0;

  bool empty() const noexcept { return count == 0; }

  // Precondition: `task` is in no queue.
  void push_back(FrameHeader* task) noexcept {
    task->queue_next = nullptr;
    if (first == nullptr) {
      first = task;
    } else {
      last->queue_next = task;
    }
    last = task;
    ++count;
  }

  // Takes over all of `others`, which come behind ours.
  void append(TaskChain others) noexcept {
    if (others.empty()) return;
    if (last == nullptr) {
      *this = others;
      return;
    }
    last->queue_next = others.first;
    last = others.last;
    count += others.count;
  }

  // Takes the first out; null if empty.
  FrameHeader* pop_front() noexcept {
    FrameHeader* const task = first;
    if (task == nullptr) return nullptr;
    first = task->queue_next;
    if (first == nullptr) last = nullptr;
    task->queue_next = nullptr;
    --count;
    return task;
  }
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_TASK_CHAIN_H_
