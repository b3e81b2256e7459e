#include <weft/runtime/scheduler/worker.h>

#include <utility>

#include <weft/base/check.h>
#include <weft/loom/steady_clock.h>
#include <weft/runtime/scheduler/multi_thread.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task/task_home.h>

namespace weft::internal {

Worker::Worker(MultiThread& scheduler, unsigned index, std::unique_ptr<Parker> parker,
               runtime::RngSeed seed)
    : scheduler_(scheduler),
      index_(index),
      metrics_(scheduler.config()),
      random_(seed),
      tuner_(scheduler.config().global_queue_interval),
      next_maintenance_(scheduler.config().event_interval),
      next_injected_(tuner_.interval()),
      poll_timer_(metrics_.poll_times.get()),
      parker_(std::move(parker)) {}

// --- The loop

void Worker::run() noexcept {
  // This thread's for as long as it runs the loop.
  ThreadContext& context = thread_context();
  context.worker = this;
  begin_busy();
  while (!must_leave()) {
    const std::uint32_t tick = next_tick();
    if (tick == next_maintenance_) maintain();
    FrameHeader* task = next_task(tick);
    if (task == nullptr && (!deferred_.empty() || !deferred_wakers_.empty())) {
      poll_driver_now();
      continue;
    }
    if (task == nullptr) task = search();
    if (task == nullptr) {
      sleep();
      continue;
    }
    run_task(task, context);
    if (context.worker != this) return;
  }
  end_busy();
  scheduler_.stop_worker(*this);
}

std::uint32_t Worker::next_tick() noexcept {
  // relaxed: one writer; see tick().
  const std::uint32_t tick = tick_.load(std::memory_order_relaxed) + 1;
  tick_.store(tick, std::memory_order_relaxed);
  return tick;
}

FrameHeader* Worker::next_task(std::uint32_t tick) noexcept {
  if (tick == next_injected_) {
    next_injected_ = tick + tuner_.interval();
    if (FrameHeader* const task = scheduler_.inject().pop(); task != nullptr) {
      budget_ = Budget::initial();
      lifo_run_ = 0;
      return task;
    }
  }
  if (lifo_ != nullptr) {
    FrameHeader* const task = std::exchange(lifo_, nullptr);
    if (budget_.has_remaining()) {
      ++lifo_run_;
      return task;
    }
    push_back(task);
  }
  budget_ = Budget::initial();
  lifo_run_ = 0;
  if (!forks_.is_empty_for_owner()) {
    if (FrameHeader* const fork = take_fork_in_turn(); fork != nullptr) return begin_fork(fork);
  }
  FrameHeader* task = queue_.pop();
  if (task == nullptr) task = take_injected_batch();
  if (task != nullptr || forks_.is_empty_for_owner()) [[likely]]
    return task;
  return begin_fork(forks_.pop());
}

// The newest, but every eighth time what waits in the run queue has its turn, and once in a while
// the oldest: however many are spawned, all begin.
FrameHeader* Worker::take_fork_in_turn() noexcept {
  const std::uint32_t turn = ++fork_turn_;
  if (turn % kForkTurns != 0) return forks_.pop();
  return turn % (kForkTurns * kForkTurns) == 0 ? forks_.steal() : nullptr;
}

FrameHeader* Worker::take_injected_batch() noexcept {
  const std::size_t length = scheduler_.inject().length();
  if (length == 0) return nullptr;
  // A fair share; they fit into the first half of the queue, so they cannot overflow back before
  // they have been run once.
  std::size_t wanted = length / scheduler_.idle().workers() + 1;
  wanted = std::min<std::size_t>({wanted, queue_.free_slots(), LocalQueue::kHalf});
  TaskChain batch = scheduler_.inject().pop_up_to(std::max<std::size_t>(wanted, 1));
  FrameHeader* const first = batch.pop_front();
  if (!batch.empty()) {
    queue_.push_batch(batch);
    // Between the two queues they were in none: who went to sleep just then has not seen them.
    scheduler_.notify_one();
  }
  return first;
}

void Worker::run_task(FrameHeader* task, ThreadContext& context) noexcept {
  if (is_searching_) stop_searching();
  // What runs from the LIFO slot is part of the poll before it.
  if (lifo_run_ == 0) add(metrics_.polls);
  // On this stack and not in the core: if the task hands the core off, it keeps its budget, and the
  // next holder has one of its own.
  Budget budget = budget_;
  const PollOutcome outcome = poll_timer_.is_enabled() ? measure_poll(task, budget, context)
                                                       : poll_task(task, budget, context);
  if (!settle(task, outcome, context)) [[unlikely]]
    return;
  budget_ = budget;
  if (backlog_since_.has_value()) [[unlikely]]
    share_old_backlog();
}

// After a poll. False: the core is not ours any more.
[[gnu::always_inline]] inline bool Worker::settle(FrameHeader* task, PollOutcome outcome,
                                                  ThreadContext& context) noexcept {
  if (context.worker != this) [[unlikely]] {
    // block_in_place has given the core away, and another thread uses it: not one more field of it.
    if (outcome == PollOutcome::kNotified || outcome == PollOutcome::kDeferred) {
      scheduler_.schedule(task);
    }
    scheduler_.note_stray_resume();
    return false;
  }
  if (outcome == PollOutcome::kDeferred) {
    deferred_.push_back(task);
  } else if (outcome == PollOutcome::kNotified) {
    // Woken by itself, it waits behind the others.
    add(metrics_.woken);
    push_back(task);
    scheduler_.notify_one();
  }
  return true;
}

// --- Children of scopes

void Worker::fork(FrameHeader* task) noexcept {
  add(metrics_.spawned);
  share_newest_fork();
  newest_fork_ = task;
}

void Worker::share_newest_fork() noexcept {
  if (FrameHeader* const task = std::exchange(newest_fork_, nullptr); task != nullptr) {
    push_fork(task);
  }
}

void Worker::push_fork(FrameHeader* task) noexcept {
  // When it is full, the run queue takes the newest: the oldest are the bigger ones.
  if (!forks_.push(task)) push_back(begin_fork(task));
  scheduler_.notify_one();
}

// Whoever takes a fork, unless it is a scope's that the scope runs itself, tells its home before.
FrameHeader* Worker::begin_fork(FrameHeader* task) noexcept {
  if (task != nullptr) task->home->becomes_shared(task);
  return task;
}

FrameHeader* Worker::take_fork(const TaskHome* home) noexcept {
  if (fork_tick_ != tick()) {
    fork_tick_ = tick();
    fork_runs_ = 0;
  }
  if (fork_runs_ >= kForkRuns || fork_depth_ >= kForkDepth) return nullptr;
  FrameHeader* task = std::exchange(newest_fork_, nullptr);
  if (task == nullptr) task = forks_.pop();
  if (task == nullptr || task->home == home) return task;
  // Ours have been stolen, or lie below this one, which is of a scope around us, or of none.
  push_fork(task);
  return nullptr;
}

void Worker::run_fork(FrameHeader* task, ThreadContext& context) noexcept {
  // Part of the poll around it, as what runs from the LIFO slot.
  ++fork_runs_;
  const std::uint32_t depth = fork_depth_++;
  Budget budget = Budget::initial();
  if (settle(task, poll_fork(task, budget, context), context)) fork_depth_ = depth;
}

void Worker::maintain() noexcept {
  const std::uint32_t interval = scheduler_.config().event_interval;
  next_maintenance_ = tick() + interval;
  const SteadyPoint now = loom::SteadyClock::now();
  tuner_.record(now - last_maintenance_, interval);
  last_maintenance_ = now;
  thread_context().clock = now.time_since_epoch().count();
  record_busy(now);
  poll_driver_now();
}

void Worker::poll_driver_now() noexcept {
  lifo_run_ = -1;
  const bool has_polled = scheduler_.driver_lock().try_lock();
  if (has_polled) {
    in_driver_ = true;
    scheduler_.driver().poll_now();
    in_driver_ = false;
    const SteadyPoint now = loom::SteadyClock::now();
    scheduler_.unlock_driver(now);
    if (!backlog_since_.has_value()) begin_backlog(now, std::chrono::nanoseconds::zero());
  }
  // If it was not free, another thread has the driver's turn at this moment.
  ready_deferred();
  // Nobody is woken for what that brought: somebody has to see to it if we do not.
  if (scheduler_.idle().sleeping() == 0) return;
  if (!queue_.empty() && scheduler_.driver_lock().claim_unwatched()) {
    scheduler_.driver().unpark();
  } else if (has_polled) {
    // For those too that have found the driver held meanwhile.
    scheduler_.watch().arm();
  }
}

void Worker::ready_deferred() noexcept {
  TaskChain yielded = std::exchange(deferred_, TaskChain());
  add(metrics_.woken, yielded.count);
  if (yielded.count <= queue_.free_slots()) {
    if (!yielded.empty()) queue_.push_batch(yielded);
  } else {
    while (FrameHeader* const task = yielded.pop_front()) push_back(task);
  }
  // The last one first. Waking may defer again: those wait for the next turn.
  std::vector<Waker> wakers = std::exchange(deferred_wakers_, {});
  for (auto waker = wakers.rbegin(); waker != wakers.rend(); ++waker) std::move(*waker).wake();
  wakers.clear();
  if (deferred_wakers_.empty()) deferred_wakers_ = std::move(wakers);
}

void Worker::begin_backlog(SteadyPoint now, std::chrono::nanoseconds waited) noexcept {
  // What is more than this worker can keep up with is as good as old: the next tick shares it. Not
  // this call, in which the worker may still count as asleep.
  const std::chrono::nanoseconds expected = mean_poll_.value() * queue_.size();
  const bool is_too_much = expected >= kLongBatch && waited < expected / 8;
  backlog_since_ = is_too_much ? now - kBacklogAge : now;
  backlog_checked_ = now;
  backlog_stride_ = 1;
  next_backlog_check_ = tick() + 1;
}

void Worker::share_old_backlog() noexcept {
  if (queue_.empty()) {
    backlog_since_.reset();
    return;
  }
  // Signed: ticks pass while nothing is run.
  if (static_cast<std::int32_t>(tick() - next_backlog_check_) < 0) return;
  const SteadyPoint now = loom::SteadyClock::now();
  // The clock costs as much as a small task. It is read again after as many tasks as take a tenth
  // of the age at the pace of the last ones; if they turn out to be slow, the watch sees to the
  // rest.
  const auto pace = std::max<std::chrono::nanoseconds>((now - backlog_checked_) / backlog_stride_,
                                                       std::chrono::nanoseconds(1));
  backlog_stride_ = std::clamp<std::uint32_t>(kBacklogAge / 10 / pace, 1, kLongestBacklogStride);
  next_backlog_check_ = tick() + backlog_stride_;
  backlog_checked_ = now;
  if (now - *backlog_since_ < kBacklogAge) return;
  backlog_since_ = now;
  scheduler_.notify_one();
}

bool Worker::has_local_work() const noexcept { return lifo_ != nullptr || !queue_.empty(); }

// --- Queueing

bool Worker::lifo_is_allowed() const noexcept {
  if (in_driver_ || !scheduler_.config().lifo_slot) return false;
  return lifo_run_ < kLifoCap || (queue_.empty() && forks_.is_empty_for_owner());
}

void Worker::schedule(FrameHeader* task) noexcept {
  add(metrics_.woken);
  enqueue(task);
}

void Worker::enqueue(FrameHeader* task) noexcept {
  if (lifo_is_allowed()) {
    FrameHeader* const displaced = std::exchange(lifo_, task);
    // One task in the slot is nothing that another worker could take.
    if (displaced == nullptr) return;
    task = displaced;
  }
  if (in_driver_) {
    // Of the driver's batch: nobody is woken for it (head of worker.h).
    if (queue_.push_unfenced(task)) return;
    push_back(task);
    return;
  }
  push_back(task);
  scheduler_.notify_one();
}

void Worker::schedule_new(FrameHeader* task) noexcept {
  if (in_driver_ || !scheduler_.config().lifo_slot) return enqueue(task);
  if (lifo_is_allowed()) {
    FrameHeader* const displaced = std::exchange(lifo_, task);
    // One task in the slot is nothing that another worker could take.
    if (displaced == nullptr) return;
    task = displaced;
  }
  if (!forks_.push(task)) push_back(task);
  scheduler_.notify_one();
}

void Worker::push_back(FrameHeader* task) noexcept {
  while (!queue_.push(task)) {
    const TaskChain half = queue_.overflow(task);
    if (!half.empty()) {
      add(metrics_.overflows);
      WEFT_CHECK(scheduler_.inject().push_batch(half.first, half.last, half.count));
      return;
    }
    if (queue_.free_slots() == 0) {
      WEFT_CHECK(scheduler_.inject().push(task));
      return;
    }
  }
}

void Worker::defer(const Waker& waker) {
  if (!deferred_wakers_.empty() && deferred_wakers_.back().will_wake(waker)) return;
  deferred_wakers_.push_back(waker);
}

void Worker::publish_all() noexcept {
  end_busy();
  share_newest_fork();
  fork_depth_ = 0;
  ready_deferred();
  if (lifo_ != nullptr) push_back(std::exchange(lifo_, nullptr));
  scheduler_.notify_one();
}

void Worker::hand_over() noexcept {
  // Before the queues are emptied: who relied on this searcher is answered by the caller's
  // notification.
  if (std::exchange(is_searching_, false)) static_cast<void>(scheduler_.idle().stop_search());
  publish_all();
  // What is woken from here on goes to the injection queue, also by the wakers that were deferred
  // again meanwhile.
  thread_context().worker = nullptr;
  ready_deferred();
  TaskChain all;
  while (FrameHeader* const task = queue_.pop()) all.push_back(task);
  while (!forks_.is_empty_for_owner()) {
    // The oldest first. Null: a thief was faster.
    if (FrameHeader* const fork = forks_.steal(); fork != nullptr) all.push_back(begin_fork(fork));
  }
  if (all.empty()) return;
  WEFT_CHECK(scheduler_.inject().push_batch(all.first, all.last, all.count));
}

bool Worker::cancel_all() noexcept {
  ThreadContext& context = thread_context();
  while (context.worker == this) {
    ready_deferred();
    FrameHeader* task = std::exchange(lifo_, nullptr);
    if (task == nullptr) task = queue_.pop();
    if (task == nullptr) task = begin_fork(forks_.pop());
    if (task == nullptr) return true;
    const PollOutcome outcome = cancel_task(task, context);
    if (outcome == PollOutcome::kNotified) WEFT_CHECK(scheduler_.inject().push(task));
  }
  return false;
}

void Worker::unpark() noexcept {
  switch (place_.exchange(Place::kNotified, std::memory_order_acq_rel)) {  // [W2]
    case Place::kInDriver:
      return scheduler_.driver().unpark();
    case Place::kInParker:
      return parker_->unpark();
    case Place::kAwake:
    case Place::kNotified:
      return;
  }
}

}  // namespace weft::internal
