// InjectQueue: its two lists and its gate. Interface and design: inject_queue.h.

#include <weft/runtime/scheduler/inject_queue.h>

#include <weft/base/check.h>

namespace weft::internal {

InjectQueue::~InjectQueue() {
  WEFT_DCHECK(ready_.empty() && incoming_.empty(),
              "InjectQueue: destroyed with tasks in it; pop them all first");
}

InjectQueue::Gate InjectQueue::gate() const noexcept {
  // relaxed: under mu_, which orders all changes.
  return gate_.load(std::memory_order_relaxed);
}

void InjectQueue::append(TaskChain tasks) noexcept {
  incoming_.append(tasks);
  length_.fetch_add(tasks.count, std::memory_order_seq_cst);  // [I1]
}

bool InjectQueue::push_batch(FrameHeader* first, FrameHeader* last, std::size_t count) noexcept {
  last->queue_next = nullptr;
  const std::lock_guard lock(mu_);
  if (gate() == Gate::kClosed) return false;
  append({first, last, count});
  return true;
}

FrameHeader* InjectQueue::pop() noexcept { return pop_up_to(1).first; }

void InjectQueue::fetch() noexcept {
  const std::lock_guard lock(mu_);
  ready_.append(std::exchange(incoming_, {}));
}

TaskChain InjectQueue::pop_up_to(std::size_t limit) noexcept {
  if (limit == 0 || length() == 0) return {};
  const std::lock_guard lock(ready_mu_);
  if (ready_.count < limit) fetch();
  TaskChain taken;
  if (ready_.count <= limit) {
    taken = std::exchange(ready_, {});
  } else {
    while (taken.count < limit) taken.push_back(ready_.pop_front());
  }
  // release: nobody has to be woken because the queue got shorter.
  length_.fetch_sub(taken.count, std::memory_order_release);
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
