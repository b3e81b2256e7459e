// BlockingPool: jobs, threads, and their end. Interface and design: blocking_pool.h.

#include <weft/runtime/blocking/blocking_pool.h>

#include <algorithm>
#include <list>
#include <mutex>
#include <pthread.h>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/sys.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/loom/steady_clock.h>
#include <weft/loom/thread.h>
#include <weft/loom/thread_local.h>
#include <weft/runtime/scheduler/adaptive_spin.h>

namespace weft::internal {
namespace {

// The pool that the calling thread belongs to; compared, never followed.
struct OwnPoolTag;
using OwnPool = loom::ThreadLocal<const void*, OwnPoolTag>;

using SteadyPoint = std::chrono::steady_clock::time_point;

SteadyPoint after(std::chrono::nanoseconds duration) noexcept {
  const SteadyPoint now = loom::SteadyClock::now();
  if (duration > SteadyPoint::max() - now) return SteadyPoint::max();
  return now + std::max(duration, std::chrono::nanoseconds::zero());
}

void name_this_thread(std::string name) noexcept {
  constexpr std::size_t kLongest = 15;
  if (name.size() > kLongest) name.resize(kLongest);
  // A name is for people with a debugger; a thread without one does its work as well.
  static_cast<void>(sys::pthread_setname_np(::pthread_self(), name.c_str()));
}

}  // namespace

// Shared by the pool and its threads. Everything is guarded by mutex_ unless it is const.
class BlockingPool::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(BlockingPoolOptions options)
      : max_threads_(options.max_threads),
        keep_alive_(options.keep_alive),
        stack_size_(options.stack_size),
        may_spin_(options.adaptive_spin),
        hooks_(std::make_shared<const BlockingPoolOptions>(std::move(options))),
        hooks_of_threads_(hooks_) {}

  Result<void, SpawnError> spawn(BlockingJob* job);
  Result<void, SpawnError> spawn_with_thread(BlockingJob* job);
  Result<void, SpawnError> hand_over(BlockingJob* job);
  void begin_shutdown() noexcept;
  bool wait_shutdown(std::optional<std::chrono::nanoseconds> limit);

  bool owns_this_thread() const noexcept { return *OwnPool::get() == this; }
  std::size_t num_threads() noexcept { return read(num_threads_); }
  std::size_t num_idle() noexcept { return read(num_idle_); }
  std::size_t queue_depth() noexcept { return read(queue_depth_); }

 private:
  using Lock = std::unique_lock<loom::Mutex>;
  using Hooks = std::shared_ptr<const BlockingPoolOptions>;
  // A list: a thread keeps the place of its own handle, and moves it without memory.
  using Threads = std::list<loom::Thread>;

  std::size_t read(const std::size_t& counter) noexcept {
    const std::lock_guard lock(mutex_);
    return counter;
  }

  // Under mutex_.
  Result<void, SpawnError> enqueue(BlockingJob* job, Lock& lock);
  void push(BlockingJob* job) noexcept;
  void push_front(BlockingJob* job) noexcept;
  BlockingJob* pop() noexcept;
  std::size_t bring_forward_occupying() noexcept;
  bool should_wake() noexcept;
  void signal_spinner() noexcept;
  bool add_thread(const Hooks& hooks);

  // On the pool's threads.
  void run_thread(Threads::iterator self, Hooks hooks) noexcept;
  void work() noexcept;
  void run_jobs(Lock& lock) noexcept;
  bool wait_for_claim(Lock& lock, AdaptiveSpin& spin) noexcept;
  void spin_for_signal(Lock& lock, AdaptiveSpin& spin) noexcept;
  void leave(Threads::iterator self) noexcept;

  loom::Mutex mutex_;
  loom::Condvar wake_;   // one claim more, or shutdown; for threads that wait for work
  loom::Condvar ended_;  // num_running_ has become 0; for wait_shutdown()

