// The calls of raw sockets. Interface: sys_socket.h.
//
// The reasons in the comments before each call are those that sys.cc lists: [fd] open by the
// BorrowedFd's contract, [span] memory of its size, [caller] the pointers' targets, as in the
// manual page.

#include <weft/base/sys_socket.h>

#include <cerrno>
#include <limits>
#include <signal.h>
#include <sys/sendfile.h>
#include <system_error>

#include <weft/base/internal/sys_call.h>

namespace weft::sys {
namespace {

using internal::call;
using internal::to_count;

// Keeps a SIGPIPE that this thread raises from being delivered, and drops it.
class SigpipeGuard {
 public:
  SigpipeGuard() noexcept {
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    ::sigset_t pending;
    // SAFETY(syscall): writes one signal set. What waits already is somebody else's, and stays.
    was_pending_ = ::sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    // SAFETY(syscall): reads one signal set and writes the other; of this thread only.
    ::pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }

  ~SigpipeGuard() {
    // SAFETY(syscall): as above.
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

  // After the call has failed with EPIPE.
  void drop_signal() noexcept {
    if (was_pending_) return;
    const ::timespec no_time{};
    int answer = 0;
    do {
      // SAFETY(syscall): reads a signal set and a time. Does not wait; EAGAIN: the signal is
      // ignored by the process, so there is none.
      answer = ::sigtimedwait(&sigpipe_, nullptr, &no_time);
    } while (answer == -1 && errno == EINTR);
  }

 private:
  ::sigset_t sigpipe_;
  ::sigset_t before_;
  bool was_pending_ = false;
};

}  // namespace

Result<std::size_t> recv_once(BorrowedFd fd, std::span<std::byte> out, int flags) noexcept {
  // SAFETY(syscall): [fd] [span].
  return to_count(call<&Table::recv, ::recv>(fd.raw(), out.data(), out.size(), flags));
}

Result<std::size_t> send_once(BorrowedFd fd, std::span<const std::byte> in, int flags) noexcept {
  // SAFETY(syscall): [fd] [span].
  return to_count(call<&Table::send, ::send>(fd.raw(), in.data(), in.size(), flags | MSG_NOSIGNAL));
}

Result<std::size_t> recvfrom_once(BorrowedFd fd, std::span<std::byte> out, int flags,
                                  ::sockaddr* from, ::socklen_t* from_size) noexcept {
  // SAFETY(syscall): [fd] [span]; from and from_size [caller].
  return to_count(
      call<&Table::recvfrom, ::recvfrom>(fd.raw(), out.data(), out.size(), flags, from, from_size));
}

Result<std::size_t> sendto_once(BorrowedFd fd, std::span<const std::byte> in, int flags,
                                const ::sockaddr* to, ::socklen_t to_size) noexcept {
  // SAFETY(syscall): [fd] [span]; to [caller].
  return to_count(call<&Table::sendto, ::sendto>(fd.raw(), in.data(), in.size(),
                                                 flags | MSG_NOSIGNAL, to, to_size));
}

Result<std::size_t> recvmsg_once(BorrowedFd fd, ::msghdr& message, int flags) noexcept {
  // SAFETY(syscall): [fd]; what message points to [caller].
  return to_count(call<&Table::recvmsg, ::recvmsg>(fd.raw(), &message, flags));
}

Result<std::size_t> sendmsg_once(BorrowedFd fd, const ::msghdr& message, int flags) noexcept {
  // SAFETY(syscall): [fd]; what message points to [caller].
  return to_count(call<&Table::sendmsg, ::sendmsg>(fd.raw(), &message, flags | MSG_NOSIGNAL));
}

Result<std::size_t> sendfile_at(BorrowedFd socket, BorrowedFd file, std::uint64_t offset,
                                std::size_t count) noexcept {
  if (offset > static_cast<std::uint64_t>(std::numeric_limits<::off_t>::max())) {
    return Err(std::errc::invalid_argument);
  }
  auto at = static_cast<::off_t>(offset);
  SigpipeGuard guard;
  // SAFETY(syscall): [fd] both; `at` is a local variable that it advances.
  const Result<std::size_t> sent =
      to_count(call<&Table::sendfile_at, ::sendfile>(socket.raw(), file.raw(), &at, count));
  if (!sent && sent.error() == std::errc::broken_pipe) guard.drop_signal();
  return sent;
}

}  // namespace weft::sys
