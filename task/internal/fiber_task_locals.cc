#include <weft/task/internal/fiber_task_locals.h>

#include <utility>

#include <weft/task/task_local.h>

namespace weft::internal {

FiberTaskLocals::Visible::Visible(FiberTaskLocals& own) noexcept : own_(own) {
  TaskLocalFrame*& innermost = TaskLocalFrame::innermost();
  own.outside_ = innermost;
  own.borrows_outside_ = borrows_of(innermost);
  if (own.innermost_ == nullptr) return;
  own.outermost_->outer_ = innermost;
  innermost = std::exchange(own.innermost_, nullptr);
}

FiberTaskLocals::Visible::~Visible() {
  TaskLocalFrame*& innermost = TaskLocalFrame::innermost();
  if (innermost == own_.outside_) return;
  own_.innermost_ = std::exchange(innermost, own_.outside_);
  own_.outermost_ = own_.innermost_;
  while (own_.outermost_->outer_ != own_.outside_) own_.outermost_ = own_.outermost_->outer_;
}

bool FiberTaskLocals::borrows_from_outside() const noexcept {
  return borrows_of(outside_) != borrows_outside_;
}

unsigned FiberTaskLocals::borrows_of(const TaskLocalFrame* frame) noexcept {
  unsigned borrows = 0;
  for (; frame != nullptr; frame = frame->outer_) borrows += frame->borrows_;
  return borrows;
}

}  // namespace weft::internal
