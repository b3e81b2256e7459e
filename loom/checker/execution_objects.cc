// The objects of an execution, found by address. Interface: execution.h.

#include <weft/loom/checker/execution.h>

#include <cstring>
#include <utility>

#include <weft/base/sanitizer.h>
#include <weft/loom/checker/allocation.h>

namespace weft::loom::checker::internal {

void Execution::reset() {
  for (ModelThread& thread : threads_) {
    // What an abandoned thread left is not destroyed: its owner may stand on its stack.
    thread.status = ModelThread::Status::kUnused;
    thread.joined = thread.detached = thread.signalled = thread.timed = false;
    thread.timed_out = thread.yielded = thread.enters_region = false;
    thread.unexplored = thread.uninterrupted = 0;
    thread.yields = 0;
    thread.spurious_failures = 0;
    thread.changes_at_yield = 0;
    thread.last_yield = 0;
    thread.pending = {};
    thread.view = thread.released = thread.unacquired = {};
    thread.order = thread.order_before = {};
    thread.body = nullptr;
    thread.locals.clear();
  }
  used_ = 0;
  running_ = kNoThread;
  asleep_ = 0;
  regions_ = false;
  changes_ = 0;
  trace_.clear();
  globals_.clear();
  free_blocks.clear();
  step_order_.clear();
  for (auto& steps : steps_) steps.clear();
  last_.clear();
  atomics_.clear();
  cells_.clear();
  has_destroyed_ = false;
  mutexes_.clear();
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

AtomicState& Execution::new_atomic(const void* address, std::size_t size,
                                   std::source_location where, ThreadId creator) {
  AtomicState& state = atomics_.renew(address);
  Word initial = 0;
  std::memcpy(&initial, address, size);
  state.id = new_object();
  state.number = next_atomic_++;
  state.history.restart(initial, creator, creator == kNoThread ? 0 : plain_time());
  state.history.created = where;
  return state;
}

AtomicState& Execution::atomic(const void* address, std::size_t size, std::source_location where) {
  AtomicState* const state = atomics_.find(address);
  // Older than this execution, or memory that was never constructed as an atomic.
  if (state == nullptr) return new_atomic(address, size, where, kNoThread);
  if (state->history.destroyed) {
    fail(FailureKind::kUseAfterFree, describe(ObjectKind::kAtomic, state->number) + " is used at " +
                                         describe(where) + " after its destruction");
  }
  return *state;
}

CellState& Execution::construct_cell(const void* address) {
  CellState& state = cells_.renew(address);
  state.number = next_cell_++;
  state.writes[running_] = plain_time();
  return state;
}

CellState& Execution::cell(const void* address) {
  if (CellState* const state = cells_.find(address)) return *state;
  CellState& state = cells_.renew(address);
  state.number = next_cell_++;
  return state;
}

MutexState& Execution::mutex(const void* address) {
  if (MutexState* const state = mutexes_.find(address)) return *state;
  MutexState& state = mutexes_.renew(address);
  state.id = new_object();
  state.number = next_mutex_++;
  return state;
}

CondvarState& Execution::condvar(const void* address) {
  if (CondvarState* const state = condvars_.find(address)) return *state;
  CondvarState& state = condvars_.renew(address);
  state.id = new_object();
  state.number = next_condvar_++;
  return state;
}

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
