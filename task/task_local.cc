// Interface and design: task_local.h.

#include <weft/task/task_local.h>

#include <weft/base/check.h>
#include <weft/loom/thread_local.h>

namespace weft::internal {
namespace {

// The innermost scope that is being polled on this thread.
struct InnermostTag;
using Innermost = loom::ThreadLocal<TaskLocalFrame*, InnermostTag>;

}  // namespace

TaskLocalFrame::TaskLocalFrame(const void* key, void* value) noexcept
    : TaskLocalFrame(key, value, innermost()) {}

TaskLocalFrame*& TaskLocalFrame::innermost() noexcept { return *Innermost::get(); }

TaskLocalFrame::TaskLocalFrame(const void* key, void* value, TaskLocalFrame*& chain) noexcept
    : key_(key), value_(value), outer_(chain) {
  for (const TaskLocalFrame* frame = outer_; frame != nullptr; frame = frame->outer_) {
    if (frame->key_ != key) continue;
    WEFT_CHECK(frame->borrows_ == 0,
               "TaskLocal: a scope of a key entered inside with() of the same key; leave with() "
               "first, or copy the value with get()");
    break;
  }
  chain = this;
}

TaskLocalFrame::~TaskLocalFrame() {
  TaskLocalFrame*& chain = innermost();
  WEFT_DCHECK(chain == this);
  chain = outer_;
}

TaskLocalFrame* TaskLocalFrame::find(const void* key) noexcept {
  TaskLocalFrame* frame = innermost();
  while (frame != nullptr && frame->key_ != key) frame = frame->outer_;
  return frame;
}

}  // namespace weft::internal
