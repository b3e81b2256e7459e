// IoRecord: waiting, waking, closing. Interface and design: io_record.h.

#include <weft/runtime/driver/io_record.h>

#include <mutex>
#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/driver/io_driver.h>
#include <weft/runtime/driver/wake_batch.h>

namespace weft::internal {

using runtime::Ready;

void IoWaiter::leave() noexcept {
  if (!queued_.load(std::memory_order_acquire)) return;  // [W1]
  Waker dropped;  // after unlocking: the last reference to a task may be in it
  const std::lock_guard lock(record_->mutex_);
  // relaxed: under the mutex, under which it is written.
  if (!queued_.load(std::memory_order_relaxed)) return;
  dropped = std::move(waker_);
  unlink();
  // relaxed: as above.
  queued_.store(false, std::memory_order_relaxed);
}

IoRecord::IoRecord(RefPtr<IoDriver> driver, OwnedFd fd, IoKind kind) noexcept
    : kind_(kind), number_(fd.raw()), fd_(std::move(fd)), driver_(std::move(driver)) {}

IoRecord::~IoRecord() {
  WEFT_DCHECK(waiters_.empty(), "IoRecord: destroyed with waiters, which hold references");
}

Ready IoRecord::wanted(IoDirection direction) const noexcept {
  if (direction == IoDirection::kWrite) return Ready::kWritable | Ready::kWriteClosed;
  const Ready readable = Ready::kReadable | Ready::kReadClosed;
  return kind_ == IoKind::kDatagram ? readable | Ready::kError : readable;
}

Ready IoRecord::wanted(runtime::Interest interest) const noexcept {
  const Ready wanted = Ready::from_interest(interest);
  const bool has_errors = kind_ == IoKind::kDatagram && interest.is_readable();
  return has_errors ? wanted | Ready::kError : wanted;
}

bool IoRecord::wait(IoWaiter& waiter, Ready wanted, Context& cx) noexcept {
  Waker replaced;  // dropped after unlocking
  const std::lock_guard lock(mutex_);
  if (!must_wait(wanted)) return false;
  waiter.hold(*this);
  if (!waiter.is_linked()) {
    waiters_.push_back(waiter);
    // relaxed: read by this task, or under the mutex.
    waiter.queued_.store(true, std::memory_order_relaxed);
  }
  waiter.wanted_ = wanted;
  if (!waiter.waker_.will_wake(cx.waker())) {
    replaced = std::exchange(waiter.waker_, cx.clone_waker());
  }
  return true;
}

bool IoRecord::wait(IoDirection direction, Context& cx) noexcept {
  Waker replaced;  // dropped after unlocking
  const std::lock_guard lock(mutex_);
  if (!must_wait(wanted(direction))) return false;
  Waker& slot = direction == IoDirection::kRead ? reader_ : writer_;
  if (!slot.will_wake(cx.waker())) replaced = std::exchange(slot, cx.clone_waker());
  return true;
}

void IoRecord::report(Ready ready) noexcept {
  state_.add(ready);
  wake(ready);
}

void IoRecord::shut_down() noexcept {
  state_.set_shut_down();
  wake(Ready::kAll);
}

void IoRecord::wake(Ready ready) noexcept {
  WakeBatch batch;
  // Those to be woken, set apart in one pass: who waits anew meanwhile is not one of them, and a
  // crowd that keeps coming back cannot hold the driver here. Nodes may leave it as any list.
  IntrusiveList<IoWaiter> due;
  std::unique_lock lock(mutex_);
  if (ready.intersects(wanted(IoDirection::kRead))) batch.push(std::move(reader_));
  if (ready.intersects(wanted(IoDirection::kWrite))) batch.push(std::move(writer_));
  for (auto next = waiters_.begin(); next != waiters_.end();) {
    IoWaiter& waiter = *next++;
    if (!ready.intersects(waiter.wanted_)) continue;
    waiter.unlink();
    due.push_back(waiter);
  }
  for (;;) {
    while (!batch.is_full() && !due.empty()) {
      IoWaiter& waiter = *due.pop_front();
      batch.push(std::move(waiter.waker_));
      waiter.queued_.store(false, std::memory_order_release);  // [W1] the last touch
    }
    const bool is_done = due.empty();
    lock.unlock();
    batch.wake_all();
    if (is_done) return;
    lock.lock();
  }
}

void IoRecord::detach() noexcept {
  driver_->remove(*this, fd_);
  wake(Ready::kAll);
}

Result<void> IoRecord::close() noexcept {
  if (!state_.begin_close()) return {};
  detach();
  if (!state_.end_close()) return {};
  return fd_.close();
}

Result<OwnedFd> IoRecord::take_fd() noexcept {
  switch (state_.begin_take()) {
    case IoState::Take::kInUse:
      return Err(std::errc::device_or_resource_busy);
    case IoState::Take::kWasClosed:
      return Err(Errc::closed);
    case IoState::Take::kTaken:
      break;
  }
  detach();
  OwnedFd taken = std::move(fd_);
  [[maybe_unused]] const bool is_last = state_.end_close();
  WEFT_DCHECK(is_last, "IoRecord::take_fd: a call began on a closed descriptor");
  return taken;
}

}  // namespace weft::internal
