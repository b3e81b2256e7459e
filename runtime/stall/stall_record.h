// StallRecord: since when the thread that holds a worker has been in the same resume.
//
// Spec: R-172.
//
// There is one record for each worker of a runtime that detects stalls. Its holder writes a stamp
// at the beginning and the end of each resume, which is all that the monitor looks at. What it
// runs, only a signal handler on its own thread asks, so nothing of that is shared: the task cannot
// end while the handler of the thread that runs it looks at it.

#ifndef WEFT_RUNTIME_STALL_STALL_RECORD_H_
#define WEFT_RUNTIME_STALL_STALL_RECORD_H_

#include <cstdint>
#include <source_location>

#include <weft/base/cache_line.h>
#include <weft/loom/atomic.h>

namespace weft::internal {

struct FrameHeader;
class StallWatch;

struct alignas(kFalseSharingRange) StallRecord {
  StallWatch* watch = nullptr;
  unsigned index = 0;

  // Nanoseconds of the steady clock: when the resume began that runs now, or, negative, when the
  // last one that has ended began. 0: none yet. Written by the holder, read by the monitor.
  // [SR1] release (or stronger) in StallWatch::begin() -> acquire in the handler, on one thread,
  //       and in the monitor: `thread`, and what the handler looks at.
  // [SR2] seq_cst, with StallWatch::asleep_.
  loom::Atomic<std::int64_t> stamp{0};
  // The holder's thread, for tgkill. Written by the holder before [SR1].
  loom::Atomic<int> thread{0};
  // What runs now: the innermost task, or null for block_on's argument. The holder's thread and
  // the handler on it alone; atomic, because a handler comes at any moment.
  loom::Atomic<FrameHeader*> task{nullptr};
  // Of block_on, while `task` is null. Written before [SR1] and not changed during the resume.
  std::source_location root_location;

  std::int64_t seen = 0;      // the monitor's: the stamp's magnitude at its last look
  std::int64_t reported = 0;  // the monitor's: of which resume it has asked
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_STALL_STALL_RECORD_H_
