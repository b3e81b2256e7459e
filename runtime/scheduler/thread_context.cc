#include <weft/runtime/scheduler/thread_context.h>

#include <exception>
#include <string>
#include <utility>

#include <weft/base/check.h>
#include <weft/loom/global.h>
#include <weft/loom/thread_local.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/current.h>
#include <weft/runtime/may_block.h>
#include <weft/runtime/random.h>
#include <weft/runtime/scheduler/current_thread.h>
#include <weft/runtime/scheduler/multi_thread.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/task/task_ids.h>
#include <weft/runtime/task_id.h>

namespace weft {
namespace internal {
namespace {

struct ContextTag;
struct SentinelTag;
struct ThreadNumbersTag;

struct ThreadNumberSource {
  loom::Atomic<std::uint64_t> next{1};
};
using ThreadNumbers = loom::Global<ThreadNumberSource, ThreadNumbersTag>;

// Written by threads that have used up their block; publishes nothing.
struct TaskNumberSource {
  loom::Atomic<std::uint64_t> next{1};
};
struct TaskNumbersTag;
using TaskNumbers = loom::Global<TaskNumberSource, TaskNumbersTag>;

// Its destruction tells that this thread's thread-locals are going.
struct Sentinel {
  ~Sentinel() {}
  bool alive = true;
};

}  // namespace

ThreadContext& thread_context() noexcept {
  return *loom::ThreadLocal<ThreadContext, ContextTag>::get();
}

std::uint64_t thread_number() noexcept {
  ThreadContext& context = thread_context();
  if (context.number == 0) [[unlikely]] {
    // relaxed: only the number matters.
    context.number = ThreadNumbers::get().next.fetch_add(1, std::memory_order_relaxed);
  }
  return context.number;
}

bool thread_locals_destroyed() noexcept {
  return loom::ThreadLocal<Sentinel, SentinelTag>::try_get() == nullptr;
}

ContextGuard::ContextGuard(Scheduler& scheduler, std::source_location where) noexcept
    : scheduler_(&scheduler), outer_(thread_context().guard), where_(where) {
  static_cast<void>(loom::ThreadLocal<Sentinel, SentinelTag>::try_get());
  ThreadContext& context = thread_context();
  scheduler.retain();
  context.guard = this;
  context.scheduler = scheduler_;
}

ContextGuard::ContextGuard(ContextGuard&& other) noexcept
    : scheduler_(std::exchange(other.scheduler_, nullptr)),
      outer_(other.outer_),
      where_(other.where_) {
  if (scheduler_ == nullptr) return;
  ContextGuard** const link = link_to(&other);
  WEFT_CHECK(link != nullptr, "an EnterGuard was moved to another thread", where_);
  *link = this;
}

ContextGuard::~ContextGuard() {
  if (scheduler_ == nullptr) return;
  ThreadContext& context = thread_context();
  const bool in_order = context.guard == this;
  WEFT_CHECK(in_order || std::uncaught_exceptions() > 0,
             "EnterGuards must be destroyed in the reverse order of their creation", where_);
  ContextGuard** const link = link_to(this);
  WEFT_CHECK(link != nullptr, "an EnterGuard was moved to another thread", where_);
  *link = outer_;
  context.scheduler = context.guard != nullptr ? context.guard->scheduler_ : nullptr;
  scheduler_->release();
}

ContextGuard** ContextGuard::link_to(ContextGuard* guard) noexcept {
  ContextGuard** link = &thread_context().guard;
  while (*link != nullptr && *link != guard) link = &(*link)->outer_;
  return *link != nullptr ? link : nullptr;
}

EnterRuntimeGuard::EnterRuntimeGuard(Scheduler& scheduler, Entered how, const char* call,
                                     std::source_location where)
    : context_(scheduler, where) {
  ThreadContext& context = thread_context();
  if (context.entered != Entered::kNot) {
    const std::string message =
        std::string(call) +
        ": cannot start a runtime from within a runtime: this thread is driving async code "
        "already; "
        "co_await instead, use spawn_blocking or block_in_place, or another thread";
    fatal(message, where);
  }
  context.entered = how;
  outer_task_id_ = std::exchange(context.task_id, 0);
  outer_random_ = context.random;
  context.random.emplace(scheduler.next_seed());
}

EnterRuntimeGuard::~EnterRuntimeGuard() {
  ThreadContext& context = thread_context();
  context.entered = Entered::kNot;
  context.task_id = outer_task_id_;
  context.random = outer_random_;
}

ExitRuntimeGuard::ExitRuntimeGuard() noexcept {
  ThreadContext& context = thread_context();
  entered_ = std::exchange(context.entered, Entered::kNot);
  budget_ = std::exchange(context.budget, nullptr);
  task_id_ = context.task_id;
}

ExitRuntimeGuard::~ExitRuntimeGuard() {
  ThreadContext& context = thread_context();
  context.entered = entered_;
  context.budget = budget_;
  context.task_id = task_id_;
}

Scheduler& require_scheduler(const char* call, std::source_location where) {
  Scheduler* const scheduler = thread_context().scheduler;
  if (scheduler == nullptr) [[unlikely]] {
    const std::string message =
        std::string(call) +
        ": there is no reactor running, must be called from the context of a weft runtime "
        "(inside block_on or a task, or under Handle::enter)";
    fatal(message, where);
  }
  return *scheduler;
}

Driver* current_driver() noexcept {
  Scheduler* const scheduler = thread_context().scheduler;
  return scheduler != nullptr ? &scheduler->driver() : nullptr;
}

unsigned current_shard() noexcept {
  const Worker* const worker = thread_context().worker;
  return worker != nullptr ? worker->index() : 0;
}

std::uint64_t next_task_id(ThreadContext& context) noexcept {
  constexpr std::uint64_t kBlock = 1024;
  if (context.next_id == context.ids_end) {
    // relaxed: only the number matters.
    context.next_id = TaskNumbers::get().next.fetch_add(kBlock, std::memory_order_relaxed);
    context.ids_end = context.next_id + kBlock;
  }
  return context.next_id++;
}

bool is_in_own_lifo_slot(const FrameHeader* task) noexcept {
  const Worker* const worker = thread_context().worker;
  return worker != nullptr && (worker->lifo_slot() == task || worker->newest_fork() == task);
}

std::uint32_t thread_random_below(std::uint32_t n) noexcept {
  ThreadContext& context = thread_context();
  if (!context.random.has_value()) context.random.emplace(runtime::RngSeed::from_system());
  return context.random->below(n);
}

void check_may_block(const char* call, std::source_location where) {
  if (thread_context().entered == Entered::kNot) return;
  const std::string message =
      std::string(call) +
      ": cannot block the current thread from within a runtime: it is driving async code; await "
      "instead, or call it inside spawn_blocking or block_in_place";
  fatal(message, where);
}

}  // namespace internal

TaskId current_task_id(std::source_location where) {
  const std::uint64_t id = internal::thread_context().task_id;
  WEFT_CHECK(id != 0, "current_task_id: called outside a task; use try_current_task_id()", where);
  return TaskId(id);
}

std::optional<TaskId> try_current_task_id() noexcept {
  const std::uint64_t id = internal::thread_context().task_id;
  if (id == 0) return std::nullopt;
  return TaskId(id);
}

bool has_budget_remaining() noexcept {
  const Budget* const budget = internal::thread_context().budget;
  return budget == nullptr || budget->has_remaining();
}

void Context::defer_waker() noexcept {
  const internal::ThreadContext& context = internal::thread_context();
  if (context.worker != nullptr) {
    context.worker->defer(*waker_);
  } else if (context.core != nullptr) {
    context.core->defer(*waker_);
  } else {
    waker_->wake();
  }
}

void Context::note_forced_yield() noexcept {
  const internal::ThreadContext& context = internal::thread_context();
  if (context.worker != nullptr) {
    context.worker->note_forced_yield();
  } else if (context.core != nullptr) {
    context.core->note_forced_yield();
  } else if (context.scheduler != nullptr) {
    context.scheduler->note_stray_forced_yield();
  }
}

}  // namespace weft
