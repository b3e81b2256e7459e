// TaskRegistry: the tasks that somebody has to be able to cancel, all of them, later.
//
// Spec: T-29, R-119 (the guarantee: whoever closes finds every task); R-167.
//
// A runtime finds its tasks by walking all frames of the process when it stops (frame_registry.h);
// a LocalSet or a scope ends much too often for that. So it keeps a list of counted references. A
// task that ends does not take itself out, because nothing links back; instead references to
// complete tasks are dropped whenever the list is about to grow. So it is never longer than twice
// the number of live tasks, or a few, and adding costs amortised constant time. The first few need
// no memory, because most scopes never have more.

#ifndef WEFT_RUNTIME_TASK_TASK_REGISTRY_H_
#define WEFT_RUNTIME_TASK_TASK_REGISTRY_H_

#include <cstddef>
#include <vector>

#include <weft/runtime/coroutine/frame.h>

namespace weft::internal {

// One thread at a time.
class TaskRegistry {
 public:
  TaskRegistry() noexcept {}  // leaves few_ alone
  TaskRegistry(const TaskRegistry&) = delete;
  TaskRegistry& operator=(const TaskRegistry&) = delete;
  ~TaskRegistry() {
    if (size_ != 0) clear();
  }

  // Makes sure that `count` calls of add() will find room. Throws std::bad_alloc.
  void reserve(std::size_t count) {
    if (size_ + count > room()) make_room(count);
  }
  // Adds a task, with a reference of its own. There is room, and the caller holds a reference.
  void add(FrameHeader* task) noexcept;
  // Drops all references.
  void clear() noexcept;

  // Tasks that were added, complete ones among them. An index stays valid until the next reserve().
  std::size_t size() const noexcept { return size_; }
  FrameHeader* operator[](std::size_t index) const noexcept {
    return more_.empty() ? few_[index] : more_[index];
  }

 private:
  static constexpr std::size_t kFew = 12;

  std::size_t room() const noexcept { return more_.empty() ? kFew : more_.size(); }
  FrameHeader*& slot(std::size_t index) noexcept {
    return more_.empty() ? few_[index] : more_[index];
  }
  void drop_complete() noexcept;
  void make_room(std::size_t count);

  std::size_t size_ = 0;
  FrameHeader* few_[kFew];          // in use while more_ is empty
  std::vector<FrameHeader*> more_;  // its size is the room there is
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TASK_TASK_REGISTRY_H_
