// FiberTaskLocals: the scopes of TaskLocals that the code of a fiber has entered and not left.
//
// Spec: R-164, T-56.
//
// What is visible on a thread is a chain of the scopes that are being polled there (task_local.h),
// each on the stack of its poll. In a coroutine none of them can be entered while it is suspended.
// Code on a fiber can be: it may await inside of sync_scope(). Its scopes lie on its own stack, so
// they stay alive, but they have to leave the thread's chain with the fiber and to join that of the
// thread which polls it next.
//
//      chain of the thread ──▶ the fiber's innermost ─▶ ... ─▶ its outermost ─▶ what was there
//      before
//
// Outside of the chain the part keeps its two ends. There is rarely any.

#ifndef WEFT_TASK_INTERNAL_FIBER_TASK_LOCALS_H_
#define WEFT_TASK_INTERNAL_FIBER_TASK_LOCALS_H_

namespace weft::internal {

class TaskLocalFrame;

class FiberTaskLocals {
 public:
  FiberTaskLocals() noexcept = default;
  FiberTaskLocals(const FiberTaskLocals&) = delete;
  FiberTaskLocals& operator=(const FiberTaskLocals&) = delete;

  // While one exists the fiber, or what it awaits, is being polled on this thread and its scopes
  // are visible here. Stays on its thread.
  class Visible {
   public:
    explicit Visible(FiberTaskLocals& own) noexcept;
    ~Visible();
    Visible(const Visible&) = delete;
    Visible& operator=(const Visible&) = delete;

   private:
    FiberTaskLocals& own_;
  };

  // Whether code on the fiber is in with() of a scope that is not the fiber's, and may be gone when
  // the fiber goes on. Only while visible.
  bool borrows_from_outside() const noexcept;

 private:
  static unsigned borrows_of(const TaskLocalFrame* frame) noexcept;

  TaskLocalFrame* innermost_ = nullptr;  // while not visible; null: none
  TaskLocalFrame* outermost_ = nullptr;
  TaskLocalFrame* outside_ = nullptr;  // while visible: the thread's chain without the fiber's part
  unsigned borrows_outside_ = 0;       // while visible: how many there were
};

}  // namespace weft::internal

#endif  // WEFT_TASK_INTERNAL_FIBER_TASK_LOCALS_H_
