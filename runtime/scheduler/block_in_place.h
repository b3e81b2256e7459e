// BlockInPlaceScope: the time in which a thread of the runtime may block.
//
// Spec: R-93..R-96, T-17, T-18.

#ifndef WEFT_RUNTIME_SCHEDULER_BLOCK_IN_PLACE_H_
#define WEFT_RUNTIME_SCHEDULER_BLOCK_IN_PLACE_H_

#include <optional>
#include <source_location>

#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/stall/stall_watch.h>

namespace weft::internal {

// Gives the calling thread's core away, if it has one, and leaves the runtime's driving state;
// afterwards enters it again and takes the core back if nobody has it.
class BlockInPlaceScope {
 public:
  explicit BlockInPlaceScope(std::source_location where);
  ~BlockInPlaceScope();
  BlockInPlaceScope(const BlockInPlaceScope&) = delete;
  BlockInPlaceScope& operator=(const BlockInPlaceScope&) = delete;

 private:
  Worker* handed_off_ = nullptr;
  StallMark stall_ = {};  // of the resume, which holds no worker meanwhile
  std::optional<ExitRuntimeGuard> left_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_BLOCK_IN_PLACE_H_
