// Ring. Interface and life of an operation: ring.h.

#include <weft/fs/internal/ring.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>

#include <weft/base/check.h>
#include <weft/fs/internal/ring_link.h>

namespace weft::fs::internal {
namespace {

std::uint64_t number_of(const Operation& operation) noexcept {
  // SAFETY(cast): only a number for the kernel to keep; operation_of() is the way back.
  return reinterpret_cast<std::uintptr_t>(&operation);
}

Operation* operation_of(std::uint64_t number) noexcept {
  // SAFETY(cast): made by number_of() of an operation that is in flight, and so alive.
  return reinterpret_cast<Operation*>(number);
}

bool is_switched_off() noexcept {
  const char* const value = std::getenv("WEFT_IO_URING");
  return value != nullptr && std::string_view(value) == "0";
}

}  // namespace

Ring& Ring::of(weft::internal::Driver& driver) {
  if (auto* const kept = driver.io().extension()) {
    // SAFETY(cast): nobody else attaches anything to a driver.
    return static_cast<Ring&>(*kept);
  }
  const auto made = RefPtr<Ring>::adopt(new Ring());
  std::optional<weft::internal::IoRegistration> answers = made->open(driver);
  // SAFETY(cast): as above.
  Ring& kept = static_cast<Ring&>(driver.io().attach(made));
  // If another thread came first, ours was never used.
  if (&kept == made.get() && answers) RingLink::connect(made, *std::move(answers));
  return kept;
}

// Without an answer the ring is one that is never usable.
std::optional<weft::internal::IoRegistration> Ring::open(weft::internal::Driver& driver) {
  if (!driver.io_enabled() || is_switched_off()) return std::nullopt;
  Result<sys::SubmissionRing> ring = sys::SubmissionRing::create(kEntries);
  if (!ring) return std::nullopt;
  Result<OwnedFd> duplicate = ring->fd().try_clone();
  if (!duplicate) return std::nullopt;
  auto answers = weft::internal::IoRegistration::create(driver.io(), *std::move(duplicate),
                                                        weft::internal::IoKind::kPipe,
                                                        runtime::Interest::kReadable);
  if (!answers) return std::nullopt;
  ring_.emplace(*std::move(ring));
  return *std::move(answers);
}

Ring::~Ring() {
  WEFT_DCHECK(in_flight_.empty(), "weft::fs: a ring ends with operations in flight");
}

bool Ring::is_closing() const noexcept {
  const std::lock_guard lock(mutex_);
  return is_closing_;
}

// --- Submitting

bool Ring::submit(Operation& operation) noexcept {
  if (!is_usable()) return false;
  ::io_uring_sqe request{};
  if (!operation.prepare(request)) return false;
  if (!hand_over(operation, request)) return false;
  // The kernel may have answered already.
  fetch_answers();
  return true;
}

// After the lock is gone another thread may fetch the answer, and finish the operation.
bool Ring::hand_over(Operation& operation, const ::io_uring_sqe& request) noexcept {
  if (!ring_->supports(request.opcode)) return false;
  ::io_uring_sqe numbered = request;
  numbered.user_data = number_of(operation);
  const std::lock_guard lock(mutex_);
  if (is_closing_) return false;
  in_flight_.push_back(operation);
  if (ring_->submit(numbered)) return true;
  in_flight_.remove(operation);
  return false;
}

void Ring::cancel(Operation& operation) noexcept {
  const std::lock_guard lock(mutex_);
  if (IntrusiveList<Operation>::is_linked(operation)) request_cancel(operation);
}

// Under mutex_. If the kernel does not take it, the operation runs its course.
void Ring::request_cancel(const Operation& operation) noexcept {
  ::io_uring_sqe request{};
  request.opcode = IORING_OP_ASYNC_CANCEL;
  request.addr = number_of(operation);
  request.user_data = kNobody;
  static_cast<void>(ring_->submit(request));
}

// --- Answers

std::size_t Ring::fetch_answers() noexcept {
  std::size_t total = 0;
  for (;;) {
    std::array<Answered, kBatch> batch;
    std::size_t count = 0;
    std::size_t fetched = 0;
    {
      const std::lock_guard lock(mutex_);
      while (fetched < kBatch) {
        const auto answer = ring_->take_answer();
        if (!answer) break;
        ++fetched;
        if (answer->number == kNobody) continue;
        Operation* const operation = operation_of(answer->number);
        in_flight_.remove(*operation);
        batch[count++] = {operation, answer->value};
      }
    }
    for (const Answered& answered : std::span(batch).first(count)) {
      handle(*answered.operation, answered.value);
    }
    total += fetched;
    if (fetched < kBatch) return total;
  }
}

void Ring::handle(Operation& operation, std::int32_t answer) noexcept {
  if (answer == -ECANCELED) return operation.abandon();
  const bool interrupted = answer == -EINTR && operation.is_repeatable();
  if (!interrupted && operation.advance(answer) == Operation::Step::kFinished) {
    return operation.finish();
  }
  if (operation.is_detached()) return operation.abandon();
  ::io_uring_sqe request{};
  if (operation.prepare(request) && hand_over(operation, request)) return;
  if (!is_closing()) return operation.go_to_pool();
  // The pool may be gone already. What has been accepted is written all the same: on this thread,
  // which has nothing else to do any more.
  if (operation.is_mandatory()) return operation.run();
  operation.abandon();
}

// --- The end

bool Ring::close() noexcept {
  std::unique_lock lock(mutex_);
  if (std::exchange(is_closing_, true)) return false;
  for (const Operation& operation : in_flight_) {
    if (!operation.is_mandatory()) request_cancel(operation);
  }
  while (!in_flight_.empty()) {
    // Under the lock: nobody else takes the answer that we wait for. It comes, since the kernel has
    // something of ours.
    if (!ring_->has_answer()) static_cast<void>(ring_->wait());
    lock.unlock();
    fetch_answers();
    lock.lock();
  }
  return true;
}

}  // namespace weft::fs::internal
