#include <weft/runtime/scheduler/current_thread.h>

#include <mutex>
#include <optional>
#include <utility>

#include <weft/base/check.h>
#include <weft/loom/steady_clock.h>
#include <weft/runtime/context.h>
#include <weft/runtime/observe/observer.h>
#include <weft/runtime/scheduler/task_walk.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/scheduler/thread_parker.h>
#include <weft/runtime/task/raw_task.h>

namespace weft::internal {

// Wakes block_on's root: sets a flag, and ends the driver's sleep when that is needed.
class RootWaker final : public Wakeable {
 public:
  static RootWaker* create(CurrentThread& scheduler) { return new RootWaker(scheduler); }

  Waker waker() noexcept {
    retain(this);
    return Waker::adopt(this);
  }
  // True if it was woken since the last call.
  bool take_woken() noexcept { return woken_.exchange(false, std::memory_order_acquire); }  // [R1]
  bool is_woken() const noexcept { return woken_.load(std::memory_order_acquire); }         // [R1]

  static void release(Wakeable* target) noexcept {
    RootWaker* const self = from(target);
    if (self->word_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete self;  // [R2]
  }

 private:
  explicit RootWaker(CurrentThread& scheduler) : Wakeable(1, &kOps), scheduler_(scheduler) {}
  ~RootWaker() = default;

  static RootWaker* from(Wakeable* target) noexcept {
    // SAFETY(cast): kOps is in RootWakers only.
    return static_cast<RootWaker*>(target);
  }
  static void retain(Wakeable* target) noexcept {
    // relaxed: made from a reference that the caller holds.
    from(target)->word_.fetch_add(1, std::memory_order_relaxed);
  }
  static void wake_by_ref(Wakeable* target) noexcept {
    RootWaker* const self = from(target);
    const bool was_woken = self->woken_.exchange(true, std::memory_order_acq_rel);  // [R1]
    if (!was_woken && !self->scheduler_->is_driving_thread()) self->scheduler_->driver().unpark();
  }
  static void wake(Wakeable* target) noexcept {
    wake_by_ref(target);
    release(target);
  }
  static constexpr WakeOps kOps{&wake, &wake_by_ref, &retain, &release};

  // word_ is the number of references. [R2] release in release() -> acquire in the last one.
  // Set by wakers, taken by the driving thread.
  // [R1] release in wake_by_ref() -> acquire in take_woken(): what the waker did before.
  loom::Atomic<bool> woken_{true};
  const RefPtr<CurrentThread> scheduler_;
};

namespace {

// The core's holder, while it drives.
class DriveScope {
 public:
  explicit DriveScope(CurrentThreadCore& core) noexcept
      : core_(core), outer_(std::exchange(thread_context().core, &core)) {
    core.begin_busy();
  }
  ~DriveScope() {
    core_.end_busy();
    thread_context().core = outer_;
  }
  DriveScope(const DriveScope&) = delete;
  DriveScope& operator=(const DriveScope&) = delete;

