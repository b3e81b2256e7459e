// AttachedThread: the calling thread while it is lent to a runtime.
//
// Spec.
//
//   AttachedThread self(scheduler, worker);        // a worker that was reserved
//   std::stop_callback leave(stop, [&self] { self.leave(); });
//   self.run();

#ifndef WEFT_RUNTIME_SCHEDULER_ATTACHED_THREAD_H_
#define WEFT_RUNTIME_SCHEDULER_ATTACHED_THREAD_H_

#include <source_location>

#include <weft/runtime/scheduler/multi_thread.h>
#include <weft/runtime/scheduler/thread_context.h>

namespace weft::internal {

// Lives on the stack of the thread that it is about, which is in the runtime's context meanwhile.
class AttachedThread {
 public:
  // `worker` was reserved for this thread. Calls on_thread_start.
  AttachedThread(MultiThread& scheduler, Worker& worker, std::source_location where);
  // Calls on_thread_stop and releases the worker.
  ~AttachedThread();
  AttachedThread(const AttachedThread&) = delete;
  AttachedThread& operator=(const AttachedThread&) = delete;

  // Runs tasks until leave(), or until the runtime ends.
  void run(std::source_location where) noexcept;

  // Any thread, while the object lives: the resume that run() is in is the last.
  void leave() noexcept { worker_.ask_to_leave(); }

 private:
  const ContextGuard context_;  // counts the scheduler until everything else is done
  MultiThread& scheduler_;
  Worker& worker_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_ATTACHED_THREAD_H_
