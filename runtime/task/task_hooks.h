// What a runtime that looks closer at its tasks does around their lives: hooks, schedule latency,
// and what an Observer is told (observe/observer.h).
//
// Spec.
//
// A home has TaskHooks or none (TaskHome::hooks()), and without them nothing here is ever called:
// each of these stands behind one test of that pointer. Hooks are called on the thread that does
// what they tell of. They have nowhere to report to: what they throw is dropped.
//
// Latency is the time from the moment when a task becomes runnable until just before it is polled.
// Its beginning is kept in the task's own table (OwnTaskOps), which start_hooked() makes for a task
// that has none; one that there is no memory for is not measured.
//
//   becomes runnable        noted by
//   it is spawned           start_hooked()
//   it is woken while idle  submit_hooked(), by who has changed its state, before it is queued
//   it is woken by itself,  after_poll(), before it is suspended: what was woken while it ran waits
//   or while it runs        from the end of the poll on
//
// A task that is runnable already is not noted again. Each note is made by the one thread
// that has the task at that moment, and read after the task has come out of a queue.

#ifndef WEFT_RUNTIME_TASK_TASK_HOOKS_H_
#define WEFT_RUNTIME_TASK_TASK_HOOKS_H_

#include <chrono>
#include <cstdint>
#include <optional>

#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/scheduler/config.h>

namespace weft::internal {

struct PollMark;
struct ThreadContext;

using ScheduleLatency = std::optional<std::chrono::nanoseconds>;

// Queues a new task, which is initialised.
[[gnu::cold]] void start_hooked(FrameHeader* task, const TaskHooks& hooks,
                                ThreadContext& context) noexcept;
// Queues a task that has become NOTIFIED.
[[gnu::cold]] void submit_hooked(FrameHeader* task, const TaskHooks& hooks) noexcept;
// Around a poll, on the thread that polls. The latency, if it is tracked, is what before_poll() has
// returned; `mark` is the same for both.
[[gnu::cold]] ScheduleLatency before_poll(FrameHeader* task, const TaskHooks& hooks,
                                          ThreadContext& context, PollMark& mark) noexcept;
[[gnu::cold]] void after_poll(FrameHeader* task, const TaskHooks& hooks, ScheduleLatency latency,
                              const ThreadContext& context, PollMark& mark) noexcept;
// RUNNING becomes COMPLETE, as TaskState::complete() does it, and tells the hook after the joiner
// was woken.
[[gnu::cold]] void complete_hooked(FrameHeader* task, std::uint32_t cloned_wakers,
                                   const TaskHooks& hooks) noexcept;

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TASK_TASK_HOOKS_H_
