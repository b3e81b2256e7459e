#include <weft/task/internal/fiber_core.h>

#include <new>
#include <utility>

#include <weft/base/check.h>
#include <weft/loom/thread_local.h>
#include <weft/runtime/context.h>
#include <weft/runtime/waker.h>
#include <weft/task/internal/fiber_stacks.h>

namespace weft::internal {
namespace {

// The fiber whose stack this thread is on; null: the thread's own.
struct RunningTag;
using Running = loom::ThreadLocal<Fiber*, RunningTag>;

constexpr std::string_view kSwallowed =
    "fiber: the exception that unwinds a fiber whose task was aborted or destroyed came from this "
    "fiber::await, and a catch (...) has swallowed it; rethrow it there with `throw;`";

}  // namespace

FiberUnwinding::~FiberUnwinding() { WEFT_CHECK(has_arrived_, kSwallowed, where_); }

// --- For who polls it

bool Fiber::begin(std::size_t stack_size, bool measured, Body body, void* argument) noexcept {
  Result<Stack> stack = take_fiber_stack(stack_size, measured);
  if (!stack) {
    failure_ = std::make_exception_ptr(std::bad_alloc());
    stage_ = Stage::kEnded;
    return false;
  }
  stack_ = std::move(*stack);
  body_ = body;
  argument_ = argument;
  stack_context_.start(stack_, &Fiber::main, this);
  stage_ = Stage::kSuspended;
  return true;
}

bool Fiber::poll(Context& cx) noexcept {
  WEFT_DCHECK(stage_ == Stage::kSuspended);
  const FiberTaskLocals::Visible visible(task_locals_);
  context_ = &cx;
  StackContext host;
  while (ops_ == nullptr || ops_->poll(leaf_, cx)) {
    resume(host);
    if (stage_ == Stage::kEnded) return true;
    if (leaf_was_polled_) return false;
  }
  return false;
}

bool Fiber::poll_cancel(Context& cx) noexcept {
  if (stage_ != Stage::kSuspended || ops_->poll_cancel == nullptr) return true;
  const FiberTaskLocals::Visible visible(task_locals_);
  return ops_->poll_cancel(leaf_, cx);
}

void Fiber::rethrow_failure() {
  if (failure_ != nullptr) [[unlikely]]
    std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Fiber::resume(StackContext& host) noexcept {
  // The stack that we are on stays on its thread for as long as this runs, so the addresses of the
  // thread's own variables are good until the end.
  Fiber*& running = *Running::get();
  Fiber* const outer = std::exchange(running, this);
  const ThreadContext& thread = thread_context();
  guard_ = thread.guard;
  entered_ = thread.entered;
  host_ = &host;
  ops_ = nullptr;
  stage_ = Stage::kRunning;
  host.switch_to(stack_context_);
  host_ = nullptr;
  running = outer;
  if (stage_ == Stage::kEnded) give_back_fiber_stack(std::move(stack_));
}

Fiber::~Fiber() {
  WEFT_CHECK(stage_ != Stage::kRunning,
             "fiber::run: destroyed by the code that it runs; let that return first", where_);
  if (stage_ == Stage::kSuspended) unwind();
}

void Fiber::unwind() noexcept {
  // Whoever destroys does not wait: there is nobody to wake.
  Context cx(Waker::noop());
  WEFT_CHECK(poll_cancel(cx),
             "a fiber that waits for a live scope was destroyed by hand; abort its task instead, "
             "or let select or timeout cancel it",
             where_);
  const FiberTaskLocals::Visible visible(task_locals_);
  is_unwinding_ = true;
  StackContext host;
  resume(host);
  WEFT_DCHECK(stage_ == Stage::kEnded);
}

// --- On its own stack

void Fiber::main(void* fiber) {
  // SAFETY(cast): what begin() has given to start().
  auto& self = *static_cast<Fiber*>(fiber);
  self.run_body();
  self.destroy_locals();
  WEFT_CHECK(!self.is_unwinding_ || self.has_arrived_, kSwallowed, self.where_);
  self.stage_ = Stage::kEnded;
  self.stack_context_.leave_for(*self.host_);
}

void Fiber::run_body() noexcept {
  try {
    body_(argument_);
  } catch (FiberUnwinding& unwinding) {
    unwinding.arrive();
    has_arrived_ = true;
  } catch (...) {
    failure_ = std::current_exception();
  }
}

void Fiber::destroy_locals() noexcept {
  while (locals_ != nullptr) {
    std::unique_ptr<FiberLocalValue> newest = std::move(locals_);
    locals_ = std::move(newest->older_);
  }
}

void Fiber::wait(const LeafOps& ops, void* leaf, std::source_location where) {
  ops_ = &ops;
  leaf_ = leaf;
  where_ = where;
  stage_ = Stage::kSuspended;
  stack_context_.switch_to(*host_);
  if (is_unwinding_) throw FiberUnwinding(where_);
}

// --- For its code

Fiber* Fiber::current() noexcept {
  Fiber* const running = *Running::get();
  return running != nullptr && !running->is_polling_ ? running : nullptr;
}

Fiber& Fiber::require(std::string_view message, std::source_location where) noexcept {
  Fiber* const fiber = current();
  WEFT_CHECK(fiber != nullptr, message, where);
  return *fiber;
}

bool Fiber::is_bound_to_thread() const noexcept {
  const ThreadContext& thread = thread_context();
  return thread.guard != guard_ || thread.entered != entered_;
}

bool Fiber::may_await() const noexcept {
  return !is_unwinding_ && !is_bound_to_thread() && !task_locals_.borrows_from_outside();
}

Fiber& Fiber::for_await(std::source_location where) noexcept {
  Fiber& fiber = require(
      "fiber::await: called outside of a fiber; call it in code that fiber::run() runs, and use "
      "co_await in a coroutine",
      where);
  WEFT_CHECK(!fiber.is_unwinding_,
             "fiber::await: called while the fiber is being unwound, because its task was aborted "
             "or destroyed: nothing can be awaited any more; a destructor can ask "
             "fiber::is_unwinding()",
             where);
  WEFT_CHECK(!fiber.is_bound_to_thread(),
             "fiber::await: called inside block_in_place(), or while an EnterGuard exists that the "
             "fiber has made; leave that first",
             where);
  WEFT_CHECK(
      !fiber.task_locals_.borrows_from_outside(),
      "fiber::await: called inside TaskLocal::with() of a scope around the fiber, which may be "
      "gone afterwards; copy the value with get()",
      where);
  return fiber;
}

FiberLocalValue* Fiber::find_local(const void* key) const noexcept {
  FiberLocalValue* value = locals_.get();
  while (value != nullptr && value->key_ != key) value = value->older_.get();
  return value;
}

void Fiber::add_local(std::unique_ptr<FiberLocalValue> value) noexcept {
  value->older_ = std::move(locals_);
  locals_ = std::move(value);
}

}  // namespace weft::internal
