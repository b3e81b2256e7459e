// ModelKernel: epoll, eventfd and timerfd for models of whole runtimes.
//
// Spec: TE-30, TE-39.
//
// Design. Everything that weft waits for in the kernel goes through weft::sys, so a table of system
// calls (base/sys_table.h) is all it takes to run parkers, reactor and watch timer unchanged under
// the checker. A modelled epoll is a checker::Signals with a bit for each descriptor in it: edge
// triggered, remembers what came before the wait, and makes no memory visible.
//
// Time. A wait with a timeout ends where nothing else can happen; the first of each epoll may also
// end at once. A timerfd only expires while a Ticker lives, the first time at any moment after it
// was armed, later where nothing else can happen. So without a Ticker a model shows that nothing
// depends on the watch; with one, what the watch does.
//
//   runtime_model(bounded(1, 2), [] {
//     runtime::Runtime rt = make_runtime(workers(2));
//     rt.block_on(...);
//   });

#ifndef WEFT_TESTS_LOOM_SUPPORT_MODEL_KERNEL_H_
#define WEFT_TESTS_LOOM_SUPPORT_MODEL_KERNEL_H_

#include <cstdint>
#include <functional>

#include <tests/loom/support/model.h>
#include <weft/loom/thread.h>
#include <weft/runtime/builder.h>
#include <weft/runtime/runtime.h>

namespace weft::loom_test {

// model() with such a kernel. When the body has ended, no frame and no task may be left.
void runtime_model(const Extent& extent, const std::function<void()>& body);

// Builders of small runtimes that are the same in each execution: intervals are short and fixed,
// nobody spins (TE-30).
runtime::Builder workers(unsigned count);
runtime::Builder current_thread();

// Builds it before anything else runs: how a runtime comes to be is the same each time. Its threads
// start when the calling one lets them.
runtime::Runtime make_runtime(const runtime::Builder& builder);

// So many executions with random schedules.
inline Extent sampled(std::uint64_t executions) {
  Extent extent;
  extent.random_iterations = executions;
  return extent;
}

// How often the modelled kernel was asked for events without a wait, by the calling thread.
unsigned zero_timeout_polls();

// A model thread that lets the watch timer expire when it was armed.
class Ticker {
 public:
  Ticker();
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  loom::Thread thread_;
};

}  // namespace weft::loom_test

#endif  // WEFT_TESTS_LOOM_SUPPORT_MODEL_KERNEL_H_
