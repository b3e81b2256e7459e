#include <weft/runtime/scheduler/multi_thread.h>

#include <algorithm>
#include <utility>

#include <weft/base/check.h>
#include <weft/loom/steady_clock.h>
#include <weft/runtime/scheduler/task_walk.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task/raw_task.h>

namespace weft::internal {
namespace {

// Runs a worker on a thread of the blocking pool. The thread that finds the core taken has
// nothing to do.
class WorkerJob final : public BlockingJob {
 public:
  // Mandatory: a core that nobody takes would never be stopped.
  explicit WorkerJob(Worker& worker) noexcept : worker_(worker) {
    mandatory = true;
    occupies_thread = true;
  }

  void run() noexcept override {
    // Worker and scheduler outlive the job: every thread of the pool counts the scheduler.
    if (worker_.try_take_core()) {
      const EnterRuntimeGuard entered(worker_.scheduler(), Entered::kMayBlockInPlace, "worker",
                                      std::source_location::current());
      worker_.run();
      thread_context().worker = nullptr;
    }
    delete this;
  }
  void cancel() noexcept override { delete this; }

 private:
  Worker& worker_;
};

}  // namespace

// --- Beginning

Result<RefPtr<MultiThread>> MultiThread::create(RuntimeConfig config) {
  Result<RefPtr<Driver>> driver = Driver::create(driver_options(config));
  if (!driver) return Err(driver.error());
  Result<std::unique_ptr<WatchTimer>> watch = WatchTimer::create();
  if (!watch) {
    (*driver)->shutdown();
    return Err(watch.error());
  }
  auto scheduler = RefPtr<MultiThread>::adopt(
      new MultiThread(std::move(config), *std::move(driver), *std::move(watch)));
  if (Result<void> made = scheduler->make_workers(); !made) {
    scheduler->inject_.close();
    scheduler->driver().shutdown();
    scheduler->stop_blocking_pool(std::nullopt);  // its hooks refer to the scheduler
    return Err(made.error());
  }
  if (Result<void> started = scheduler->start_threads(); !started) {
    scheduler->stop_unstarted();
    scheduler->shutdown(std::nullopt);
    return Err(started.error());
  }
  return scheduler;
}

MultiThread::MultiThread(RuntimeConfig config, RefPtr<Driver> driver,
                         std::unique_ptr<WatchTimer> watch)
    : Scheduler(std::move(config), std::move(driver)),
      idle_(this->config().workers, this->config().max_attached_threads),
      watch_(std::move(watch)),
      workers_(this->config().workers + this->config().max_attached_threads),
      attached_(*this) {}

MultiThread::~MultiThread() = default;

Result<void> MultiThread::make_workers() {
  for (unsigned i = 0; i < config().workers; ++i) {
    Result<std::unique_ptr<Parker>> parker = Parker::create(watch_.get());
    if (!parker) return Err(parker.error());
    workers_.add(std::make_unique<Worker>(*this, i, *std::move(parker), next_seed()));
  }
  return {};
}

Result<void> MultiThread::start_threads() {
  for (const auto& worker : workers()) {
    auto* const job = new WorkerJob(*worker);
    // With a thread of its own each: workers are never free for a job that waits in the queue.
    if (auto spawned = blocking().spawn_with_thread(job); !spawned) {
      job->cancel();
      return Err(Error(std::errc::resource_unavailable_try_again));
    }
  }
  return {};
}

// --- Queueing

Worker* MultiThread::own_worker(ThreadContext& context) const noexcept {
  Worker* const worker = context.worker;
  return worker != nullptr && &worker->scheduler() == this ? worker : nullptr;
}

void MultiThread::schedule(FrameHeader* task) noexcept {
  if (Worker* const worker = own_worker(thread_context()); worker != nullptr) {
    worker->schedule(task);
    return;
  }
  // The task is not complete, so we are alive; after the push only this reference says so.
  const RefPtr<MultiThread> keep(*this);
  WEFT_CHECK(inject_.push_if_open_with(task, [this] { add(strays_.queued); }),
             "weft: a task was woken after its runtime had ended");
  if (is_stopping()) [[unlikely]]
    driver().unpark();
  notify_one();
}

void MultiThread::schedule_new(FrameHeader* task, ThreadContext& context) noexcept {
  Worker* const worker = own_worker(context);
  if (worker != nullptr) {
    worker->note_spawned();
    if (!is_stopping()) [[likely]] {
      worker->schedule_new(task);
      return;
    }
  } else {
    if (inject_.push_spawned_with(task, [this] { strays_.note_queued_new(); })) {
      notify_one();
      return;
    }
    strays_.note_spawned();
  }
  // Stopping: the task ends before it began, and its handle says so.
  WEFT_CHECK(cancel_task(task, context) == PollOutcome::kEnded);
}

void MultiThread::task_has_ended(ThreadContext& context) noexcept {
  if (Worker* const worker = own_worker(context); worker != nullptr) {
    worker->note_ended();
    return;
  }
  strays_.note_ended();
  if (is_stopping()) driver().unpark();
}

void MultiThread::notify_one() noexcept {
  if (!idle_.should_notify()) return;
  if (const auto sleeper = idle_.claim_sleeper()) workers()[*sleeper]->unpark();
}

bool MultiThread::has_shared_work() const noexcept {
  if (inject_.length() != 0) return true;
  for (const auto& worker : workers()) {
    if (worker->has_stealable()) return true;
  }
  return false;
}

void MultiThread::unlock_driver(std::chrono::steady_clock::time_point now) noexcept {
  // relaxed: read by the watch as a hint.
  last_poll_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  driver_lock_.unlock();
}

std::chrono::steady_clock::time_point MultiThread::last_poll() const noexcept {
  // relaxed: a hint.
  return std::chrono::steady_clock::time_point(
      std::chrono::nanoseconds(last_poll_.load(std::memory_order_relaxed)));
}

// --- Metrics

unsigned MultiThread::worker_count() const noexcept {
  return static_cast<unsigned>(workers().size());
}

const WorkerMetrics& MultiThread::worker_metrics(unsigned worker) const noexcept {
  return workers()[worker]->metrics();
}

std::uint64_t MultiThread::local_queue_depth(unsigned worker) const noexcept {
  return workers()[worker]->queue_depth();
}

std::uint64_t MultiThread::alive_tasks() const noexcept {
  // What has ended is summed first: a task is counted as spawned before it can end, so the
  // difference is never negative, and is 0 only if none lives.
  std::uint64_t ended = strays_.ended.load(std::memory_order_seq_cst);  // [N1] [N2]
  for (const auto& worker : workers()) {
    // relaxed: exact once the workers have stopped ([S2]); before, an estimate.
    ended += worker->metrics().ended.load(std::memory_order_relaxed);
  }
  std::uint64_t spawned = strays_.spawned.load(std::memory_order_acquire);  // [N1]
  for (const auto& worker : workers()) {
    // relaxed: as above.
    spawned += worker->metrics().spawned.load(std::memory_order_relaxed);
  }
  return spawned > ended ? spawned - ended : 0;
}

// --- block_in_place

Worker* MultiThread::hand_off_core() noexcept {
  ThreadContext& context = thread_context();
  Worker* const worker = context.worker;
  if (worker == nullptr) return nullptr;
  MultiThread& scheduler = worker->scheduler();
  if (scheduler.attached_.owns(*worker)) {
    // An attached thread's is laid down: the configured workers see to its tasks.
    scheduler.attached_.deactivate(*worker);
    return worker;
  }
  worker->publish_all();
  context.worker = nullptr;
  worker->release_core();
  auto* const job = new WorkerJob(*worker);
  // Without a thread for it the core waits where it is until we take it back.
  if (!scheduler.blocking().hand_over(job)) job->cancel();
  return worker;
}

void MultiThread::take_back_core(Worker& worker) noexcept {
  AttachedThreads& attached = worker.scheduler().attached_;
  const bool taken = attached.owns(worker) ? attached.activate(worker) : worker.try_take_core();
  if (!taken) return;
  thread_context().worker = &worker;
  worker.begin_busy();
}

// --- The end

void MultiThread::begin_shutdown() noexcept {
  if (!inject_.stop_spawning()) return;
  stopping_.store(true, std::memory_order_seq_cst);  // [S1]
  attached_.close();
  for (const auto& worker : workers()) worker->ask_to_leave();
}

void MultiThread::stop_unstarted() noexcept {
  begin_shutdown();
  const ContextGuard context(*this, std::source_location::current());
  for (const auto& worker : workers()) {
    if (!worker->try_take_core()) continue;
    Worker* const outer = std::exchange(thread_context().worker, worker.get());
    stop_worker(*worker);
    thread_context().worker = outer;
  }
}

void MultiThread::stop_worker(Worker& worker) noexcept {
  if (attached_.owns(worker)) return attached_.deactivate(worker);
  if (!worker.cancel_all()) return;
  thread_context().worker = nullptr;
  const unsigned count = config().workers;
  if (stopped_workers_.fetch_add(1, std::memory_order_acq_rel) + 1 != count) return;  // [S2]
  attached_.wait_until_inactive();
  finish();
}

void MultiThread::note_stray_resume() noexcept {
  // Also while the runtime does not stop: it may begin to after we have looked.
  walk_again_.exchange(true, std::memory_order_acq_rel);  // [S3]
  if (is_stopping()) driver().unpark();
}

void MultiThread::finish() noexcept {
  // Nobody else takes the driver any more; a worker that was in it has left it to stop.
  for (;;) {
    while (FrameHeader* const task = inject_.pop()) {
      const PollOutcome outcome = cancel_task(task, thread_context());
      if (outcome == PollOutcome::kNotified) WEFT_CHECK(inject_.push(task));
    }
    if (alive_tasks() == 0) break;
    if (walk_again_.exchange(false, std::memory_order_acq_rel)) {  // [S3]
      cancel_idle_tasks(*this);
      continue;
    }
    if (inject_.length() == 0) driver().park();
  }
  inject_.close();
  driver().shutdown();
}

void MultiThread::shutdown(std::optional<std::chrono::nanoseconds> limit) noexcept {
  using SteadyClock = loom::SteadyClock;
  begin_shutdown();
  const bool waits = !limit.has_value() || *limit > std::chrono::nanoseconds::zero();
  if (!waits) return stop_blocking_pool(limit);
  WEFT_CHECK(!attached_.includes_this_thread(),
             "a runtime was shut down, with waiting, on a thread that is attached to it; use "
             "shutdown_background()");
  const SteadyClock::time_point begin = SteadyClock::now();
  stop_blocking_pool(limit);
  if (limit.has_value()) *limit -= std::min(*limit, SteadyClock::now() - begin);
  attached_.wait_until_gone(limit);
}

}  // namespace weft::internal
