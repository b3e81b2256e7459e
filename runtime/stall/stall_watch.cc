#include <weft/runtime/stall/stall_watch.h>

#include <algorithm>
#include <execinfo.h>
#include <mutex>
#include <utility>

#include <weft/base/sys.h>
#include <weft/base/sys_thread.h>
#include <weft/loom/thread_local.h>
#include <weft/runtime/task/raw_task.h>

namespace weft::internal {
namespace {

// What the calling thread runs, for the handler on it.
struct StallThread {
  // Null: nothing that is watched. Written by this thread and read by it and the handler on it:
  // relaxed, all; atomic, because a handler comes at any moment.
  loom::Atomic<StallRecord*> record{nullptr};
  int thread = 0;  // 0: not asked yet
};
struct StallThreadTag;
using CurrentStall = loom::ThreadLocal<StallThread, StallThreadTag>;

}  // namespace

StallWatch::StallWatch(std::chrono::nanoseconds limit, unsigned workers)
    : limit_(limit.count()), count_(workers), records_(std::make_unique<StallRecord[]>(workers)) {
  for (unsigned i = 0; i < count_; ++i) {
    records_[i].watch = this;
    records_[i].index = i;
  }
}

// --- The holder

void StallWatch::begin(unsigned index, FrameHeader* task, std::source_location root_location,
                       std::int64_t now, StallMark& mark) noexcept {
  mark.record = nullptr;
  if (index >= count_) return;
  StallThread& current = *CurrentStall::get();
  StallRecord& record = records_[index];
  // relaxed, both: this thread's.
  mark.outer_record = current.record.load(std::memory_order_relaxed);
  mark.outer_task = record.task.load(std::memory_order_relaxed);
  mark.record = &record;
  mark.is_outermost = mark.outer_record != &record;
  // relaxed: the handler runs on this thread.
  record.task.store(task, std::memory_order_relaxed);
  if (!mark.is_outermost) return;
  if (current.thread == 0) current.thread = introduce_thread();
  // relaxed, both: published by the stamp.
  record.thread.store(current.thread, std::memory_order_relaxed);
  record.root_location = root_location;
  current.record.store(&record, std::memory_order_relaxed);
  record.stamp.store(now, std::memory_order_seq_cst);        // [SR1] [SR2]
  if (asleep_.load(std::memory_order_seq_cst)) [[unlikely]]  // [SR2]
    wake_monitor();
}

void StallWatch::end(StallMark& mark) noexcept {
  // relaxed, all: this thread's and that of the handler on it.
  loom::Atomic<StallRecord*>& current = CurrentStall::get()->record;
  if (mark.record == nullptr || current.load(std::memory_order_relaxed) != mark.record) return;
  if (mark.is_outermost) {
    mark.record->watch->close(*mark.record);
    current.store(mark.outer_record, std::memory_order_relaxed);
  }
  mark.record->task.store(mark.outer_task, std::memory_order_relaxed);
}

StallMark StallWatch::pause() noexcept {
  // relaxed, all: this thread's and that of the handler on it.
  loom::Atomic<StallRecord*>& current = CurrentStall::get()->record;
  StallRecord* const record = current.load(std::memory_order_relaxed);
  StallMark mark{nullptr, nullptr, record, true};
  if (record == nullptr) return mark;
  current.store(nullptr, std::memory_order_relaxed);
  mark.outer_task = record->task.load(std::memory_order_relaxed);
  record->watch->close(*record);
  return mark;
}

void StallWatch::resume(const StallMark& mark, std::int64_t now) noexcept {
  if (mark.record == nullptr) return;
  StallMark inner;
  StallRecord& record = *mark.record;
  record.watch->begin(record.index, mark.outer_task, record.root_location, now, inner);
}

void StallWatch::close(StallRecord& record) noexcept {
  // relaxed: only this thread writes it.
  const std::int64_t stamp = record.stamp.load(std::memory_order_relaxed);
  record.stamp.store(-stamp, std::memory_order_seq_cst);  // [SR1] [SQ3]
  if (!question_.is_asked(record.index)) return;
  if (!question_.begin_answer(record.index)) return;
  answer_.stamp = -stamp;
  question_.end_answer();
  raise_event();
}

int StallWatch::introduce_thread() const noexcept {
  if (channel_.signal >= 0) sys::unblock_signal(channel_.signal);
  return sys::gettid();
}

void StallWatch::wake_monitor() noexcept {
  // Whoever clears it wakes; the others need not.
  if (!asleep_.exchange(false, std::memory_order_seq_cst)) return;  // [SR2]
  // The monitor is before its look at asleep_ under the mutex, or waits.
  {
    const std::lock_guard lock(mutex_);
  }
  changed_.notify_one();
}

// --- The handler

void StallWatch::answer(void* trampoline) noexcept {
  // relaxed: this thread's.
  StallRecord* const record = CurrentStall::get()->record.load(std::memory_order_relaxed);
  if (record != nullptr) record->watch->write_answer(*record, trampoline);
}

void StallWatch::write_answer(StallRecord& record, void* trampoline) noexcept {
  if (!question_.begin_answer(record.index)) return;
  answer_.stamp = record.stamp.load(std::memory_order_acquire);  // [SR1]
  // relaxed: this thread's. It is alive: it runs, or is being ended, below this handler.
  FrameHeader* const task = record.task.load(std::memory_order_relaxed);
  answer_.task = task != nullptr ? task->id : 0;
  answer_.spawned_at = task != nullptr ? task->spawned_at : record.root_location;
  const std::string_view name = task != nullptr ? name_of(*task) : std::string_view();
  answer_.name_length = std::min(name.size(), answer_.name.size());
  std::copy_n(name.begin(), answer_.name_length, answer_.name.begin());
  answer_.trampoline = trampoline;
  // The first call in a process loads a library; the monitor makes it before it asks.
  const int depth = ::backtrace(answer_.frames.data(), static_cast<int>(answer_.frames.size()));
  answer_.depth = static_cast<std::size_t>(std::max(depth, 0));
  question_.end_answer();
  raise_event();
}

void StallWatch::raise_event() const noexcept {
  if (channel_.event >= 0) sys::raise_event_in_handler(channel_.event);
}

// --- The monitor

std::optional<StallWatch::Overdue> StallWatch::next_overdue(std::int64_t now) noexcept {
  for (unsigned i = 0; i < count_; ++i) {
    StallRecord& record = records_[i];
    const std::int64_t stamp = record.stamp.load(std::memory_order_acquire);  // [SR1]
    if (stamp <= 0 || now - stamp < limit_ || record.reported == stamp) continue;
    record.reported = stamp;
    // relaxed: [SR1]. If a later resume has written it since, that one's thread finds that it is
    // not the one that is meant.
    return Overdue{i, stamp, record.thread.load(std::memory_order_relaxed)};
  }
  return std::nullopt;
}

std::optional<std::int64_t> StallWatch::scan(bool& active) noexcept {
  std::optional<std::int64_t> earliest;
  for (unsigned i = 0; i < count_; ++i) {
    StallRecord& record = records_[i];
    const std::int64_t stamp = record.stamp.load(std::memory_order_seq_cst);  // [SR2]
    const std::int64_t magnitude = stamp < 0 ? -stamp : stamp;
    if (std::exchange(record.seen, magnitude) != magnitude) active = true;
    // One that was reported is waited for by its worker alone.
    if (stamp <= 0 || stamp == record.reported) continue;
    earliest = std::min(earliest.value_or(stamp), stamp);
  }
  if (earliest.has_value()) *earliest += limit_;
  return earliest;
}

std::optional<std::int64_t> StallWatch::next_look(std::int64_t now) noexcept {
  bool active = false;
  if (const auto due = scan(active)) return due;
  if (active) return now + limit_;
  asleep_.store(true, std::memory_order_seq_cst);  // [SR2]
  const auto due = scan(active);
  if (!due.has_value() && !active) return std::nullopt;
  // seq_cst as the others: whoever cleared it before has seen it, and we do not sleep.
  asleep_.store(false, std::memory_order_seq_cst);  // [SR2]
  return due.has_value() ? due : now + limit_;
}

bool StallWatch::wait(std::optional<std::int64_t> until) noexcept {
  std::unique_lock lock(mutex_);
  if (until.has_value()) {
    const std::chrono::steady_clock::time_point when{std::chrono::nanoseconds(*until)};
    return !changed_.wait_until(lock, when, [this] { return stopped_; });
  }
  const auto is_over = [this] {
    return stopped_ || !asleep_.load(std::memory_order_seq_cst);  // [SR2]
  };
  changed_.wait(lock, is_over);
  return !stopped_;
}

void StallWatch::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

}  // namespace weft::internal
