// DriverLink: has a runtime's driver announce signals.
//
// Spec: SG-16..SG-18, SG-20, SG-21, SG-32; R-140.
//
// The driver watches a duplicate of the eventfd that handlers write to: every epoll instance has a
// registration of its own, so each is woken by each write. There is no task that waits for it. The
// waker that is registered with the descriptor refers to the link itself, and waking it is the
// work: read the eventfd, then announce what was counted. That is short, and happens on the thread
// that holds the driver, whether or not the runtime has anything to run.
//
// All drivers read the same eventfd. Who comes first gets the sum of all writes and announces for
// all; the others find nothing.

#ifndef WEFT_SIGNAL_INTERNAL_DRIVER_LINK_H_
#define WEFT_SIGNAL_INTERNAL_DRIVER_LINK_H_

#include <utility>

#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/waker.h>

namespace weft::signal::internal {

// On the heap; lives until the last reference is gone: the registry's, and the waker's.
class DriverLink final : public Wakeable {
 public:
  // The caller holds the one reference. `event` reads the eventfd and is registered with `driver`.
  static DriverLink* create(weft::internal::IoRegistration event,
                            const weft::internal::IoDriver& driver);

  const weft::internal::IoDriver& driver() const noexcept { return *driver_; }

  // Announces what there is, and waits for more. Any thread.
  void turn() noexcept;

  void retain() noexcept;
  void release() noexcept;

 private:
  DriverLink(weft::internal::IoRegistration event, const weft::internal::IoDriver& driver) noexcept;
  ~DriverLink() = default;

  static const WakeOps kOps;
  static DriverLink* from(Wakeable* target) noexcept;

  // word_ counts the references. Changed by whoever makes or drops one.
  // [DL1] release in release() -> acquire in the last release(): all use is over before the delete.
  const weft::internal::IoDriver* const driver_;  // only compared
  weft::internal::IoRegistration event_;
};

}  // namespace weft::signal::internal

#endif  // WEFT_SIGNAL_INTERNAL_DRIVER_LINK_H_
