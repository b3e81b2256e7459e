#include <weft/runtime/blocking/blocking_pool.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include <weft/base/check.h>
#include <weft/loom/mutex.h>
#include <weft/loom/thread.h>
#include <weft/loom/thread_local.h>

namespace weft::internal {
namespace {

// Which pool the calling thread belongs to; compared, never followed.
struct OwnPool {
  const void* state = nullptr;
};
struct OwnPoolTag;

using SteadyPoint = std::chrono::steady_clock::time_point;

SteadyPoint after(std::chrono::nanoseconds duration) noexcept {
  const SteadyPoint now = std::chrono::steady_clock::now();
  if (duration > SteadyPoint::max() - now) return SteadyPoint::max();
  return now + std::max(duration, std::chrono::nanoseconds::zero());
}

}  // namespace

// Everything below is guarded by `mutex` unless it says otherwise.
class BlockingPool::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(BlockingPoolOptions options)
      : max_threads_(options.max_threads),
        keep_alive_(options.keep_alive),
        stack_size_(options.stack_size),
        hooks_(std::make_shared<const BlockingPoolOptions>(std::move(options))) {}

  Result<void, SpawnError> spawn(BlockingJob* job);
  void begin_shutdown() noexcept;
  bool wait_shutdown(std::optional<std::chrono::nanoseconds> limit);

  bool is_mine() const noexcept {
    return loom::ThreadLocal<OwnPool, OwnPoolTag>::get()->state == this;
  }
  std::size_t num_threads() noexcept { return locked(num_threads_); }
  std::size_t num_idle() noexcept { return locked(num_idle_); }
  std::size_t queue_depth() noexcept { return locked(queue_depth_); }

 private:
  using Lock = std::unique_lock<loom::Mutex>;

  std::size_t locked(const std::size_t& value) noexcept {
    const std::lock_guard lock(mutex_);
    return value;
  }

  void push(BlockingJob* job) noexcept;
  BlockingJob* pop() noexcept;
  bool add_thread();
  void run_thread(std::size_t id, std::shared_ptr<const BlockingPoolOptions> hooks) noexcept;
  void work() noexcept;
  void run_jobs(Lock& lock) noexcept;
  bool wait_for_claim(Lock& lock) noexcept;
  void leave(std::size_t id) noexcept;

  loom::Mutex mutex_;
  loom::Condvar job_or_end_;   // a claim, or shutdown
  loom::Condvar all_ended_;    // num_running_ is 0

  const std::size_t max_threads_;
  const std::chrono::nanoseconds keep_alive_;
  const std::size_t stack_size_;
  // Shared with every thread, and let go of here when shutdown begins.
  std::shared_ptr<const BlockingPoolOptions> hooks_;

  BlockingJob* first_ = nullptr;
  BlockingJob* last_ = nullptr;
  std::size_t queue_depth_ = 0;
  std::size_t num_threads_ = 0;  // that may take jobs
  std::size_t num_idle_ = 0;
  std::size_t num_notify_ = 0;
  std::size_t num_running_ = 0;  // that have not called leave()
  bool is_shut_down_ = false;

  // Threads to be joined: those that run, by id, and the last one that left because it was idle.
  struct Entry {
    std::size_t id;
    loom::Thread thread;
  };
  std::vector<Entry> threads_;
  std::optional<loom::Thread> idle_leaver_;
  std::size_t next_id_ = 0;
};

// --- Jobs

void BlockingPool::State::push(BlockingJob* job) noexcept {
  job->next = nullptr;
  if (first_ == nullptr) {
    first_ = job;
  } else {
    last_->next = job;
  }
  last_ = job;
  ++queue_depth_;
}

BlockingJob* BlockingPool::State::pop() noexcept {
  BlockingJob* const job = first_;
  if (job == nullptr) return nullptr;
  first_ = job->next;
  --queue_depth_;
  return job;
}

Result<void, BlockingPool::SpawnError> BlockingPool::State::spawn(BlockingJob* job) {
  const std::lock_guard lock(mutex_);
  if (is_shut_down_) return Err(SpawnError::kShutDown);
  if (num_idle_ > 0) {
    // The thread is ours from here on: the next spawner must not count on it.
    --num_idle_;
    ++num_notify_;
    push(job);
    job_or_end_.notify_one();
    return {};
  }
  if (num_threads_ < max_threads_ && !add_thread() && num_threads_ == 0) {
    return Err(SpawnError::kNoThreads);
  }
  // Otherwise a thread that works now will find it.
  push(job);
  return {};
}

// --- Threads

// False: the system has no room for one.
bool BlockingPool::State::add_thread() {
  loom::ThreadOptions options;
  if (hooks_->thread_name) options.name = hooks_->thread_name();
  options.stack_size = stack_size_;
  const std::size_t id = next_id_++;
  // The thread cannot leave before we have entered it: leave() takes the mutex that we hold.
  // It gets its own share of the hooks here: shutdown may take the pool's before it runs.
  auto thread = loom::Thread::spawn(
      options, [self = shared_from_this(), id, hooks = hooks_]() mutable {
        self->run_thread(id, std::move(hooks));
      });
  if (!thread) return false;
  threads_.push_back(Entry{id, *std::move(thread)});
  ++num_threads_;
  ++num_running_;
  return true;
}

