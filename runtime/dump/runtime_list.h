// ListedRuntime: a runtime in the list of those that a signal dumps.
//
// Spec: R-150.
//
// Only while the environment asks for that (dump_signal.h). The list does not count: whoever walks
// it takes references under the lock, which ~ListedRuntime() takes too, of those that are not
// already going.

#ifndef WEFT_RUNTIME_DUMP_RUNTIME_LIST_H_
#define WEFT_RUNTIME_DUMP_RUNTIME_LIST_H_

#include <vector>

#include <weft/base/intrusive_list.h>
#include <weft/runtime/ref_counted.h>

namespace weft::internal {

class Scheduler;

// A member of its runtime's scheduler. Not listed at first.
class ListedRuntime : public ListNode {
 public:
  explicit ListedRuntime(Scheduler& scheduler) noexcept : scheduler_(scheduler) {}
  ~ListedRuntime();

  // Once, when the scheduler is complete.
  void list() noexcept;

  // All that live. Any thread. Throws std::bad_alloc.
  static std::vector<RefPtr<Scheduler>> all();

 private:
  Scheduler& scheduler_;
  bool is_listed_ = false;  // of the thread that makes the runtime, and of the one that destroys it
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DUMP_RUNTIME_LIST_H_
