#include <weft/runtime/scheduler/block_in_place.h>

#include <weft/base/check.h>
#include <weft/runtime/observe/observer.h>
#include <weft/runtime/scheduler/multi_thread.h>

namespace weft::internal {

BlockInPlaceScope::BlockInPlaceScope(std::source_location where) {
  const Entered entered = thread_context().entered;
  if (entered == Entered::kNot) return;
  WEFT_CHECK(entered == Entered::kMayBlockInPlace,
             "block_in_place: can be called only on the multi-threaded runtime; use spawn_blocking",
             where);
  stall_ = StallWatch::pause();
  handed_off_ = MultiThread::hand_off_core();
  left_.emplace();
}

BlockInPlaceScope::~BlockInPlaceScope() {
  left_.reset();
  if (handed_off_ == nullptr) return;
  MultiThread::take_back_core(*handed_off_);
  if (stall_.record == nullptr || thread_context().worker != handed_off_) return;
  StallWatch::resume(stall_, Observer::now());
}

}  // namespace weft::internal
