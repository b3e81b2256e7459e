// start_child: makes a process that carries out a plan.
//
// Spec: P-8, P-47, P-49, P-52..P-54.
//
// In memory of the parent (the usual route). clone with CLONE_VM | CLONE_VFORK copies no page
// tables, so the cost does not grow with the parent's memory. It is sound because
//   - the calling thread is suspended until the child has called exec or ended, so everything that
//     the plan points to stays as it is, and the thread-locals that the child shares with that
//     thread (errno) are used by one of the two at a time;
//   - the child runs on a stack of its own, with a guard page: nothing it does can change the
//     suspended frames, which is what makes vfork(2) itself so dangerous;
//   - it touches no other memory than that stack, the plan, and its answer: it allocates nothing
//     and takes no lock, which another thread of the parent might hold;
//   - all signals are blocked, so no handler of the parent runs in the child on shared memory,
//     until handlers are set to default, which is not shared.
// The answer is a variable: the parent looks at it when it runs again.
//
// With memory of its own (fork), if the plan has hooks, which may do more than that; if the other
// way is refused, by a sandbox; and under ThreadSanitizer, whose bookkeeping would be shared. Here
// the answer comes through a pipe: nothing before its end means that exec has closed it.

#ifndef WEFT_PROCESS_INTERNAL_START_CHILD_H_
#define WEFT_PROCESS_INTERNAL_START_CHILD_H_

#include <sys/types.h>

#include <weft/base/result.h>
#include <weft/process/internal/child_plan.h>

namespace weft::process::internal {

// Blocks until the child has called exec, with success: otherwise fails with the error, of whatever
// step, and leaves no process. Thread-safe.
Result<::pid_t> start_child(const ChildPlan& plan);

}  // namespace weft::process::internal

#endif  // WEFT_PROCESS_INTERNAL_START_CHILD_H_
