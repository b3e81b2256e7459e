// Operation. Interface and ownership: operation.h.

#include <weft/fs/internal/operation.h>

#include <weft/fs/internal/ring.h>
#include <weft/runtime/driver/driver.h>

namespace weft::fs::internal {

void Operation::start(weft::internal::Scheduler& scheduler, bool is_mandatory) noexcept {
  scheduler_ = RefPtr<weft::internal::Scheduler>(scheduler);
  mandatory = is_mandatory;
  // A paused clock stands still while the kernel works for us.
  scheduler.driver().clock().inhibit_auto_advance();
  retain();  // given back by finish()
  Ring& ring = Ring::of(scheduler.driver());
  if (ring.is_usable()) {
    ring_ = RefPtr<weft::internal::IoDriverExtension>(ring);
    if (ring.submit(*this)) return;
    ring_.reset();
  }
  go_to_pool();
}

void Operation::go_to_pool() noexcept {
  if (!scheduler_->blocking().spawn(this)) cancel();
}

void Operation::detach() noexcept {
  if (!ring_ || is_done() || mandatory) return;
  // relaxed: see is_detached().
  detached_.store(true, std::memory_order_relaxed);
  // SAFETY(cast): start() has put a Ring there.
  static_cast<Ring&>(*ring_).cancel(*this);
}

bool Operation::poll(Context& cx) noexcept {
  if (!cx.has_budget()) return false;
  if (!is_done()) {
    waker_.register_waker(cx);
    if (!is_done()) return false;
  }
  cx.spend_budget();
  return true;
}

bool Operation::prepare(::io_uring_sqe&) noexcept { return false; }

Operation::Step Operation::advance(std::int32_t) noexcept { return Step::kFinished; }

void Operation::run() noexcept {
  perform();
  finish();
}

void Operation::cancel() noexcept {
  // FS-1: what the pool refuses or drops, and what a stopping runtime's ring does not do.
  fail(Errc::other);
  finish();
}

void Operation::finish() noexcept {
  const RefPtr<weft::internal::Scheduler> scheduler = std::move(scheduler_);
  settle();
  done_.store(true, std::memory_order_release);  // [O1]
  waker_.wake();
  if (scheduler->config().flavor == runtime::RuntimeFlavor::kCurrentThread) {
    scheduler->driver().clock().allow_auto_advance();
    scheduler->driver().unpark();
  }
  release();
}

}  // namespace weft::fs::internal
