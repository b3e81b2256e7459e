// Observer: what watches a runtime's tasks beside the program's hooks: stalls and the trace.
//
// Spec.
//
// It hangs on TaskHooks, so that a runtime with neither pays nothing: a poll looks whether there
// are hooks, as it always did, and everything else is behind that. The Builder makes it, the
// runtime's configuration owns it, and so it lives as long as the scheduler does.

#ifndef WEFT_RUNTIME_OBSERVE_OBSERVER_H_
#define WEFT_RUNTIME_OBSERVE_OBSERVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>

#include <weft/base/result.h>
#include <weft/runtime/scheduler/config.h>
#include <weft/runtime/stall/stall_monitor.h>
#include <weft/runtime/trace/trace.h>
#include <weft/runtime/trace/traces_at_exit.h>

namespace weft::internal {

struct FrameHeader;
struct ThreadContext;

// The part of a poll that is kept on its stack. Left alone unless it is observed.
struct PollMark {
  std::int64_t begin;
  StallMark stall;
};

class Observer {
 public:
  // Null if `config` asks for nothing to be observed.
  static std::shared_ptr<Observer> create(const RuntimeConfig& config);

  Observer(std::shared_ptr<StallMonitor> stalls, std::unique_ptr<Trace> trace);

  // Null if there is none.
  Trace* trace() const noexcept { return trace_.get(); }

  // Before the runtime is given to the program. Makes the trace's file; one that cannot be written
  // is said on standard error, now and at the end.
  Result<void> start();
  // After the runtime's threads have ended, or without waiting for them: ends the monitor and
  // writes the trace.
  void stop(bool wait) noexcept;

  // Around a poll, on its thread: of a task, or of block_on's argument.
  void begin_task(FrameHeader* task, const ThreadContext& context, PollMark& mark) noexcept;
  void end_task(FrameHeader* task, const ThreadContext& context, PollMark& mark) noexcept;
  void begin_root(std::source_location where, PollMark& mark) noexcept;
  void end_root(std::source_location where, PollMark& mark) noexcept;

  // Around a job of spawn_blocking.
  void begin_blocking() noexcept;
  void end_blocking(FrameHeader* task) noexcept;

  // Around a wait for work.
  void begin_park() noexcept;
  void end_park() noexcept;

  void note_steal(unsigned worker, std::size_t tasks) noexcept;
  void note_timers(std::size_t timers) noexcept;

  static std::int64_t now() noexcept;

 private:
  const std::shared_ptr<StallMonitor> stalls_;
  const std::unique_ptr<Trace> trace_;
  std::optional<WrittenAtExit> at_exit_;  // if there is a trace
};

// Queues a task while its runtime is traced: `queue(task)` may be its end, and that of the runtime.
class QueueScope {
 public:
  QueueScope(const std::shared_ptr<Observer>& observer, TraceKind kind, FrameHeader* task);
  ~QueueScope();
  QueueScope(const QueueScope&) = delete;
  QueueScope& operator=(const QueueScope&) = delete;

 private:
  const std::shared_ptr<Observer> observer_;
  TraceEvent event_;
};

// The observer of the runtime that the calling thread is in; null if there is none.
Observer* current_observer() noexcept;

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_OBSERVE_OBSERVER_H_
