#include <weft/runtime/dump/dump_walk.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include <weft/loom/global.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/dump/blocked_root.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/task/raw_task.h>
#include <weft/runtime/task/task_names.h>
#include <weft/runtime/task/task_state.h>

namespace weft::internal {
namespace {

FrameHeader* header_in(void* block) noexcept {
  // SAFETY(cast): every block starts with a FrameHeader's first word; what else is read of it is
  // said in task_glance.h, until it is claimed.
  return static_cast<FrameHeader*>(block);
}

using runtime::TaskDump;
using Claim = TaskState::Claim;

// Taken for one step of a walk.
struct WalkTurn {
  loom::Mutex mutex;
};
struct WalkTurnTag;
using Turn = loom::Global<WalkTurn, WalkTurnTag>;

std::uint64_t number_of(const void* address) noexcept {
  // SAFETY(cast): an address as a number, never turned back.
  return reinterpret_cast<std::uint64_t>(address);
}

}  // namespace

DumpWalk::DumpWalk(Scheduler& scheduler)
    : scheduler_(scheduler),
      now_(scheduler.driver().clock().now()),
      content_(std::make_shared<DumpContent>()),
      recorder_(now_),
      place_(FrameRegistry::instance().first()) {
  content_->runtime_id = scheduler.id();
  content_->runtime_name = scheduler.config().name;
  content_->flavor = scheduler.config().flavor;
  content_->workers = scheduler.worker_count();
}

DumpWalk::~DumpWalk() {
  for (FrameHeader* const task : large_) release_task(task);
}

bool DumpWalk::step() {
  struct Settle {
    DumpWalk& walk;
    ~Settle() { walk.settle(); }
  } const settle{*this};  // after unlocking
  const std::lock_guard lock(Turn::get().mutex);
  switch (stage_) {
    case Stage::kSlabs:
      walk_slabs();
      return false;
    case Stage::kLarge:
      walk_large();
      return stage_ == Stage::kDone;
    case Stage::kDone:
      break;
  }
  return true;
}

void DumpWalk::walk_slabs() {
  int tasks = 0;
  for (int blocks = 0; blocks < kBlocksInStep && tasks < kTasksInStep; ++blocks) {
    FreeBlock* const block = place_.next();
    if (block == nullptr) {
      stage_ = Stage::kLarge;
      return hold_large();
    }
    if (visit(header_in(block))) ++tasks;
  }
}

// Those that are not idle are written down at once: afterwards they may be gone.
void DumpWalk::hold_large() {
  FrameRegistry::instance().for_each_large_block([this](void* block) {
    FrameHeader* const task = header_in(block);
    for (const std::uint32_t owner : {scheduler_.task_owner_id(), TaskHome::kNoWalk}) {
      large_.push_back(task);
      if (TaskState(*task).retain_if_idle(owner)) continue;
      large_.pop_back();
      if (const auto seen = glance(*task, owner); seen.has_value()) {
        record_glance(task, *seen, owner == TaskHome::kNoWalk);
      }
    }
  });
}

void DumpWalk::walk_large() {
  for (int tasks = 0; tasks < kTasksInStep && !large_.empty(); ++tasks) {
    FrameHeader* const task = large_.back();
    visit(task);
    large_.pop_back();
    release_task(task);
  }
  if (large_.empty()) stage_ = Stage::kDone;
}

bool DumpWalk::visit(FrameHeader* block) {
  return visit(block, scheduler_.task_owner_id()) || visit(block, TaskHome::kNoWalk);
}

bool DumpWalk::visit(FrameHeader* block, std::uint32_t owner) {
  const bool is_local = owner == TaskHome::kNoWalk;
  // It may become idle, and another one, between the two looks at it; not for ever.
  for (int attempt = 0; attempt < 4; ++attempt) {
    const Claim claim = TaskState(*block).claim_for_dump(owner);
    if (claim == Claim::kNone) return false;
    if (claim == Claim::kClaimed) {
      record_claimed(block, is_local);
      return true;
    }
    const std::optional<Glance> seen = glance(*block, owner);
    if (!seen.has_value() || seen->state == Claim::kClaimed) continue;
    record_glance(block, *seen, is_local);
    return true;
  }
  return true;
}

// With RUNNING held.
void DumpWalk::record_claimed(FrameHeader* task, bool is_local) {
  struct GiveBack {
    DumpWalk& walk;
    FrameHeader* task;
    bool is_local;
    ~GiveBack() { walk.give_back(task, is_local); }
  } const give_back{*this, task, is_local};
  TaskDump& dump = content_->tasks.emplace_back();
  dump.kind_ = is_local ? TaskDump::Kind::kLocal : TaskDump::Kind::kTask;
  dump.state_ = TaskState(*task).is_being_cancelled() ? TaskDump::State::kCancelling
                                                      : TaskDump::State::kWaiting;
  dump.id_ = task->id;
  dump.target_ = number_of(task);
  dump.spawned_at_ = task->spawned_at;
  dump.name_ = name_of(*task);
  if (task->waiting_since != 0) {
    const SteadyTime since{std::chrono::nanoseconds(task->waiting_since)};
    dump.waiting_for_ = std::max(now_ - since, std::chrono::nanoseconds::zero());
  }
  dump.first_point_ = recorder_.points().size();
  recorder_.record(task->own);
  dump.point_count_ = recorder_.points().size() - dump.first_point_;
}

void DumpWalk::record_glance(const FrameHeader* task, const Glance& glance, bool is_local) {
  TaskDump& dump = content_->tasks.emplace_back();
  dump.kind_ = is_local ? TaskDump::Kind::kLocal : TaskDump::Kind::kTask;
  dump.state_ =
      glance.state == Claim::kQueued ? TaskDump::State::kQueued : TaskDump::State::kRunning;
  dump.id_ = glance.id;
  dump.target_ = number_of(task);
  dump.spawned_at_ = glance.spawned_at;
  lacks_names_ = true;
}

void DumpWalk::give_back(FrameHeader* task, bool is_local) noexcept {
  if (is_local) {
    // By its set, which wakes whoever drives it: not under the lock.
    local_[local_count_++] = task;
    return;
  }
  has_claimed_ = true;
  if (TaskState(*task).suspend(0) == TaskState::Suspend::kNotified) woken_.push_back(task);
}

// Without the lock, because it wakes.
void DumpWalk::settle() noexcept {
  while (local_count_ != 0) {
    FrameHeader* const task = local_[--local_count_];
    task->home->take_back(task);
  }
  while (FrameHeader* const task = woken_.pop_front()) task->home->schedule(task);
  if (std::exchange(has_claimed_, false)) scheduler_.note_stray_resume();
}

void DumpWalk::add_names() {
  if (!lacks_names_) return;
  std::unordered_map<std::uint64_t, std::string> names = TaskNames::all();
  for (TaskDump& task : content_->tasks) {
    if (!task.name_.empty()) continue;
    if (const auto name = names.find(task.id_); name != names.end()) task.name_ = name->second;
  }
}

runtime::Dump DumpWalk::finish() {
  scheduler_.blocked_roots().for_each([this](BlockedRoot& root) {
    TaskDump& dump = content_->tasks.emplace_back();
    dump.kind_ = TaskDump::Kind::kBlockOn;
    dump.target_ = root.target();
    dump.spawned_at_ = root.where();
    if (!root.is_readable()) return;
    dump.state_ = TaskDump::State::kWaiting;
    dump.first_point_ = recorder_.points().size();
    recorder_.record(root.strand());
    dump.point_count_ = recorder_.points().size() - dump.first_point_;
  });
  add_names();
  content_->points = std::move(recorder_.points());
  content_->complete();
  return runtime::Dump(std::move(content_));
}

}  // namespace weft::internal
