// splice, without SIGPIPE. Interface: sys_splice.h.

#include <weft/base/sys_splice.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <weft/base/internal/sys_call.h>

namespace weft::sys {
namespace {

using internal::call_retried;
using internal::to_count;

// Keeps SIGPIPE from the calling thread, as MSG_NOSIGNAL does where there are flags. The signal is
// raised for the thread that writes; so it is blocked here, and if the write raised it, it is taken
// back before it is let through again. One that was already waiting is left alone.
class SigpipeHeldBack {
 public:
  SigpipeHeldBack() noexcept {
    ::sigset_t pipe;
    ::sigset_t pending;
    // SAFETY(syscall): all three sets are ours. None of these calls can fail with these arguments.
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    ::sigemptyset(&pending);
    ::pthread_sigmask(SIG_BLOCK, &pipe, &before_);
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
  }
  SigpipeHeldBack(const SigpipeHeldBack&) = delete;
  SigpipeHeldBack& operator=(const SigpipeHeldBack&) = delete;
  ~SigpipeHeldBack() {
    // SAFETY(syscall): the set that the constructor was given.
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  // The write has failed with EPIPE, and so raised the signal, unless it is ignored.
  void take_back() const noexcept {
    if (was_pending_) return;
    ::sigset_t pipe;
    const ::timespec at_once{};
    // SAFETY(syscall): the set and the time are ours; it does not wait. EINTR comes from other
    // signals only and leaves ours where it was.
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    while (::sigtimedwait(&pipe, nullptr, &at_once) == -1 && errno == EINTR) {
    }
  }

 private:
  ::sigset_t before_{};
  bool was_pending_ = false;
};

// At the descriptors' own positions: nobody here has another offset in mind.
ssize_t direct_splice(int in, int out, std::size_t size, unsigned flags) noexcept {
  // SAFETY(syscall): no memory is involved, since both offsets are null.
  return ::splice(in, nullptr, out, nullptr, size, flags);
}

}  // namespace

Result<std::size_t> splice(BorrowedFd in, BorrowedFd out, std::size_t size) noexcept {
  const SigpipeHeldBack held;
  const Result<std::size_t> moved =
      // SAFETY(syscall): both descriptors are open [caller]; no memory of ours is involved.
      to_count(call_retried<&Table::splice, direct_splice>(
          in.raw(), out.raw(), size, static_cast<unsigned>(SPLICE_F_MOVE | SPLICE_F_NONBLOCK)));
  if (!moved && moved.error() == std::errc::broken_pipe) held.take_back();
  return moved;
}

}  // namespace weft::sys
