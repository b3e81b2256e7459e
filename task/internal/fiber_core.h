// Fiber: a function on a stack of its own that is run piece by piece, each time it is polled.
//
// Spec: R-164. For users: task/fiber.h. Why it is so: docs/design/task.md, "Fibers".
//
// A fiber is to its code what a strand is to coroutine frames (runtime/coroutine/strand.h): it
// remembers the leaf that the code waits on, and nothing else. To poll it is: poll that leaf; if it
// is complete, switch to the fiber's stack, where the code goes on until it awaits the next leaf or
// has returned; then switch back. So it is woken, budgeted and cancelled as any leaf is, and the
// scheduler knows nothing of stacks.
//
//     stack of the poll                     stack of the fiber
//     Fiber::poll ── resume ──────────▶     main ─ user's code ─ fiber::await ─ wait
//          ◀──────────────────────────────────────────────────────────────────────┘
//       polls the leaf
//
// A leaf that can be destroyed at once is polled for the first time where the code stands, which
// saves two switches if it is complete. What cannot, because it contains coroutines or whole tasks
// (a Task, a scope), is polled on the stack of the poll, always: a fiber's stack has to hold its
// own code only. Wherever something is polled, it is outside of the fiber.
//
// A suspended fiber ends by being unwound: it is continued once more, and wait() throws a
// FiberUnwinding. That must get to the bottom of the stack, and says so itself if it does not.

#ifndef WEFT_TASK_INTERNAL_FIBER_CORE_H_
#define WEFT_TASK_INTERNAL_FIBER_CORE_H_

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <source_location>
#include <string_view>

#include <weft/base/stack.h>
#include <weft/runtime/coroutine/strand.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/wait_report.h>
#include <weft/task/internal/fiber_task_locals.h>

namespace weft::internal {

// What unwinds a fiber. Nobody can name it in a handler but by `...`, and who catches it so has to
// rethrow it: destroyed anywhere but at the bottom of the fiber it is a check failure at the line
// of the await that it came from.
class FiberUnwinding {
 public:
  explicit FiberUnwinding(std::source_location where) noexcept : where_(where) {}
  FiberUnwinding(const FiberUnwinding&) = default;
  FiberUnwinding& operator=(const FiberUnwinding&) = delete;
  ~FiberUnwinding();

  // Has unwound all there was.
  void arrive() noexcept { has_arrived_ = true; }

 private:
  std::source_location where_;
  bool has_arrived_ = false;
};

// A value of a fiber::Local.
class FiberLocalValue {
 public:
  explicit FiberLocalValue(const void* key) noexcept : key_(key) {}
  FiberLocalValue(const FiberLocalValue&) = delete;
  FiberLocalValue& operator=(const FiberLocalValue&) = delete;
  virtual ~FiberLocalValue() = default;

 private:
  friend class Fiber;
  const void* const key_;
  std::unique_ptr<FiberLocalValue> older_;
};

// Immovable. One thread at a time: whoever polls or destroys it, for which the code runs.
class Fiber {
 public:
  using Body = void (*)(void* argument);

  Fiber() noexcept = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  // Unwinds a suspended one. A check failure if it waits for what has to be cancelled step by step,
  // or if it is its own code that destroys it.
  ~Fiber();

  // --- For who polls it

  bool has_begun() const noexcept { return stage_ != Stage::kNew; }
  // To be followed by poll(), which calls body(argument) on a stack of at least `stack_size` bytes.
  // False: there is no memory for one; rethrow_failure() will say so.
  bool begin(std::size_t stack_size, bool measured, Body body, void* argument) noexcept;
  // True: the body has ended. Not again after that.
  bool poll(Context& cx) noexcept;
  // As Strand::poll_cancel(); the stack is unwound when the fiber is destroyed.
  bool poll_cancel(Context& cx) noexcept;
  // Throws what the body has thrown.
  void rethrow_failure();
  // For dumps: where its code stands, and what it waits for there.
  void describe(WaitReport& report) noexcept {
    if (stage_ == Stage::kSuspended && ops_ != nullptr) report.code(where_, *ops_, leaf_);
  }

  // --- For its code

  // The fiber that the caller is code of; null if there is none.
  static Fiber* current() noexcept;
  // The same; a check failure, at `where`, with a message if there is none.
  static Fiber& require(std::string_view message, std::source_location where) noexcept;
  // The same for code that may await.
  static Fiber& for_await(std::source_location where) noexcept;

  // Returns when `node` is complete.
  template <LeafNode Node>
  void wait_for(Node& node, std::source_location where) {
    if constexpr (!CancelDriven<Node>) {
      is_polling_ = true;
      const bool is_complete = node.poll(*context_);
      is_polling_ = false;
      if (is_complete) return;
    }
    leaf_was_polled_ = !CancelDriven<Node>;
    wait(kLeafOps<Node>, &node, where);
  }

  // Whether its code may await where it is.
  bool may_await() const noexcept;
  bool is_unwinding() const noexcept { return is_unwinding_; }
  const Stack& stack() const noexcept { return stack_; }

  // The value of `key`; null if there is none.
  FiberLocalValue* find_local(const void* key) const noexcept;
  void add_local(std::unique_ptr<FiberLocalValue> value) noexcept;

 private:
  enum class Stage : std::uint8_t { kNew, kSuspended, kRunning, kEnded };

  // Whether the code has left the poll for something that belongs to the thread.
  bool is_bound_to_thread() const noexcept;
  static void main(void* fiber);
  void run_body() noexcept;
  void destroy_locals() noexcept;
  // Lets the code go on until it waits or ends. `host` is of this poll.
  void resume(StackContext& host) noexcept;
  void wait(const LeafOps& ops, void* leaf, std::source_location where);
  void unwind() noexcept;

  Stage stage_ = Stage::kNew;
  bool is_polling_ = false;       // the code is in wait_for() and polls
  bool leaf_was_polled_ = false;  // in the resume in which the code came to it
  bool is_unwinding_ = false;     // set once, by unwind()
  bool has_arrived_ = false;      // it has ended by the exception that unwinds it

  const LeafOps* ops_ = nullptr;  // of the leaf it waits on; null: it has not begun, or runs
  void* leaf_ = nullptr;
  // Of the await that it is in, or was in last; before the first, ours.
  std::source_location where_ = std::source_location::current();

  Body body_ = nullptr;
  void* argument_ = nullptr;
  std::exception_ptr failure_;
  std::unique_ptr<FiberLocalValue> locals_;  // the newest first
  FiberTaskLocals task_locals_;

  Stack stack_;
  StackContext stack_context_;
  // While the code runs: who has let it run.
  StackContext* host_ = nullptr;
  Context* context_ = nullptr;
  const ContextGuard* guard_ = nullptr;
  Entered entered_ = Entered::kNot;
};

}  // namespace weft::internal

#endif  // WEFT_TASK_INTERNAL_FIBER_CORE_H_
