// Regions of a thread. Interface: region.h; what they mean for the search: path.h.

#include <weft/loom/checker/region.h>

#include <weft/base/check.h>
#include <weft/loom/checker/execution.h>

namespace weft::loom::checker {
namespace {

void enter(std::uint32_t internal::ModelThread::* depth) {
  internal::Execution* const execution = internal::Execution::current();
  if (execution == nullptr) return;
  internal::ModelThread& me = execution->self();
  // Others may still run before its first step.
  if (me.unexplored + me.uninterrupted == 0) me.enters_region = true;
  ++(me.*depth);
  execution->note_region();
}

}  // namespace

void stop_exploring() { enter(&internal::ModelThread::unexplored); }

void explore(std::source_location where) {
  internal::Execution* const execution = internal::Execution::current();
  if (execution == nullptr) return;
  WEFT_CHECK(execution->self().unexplored > 0,
             "loom::checker::explore: this thread has not called stop_exploring()", where);
  --execution->self().unexplored;
}

Uninterrupted::Uninterrupted() { enter(&internal::ModelThread::uninterrupted); }

Uninterrupted::~Uninterrupted() {
  if (internal::Execution* const execution = internal::Execution::current(); execution != nullptr) {
    --execution->self().uninterrupted;
  }
}

}  // namespace weft::loom::checker