  const std::size_t max_threads_;
  const std::chrono::nanoseconds keep_alive_;
  const std::size_t stack_size_;
  const bool may_spin_;
  // Each thread has its own share; this one goes when shutdown begins.
  Hooks hooks_;
  // For threads that are made later, on behalf of one that has a share.
  const std::weak_ptr<const BlockingPoolOptions> hooks_of_threads_;

  BlockingJob* first_ = nullptr;  // null exactly when the queue is empty
  BlockingJob* last_ = nullptr;   // meaningful while first_ is not null
  std::size_t queue_depth_ = 0;

  std::size_t num_threads_ = 0;   // that may take jobs
  std::size_t num_occupied_ = 0;  // of these, with a job that occupies one, run or to come
  std::size_t num_idle_ = 0;      // of these, waiting and not claimed
  std::size_t num_notify_ = 0;    // claims that no waiting thread has taken yet
  bool is_waking_ = false;        // a waiting thread was told and has taken no claim yet
  std::size_t num_spinning_ = 0;  // of those that wait, one at most: looks at signals_ meanwhile
  // Written under mutex_, by who has something to tell; read by who spins, without it.
  loom::Atomic<std::uint32_t> signals_{0};
  std::size_t num_starting_ = 0;  // made, and not yet at the queue
  std::size_t num_running_ = 0;   // that have not done all there is to do, on_stop included
  bool is_shut_down_ = false;
  bool is_left_alone_ = false;  // wait_shutdown() has gone: threads made later are nobody's

  Threads threads_;      // not joined, but for the next
  Threads idle_leaver_;  // at most one: the last that ended because it was idle
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
  if (job->occupies_thread) ++num_occupied_;
  ++queue_depth_;
}

void BlockingPool::State::push_front(BlockingJob* job) noexcept {
  job->next = first_;
  if (first_ == nullptr) last_ = job;
  first_ = job;
  if (job->occupies_thread) ++num_occupied_;
  ++queue_depth_;
}

BlockingJob* BlockingPool::State::pop() noexcept {
  BlockingJob* const job = first_;
  if (job == nullptr) return nullptr;
  first_ = job->next;
  --queue_depth_;
  if (first_ == nullptr) {
    // Who was claimed for what others have done may be claimed again; who is on its way waits on.
    num_idle_ += std::exchange(num_notify_, 0);
    is_waking_ = false;
  }
  return job;
}

// Puts the jobs that occupy a thread in front of the others. Returns how many there are.
std::size_t BlockingPool::State::bring_forward_occupying() noexcept {
  std::size_t count = 0;
  BlockingJob** front_end = &first_;
  BlockingJob* others = nullptr;
  BlockingJob** others_end = &others;
  for (BlockingJob* job = first_; job != nullptr; job = job->next) {
    // The links behind `job` stay as they are until the loop comes to them.
    BlockingJob**& end = job->occupies_thread ? front_end : others_end;
    *end = job;
    end = &job->next;
    if (job->occupies_thread) {
      ++count;
    } else {
      last_ = job;
    }
  }
  *others_end = nullptr;
  *front_end = others;
  return count;
}

// True: the caller notifies a waiting thread when it has let go of the lock. One that spins is told
// here: it takes the lock, and looks at the claims, before it sleeps.
bool BlockingPool::State::should_wake() noexcept {
  if (num_notify_ == 0 || std::exchange(is_waking_, true)) return false;
  if (num_spinning_ == 0) return true;
  signal_spinner();
  return false;
}

