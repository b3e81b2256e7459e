// SubmissionRing: the kernel's io_uring, as far as weft uses it.
//
// Spec: FS-42, FS-49; reactor.md section 12.
//
// Two rings of records in memory that we share with the kernel:
//
//   requests   we write entries and move the tail; the kernel moves the head in submit()
//   answers    the kernel writes records and moves the tail; we move the head in take_answer()
//
// An answer carries the number that its request was given, and nothing else of it. The kernel never
// drops an answer: what finds no room waits in the kernel, and take_answer() fetches it.
//
// Not thread-safe: the owner has a lock. The kernel is the other thread, hence the atomics.
//
// Written against the system calls and not liburing: it is this file, it is then the same on every
// machine, and a test can make each call fail.

#ifndef WEFT_BASE_SYS_RING_H_
#define WEFT_BASE_SYS_RING_H_

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <linux/io_uring.h>
#include <optional>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>

namespace weft::sys {

class SubmissionRing {
 public:
  struct Answer {
    std::uint64_t number;
    std::int32_t value;  // a count or the like, or a negative errno
  };

  // Fails with function_not_supported if the kernel has none or too old a one (before 5.6),
  // operation_not_permitted where it is forbidden, and otherwise for want of memory or descriptors.
  static Result<SubmissionRing> create(unsigned entries) noexcept;

  SubmissionRing(SubmissionRing&& other) noexcept;
  SubmissionRing& operator=(SubmissionRing&&) = delete;
  // Nothing may be under way: the kernel would write into memory of others.
  ~SubmissionRing();

  // Readable while there are answers.
  BorrowedFd fd() const noexcept { return fd_; }
  // Whether the kernel knows IORING_OP_...
  bool supports(unsigned operation) const noexcept { return operations_.test(operation); }

  // Hands one request to the kernel; on an error the kernel has not seen it.
  Result<void> submit(const ::io_uring_sqe& request) noexcept;

  bool has_answer() const noexcept;
  // The next answer, if there is one.
  std::optional<Answer> take_answer() noexcept;
  // Blocks until there is an answer. EINTR comes back as interrupted.
  Result<void> wait() noexcept;

 private:
  // Pieces of shared memory, each unmapped once.
  struct Mapping {
    void* address = nullptr;
    std::size_t size = 0;
  };

  SubmissionRing() noexcept = default;

  Result<void> map(const ::io_uring_params& parameters) noexcept;
  Result<void> probe() noexcept;

  OwnedFd fd_;
  std::bitset<256> operations_;

  Mapping request_ring_;
  Mapping answer_ring_;
  Mapping requests_mapping_;

  // Written by us: [R1] release in submit() -> acquire in the kernel: the entry.
  unsigned* request_tail_ = nullptr;
  unsigned request_mask_ = 0;
  ::io_uring_sqe* requests_ = nullptr;
  unsigned* request_flags_ = nullptr;  // written by the kernel
  // Written by us: [R2] release in take_answer() -> acquire in the kernel: we are done with it.
  unsigned* answer_head_ = nullptr;
  // Written by the kernel: [R3] its release -> acquire in take_answer(): the record.
  unsigned* answer_tail_ = nullptr;
  unsigned answer_mask_ = 0;
  const ::io_uring_cqe* answers_ = nullptr;
};

}  // namespace weft::sys

#endif  // WEFT_BASE_SYS_RING_H_
