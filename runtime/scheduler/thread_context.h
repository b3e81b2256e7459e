// ThreadContext: what the runtime knows about the calling thread.
//
// Spec: R-24..R-28, R-44, R-161.
//
// Plain data in a thread-local that exists as long as the thread does, so it also serves
// destructors of other thread-locals. Never keep its address across a suspension: a task may go on
// on another thread.

#ifndef WEFT_RUNTIME_SCHEDULER_THREAD_CONTEXT_H_
#define WEFT_RUNTIME_SCHEDULER_THREAD_CONTEXT_H_

#include <cstdint>
#include <optional>
#include <source_location>

#include <weft/base/rng.h>
#include <weft/runtime/coop.h>

namespace weft::internal {

class ContextGuard;
class CurrentThreadCore;
class LocalHome;
class Scheduler;
class Worker;

// Whether this thread drives async code, and whether block_in_place may suspend that.
enum class Entered : std::uint8_t { kNot, kMayBlockInPlace, kMayNotBlock };

struct ThreadContext {
  Scheduler* scheduler = nullptr;  // the current runtime; the guard that set it counts it
  ContextGuard* guard = nullptr;   // the innermost guard
  Entered entered = Entered::kNot;
  Worker* worker = nullptr;           // the worker whose core this thread holds
  CurrentThreadCore* core = nullptr;  // the current_thread core that this thread drives
  LocalHome* local = nullptr;         // the LocalSet that is entered or polled on this thread
  std::uint64_t number = 0;           // see thread_number(); 0: none yet
  Budget* budget = nullptr;           // of the poll that runs now; null: unlimited
  std::uint64_t task_id = 0;          // 0: none
  std::uint64_t next_id = 0;          // of the block of task ids that this thread hands out
  std::uint64_t ids_end = 0;
  // When this thread last looked at its runtime's clock, in nanoseconds; 0: it has not, since it
  // entered the runtime. What tasks that are suspended here are stamped with, for dumps.
  std::int64_t clock = 0;
  std::optional<FastRand> random;  // seeded on first use, or by an entered runtime
};

ThreadContext& thread_context() noexcept;

// Names the calling thread for as long as the process lives: never 0, never used again. For objects
// that belong to a thread.
std::uint64_t thread_number() noexcept;

// True once this thread's thread-locals are being destroyed.
bool thread_locals_destroyed() noexcept;

// Makes `scheduler` current until it is destroyed; counts it. Guards nest like scopes: destroying
// one out of order is a check failure, unless an exception is on its way; the others then
// stay as they are. Stays on its thread.
class ContextGuard {
 public:
  explicit ContextGuard(Scheduler& scheduler, std::source_location where) noexcept;
  ContextGuard(ContextGuard&& other) noexcept;
  ContextGuard& operator=(ContextGuard&&) = delete;
  ~ContextGuard();

 private:
  // The link that points to `guard`: in the guard inside it, or the thread's. Null if there is
  // none.
  static ContextGuard** link_to(ContextGuard* guard) noexcept;

  Scheduler* scheduler_;  // null: moved from
  ContextGuard* outer_;   // the guard around this one; changed if that one moves or goes first
  std::source_location where_;
};

// Marks the thread as driving async code (block_on, worker threads), with a fresh random seed of
// the runtime. Entering twice is a check failure that names `call`.
class EnterRuntimeGuard {
 public:
  EnterRuntimeGuard(Scheduler& scheduler, Entered how, const char* call,
                    std::source_location where);
  ~EnterRuntimeGuard();
  EnterRuntimeGuard(const EnterRuntimeGuard&) = delete;
  EnterRuntimeGuard& operator=(const EnterRuntimeGuard&) = delete;

 private:
  ContextGuard context_;
  std::optional<FastRand> outer_random_;
  std::uint64_t outer_task_id_;  // of the task that is in block_in_place
};

// Leaves that state for its lifetime (block_in_place).
class ExitRuntimeGuard {
 public:
  ExitRuntimeGuard() noexcept;
  ~ExitRuntimeGuard();
  ExitRuntimeGuard(const ExitRuntimeGuard&) = delete;
  ExitRuntimeGuard& operator=(const ExitRuntimeGuard&) = delete;

 private:
  Entered entered_;
  Budget* budget_;
  std::uint64_t task_id_;
};

// The current runtime; a check failure that names `call` if there is none.
Scheduler& require_scheduler(const char* call, std::source_location where);

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_THREAD_CONTEXT_H_