void BlockingPool::State::signal_spinner() noexcept {
  // relaxed: a hint to take the lock, which is what synchronises.
  signals_.store(signals_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

Result<void, BlockingPool::SpawnError> BlockingPool::State::spawn(BlockingJob* job) {
  Lock lock(mutex_);
  if (is_shut_down_) return Err(SpawnError::kShutDown);
  return enqueue(job, lock);
}

Result<void, BlockingPool::SpawnError> BlockingPool::State::enqueue(BlockingJob* job, Lock& lock) {
  if (num_idle_ > 0) {
    // That thread is taken from here on: the next spawner must not count on it.
    --num_idle_;
    ++num_notify_;
    push(job);
    const bool wakes = should_wake();
    lock.unlock();
    if (wakes) wake_.notify_one();
    return {};
  }
  // Without a new thread, one that works now will find the job: it looks before it waits or ends.
  if (num_threads_ < max_threads_ && !add_thread(hooks_) && num_threads_ <= num_occupied_) {
    return Err(SpawnError::kNoThreads);
  }
  push(job);
  return {};
}

Result<void, BlockingPool::SpawnError> BlockingPool::State::spawn_with_thread(BlockingJob* job) {
  const std::lock_guard lock(mutex_);
  if (is_shut_down_) return Err(SpawnError::kShutDown);
  if (!add_thread(hooks_)) return Err(SpawnError::kNoThreads);
  push(job);
  return {};
}

Result<void, BlockingPool::SpawnError> BlockingPool::State::hand_over(BlockingJob* job) {
  const Hooks hooks = hooks_of_threads_.lock();
  Lock lock(mutex_);
  if (!is_shut_down_) return enqueue(job, lock);
  if (num_threads_ == 0) return Err(SpawnError::kShutDown);
  // If there is no room for a thread, the first that has ended its job takes it.
  static_cast<void>(add_thread(hooks));
  push_front(job);
  return {};
}

// --- Threads

// Makes a thread, which counts as working. False if the system has no room for one. The
// lock is held throughout: a spawner that came in between would rely on a thread that may fail to
// exist.
bool BlockingPool::State::add_thread(const Hooks& hooks) {
  Threads made;
  const auto place = made.emplace(made.end());
  Result<loom::Thread> thread = loom::Thread::spawn(
      {.stack_size = stack_size_}, [state = shared_from_this(), place, hooks = hooks]() mutable {
        state->run_thread(place, std::move(hooks));
      });
  if (!thread) return false;
  if (is_left_alone_) {
    thread->detach();
  } else {
    *place = *std::move(thread);
    threads_.splice(threads_.end(), made);  // `place` stays valid
  }
  ++num_starting_;
  ++num_threads_;
  ++num_running_;
  return true;
}

void BlockingPool::State::run_thread(Threads::iterator self, Hooks hooks) noexcept {
  *OwnPool::get() = this;
  if (hooks->thread_name) name_this_thread(hooks->thread_name());
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
  // They may own the runtime, whose end then is part of what wait_shutdown() waits for.
  hooks.reset();
  leave(self);
}

void BlockingPool::State::work() noexcept {
  AdaptiveSpin spin;
  Lock lock(mutex_);
  --num_starting_;
  do {
    run_jobs(lock);
  } while (!is_shut_down_ && wait_for_claim(lock, spin));
  --num_threads_;
}

// Until the queue is empty.
void BlockingPool::State::run_jobs(Lock& lock) noexcept {
  while (BlockingJob* const job = pop()) {
    const bool cancel = is_shut_down_ && !job->mandatory;
    const bool occupies = job->occupies_thread;
    const bool wakes = should_wake();
    lock.unlock();
    if (wakes) wake_.notify_one();
    if (cancel) {
      job->cancel();
    } else {
      job->run();
    }
    lock.lock();
    if (occupies) --num_occupied_;
  }
}

// True: there may be a job, or shutdown has begun. False: nothing to do for too long. Either way
// the thread does not count as waiting any more.
bool BlockingPool::State::wait_for_claim(Lock& lock, AdaptiveSpin& spin) noexcept {
  ++num_idle_;
  const SteadyPoint start = loom::SteadyClock::now();
  const SteadyPoint deadline = after(keep_alive_);
  bool has_spun = !may_spin_;
  bool has_slept = false;
  bool timed_out = false;
  for (;;) {
    if (num_notify_ > 0) {
      // A claim, no matter for whom: its spawner has lowered num_idle_ for whoever takes it.
      --num_notify_;
      is_waking_ = false;
      if (may_spin_) spin.record_wait(loom::SteadyClock::now() - start, has_slept);
      return true;
    }
    if (is_shut_down_ || timed_out) {
      --num_idle_;
      return is_shut_down_;
    }
    if (!std::exchange(has_spun, true) && num_spinning_ == 0 && spin.should_spin()) {
      spin_for_signal(lock, spin);
      continue;
    }
    has_slept = true;
    timed_out = wake_.wait_until(lock, deadline) == std::cv_status::timeout;
  }
}

void BlockingPool::State::spin_for_signal(Lock& lock, AdaptiveSpin& spin) noexcept {
  ++num_spinning_;
  // relaxed here and below: see signal_spinner().
  const std::uint32_t before = signals_.load(std::memory_order_relaxed);
  lock.unlock();
  const auto ready = [&] { return signals_.load(std::memory_order_relaxed) != before; };
  // Whether it was told or not, it looks.
  static_cast<void>(
      spin_before_sleep(spin, ready, loom::SteadyClock::now, [] { loom::yield_thread(); }));
  lock.lock();
  --num_spinning_;
}

// The thread's last use of the state. One that ends because it was idle joins the one that did so
// before it, and leaves its own handle to the next. After shutdown has begun all are joined, or let
// go, by wait_shutdown().
void BlockingPool::State::leave(Threads::iterator self) noexcept {
  Threads previous;
  {
    const std::lock_guard lock(mutex_);
    if (!is_shut_down_) {
      previous.swap(idle_leaver_);
      idle_leaver_.splice(idle_leaver_.end(), threads_, self);
    }
    --num_running_;
    if (num_running_ == 0) ended_.notify_all();
  }
  for (loom::Thread& thread : previous) thread.join();
}

// --- The end

void BlockingPool::State::begin_shutdown() noexcept {
  Hooks hooks;  // destroyed without the lock: they may own the runtime
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(is_shut_down_, true)) return;
    hooks.swap(hooks_);
    signal_spinner();
    // All that wait look at the queue once more, as those do that are on their way there.
    std::size_t coming = num_starting_ + num_idle_ + num_notify_;
    for (std::size_t jobs = bring_forward_occupying(); jobs > coming; ++coming) {
      if (!add_thread(hooks)) break;
    }
  }
  wake_.notify_all();
}