void BlockingPool::State::run_thread(
    std::size_t id, std::shared_ptr<const BlockingPoolOptions> hooks) noexcept {
  loom::ThreadLocal<OwnPool, OwnPoolTag>::get()->state = this;
  const auto body = [this, &hooks] {
    if (hooks->on_start) hooks->on_start();
    work();
    if (hooks->on_stop) hooks->on_stop();
  };
  if (hooks->enter) {
    hooks->enter(body);
  } else {
    body();
  }
  hooks.reset();
  leave(id);
}

void BlockingPool::State::work() noexcept {
  Lock lock(mutex_);
  for (;;) {
    run_jobs(lock);
    if (is_shut_down_ || !wait_for_claim(lock)) break;
  }
  --num_threads_;
}

void BlockingPool::State::run_jobs(Lock& lock) noexcept {
  while (BlockingJob* const job = pop()) {
    const bool cancel = is_shut_down_ && !job->mandatory;
    lock.unlock();
    if (cancel) {
      job->cancel();
    } else {
      job->run();
    }
    lock.lock();
  }
}

// True: there may be a job, or shutdown has begun. False: idle for too long.
bool BlockingPool::State::wait_for_claim(Lock& lock) noexcept {
  ++num_idle_;
  const SteadyPoint deadline = after(keep_alive_);
  for (;;) {
    if (num_notify_ > 0) {
      // Whoever claimed a thread has taken it out of num_idle_ already.
      --num_notify_;
      return true;
    }
    if (is_shut_down_) {
      --num_idle_;
      return true;
    }
    const bool timed_out = job_or_end_.wait_until(lock, deadline) == std::cv_status::timeout;
    if (timed_out && num_notify_ == 0 && !is_shut_down_) {
      --num_idle_;
      return false;
    }
  }
}

// The thread's last use of the state. While the pool lives, one that has left for being idle joins
// the one that did so before it, so at most one is unjoined.
void BlockingPool::State::leave(std::size_t id) noexcept {
  std::optional<loom::Thread> previous;
  {
    const std::lock_guard lock(mutex_);
    if (!is_shut_down_) {
      const auto own = std::find_if(threads_.begin(), threads_.end(),
                                    [id](const Entry& entry) { return entry.id == id; });
      previous = std::exchange(idle_leaver_, std::move(own->thread));
      threads_.erase(own);
    }
    --num_running_;
    if (num_running_ == 0) all_ended_.notify_all();
  }
  if (previous.has_value()) previous->join();
}

// --- The end

void BlockingPool::State::begin_shutdown() noexcept {
  std::shared_ptr<const BlockingPoolOptions> hooks;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(is_shut_down_, true)) return;
    // Destroyed without the lock: a hook may own the runtime.
    hooks = std::exchange(hooks_, nullptr);
    job_or_end_.notify_all();
  }
}

bool BlockingPool::State::wait_shutdown(std::optional<std::chrono::nanoseconds> limit) {
  std::vector<Entry> threads;
  std::optional<loom::Thread> idle_leaver;
  bool ended;
  {
    Lock lock(mutex_);
    const auto none_runs = [this] { return num_running_ == 0; };
    if (limit.has_value()) {
      ended = all_ended_.wait_until(lock, after(*limit), none_runs);
    } else {
      all_ended_.wait(lock, none_runs);
      ended = true;
    }
    threads.swap(threads_);
    idle_leaver.swap(idle_leaver_);
  }
  if (idle_leaver.has_value()) threads.push_back(Entry{0, *std::move(idle_leaver)});
  for (Entry& entry : threads) {
    // Those that run on by themselves keep the state, and themselves, alive.
    if (ended) {
      entry.thread.join();
    } else {
      entry.thread.detach();
    }
  }
  return ended;
}

// --- The pool

BlockingPool::BlockingPool(BlockingPoolOptions options, std::source_location where) {
  WEFT_CHECK(options.max_threads > 0, "BlockingPool: the number of threads cannot be 0", where);
  state_ = std::make_shared<State>(std::move(options));
}

BlockingPool::~BlockingPool() {
  begin_shutdown();
  static_cast<void>(state_->wait_shutdown(std::chrono::nanoseconds::zero()));
}

Result<void, BlockingPool::SpawnError> BlockingPool::spawn(BlockingJob* job) {
  return state_->spawn(job);
}

void BlockingPool::begin_shutdown() noexcept { state_->begin_shutdown(); }

bool BlockingPool::wait_shutdown(std::optional<std::chrono::nanoseconds> limit,
                                 std::source_location where) {
  const bool waits = !limit.has_value() || *limit > std::chrono::nanoseconds::zero();
  WEFT_CHECK(!waits || !is_current_thread_mine(),
             "a runtime was shut down, with waiting, on one of its own threads; use "
             "shutdown_background()",
             where);
  begin_shutdown();
  return state_->wait_shutdown(limit);
}

bool BlockingPool::is_current_thread_mine() const noexcept { return state_->is_mine(); }
std::size_t BlockingPool::num_threads() const noexcept { return state_->num_threads(); }
std::size_t BlockingPool::num_idle() const noexcept { return state_->num_idle(); }
std::size_t BlockingPool::queue_depth() const noexcept { return state_->queue_depth(); }

}  // namespace weft::internal
