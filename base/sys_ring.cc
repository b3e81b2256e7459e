// SubmissionRing. Interface and pairings: sys_ring.h.

#include <weft/base/sys_ring.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

#include <weft/base/internal/sys_call.h>

namespace weft::sys {
namespace {

using internal::call;
using internal::to_done;

int direct_setup(unsigned entries, ::io_uring_params* parameters) noexcept {
  // SAFETY(syscall): the kernel reads and fills in the one record. libc has no name for it.
  return static_cast<int>(::syscall(__NR_io_uring_setup, entries, parameters));
}

int direct_enter(int ring, unsigned submit, unsigned wait_for, unsigned flags) noexcept {
  // SAFETY(syscall): no signal mask. What the requests point to is their owners' business.
  return static_cast<int>(
      ::syscall(__NR_io_uring_enter, ring, submit, wait_for, flags, nullptr, std::size_t{0}));
}

int direct_register(int ring, unsigned operation, void* argument, unsigned count) noexcept {
  // SAFETY(syscall): as of the one caller, which passes room for `count` records.
  return static_cast<int>(::syscall(__NR_io_uring_register, ring, operation, argument, count));
}

Result<int> enter(BorrowedFd ring, unsigned submit, unsigned wait_for, unsigned flags) noexcept {
  // SAFETY(syscall): the ring is open, and its entries up to the tail are whole.
  return internal::to_number(
      call<&Table::io_uring_enter, direct_enter>(ring.raw(), submit, wait_for, flags));
}

// Shared with the kernel, and so never accessed otherwise.
unsigned load_acquire(unsigned& shared) noexcept {
  return std::atomic_ref<unsigned>(shared).load(std::memory_order_acquire);
}
void store_release(unsigned& shared, unsigned value) noexcept {
  std::atomic_ref<unsigned>(shared).store(value, std::memory_order_release);
}

template <class T>
T* at(void* base, std::size_t offset) noexcept {
  // SAFETY(cast): the kernel has put a T there, and says so by the offset.
  return reinterpret_cast<T*>(static_cast<std::byte*>(base) + offset);
}

}  // namespace

Result<SubmissionRing> SubmissionRing::create(unsigned entries) noexcept {
  ::io_uring_params parameters{};
  parameters.flags = IORING_SETUP_CLAMP;
  SubmissionRing ring;
  // SAFETY(syscall): one record of ours; the answer is a new descriptor, which is close-on-exec.
  Result<OwnedFd> fd =
      internal::to_fd(call<&Table::io_uring_setup, direct_setup>(entries, &parameters));
  if (!fd) return Err(fd.error());
  ring.fd_ = *std::move(fd);
  constexpr unsigned kNeeded = IORING_FEAT_NODROP | IORING_FEAT_RW_CUR_POS;
  if ((parameters.features & kNeeded) != kNeeded) return Err(std::errc::function_not_supported);
  if (const Result<void> mapped = ring.map(parameters); !mapped) return Err(mapped.error());
  if (const Result<void> probed = ring.probe(); !probed) return Err(probed.error());
  return ring;
}

SubmissionRing::SubmissionRing(SubmissionRing&& other) noexcept
    : fd_(std::move(other.fd_)),
      operations_(other.operations_),
      request_ring_(std::exchange(other.request_ring_, {})),
      answer_ring_(std::exchange(other.answer_ring_, {})),
      requests_mapping_(std::exchange(other.requests_mapping_, {})),
      request_tail_(other.request_tail_),
      request_mask_(other.request_mask_),
      requests_(other.requests_),
      request_flags_(other.request_flags_),
      answer_head_(other.answer_head_),
      answer_tail_(other.answer_tail_),
      answer_mask_(other.answer_mask_),
      answers_(other.answers_) {}

SubmissionRing::~SubmissionRing() {
  for (const Mapping& mapping : {request_ring_, answer_ring_, requests_mapping_}) {
    if (mapping.address == nullptr) continue;
    // SAFETY(syscall): mapped by map(), unmapped here only; nobody has pointers into it any more.
    static_cast<void>(call<&Table::munmap, ::munmap>(mapping.address, mapping.size));
  }
}

Result<void> SubmissionRing::map(const ::io_uring_params& parameters) noexcept {
  const auto map_piece = [this](Mapping& mapping, std::size_t size, ::off_t what) -> Result<void> {
    // SAFETY(syscall): a new mapping of the ring's own memory, at an address of the kernel's
    // choice.
    void* const address =
        call<&Table::mmap, ::mmap>(static_cast<void*>(nullptr), size, PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_POPULATE, fd_.raw(), what);
    if (address == MAP_FAILED) return Err(Error::last_os_error());
    mapping = {address, size};
    return {};
  };
  const auto& sq = parameters.sq_off;
  const auto& cq = parameters.cq_off;
  if (auto mapped = map_piece(request_ring_, sq.array + parameters.sq_entries * sizeof(unsigned),
                              IORING_OFF_SQ_RING);
      !mapped) {
    return mapped;
  }
  if (auto mapped =
          map_piece(answer_ring_, cq.cqes + parameters.cq_entries * sizeof(::io_uring_cqe),
                    IORING_OFF_CQ_RING);
      !mapped) {
    return mapped;
  }
  if (auto mapped = map_piece(requests_mapping_, parameters.sq_entries * sizeof(::io_uring_sqe),
                              IORING_OFF_SQES);
      !mapped) {
    return mapped;
  }
  request_tail_ = at<unsigned>(request_ring_.address, sq.tail);
  request_mask_ = *at<unsigned>(request_ring_.address, sq.ring_mask);
  request_flags_ = at<unsigned>(request_ring_.address, sq.flags);
  requests_ = at<::io_uring_sqe>(requests_mapping_.address, 0);
  answer_head_ = at<unsigned>(answer_ring_.address, cq.head);
  answer_tail_ = at<unsigned>(answer_ring_.address, cq.tail);
  answer_mask_ = *at<unsigned>(answer_ring_.address, cq.ring_mask);
  answers_ = at<::io_uring_cqe>(answer_ring_.address, cq.cqes);
  // Place i of the ring always means entry i.
  unsigned* const order = at<unsigned>(request_ring_.address, sq.array);
  for (unsigned i = 0; i < parameters.sq_entries; ++i) order[i] = i;
  return {};
}

Result<void> SubmissionRing::probe() noexcept {
  constexpr unsigned kMost = 256;
  constexpr std::size_t kSize = sizeof(::io_uring_probe) + kMost * sizeof(::io_uring_probe_op);
  alignas(::io_uring_probe) std::array<std::byte, kSize> room{};
  // SAFETY(syscall): room for as many records behind the head as we say, all zero as they must be.
  const Result<void> probed = to_done(call<&Table::io_uring_register, direct_register>(
      fd_.raw(), unsigned{IORING_REGISTER_PROBE}, static_cast<void*>(room.data()), kMost));
  if (!probed) return probed;
  const auto* const head = at<::io_uring_probe>(room.data(), 0);
  const auto* const known = at<::io_uring_probe_op>(room.data(), sizeof(::io_uring_probe));
  for (unsigned i = 0; i < head->ops_len; ++i) {
    if ((known[i].flags & IO_URING_OP_SUPPORTED) != 0) operations_.set(known[i].op);
  }
  return {};
}

Result<void> SubmissionRing::submit(const ::io_uring_sqe& request) noexcept {
  // relaxed: nobody else writes the tail. There is room: the kernel has taken all before this one.
  const unsigned tail = std::atomic_ref<unsigned>(*request_tail_).load(std::memory_order_relaxed);
  requests_[tail & request_mask_] = request;
  store_release(*request_tail_, tail + 1);  // [R1]
  for (;;) {
    const Result<int> taken = enter(fd_, 1, 0, 0);
    if (taken && *taken == 1) return {};
    if (!taken && taken.error() == std::errc::interrupted) continue;
    store_release(*request_tail_, tail);  // [R1] as if it had never been
    if (taken) return Err(std::errc::resource_unavailable_try_again);
    return Err(taken.error());
  }
}

std::optional<SubmissionRing::Answer> SubmissionRing::take_answer() noexcept {
  // relaxed: nobody else writes the head.
  const unsigned head = std::atomic_ref<unsigned>(*answer_head_).load(std::memory_order_relaxed);
  if (head == load_acquire(*answer_tail_)) {  // [R3]
    // relaxed: the kernel sets it before it makes the descriptor readable.
    const unsigned seen =
        std::atomic_ref<unsigned>(*request_flags_).load(std::memory_order_relaxed);
    if ((seen & IORING_SQ_CQ_OVERFLOW) == 0) return std::nullopt;
    // More than fitted: has the kernel move them over.
    static_cast<void>(enter(fd_, 0, 0, IORING_ENTER_GETEVENTS));
    if (head == load_acquire(*answer_tail_)) return std::nullopt;  // [R3]
  }
  const ::io_uring_cqe& record = answers_[head & answer_mask_];
  const Answer answer{record.user_data, record.res};
  store_release(*answer_head_, head + 1);  // [R2]
  return answer;
}

bool SubmissionRing::has_answer() const noexcept {
  // relaxed: nobody else writes the head.
  const unsigned head = std::atomic_ref<unsigned>(*answer_head_).load(std::memory_order_relaxed);
  return head != load_acquire(*answer_tail_);  // [R3]
}

Result<void> SubmissionRing::wait() noexcept {
  return enter(fd_, 0, 1, IORING_ENTER_GETEVENTS).transform([](int) {});
}

}  // namespace weft::sys
