// RingLink: has a runtime's driver fetch the answers of its ring.
//
// Spec: FS-42, FS-51.
//
// The driver watches a duplicate of the ring's descriptor, which is readable while there are
// answers. There is no task that waits for it: the waker registered with the descriptor refers to
// this object, and waking it is the work, done on the thread that holds the driver. When the driver
// shuts down, the same waker closes the ring.
//
// The link refers to the ring and not the other way round, and goes when the driver lets go of the
// descriptor: the ring belongs to the driver, and must not keep it.

#ifndef WEFT_FS_INTERNAL_RING_LINK_H_
#define WEFT_FS_INTERNAL_RING_LINK_H_

#include <utility>

#include <weft/fs/internal/ring.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/waker.h>

namespace weft::fs::internal {

// On the heap; lives until the driver's end, and as long as its waker is in use.
class RingLink final : public Wakeable {
 public:
  // From now on the answers of `ring` are fetched when `answers` is readable.
  static void connect(RefPtr<Ring> ring, weft::internal::IoRegistration answers);

 private:
  RingLink(RefPtr<Ring> ring, weft::internal::IoRegistration answers) noexcept
      : Wakeable(1, &kOps), ring_(std::move(ring)), answers_(std::move(answers)) {}
  ~RingLink() = default;

  // Fetches what there is, and waits for more. Any thread.
  void turn() noexcept;
  void retain() noexcept;
  void release() noexcept;

  static const WakeOps kOps;
  static RingLink& from(Wakeable* target) noexcept;

  // word_ counts the references: our own, until the ring is closed, and the waker's.
  // [RL1] release in release() -> acquire in the last release(): all use is over before the delete.
  const RefPtr<Ring> ring_;
  const weft::internal::IoRegistration answers_;
};

}  // namespace weft::fs::internal

#endif  // WEFT_FS_INTERNAL_RING_LINK_H_
