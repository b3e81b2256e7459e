// IoRecord: one registered descriptor: what is known of its readiness, and who waits for it.
//
// Spec: R-132..R-139; reactor.md D-1..D-8; net.md G-2, G-6, G-7, G-10, N-50..N-53, N-58.
//
// The driver turns kernel events into readiness; operations use it up (io_state.h). Between the two
// stand the waiters, under a mutex: a slot for a reader and one for a writer, for the poll_* forms,
// where the last caller wins; and a list of any length for coroutines, whose nodes lie in their
// frames and unlink themselves.
//
// Who waits looks at the readiness again under the mutex after he has entered himself; the driver
// adds to the readiness and then takes the mutex to look for waiters. So one of the two sees the
// other, and nobody sleeps on a ready descriptor.
//
// Lifetime. References are held by the owner (IoRegistration), by each coroutine that has waited,
// and by the driver from registration until it has made sure that no event can name the record any
// more: the kernel's token is its address. The descriptor is closed when the owner says so and the
// last system call on it has ended; waiters are woken, find it closed, and never touch it.
//
// The line between here and the kernel is the *operation* (io_call.h), an object that describes
// what to do. A readiness driver tries it whenever the descriptor becomes ready; a completion
// driver (io_uring) would submit it and keep it, and the record would hold the completion instead
// of the readiness. Sockets and leaves only see operations, so they would not notice.

#ifndef WEFT_RUNTIME_DRIVER_IO_RECORD_H_
#define WEFT_RUNTIME_DRIVER_IO_RECORD_H_

#include <cstdint>
#include <utility>

#include <weft/base/cache_line.h>
#include <weft/base/fd.h>
#include <weft/base/intrusive_list.h>
#include <weft/base/result.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_state.h>
#include <weft/runtime/driver/ready.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/waker.h>

namespace weft::internal {

class IoDriver;
class IoRecord;

// What kind of thing a descriptor refers to, as far as readiness is concerned.
enum class IoKind : std::uint8_t {
  kStream,    // once closed, a direction stays so; a short transfer proves it drained
  kDatagram,  // a pending error ends a wait to read (U-4); closed bits pass; short means nothing
  kPipe,      // as a stream, but a new writer may open it again (P-5)
};

// The two kinds of reserved slots.
enum class IoDirection : std::uint8_t { kRead, kWrite };

// One coroutine's wait on a record: a queue node inside its leaf. Used by one task; the record's
// mutex guards what the driver touches.
class IoWaiter : public ListNode {
 public:
  IoWaiter() noexcept = default;
  ~IoWaiter() { leave(); }

  // Out of the queue. Afterwards nobody refers to this object.
  void leave() noexcept;

  // Keeps `record` alive as long as this object: whoever is suspended outlives sockets.
  void hold(IoRecord& record) noexcept;

 private:
  friend class IoRecord;

  Waker waker_;            // guarded by the record's mutex; set while queued
  runtime::Ready wanted_;  // likewise
  // Written by the task when it enters the queue, and by whoever takes it out, both under the
  // mutex. Read by the task without it, which saves the woken task the lock.
  // [W1] release in IoRecord::wake() -> acquire in leave(): the waking thread has let go of the
  // node, so it may be reused or destroyed.
  loom::Atomic<bool> queued_{false};
  RefPtr<IoRecord> record_;  // from the first suspension on
};

// Thread-safe. 128-byte aligned, so that two descriptors' records share no cache lines.
class alignas(kFalseSharingRange) IoRecord : public RefCounted<IoRecord>, public ListNode {
 public:
  IoRecord(RefPtr<IoDriver> driver, OwnedFd fd, IoKind kind) noexcept;

  IoSeen look() const noexcept { return state_.look(); }

  // What `direction` waits for, and what `interest` does.
  runtime::Ready wanted(IoDirection direction) const noexcept;
  runtime::Ready wanted(runtime::Interest interest) const noexcept;

  // An operation that wanted `wanted` would have blocked, seen `seen`.
  void clear(runtime::Ready wanted, IoSeen seen) noexcept { state_.clear(clearable(wanted), seen); }

