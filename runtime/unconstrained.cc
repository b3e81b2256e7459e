#include <weft/runtime/unconstrained.h>

#include <utility>

#include <weft/runtime/scheduler/thread_context.h>

namespace weft::internal {

UnconstrainedScope::UnconstrainedScope(Context& cx) noexcept
    : cx_(cx),
      context_budget_(cx.swap_budget(nullptr)),
      thread_budget_(std::exchange(thread_context().budget, nullptr)) {}

UnconstrainedScope::~UnconstrainedScope() {
  cx_.swap_budget(context_budget_);
  // The same thread: a poll never changes it.
  thread_context().budget = thread_budget_;
}

}  // namespace weft::internal
