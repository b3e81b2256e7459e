// IoDriver: turns the reactor's events into the readiness of descriptors, and wakes who waits.
//
// Spec; reactor.md D-1, D-2, D-7..D-10; N-53.
//
// One thread at a time holds the driver and turns it. A turn frees the records of descriptors that
// were deregistered before it, polls once, and hands each event to its record. A record is found by
// the event's token, which is its address; so it must not be freed while an event may name it:
//
//   remove()  takes the descriptor out of the selector: later polls bring no event of it. A poll
//             under way, or one whose events are being handed out, may have fetched one before. So
//             the record is put aside, and the next turn frees it before it polls. When 16 lie
//             there the driver is unparked, which bounds what an idle program keeps.
//
// After shutdown() nothing can be registered, and every wait ends with an error; descriptors may
// outlive the driver, whose memory they keep.
//
//   Result<RefPtr<IoDriver>> io = IoDriver::create(1024);
//   (*io)->turn(std::nullopt);   // held: sleep until something happens
//   (*io)->unpark();             // any thread: end that sleep

#ifndef WEFT_RUNTIME_DRIVER_IO_DRIVER_H_
#define WEFT_RUNTIME_DRIVER_IO_DRIVER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/intrusive_list.h>
#include <weft/base/result.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/driver/io_record.h>
#include <weft/runtime/driver/ready.h>
#include <weft/runtime/reactor/events.h>
#include <weft/runtime/reactor/poll.h>
#include <weft/runtime/reactor/waker.h>
#include <weft/runtime/ref_counted.h>

namespace weft::internal {

// What a folder above this one keeps with a driver (fs: its ring), for as long as the driver lives.
class IoDriverExtension : public RefCounted<IoDriverExtension> {
 public:
  virtual ~IoDriverExtension() = default;
};

class IoDriver : public RefCounted<IoDriver> {
 public:
  // Takes at most `events_capacity` events in a turn. Fails when descriptors have run out.
  static Result<RefPtr<IoDriver>> create(std::size_t events_capacity);

  // Held. Waits for events, as long as `timeout` at most: null is for ever, zero not at all; then
  // wakes everyone they concern. Ends early when a signal handler ran. Wakes with no lock held.
  // Returns whether there were events, an unpark() not counted.
  bool turn(std::optional<std::chrono::nanoseconds> timeout) noexcept;

  // Held; the last thing done with it. All waits end with Errc::runtime_shutdown, now and later.
  // Repeating it does nothing.
  void shutdown() noexcept;

  // Ends the turn that is under way, or makes the next one return at once. Any thread.
  void unpark() noexcept;

  // Any thread. Watches `fd`, which `record` will own, for `interest`. Fails with
  // runtime_shutdown, or as epoll_ctl(2) does; then the driver has forgotten the record.
  Result<void> add(IoRecord& record, BorrowedFd fd, runtime::Interest interest) noexcept;
  // Any thread. Undoes add(); `fd` is still open. Once for each add() that succeeded.
  void remove(IoRecord& record, BorrowedFd fd) noexcept;

  // Any thread. How many descriptors have been registered since the beginning, and deregistered;
  // and how many events have come, not counting those of an unpark().
  std::uint64_t registered() const noexcept {
    // relaxed, in all three: numbers for people.
    return registered_.load(std::memory_order_relaxed);
  }
  std::uint64_t deregistered() const noexcept {
    return deregistered_.load(std::memory_order_relaxed);
  }
  std::uint64_t ready_events() const noexcept {
    return ready_events_.load(std::memory_order_relaxed);
  }

  // Any thread. What attach() has left here; null before.
  IoDriverExtension* extension() const noexcept {
    return extension_.load(std::memory_order_acquire);  // [X1]
  }
  // Any thread. Keeps `extension`, unless there is one already; returns the one that is kept.
  IoDriverExtension& attach(RefPtr<IoDriverExtension> extension) noexcept;

 private:
  friend class RefCounted<IoDriver>;

  // Deregistered records that make the driver unpark itself.
  static constexpr std::size_t kReleaseBatch = 16;
  // Never the address of a record. Token 1 is kept for signals.
  static constexpr runtime::reactor::Token kUnparkToken{0};

  IoDriver(runtime::reactor::Poll poll, runtime::reactor::Waker waker, std::size_t capacity);
  ~IoDriver();

  [[nodiscard]] bool link(IoRecord& record) noexcept;
  void unlink(IoRecord& record) noexcept;
  void release_removed() noexcept;

  // poll() and events_ belong to the holder; the registry inside poll_ is thread-safe.
  runtime::reactor::Poll poll_;
  runtime::reactor::Events events_;
  const runtime::reactor::Waker waker_;

  // Written under mutex_ by remove() and by the holder; read by the holder without it, to skip the
  // lock when there is nothing to release.
  loom::Atomic<std::size_t> removed_count_{0};

  // Written by who registers, by who deregisters, and by the holder.
  loom::Atomic<std::uint64_t> registered_{0};
  loom::Atomic<std::uint64_t> deregistered_{0};
  loom::Atomic<std::uint64_t> ready_events_{0};

  // A reference of ours. Written once, by attach(), and read by anyone.
  // [X1] release in attach() -> acquire in extension() and attach(): the extension as it was made.
  loom::Atomic<IoDriverExtension*> extension_{nullptr};

  loom::Mutex mutex_;
  // The rest is guarded by mutex_. A record in either list is kept alive by one reference of ours.
  IntrusiveList<IoRecord> watched_;
  IntrusiveList<IoRecord> removed_;  // out of the selector; an event may still name them
  bool is_shut_down_ = false;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_IO_DRIVER_H_