  // Queues the computation that `cx` polls until something of `wanted` is reported. False: there is
  // no need to wait; look again. A waiter that is queued stays so and gets the new waker.
  [[nodiscard]] bool wait(IoWaiter& waiter, runtime::Ready wanted, Context& cx) noexcept;
  // The same with the slot of `direction`, whose former waiter is forgotten.
  [[nodiscard]] bool wait(IoDirection direction, Context& cx) noexcept;

  // The right to use the descriptor, for the length of one system call.
  class Call;

  // The driver's: the kernel has reported `ready`; there will be no more reports.
  void report(runtime::Ready ready) noexcept;
  void shut_down() noexcept;

  // The owner's. close() takes the descriptor out of the selector, wakes all waiters, forgets the
  // slots, and closes it, or leaves that to the last call under way; repeated, it does nothing.
  // The result is close(2)'s, if it happened here.
  Result<void> close() noexcept;
  // The same, and gives the descriptor back instead of closing it. Fails with
  // device_or_resource_busy, and changes nothing, while a call is under way on another thread; with
  // closed if it is.
  Result<OwnedFd> take_fd() noexcept;

  // For a record that was refused by the driver: the descriptor, untouched.
  OwnedFd give_back() noexcept { return std::move(fd_); }

  // The number that it was registered with, for dumps.
  int number() const noexcept { return number_; }

  // The owner's: the number. Not to be used for calls of ours.
  BorrowedFd unguarded_fd() const noexcept { return fd_.borrow(); }

 private:
  friend class IoWaiter;
  friend class RefCounted<IoRecord>;
  ~IoRecord();

  // Closed bits are final, except where they are not (IoKind).
  runtime::Ready clearable(runtime::Ready wanted) const noexcept {
    if (kind_ != IoKind::kStream) return wanted;
    return wanted - (runtime::Ready::kReadClosed | runtime::Ready::kWriteClosed);
  }
  bool must_wait(runtime::Ready wanted) const noexcept {
    const IoSeen seen = look();
    return !seen.is_closed() && !seen.is_shut_down() && !seen.ready().intersects(wanted);
  }
  void wake(runtime::Ready ready) noexcept;
  void detach() noexcept;

  IoState state_;
  const IoKind kind_;
  const int number_;
  OwnedFd fd_;  // open until closed and no call is under way; written by who ends the last call
  const RefPtr<IoDriver> driver_;

  loom::Mutex mutex_;
  // The rest is guarded by mutex_.
  Waker reader_;
  Waker writer_;
  IntrusiveList<IoWaiter> waiters_;
};

inline void IoWaiter::hold(IoRecord& record) noexcept {
  if (!record_) record_ = RefPtr<IoRecord>(record);
}

class IoRecord::Call {
 public:
  explicit Call(IoRecord& record) noexcept : record_(record), begun_(record.state_.begin_call()) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() {
    if (begun_ && record_.state_.end_call(used_up_, seen_)) [[unlikely]]
      record_.fd_ = OwnedFd();
  }

  // False: the descriptor is closed.
  explicit operator bool() const noexcept { return begun_; }
  BorrowedFd fd() const noexcept { return record_.fd_.borrow(); }

  // The call would have blocked: what it wanted is used up.
  void would_block(runtime::Ready wanted, IoSeen seen) noexcept {
    used_up_ = record_.clearable(wanted);
    seen_ = seen;
  }
  // It has emptied or filled the kernel's buffer: the next one would block. That a direction is
  // closed has still to be found out by a call, and is not reported again: it stays.
  void drained(runtime::Ready wanted, IoSeen seen) noexcept {
    used_up_ = wanted - (runtime::Ready::kReadClosed | runtime::Ready::kWriteClosed);
    seen_ = seen;
  }
  bool short_means_drained() const noexcept { return record_.kind_ != IoKind::kDatagram; }

 private:
  IoRecord& record_;
  const bool begun_;
  runtime::Ready used_up_;
  IoSeen seen_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_IO_RECORD_H_
