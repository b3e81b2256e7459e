// Ring: a runtime's io_uring, which carries out operations on files.
//
// Spec: FS-42, FS-43, FS-47..FS-52; R-143; reactor.md U-1, U-2, U-5, U-6.
//
// One for each runtime, made by the first operation and kept by its I/O driver. If the kernel has
// none, forbids it, or WEFT_IO_URING=0 says so, that is remembered, and everything goes to the
// blocking pool. So does what the kernel's ring cannot do, one operation at a time.
//
// Each operation is handed over by a system call of its own; where the kernel can answer at once,
// the answer is fetched with it and nobody waits for anything. Later answers make the ring's
// descriptor readable, which the driver watches: its waker is a RingLink, and waking that is
// fetching the answers. No thread and no task belongs to the ring.
//
//   in flight    the kernel has the operation's address as the request's number, and we have a
//                reference to it, which goes with the answer. So an operation that nobody waits
//                for any more stays until the kernel has let go of its memory.
//   cancelled    by the waiter's end: the kernel is asked to drop it, and answers in any case
//   closing      the driver's end: what is not mandatory is cancelled, and the thread that shuts
//                the runtime down waits until nothing is in flight
//
// Who has fetched an answer owns the operation's side of the executor until it submits it again.

#ifndef WEFT_FS_INTERNAL_RING_H_
#define WEFT_FS_INTERNAL_RING_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include <weft/base/intrusive_list.h>
#include <weft/base/result.h>
#include <weft/base/sys_ring.h>
#include <weft/fs/internal/operation.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/driver/driver.h>
#include <weft/runtime/driver/io_driver.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/ref_counted.h>

namespace weft::fs::internal {

// Thread-safe.
class Ring final : public weft::internal::IoDriverExtension {
 public:
  // The driver's ring, made if there is none yet.
  static Ring& of(weft::internal::Driver& driver);

  ~Ring() override;

  // Whether there is one behind it.
  bool is_usable() const noexcept { return ring_.has_value(); }

  // Hands `operation` to the kernel, with a reference that the caller gives up. False: the pool has
  // to do it, and the reference is still the caller's. It may be done when this returns.
  bool submit(Operation& operation) noexcept;
  // Nobody waits for `operation` any more: asks the kernel to drop it, if it has it.
  void cancel(Operation& operation) noexcept;

  // Handles the answers that there are; how many.
  std::size_t fetch_answers() noexcept;
  // The driver's end: see above. Only the first call does anything, and says so.
  bool close() noexcept;

 private:
  static constexpr unsigned kEntries = 256;
  // As many answers are fetched at a time.
  static constexpr std::size_t kBatch = 32;
  // The number of requests whose answer concerns nobody.
  static constexpr std::uint64_t kNobody = 0;

  struct Answered {
    Operation* operation;
    std::int32_t value;
  };

  Ring() noexcept = default;

  std::optional<weft::internal::IoRegistration> open(weft::internal::Driver& driver);
  bool is_closing() const noexcept;
  bool hand_over(Operation& operation, const ::io_uring_sqe& request) noexcept;
  void handle(Operation& operation, std::int32_t answer) noexcept;
  void request_cancel(const Operation& operation) noexcept;

  // Made by open(), before anybody else has the ring. What is in it is guarded by mutex_.
  std::optional<sys::SubmissionRing> ring_;
  mutable loom::Mutex mutex_;
  // Guarded by mutex_.
  IntrusiveList<Operation> in_flight_;
  bool is_closing_ = false;
};

}  // namespace weft::fs::internal

#endif  // WEFT_FS_INTERNAL_RING_H_