 private:
  CurrentThreadCore& core_;
  CurrentThreadCore* const outer_;
};

// What this thread stamps tasks with that are suspended from now on.
void note_time(SteadyTime now) noexcept { thread_context().clock = now.time_since_epoch().count(); }

// One poll of block_on's argument, with a budget of its own.
bool poll_root(Strand& root, const Waker& waker) {
  Budget budget = Budget::initial();
  Budget* const outer = std::exchange(thread_context().budget, &budget);
  Context cx(waker, budget);
  const bool ended = root.poll(cx);
  thread_context().budget = outer;
  return ended;
}

// The same, of the driving thread of a runtime that may be observed.
bool poll_driving_root(Strand& root, const Waker& waker, const TaskHooks* hooks,
                       std::source_location where) {
  if (hooks == nullptr || hooks->observer == nullptr) [[likely]]
    return poll_root(root, waker);
  PollMark mark;
  hooks->observer->begin_root(where, mark);
  const bool ended = poll_root(root, waker);
  hooks->observer->end_root(where, mark);
  return ended;
}

}  // namespace

// --- The core

CurrentThreadCore::CurrentThreadCore(CurrentThread& scheduler)
    : metrics(scheduler.config()), scheduler_(scheduler), poll_timer_(metrics.poll_times.get()) {}

void CurrentThreadCore::begin_busy() noexcept {
  note_holder(metrics);
  busy_.begin(loom::SteadyClock::now());
}

void CurrentThreadCore::end_busy() noexcept { busy_.record(loom::SteadyClock::now(), metrics); }

void CurrentThreadCore::park() noexcept {
  end_busy();
  parks_.park(metrics);
}

void CurrentThreadCore::unpark() noexcept {
  parks_.unpark(metrics);
  busy_.begin(loom::SteadyClock::now());
}

void CurrentThreadCore::defer(const Waker& waker) {
  if (!deferred_wakers_.empty() && deferred_wakers_.back().will_wake(waker)) return;
  deferred_wakers_.push_back(waker);
}

FrameHeader* CurrentThreadCore::next_task() noexcept {
  constexpr std::uint32_t kDefaultInterval = 31;
  const std::uint32_t interval =
      scheduler_.config().global_queue_interval.value_or(kDefaultInterval);
  InjectQueue& inject = scheduler_.inject();
  FrameHeader* task = nullptr;
  if (++tick_ % interval == 0) task = inject.pop();
  if (task != nullptr) return task;
  task = queue_.pop_front();
  if (task == nullptr) return inject.pop();
  publish_depth();
  return task;
}

inline void CurrentThreadCore::run(FrameHeader* task) noexcept {
  add(metrics.polls);
  Budget budget = Budget::initial();
  switch (poll_timer_.is_enabled() ? measure_poll(task, budget)
                                   : poll_task(task, budget, thread_context())) {
    case PollOutcome::kDeferred:
      return deferred_.push_back(task);
    case PollOutcome::kNotified:
      return push(task);
    case PollOutcome::kEnded:
    case PollOutcome::kIdle:
      return;
  }
}

[[gnu::cold, gnu::noinline]] PollOutcome CurrentThreadCore::measure_poll(FrameHeader* task,
                                                                         Budget& budget) noexcept {
  poll_timer_.begin(false);
  const PollOutcome outcome = poll_task(task, budget, thread_context());
  poll_timer_.end(false);
  return outcome;
}

void CurrentThreadCore::ready_deferred() noexcept {
  if (!deferred_.empty()) {
    add(metrics.woken, deferred_.count);
    queue_.append(std::exchange(deferred_, TaskChain()));
    publish_depth();
  }
  std::vector<Waker> wakers = std::exchange(deferred_wakers_, {});
  for (auto waker = wakers.rbegin(); waker != wakers.rend(); ++waker) std::move(*waker).wake();
}

void CurrentThreadCore::cancel_all() noexcept {
  for (;;) {
    ready_deferred();
    FrameHeader* task = queue_.pop_front();
    if (task == nullptr) task = scheduler_.inject().pop();
    if (task == nullptr) return;
    if (cancel_task(task, thread_context()) == PollOutcome::kNotified) push(task);
  }
}

// --- Beginning

Result<RefPtr<CurrentThread>> CurrentThread::create(RuntimeConfig config) {
  Result<RefPtr<Driver>> driver = Driver::create(driver_options(config));
  if (!driver) return Err(driver.error());
  return RefPtr<CurrentThread>::adopt(new CurrentThread(std::move(config), *std::move(driver)));
}

CurrentThread::CurrentThread(RuntimeConfig config, RefPtr<Driver> driver)
    : Scheduler(std::move(config), std::move(driver)), core_(*this) {}

CurrentThread::~CurrentThread() = default;

// --- Queueing

bool CurrentThread::is_driving_thread() const noexcept {
  const CurrentThreadCore* const core = thread_context().core;
  return core != nullptr && &core->scheduler() == this;
}

void CurrentThread::schedule(FrameHeader* task) noexcept {
  if (is_driving_thread()) {
    core_.push(task);
    return;
  }
  // The task is not complete, so we are alive; after the push only this reference says so.
  const RefPtr<CurrentThread> keep(*this);
  WEFT_CHECK(inject_.push_if_open_with(task, [this] { add(strays_.queued); }),
             "weft: a task was woken after its runtime had ended");
  driver().unpark();
}

void CurrentThread::schedule_new(FrameHeader* task, ThreadContext& context) noexcept {
  if (is_driving_thread()) {
    add(core_.metrics.spawned);
    if (!stopping_.load(std::memory_order_acquire)) {  // [S1]
      core_.push_new(task);
      return;
    }
  } else {
    if (inject_.push_spawned_with(task, [this] { strays_.note_queued_new(); })) {
      driver().unpark();
      return;
    }
    strays_.note_spawned();
  }
  // Stopping: the task ends before it began, and its handle says so.
  WEFT_CHECK(cancel_task(task, context) == PollOutcome::kEnded);
}

void CurrentThread::task_has_ended(ThreadContext&) noexcept {
  if (is_driving_thread()) {
    add(core_.metrics.ended);
    return;
  }
  strays_.note_ended();
  if (stopping_.load(std::memory_order_seq_cst)) driver().unpark();  // [S1] [N2]
}

void CurrentThread::task_threw() noexcept {
  if (config().unhandled_exception != runtime::UnhandledException::kShutdownRuntime) return;
  // relaxed: read by this thread's loop, and by later ones that take the core's mutex.
  task_has_thrown_.store(true, std::memory_order_relaxed);
}

std::uint64_t CurrentThread::alive_tasks() const noexcept {
  // Ended first, so that the difference is never negative. relaxed: the core's own counters; exact
  // for the driving thread.
  const std::uint64_t ended = strays_.ended.load(std::memory_order_seq_cst) +  // [N1] [N2]
                              core_.metrics.ended.load(std::memory_order_relaxed);
  const std::uint64_t spawned = strays_.spawned.load(std::memory_order_acquire) +  // [N1]
                                core_.metrics.spawned.load(std::memory_order_relaxed);
  return spawned > ended ? spawned - ended : 0;
}

// --- block_on

bool CurrentThread::try_take_core() noexcept {
  const std::lock_guard lock(core_mutex_);
  return !std::exchange(core_is_taken_, true);
}

void CurrentThread::give_core_back() noexcept {
  std::vector<Waker> waiters;
  {
    const std::lock_guard lock(core_mutex_);
    core_is_taken_ = false;
    waiters.swap(core_waiters_);
  }
  for (Waker& waiter : waiters) std::move(waiter).wake();
}

bool CurrentThread::wait_for_core(Strand& root) {
  const CachedParkWaker parker;
  const Waker waker = parker->waker();
  for (;;) {
    if (poll_root(root, waker)) return true;
    {
      const std::lock_guard lock(core_mutex_);
      if (!std::exchange(core_is_taken_, true)) return false;
      core_waiters_.push_back(waker);
    }
    parker->park();
  }
}

void CurrentThread::block_on(Strand& root, std::source_location where) {
  if (!try_take_core() && wait_for_core(root)) return;
  struct GiveBack {
    CurrentThread& self;
    ~GiveBack() { self.give_core_back(); }
  } const give_back{*this};
  const DriveScope scope(core_);
  drive(root, where);
}

void CurrentThread::drive(Strand& root, std::source_location where) {
  RootWaker* const root_waker = RootWaker::create(*this);
  struct Release {
    RootWaker* waker;
    ~Release() { RootWaker::release(waker); }
  } const release{root_waker};
  const Waker waker = root_waker->waker();
  std::optional<BlockedRoot> blocked;
  for (;;) {
    check_no_task_threw(where);
    if (root_waker->take_woken()) {
      if (blocked) blocked->set_polled(true);
      if (poll_driving_root(root, waker, hooks(), where)) break;
      if (blocked) blocked->set_polled(false);
    }
    if (!blocked) {
      blocked.emplace(blocked_roots(), root, waker, where);
      note_time(driver().clock().now());
    }
    if (run_tasks(where) || has_pending(*root_waker)) {
      poll_driver_now();
    } else {
      park(*root_waker, *blocked);
    }
  }
  note_time(SteadyTime());
}

bool CurrentThread::has_pending(const RootWaker& root) const noexcept {
  return core_.has_pending() || root.is_woken() || inject_.length() != 0;
}

bool CurrentThread::run_tasks(std::source_location where) {
  for (std::uint32_t i = 0; i < config().event_interval; ++i) {
    FrameHeader* const task = core_.next_task();
    if (task == nullptr) return false;
    core_.run(task);
    check_no_task_threw(where);
  }
  return true;
}

void CurrentThread::park(RootWaker& root, BlockedRoot& blocked) noexcept {
  const RuntimeConfig& config = this->config();
  // The hook first: it may spawn or wake, and the thread must not sleep then.
  if (config.on_thread_park) config.on_thread_park();
  if (has_pending(root)) {
    poll_driver_now();
  } else {
    core_.park();
    {
      const BlockedRoot::Parked parked(blocked);
      driver().park();
    }
    note_time(driver().last_turn());
    core_.unpark();
    core_.ready_deferred();
  }
  if (config.on_thread_unpark) config.on_thread_unpark();
}

void CurrentThread::poll_driver_now() noexcept {
  driver().poll_now();
  note_time(driver().last_turn());
  core_.ready_deferred();
}

void CurrentThread::check_no_task_threw(std::source_location where) const {
  // relaxed: see task_threw().
  WEFT_CHECK(!task_has_thrown_.load(std::memory_order_relaxed),
             "block_on: a spawned task threw, and the runtime was built to shut down on unhandled "
             "exceptions (Builder::unhandled_exception)",
             where);
}

// --- The end

void CurrentThread::stop_tasks() noexcept {
  if (!inject_.stop_spawning()) return;
  stopping_.store(true, std::memory_order_seq_cst);  // [S1] [N2]
  WEFT_CHECK(try_take_core(), "a current_thread runtime was destroyed inside its own block_on");
  // Frames that are destroyed may ask for the current runtime.
  const ContextGuard context(*this, std::source_location::current());
  const DriveScope scope(core_);
  for (;;) {
    core_.cancel_all();
    if (alive_tasks() == 0) break;
    if (walk_again_.exchange(false, std::memory_order_acq_rel)) {  // [S3]
      cancel_idle_tasks(*this);
      continue;
    }
    // Something is cancelled step by step, or is just being woken by a foreign thread.
    driver().park();
  }
  inject_.close();
  driver().shutdown();
}

void CurrentThread::note_stray_resume() noexcept {
  // Also while the runtime does not stop: it may begin to after we have looked.
  walk_again_.exchange(true, std::memory_order_acq_rel);             // [S3]
  if (stopping_.load(std::memory_order_seq_cst)) driver().unpark();  // [S1]
}

void CurrentThread::shutdown(std::optional<std::chrono::nanoseconds> limit) noexcept {
  if (limit.has_value()) {
    stop_blocking_pool(limit);
    stop_tasks();
  } else {
    stop_tasks();
    stop_blocking_pool(limit);
  }
}

}  // namespace weft::internal