bool BlockingPool::State::wait_shutdown(std::optional<std::chrono::nanoseconds> limit) {
  Threads threads;
  bool all_ended = true;
  {
    Lock lock(mutex_);
    const auto none_runs = [this] { return num_running_ == 0; };
    if (limit.has_value()) {
      all_ended = ended_.wait_until(lock, after(*limit), none_runs);
    } else {
      ended_.wait(lock, none_runs);
    }
    threads.splice(threads.end(), threads_);
    threads.splice(threads.end(), idle_leaver_);
    if (!all_ended) is_left_alone_ = true;
  }
  for (loom::Thread& thread : threads) {
    // Those that run on keep the state alive themselves.
    if (all_ended) {
      thread.join();
    } else {
      thread.detach();
    }
  }
  return all_ended;
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

Result<void, BlockingPool::SpawnError> BlockingPool::spawn_with_thread(BlockingJob* job) {
  return state_->spawn_with_thread(job);
}

Result<void, BlockingPool::SpawnError> BlockingPool::hand_over(BlockingJob* job) {
  return state_->hand_over(job);
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

bool BlockingPool::is_current_thread_mine() const noexcept { return state_->owns_this_thread(); }
std::size_t BlockingPool::num_threads() const noexcept { return state_->num_threads(); }
std::size_t BlockingPool::num_idle() const noexcept { return state_->num_idle(); }
std::size_t BlockingPool::queue_depth() const noexcept { return state_->queue_depth(); }

}  // namespace weft::internal
