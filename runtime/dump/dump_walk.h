// DumpWalk: finds every task of a runtime and writes down what it waits for, while all go on.
//
// Spec: R-150. In words: docs/design/task.md "Dumps".
//
// No thread is stopped, and none is asked for anything. As at a runtime's end, the slabs that all
// frames lie in are walked (frame_registry.h), and each idle task is *claimed*: its word goes from
// idle to RUNNING, as if it were polled. Then its frames and its leaf belong to us. They are read,
// and the task is given back as by a poll that did nothing: it is idle again, or has been woken
// meanwhile and is queued. So a wake-up, an abort, or the end of a handle finds what it always may
// find, a task that runs; and all of it is right on any thread, for tasks of any kind of runtime.
//
//   running, queued   cannot be claimed: whoever has such a task may believe to be alone with it.
//   What
//                     it is, is read beside that (task_glance.h); the name comes from a list of
//                     all names, by id
//   of a LocalSet     their words carry no runtime, so every dump finds those of the whole process
//   at the end        a runtime, or a LocalSet, that is ending leaves alone what is claimed, so it
//   is
//                     told to look again (note_stray_resume, take_back)
//   large frames      lie in a list under a lock. Under it, the idle ones get a reference; they are
//                     claimed afterwards, one by one
//   block_on          is no task: such a strand is readable while its thread is parked
//                     (blocked_root.h)
//
// A walk is made in steps, so that a thread that makes one between its tasks is not kept from them.
// All walks of the process exclude each other, step by step: a task that another walk has claimed
// would look as if it ran.

#ifndef WEFT_RUNTIME_DUMP_DUMP_WALK_H_
#define WEFT_RUNTIME_DUMP_DUMP_WALK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <weft/runtime/coroutine/frame_registry.h>
#include <weft/runtime/dump.h>
#include <weft/runtime/dump/await_recorder.h>
#include <weft/runtime/dump/dump_content.h>
#include <weft/runtime/dump/task_glance.h>
#include <weft/runtime/scheduler/task_chain.h>

namespace weft::internal {

class Scheduler;

// One thread at a time; any threads. The scheduler outlives it.
class DumpWalk {
 public:
  explicit DumpWalk(Scheduler& scheduler);
  DumpWalk(const DumpWalk&) = delete;
  DumpWalk& operator=(const DumpWalk&) = delete;
  ~DumpWalk();

  // Goes on for some 100 us. True: it is through. Throws std::bad_alloc, with everything given back
  // that was claimed; the walk is over then.
  bool step();
  // After that. Throws std::bad_alloc.
  runtime::Dump finish();

 private:
  enum class Stage : std::uint8_t { kSlabs, kLarge, kDone };
  static constexpr int kTasksInStep = 64;
  static constexpr int kBlocksInStep = 16 * 1024;

  void walk_slabs();
  void walk_large();
  void hold_large();
  // True if it was a task.
  bool visit(FrameHeader* block);
  bool visit(FrameHeader* block, std::uint32_t owner);
  void record_claimed(FrameHeader* task, bool is_local);
  void record_glance(const FrameHeader* task, const Glance& glance, bool is_local);
  void give_back(FrameHeader* task, bool is_local) noexcept;
  void settle() noexcept;
  void add_names();

  Scheduler& scheduler_;
  const SteadyTime now_;
  std::shared_ptr<DumpContent> content_;
  AwaitRecorder recorder_;
  Stage stage_ = Stage::kSlabs;
  FrameRegistry::Place place_;
  std::vector<FrameHeader*> large_;  // held by a reference each
  // Of this step, to be given back when it is over: those of LocalSets, and those that were woken.
  std::array<FrameHeader*, kTasksInStep> local_{};
  std::size_t local_count_ = 0;
  TaskChain woken_;
  bool has_claimed_ = false;
  bool lacks_names_ = false;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DUMP_DUMP_WALK_H_
