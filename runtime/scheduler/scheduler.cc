#include <weft/runtime/scheduler/scheduler.h>

#include <mutex>
#include <source_location>
#include <utility>

#include <weft/base/check.h>
#include <weft/loom/atomic.h>
#include <weft/loom/global.h>
#include <weft/runtime/context.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/scheduler/thread_parker.h>
#include <weft/runtime/task/task_state.h>

namespace weft::internal {
namespace {

struct Counters {
  loom::Atomic<std::uint64_t> ids{1};     // of everything that has a RuntimeId
  loom::Atomic<std::uint64_t> owners{0};  // of runtimes alone
};
struct CountersTag;
using GlobalCounters = loom::Global<Counters, CountersTag>;

// What fits into task words; never 0, which is TaskHome::kNoWalk. Two live runtimes would share one
// only after 2^24 runtimes were made in between.
std::uint32_t next_owner_id() noexcept {
  // relaxed: only the number matters.
  const std::uint64_t number = GlobalCounters::get().owners.fetch_add(1, std::memory_order_relaxed);
  return static_cast<std::uint32_t>(number % TaskState::kRuntimeMask) + 1;
}

std::size_t thread_limit(const RuntimeConfig& config) noexcept {
  // The workers of a multi-thread runtime live on the pool's threads.
  const bool multi = config.flavor == runtime::RuntimeFlavor::kMultiThread;
  return config.max_blocking_threads + (multi ? config.workers : 0);
}

}  // namespace

DriverOptions driver_options(const RuntimeConfig& config) noexcept {
  const bool multi = config.flavor == runtime::RuntimeFlavor::kMultiThread;
  DriverOptions options;
  options.enable_io = config.enable_io;
  options.enable_time = config.enable_time;
  options.start_paused = config.start_paused;
  options.may_pause = !multi;
  options.io_events = config.max_io_events_per_tick;
  options.shards = multi ? config.workers : 1;
  return options;
}

std::uint64_t next_runtime_id() noexcept {
  // relaxed: only the number matters.
  return GlobalCounters::get().ids.fetch_add(1, std::memory_order_relaxed);
}

Scheduler::Scheduler(RuntimeConfig config, RefPtr<Driver> driver)
    : TaskHome(next_owner_id()),
      config_(std::move(config)),
      driver_(std::move(driver)),
      id_(next_runtime_id()),
      seeds_(config_.rng_seed.has_value() ? *config_.rng_seed : runtime::RngSeed::from_system()) {
  if (config_.task_hooks.any()) set_hooks(&config_.task_hooks);
  BlockingPoolOptions options;
  options.max_threads = thread_limit(config_);
  options.keep_alive = config_.thread_keep_alive;
  options.stack_size = config_.thread_stack_size;
  options.adaptive_spin = config_.adaptive_spin;
  options.thread_name = config_.thread_name;
  options.on_start = config_.on_thread_start;
  options.on_stop = config_.on_thread_stop;
  // Each thread counts the scheduler: tasks and jobs on it may be the last to use it.
  options.enter = [keep = RefPtr<Scheduler>(*this)](const std::function<void()>& body) {
    const ContextGuard context(*keep, std::source_location::current());
    body();
  };
  blocking_ = std::make_unique<BlockingPool>(std::move(options));
}

Scheduler::~Scheduler() = default;

void Scheduler::block_on(Strand& root, std::source_location where) { block_on_parked(root, where); }

void Scheduler::block_on_parked(Strand& root, std::source_location where) {
  const CachedParkWaker parker;
  const Waker waker = parker->waker();
  std::optional<BlockedRoot> blocked;
  for (;;) {
    if (blocked) blocked->set_polled(true);
    Budget budget = Budget::initial();
    thread_context().budget = &budget;
    Context cx(waker, budget);
    const bool ended = root.poll(cx);
    thread_context().budget = nullptr;
    if (ended) return;
    if (!blocked) blocked.emplace(blocked_roots_, root, waker, where);
    const BlockedRoot::Parked parked(*blocked);
    parker->park();
    thread_context().clock = 0;
  }
}

std::optional<Error> Scheduler::attach_current_thread(const std::stop_token&,
                                                      std::source_location where) {
  fatal(
      "Runtime::attach_current_thread: only a multi_thread runtime has workers; a current_thread "
      "runtime runs on the thread that is in Runtime::block_on",
      where);
}

runtime::RngSeed Scheduler::next_seed() noexcept {
  const std::lock_guard lock(seed_mutex_);
  return seeds_.next_seed();
}

std::uint64_t Scheduler::spawned_tasks() const noexcept {
  // relaxed: a number for people, not a proof that anything has happened.
  std::uint64_t sum = strays_.spawned.load(std::memory_order_relaxed);
  for (unsigned i = 0; i < worker_count(); ++i) sum += value_of(worker_metrics(i).spawned);
  return sum;
}

std::uint64_t Scheduler::forced_yields() const noexcept {
  // relaxed: as above.
  std::uint64_t sum = strays_.forced_yields.load(std::memory_order_relaxed);
  for (unsigned i = 0; i < worker_count(); ++i) sum += value_of(worker_metrics(i).forced_yields);
  return sum;
}

void Scheduler::stop_blocking_pool(std::optional<std::chrono::nanoseconds> limit) noexcept {
  static_cast<void>(blocking_->wait_shutdown(limit));
}

}  // namespace weft::internal
