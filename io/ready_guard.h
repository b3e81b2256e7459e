// ReadyGuard: the news that a descriptor is ready, and the means to say that it is not any more.
//
// Spec: net.md F-2, N-47, N-48, N-55.
//
// What AsyncFd's waits yield. The runtime cannot know what is done with the descriptor; so whoever
// has found that a call would block says so here, and the next wait waits for the kernel. Without
// that, waits go on to complete at once. News that has come since the guard was made is not cleared
// with it.
//
//   Task<Result<std::uint64_t>> wait_for_event(const io::AsyncFd<OwnedFd>& event) {
//     for (;;) {
//       Result<io::ReadyGuard> guard = co_await event.readable();
//       if (!guard) co_return Err(guard.error());
//       const auto taken = guard->try_io([&] { return take(event.get()); });
//       if (taken) co_return *taken;  // else it would have blocked: wait for the kernel
//     }
//   }

#ifndef WEFT_IO_READY_GUARD_H_
#define WEFT_IO_READY_GUARD_H_

#include <functional>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>

#include <weft/base/error.h>
#include <weft/base/result.h>
#include <weft/io/ready.h>
#include <weft/runtime/driver/io_record.h>
#include <weft/runtime/driver/io_state.h>
#include <weft/runtime/ref_counted.h>

namespace weft::io {

namespace internal {
class GuardNode;
class WatchedFd;
}  // namespace internal

// Copyable; may outlive the AsyncFd, after which it does nothing. Used by one thread at a time.
class [[nodiscard]] ReadyGuard {
 public:
  // What was ready and has not been cleared through this guard.
  Ready ready() const noexcept { return ready_; }

  // The descriptor is not ready in any of these ways: a call has blocked.
  void clear_ready() noexcept { clear_ready_matching(ready_); }
  // The same for some of them.
  void clear_ready_matching(Ready used_up) noexcept {
    used_up = used_up & ready_;
    record_->clear(used_up, seen_);
    ready_ = ready_ - used_up;
  }
  // It is still ready: says so to the reader, and does nothing.
  void retain_ready() noexcept {}

  // Calls fn(), which returns a Result of one non-blocking call on the descriptor, and yields it;
  // nothing if that is "would block", in which case the readiness is cleared. Errc::closed, without
  // calling fn, after the AsyncFd is gone. fn may throw, which changes nothing.
  template <class F>
  std::optional<std::invoke_result_t<F>> try_io(F&& fn) {
    using R = std::invoke_result_t<F>;
    const weft::internal::IoRecord::Call call(*record_);
    if (!call) return R(Err(Errc::closed));
    R result = std::invoke(std::forward<F>(fn));
    if (!result && result.error() == std::errc::operation_would_block) {
      clear_ready();
      return std::nullopt;
    }
    return result;
  }

 private:
  friend class internal::GuardNode;
  friend class internal::WatchedFd;

  ReadyGuard(weft::internal::IoRecord& record, weft::internal::IoSeen seen, Ready ready) noexcept
      : record_(record), seen_(seen), ready_(ready) {}

  RefPtr<weft::internal::IoRecord> record_;
  weft::internal::IoSeen seen_;
  Ready ready_;
};

}  // namespace weft::io

#endif  // WEFT_IO_READY_GUARD_H_
