// The objects of an execution, found by address. Interface: execution.h.

#include <weft/loom/checker/execution.h>

#include <utility>

#include <weft/base/sanitizer.h>
#include <weft/loom/checker/allocation.h>

namespace weft::loom::checker::internal {

void Execution::reset() {
  for (ModelThread& thread : threads_) {
    // What an abandoned thread left is not destroyed: its owner may stand on its stack.
    thread.status = ModelThread::Status::kUnused;
    thread.joined = thread.detached = thread.signalled = thread.timed = false;
    thread.timed_out = thread.yielded = false;
    thread.yields = 0;
    thread.spurious_failures = 0;
    thread.changes_at_yield = 0;
    thread.last_yield = 0;
    thread.pending = {};
    thread.view = thread.released = thread.unacquired = {};
    thread.order = {};
    thread.body = nullptr;
    thread.locals.clear();
  }
  used_ = 0;
  running_ = kNoThread;
  changes_ = 0;
  trace_.clear();
  step_order_.clear();
  last_.clear();
  atomics_.clear();
  cells_.clear();
  mutex_of_.clear();
  mutexes_.clear();
  dead_mutexes_.clear();
  condvars_.clear();
  for (const auto& [address, block] : blocks) release_memory(address, block);
  blocks.clear();
  next_block = next_atomic_ = next_cell_ = next_mutex_ = next_condvar_ = 0;
  fenced = ordered = {};
}

ObjectId Execution::new_object() {
  last_.push_back({});
  return static_cast<ObjectId>(last_.size() - 1);
}

AtomicState& Execution::construct_atomic(const void* address, Word raw,
                                         std::source_location where) {
  atomics_.erase(address);
  const auto made = atomics_.emplace(
      address,
      AtomicState{new_object(), next_atomic_++, StoreHistory(raw, running_, plain_time())});
  made.first->second.history.created = where;
  return made.first->second;
}

AtomicState& Execution::atomic(const void* address, Word raw, std::source_location where) {
  const auto found = atomics_.find(address);
  if (found == atomics_.end()) {
    // Older than this execution, or memory that was never constructed as an atomic: known to all.
    const auto made = atomics_.emplace(
        address, AtomicState{new_object(), next_atomic_++, StoreHistory(raw, kNoThread, 0)});
    made.first->second.history.created = where;
    return made.first->second;
  }
  AtomicState& state = found->second;
  if (state.history.destroyed) {
    fail(FailureKind::kUseAfterFree, describe(ObjectKind::kAtomic, state.number) + " is used at " +
                                         describe(where) + " after its destruction");
  }
  return state;
}

CellState& Execution::construct_cell(const void* address) {
  CellState state;
  state.number = next_cell_++;
  state.writes[running_] = plain_time();
  return cells_.insert_or_assign(address, state).first->second;
}

CellState& Execution::cell(const void* address) {
  const auto found = cells_.try_emplace(address);
  if (found.second) found.first->second.number = next_cell_++;
  return found.first->second;
}

MutexState& Execution::mutex(const void* address) {
  std::unique_ptr<MutexState>& state = mutexes_[address];
  if (!state) {
    state = std::make_unique<MutexState>();
    state->id = new_object();
    state->number = next_mutex_++;
    mutex_of_[state->id] = state.get();
  }
  return *state;
}

CondvarState& Execution::condvar(const void* address) {
  const auto found = condvars_.try_emplace(address);
  CondvarState& state = found.first->second;
  if (found.second) {
    state.id = new_object();
    state.number = next_condvar_++;
  }
  return state;
}

void Execution::forget_mutex(const void* address) noexcept {
  const auto found = mutexes_.find(address);
  if (found == mutexes_.end()) return;
  // Pending steps may still name it by its number.
  dead_mutexes_.push_back(std::move(found->second));
  mutexes_.erase(found);
}

void Execution::forget_condvar(const void* address) noexcept { condvars_.erase(address); }

void Execution::check_leaks() {
  for (const auto& [address, block] : blocks) {
    if (block.freed) continue;
    const std::string message = "leak: " + describe(ObjectKind::kMemory, block.number) + ", " +
                                std::to_string(block.size) + " bytes allocated at " +
                                describe(block.allocated_at) + ", was never freed";
    failure_ = Failure{
        .kind = FailureKind::kLeak, .message = message, .report = report(message), .replay = {}};
    return;
  }
  for (ThreadId i = 1; i < used_; ++i) {
    if (threads_[i].joined || threads_[i].detached) continue;
    const std::string message = "thread " + std::to_string(i) + " was neither joined nor detached";
    failure_ = Failure{
        .kind = FailureKind::kMisuse, .message = message, .report = report(message), .replay = {}};
    return;
  }
}

}  // namespace weft::loom::checker::internal
