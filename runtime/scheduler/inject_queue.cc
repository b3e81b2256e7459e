// InjectQueue: the list and its gate. Interface and design: inject_queue.h.

#include <weft/runtime/scheduler/inject_queue.h>

#include <weft/base/check.h>

namespace weft::internal {

InjectQueue::~InjectQueue() {
  WEFT_DCHECK(head_ == nullptr, "InjectQueue: destroyed with tasks in it; pop them all first");
}

InjectQueue::Gate InjectQueue::gate() const noexcept {
  // relaxed: under mu_, which orders all changes.
  return gate_.load(std::memory_order_relaxed);
}

void InjectQueue::append(FrameHeader* first, FrameHeader* last, std::size_t count) noexcept {
  if (head_ == nullptr) {
    head_ = first;
  } else {
    tail_->queue_next = first;
  }
  tail_ = last;
  // relaxed: changed under mu_ only.
  const std::size_t before = length_.load(std::memory_order_relaxed);
  length_.exchange(before + count, std::memory_order_seq_cst);  // [I1]
}

bool InjectQueue::push_batch(FrameHeader* first, FrameHeader* last, std::size_t count) noexcept {
  last->queue_next = nullptr;
  const std::lock_guard lock(mu_);
  if (gate() == Gate::kClosed) return false;
  append(first, last, count);
  return true;
}

FrameHeader* InjectQueue::pop() noexcept { return pop_up_to(1).first; }

TaskChain InjectQueue::pop_up_to(std::size_t limit) noexcept {
  TaskChain taken;
  if (limit == 0 || length() == 0) return taken;
  const std::lock_guard lock(mu_);
  while (taken.count < limit && head_ != nullptr) {
    FrameHeader* const task = head_;
    head_ = task->queue_next;
    taken.push_back(task);
  }
  // relaxed: changed under mu_ only.
  const std::size_t before = length_.load(std::memory_order_relaxed);
  // release suffices: nobody has to be woken because the queue got shorter.
  length_.store(before - taken.count, std::memory_order_release);
  return taken;
}

bool InjectQueue::advance_to(Gate gate) noexcept {
  const std::lock_guard lock(mu_);
  if (this->gate() >= gate) return false;
  gate_.store(gate, std::memory_order_release);  // [I2]
  return true;
}

bool InjectQueue::stop_spawning() noexcept { return advance_to(Gate::kNoSpawns); }
bool InjectQueue::close() noexcept { return advance_to(Gate::kClosed); }

bool InjectQueue::accepts_spawns() const noexcept {
  return gate_.load(std::memory_order_acquire) == Gate::kOpen;  // [I2]
}

bool InjectQueue::is_closed() const noexcept {
  return gate_.load(std::memory_order_acquire) == Gate::kClosed;  // [I2]
}

}  // namespace weft::internal
