#include <weft/runtime/observe/observer.h>

#include <array>
#include <utility>

#include <weft/loom/steady_clock.h>
#include <weft/loom/thread_local.h>
#include <weft/runtime/driver/current.h>
#include <weft/runtime/scheduler/current_thread.h>
#include <weft/runtime/scheduler/multi_thread.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task/raw_task.h>
#include <weft/runtime/trace/trace_file.h>

namespace weft::internal {
namespace {

// When what the calling thread is doing began. A job may be cancelled inside another one, by its
// own spawn; deeper than this nobody looks.
struct ThreadTimes {
  static constexpr std::size_t kDeepest = 8;

  std::array<std::int64_t, kDeepest> blocking = {};
  std::size_t depth = 0;
  std::int64_t park = 0;
};
struct ThreadTimesTag;
using CurrentTimes = loom::ThreadLocal<ThreadTimes, ThreadTimesTag>;

// The worker that this thread holds, 0 where it drives a current_thread runtime, or kNoWorker.
unsigned worker_of(const ThreadContext& context) noexcept {
  if (context.worker != nullptr) return context.worker->index();
  return context.core != nullptr ? 0 : TraceEvent::kNoWorker;
}

TraceEvent event_of(TraceKind kind, FrameHeader* task) noexcept {
  TraceEvent event;
  event.kind = kind;
  event.number = task->id;
  event.where = task->spawned_at;
  event.set_name(name_of(*task));
  event.worker = worker_of(thread_context());
  return event;
}

}  // namespace

std::shared_ptr<Observer> Observer::create(const RuntimeConfig& config) {
  std::shared_ptr<StallMonitor> stalls;
  std::unique_ptr<Trace> trace;
  if (config.stall_limit.has_value()) {
    const bool multi = config.flavor == runtime::RuntimeFlavor::kMultiThread;
    const unsigned workers = multi ? config.workers + config.max_attached_threads : 1;
    stalls = std::make_shared<StallMonitor>(*config.stall_limit, workers, config.on_stall);
  }
  if (!config.trace_path.empty()) {
    trace = std::make_unique<Trace>(absolute_path(config.trace_path), now());
  }
  if (stalls == nullptr && trace == nullptr) return nullptr;
  return std::make_shared<Observer>(std::move(stalls), std::move(trace));
}

Observer::Observer(std::shared_ptr<StallMonitor> stalls, std::unique_ptr<Trace> trace)
    : stalls_(std::move(stalls)), trace_(std::move(trace)) {
  if (trace_ != nullptr) at_exit_.emplace(*trace_);
}

Result<void> Observer::start() {
  if (trace_ != nullptr) {
    // Without events yet: a name that does not do is said now, and not when all is over.
    trace_->write_or_say();
    at_exit_->arm();
  }
  return stalls_ != nullptr ? stalls_->start() : Result<void>();
}

void Observer::stop(bool wait) noexcept {
  if (stalls_ != nullptr) stalls_->stop(wait);
  if (trace_ == nullptr) return;
  at_exit_->disarm();
  trace_->write_or_say();
}

std::int64_t Observer::now() noexcept {
  return std::chrono::nanoseconds(loom::SteadyClock::now().time_since_epoch()).count();
}

// --- Polls

void Observer::begin_task(FrameHeader* task, const ThreadContext& context,
                          PollMark& mark) noexcept {
  mark.begin = now();
  if (stalls_ == nullptr) return;
  // A thread without a core holds up no worker.
  mark.stall.record = nullptr;
  const unsigned worker = worker_of(context);
  if (worker == TraceEvent::kNoWorker) return;
  stalls_->watch().begin(worker, task, std::source_location(), mark.begin, mark.stall);
}

void Observer::end_task(FrameHeader* task, const ThreadContext& context, PollMark& mark) noexcept {
  if (stalls_ != nullptr) StallWatch::end(mark.stall);
  if (trace_ == nullptr) return;
  TraceEvent event = event_of(TraceKind::kRun, task);
  event.begin = mark.begin;
  event.end = now();
  event.worker = worker_of(context);
  trace_->add(event);
}

void Observer::begin_root(std::source_location where, PollMark& mark) noexcept {
  mark.begin = now();
  if (stalls_ != nullptr) stalls_->watch().begin(0, nullptr, where, mark.begin, mark.stall);
}

void Observer::end_root(std::source_location where, PollMark& mark) noexcept {
  if (stalls_ != nullptr) StallWatch::end(mark.stall);
  if (trace_ == nullptr) return;
  TraceEvent event;
  event.kind = TraceKind::kRoot;
  event.begin = mark.begin;
  event.end = now();
  event.where = where;
  event.worker = 0;
  trace_->add(event);
}

// --- The rest of what a thread does

void Observer::begin_blocking() noexcept {
  if (trace_ == nullptr) return;
  ThreadTimes& times = *CurrentTimes::get();
  const std::size_t depth = times.depth++;
  if (depth < ThreadTimes::kDeepest) times.blocking[depth] = now();
}

void Observer::end_blocking(FrameHeader* task) noexcept {
  if (trace_ == nullptr) return;
  ThreadTimes& times = *CurrentTimes::get();
  const std::size_t depth = --times.depth;
  if (depth >= ThreadTimes::kDeepest) return;
  // One that was cancelled has not run.
  if (task->outcome == Outcome::kCancelled) return;
  TraceEvent event = event_of(TraceKind::kBlocking, task);
  event.begin = times.blocking[depth];
  event.end = now();
  trace_->add(event);
}

void Observer::begin_park() noexcept { CurrentTimes::get()->park = now(); }

void Observer::end_park() noexcept {
  if (trace_ == nullptr) return;
  TraceEvent event;
  event.kind = TraceKind::kPark;
  event.begin = CurrentTimes::get()->park;
  event.end = now();
  event.worker = worker_of(thread_context());
  trace_->add(event);
}

void Observer::note_steal(unsigned worker, std::size_t tasks) noexcept {
  if (trace_ == nullptr) return;
  TraceEvent event;
  event.kind = TraceKind::kSteal;
  event.begin = event.end = now();
  event.number = tasks;
  event.worker = worker;
  trace_->add(event);
}

void Observer::note_timers(std::size_t timers) noexcept {
  if (trace_ == nullptr) return;
  TraceEvent event;
  event.kind = TraceKind::kTimers;
  event.begin = event.end = now();
  event.number = timers;
  event.worker = worker_of(thread_context());
  trace_->add(event);
}

void note_timers_fired(std::size_t timers) noexcept {
  if (Observer* const observer = current_observer(); observer != nullptr) [[unlikely]] {
    observer->note_timers(timers);
  }
}

// --- Queueing

QueueScope::QueueScope(const std::shared_ptr<Observer>& observer, TraceKind kind, FrameHeader* task)
    : observer_(observer != nullptr && observer->trace() != nullptr ? observer : nullptr) {
  if (observer_ == nullptr) return;
  event_ = event_of(kind, task);
  event_.begin = Observer::now();
}

QueueScope::~QueueScope() {
  if (observer_ == nullptr) return;
  event_.end = Observer::now();
  observer_->trace()->add(event_);
}

Observer* current_observer() noexcept {
  const Scheduler* const scheduler = thread_context().scheduler;
  const TaskHooks* const hooks = scheduler != nullptr ? scheduler->hooks() : nullptr;
  return hooks != nullptr ? hooks->observer.get() : nullptr;
}

}  // namespace weft::internal
