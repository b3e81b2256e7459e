// The system calls. Interface, EINTR policy and design: sys.h.
//
// The safety of nearly every call rests on three things, named in its SAFETY comment where they are
// all there is: [fd] a BorrowedFd is open during the call, by its contract; [span] a span is memory
// of its size, readable or writable as its type says, and the kernel is told that size; [caller]
// what a pointer points to, and its size, are the caller's contract as in the manual page.

#include <weft/base/sys.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <weft/base/internal/sys_call.h>

namespace weft::sys {
namespace {

using internal::call;
using internal::call_retried;
using internal::from_number;
using internal::to_count;
using internal::to_done;
using internal::to_fd;
using internal::to_number;

// fcntl is variadic in libc, which a table's entry cannot usefully be.
int direct_fcntl(int fd, int command, long argument) noexcept {
  // SAFETY(syscall): [fd]; only commands that take an int or nothing come here, for which the
  // kernel reads the argument register and no memory.
  return ::fcntl(fd, command, argument);
}

// Larger counts than the kernel takes are not wrong, they are a short transfer.
int slice_count(std::span<const ::iovec> slices) noexcept {
  constexpr std::size_t kMostSlices = 1024;  // the kernel's UIO_MAXIOV, which is IOV_MAX
  return static_cast<int>(std::min(slices.size(), kMostSlices));
}

int event_count(std::size_t count) noexcept {
  constexpr std::size_t kMost = std::numeric_limits<int>::max() / sizeof(::epoll_event);
  return static_cast<int>(std::min(count, kMost));
}

}  // namespace

const Table* table() noexcept { return internal::current_table; }

const Table* set_table(const Table* table) noexcept {
  return std::exchange(internal::current_table, table);
}

// --- Bytes

Result<std::size_t> read(BorrowedFd fd, std::span<std::byte> out) noexcept {
  // SAFETY(syscall): [fd] [span].
  return to_count(call_retried<&Table::read, ::read>(fd.raw(), out.data(), out.size()));
}

Result<std::size_t> write(BorrowedFd fd, std::span<const std::byte> in) noexcept {
  // SAFETY(syscall): [fd] [span].
  return to_count(call_retried<&Table::write, ::write>(fd.raw(), in.data(), in.size()));
}

Result<std::size_t> readv(BorrowedFd fd, std::span<const ::iovec> out) noexcept {
  // SAFETY(syscall): [fd] [span]; the memory that the slices describe is [caller].
  return to_count(call_retried<&Table::readv, ::readv>(fd.raw(), out.data(), slice_count(out)));
}

Result<std::size_t> writev(BorrowedFd fd, std::span<const ::iovec> in) noexcept {
  // SAFETY(syscall): [fd] [span]; the memory that the slices describe is [caller].
  return to_count(call_retried<&Table::writev, ::writev>(fd.raw(), in.data(), slice_count(in)));
}

Result<std::size_t> recv(BorrowedFd fd, std::span<std::byte> out, int flags) noexcept {
  // SAFETY(syscall): [fd] [span].
  return to_count(call_retried<&Table::recv, ::recv>(fd.raw(), out.data(), out.size(), flags));
}

Result<std::size_t> send(BorrowedFd fd, std::span<const std::byte> in, int flags) noexcept {
  // SAFETY(syscall): [fd] [span].
  return to_count(
      call_retried<&Table::send, ::send>(fd.raw(), in.data(), in.size(), flags | MSG_NOSIGNAL));
}

Result<std::size_t> recvfrom(BorrowedFd fd, std::span<std::byte> out, int flags, ::sockaddr* from,
                             ::socklen_t* from_size) noexcept {
  // SAFETY(syscall): [fd] [span]; from and from_size [caller]. A call ended by EINTR has written
  // neither, so making it again sees the room that the caller gave.
  return to_count(call_retried<&Table::recvfrom, ::recvfrom>(fd.raw(), out.data(), out.size(),
                                                             flags, from, from_size));
}

Result<std::size_t> sendto(BorrowedFd fd, std::span<const std::byte> in, int flags,
                           const ::sockaddr* to, ::socklen_t to_size) noexcept {
  // SAFETY(syscall): [fd] [span]; to [caller].
  return to_count(call_retried<&Table::sendto, ::sendto>(fd.raw(), in.data(), in.size(),
                                                         flags | MSG_NOSIGNAL, to, to_size));
}

Result<std::size_t> recvmsg(BorrowedFd fd, ::msghdr& message, int flags) noexcept {
  // SAFETY(syscall): [fd]; what message points to [caller]. A call ended by EINTR has changed
  // nothing in it.
  return to_count(call_retried<&Table::recvmsg, ::recvmsg>(fd.raw(), &message, flags));
}

Result<std::size_t> sendmsg(BorrowedFd fd, const ::msghdr& message, int flags) noexcept {
  // SAFETY(syscall): [fd]; what message points to [caller].
  return to_count(
      call_retried<&Table::sendmsg, ::sendmsg>(fd.raw(), &message, flags | MSG_NOSIGNAL));
}

// --- Descriptors

Result<void> close(int fd) noexcept {
  // SAFETY(syscall): fd is open and the caller's to close. Never made again: on Linux the number is
  // free after the first call whatever it says, and may be another thread's by now.
  return to_done(call<&Table::close, ::close>(fd));
}

Result<OwnedFd> dupfd_cloexec(BorrowedFd fd, int minimum) noexcept {
  // SAFETY(syscall): [fd]; the answer is a new descriptor that nobody else knows.
  return to_fd(
      call<&Table::fcntl, direct_fcntl>(fd.raw(), F_DUPFD_CLOEXEC, static_cast<long>(minimum)));
}

Result<int> get_fd_flags(BorrowedFd fd) noexcept { return fcntl(fd, F_GETFD); }

Result<void> set_fd_flags(BorrowedFd fd, int flags) noexcept {
  return fcntl(fd, F_SETFD, flags).transform([](int) {});
}

Result<int> get_status_flags(BorrowedFd fd) noexcept { return fcntl(fd, F_GETFL); }

Result<void> set_status_flags(BorrowedFd fd, int flags) noexcept {
  return fcntl(fd, F_SETFL, flags).transform([](int) {});
}

Result<int> fcntl(BorrowedFd fd, int command, long argument) noexcept {
  // SAFETY(syscall): [fd]; the command takes an int or nothing [caller].
  return to_number(call<&Table::fcntl, direct_fcntl>(fd.raw(), command, argument));
}

Result<Ends> pipe2(int flags) noexcept {
  int ends[2];
  // SAFETY(syscall): room for the two descriptors that it writes, which are new and ours.
  const int answer = call<&Table::pipe2, ::pipe2>(ends, flags);
  if (answer == -1) return Err(Error::last_os_error());
  return Ends(OwnedFd(ends[0]), OwnedFd(ends[1]));
}

Result<OwnedFd> eventfd(unsigned initial, int flags) noexcept {
  // SAFETY(syscall): no memory is involved; the answer is a new descriptor.
  return to_fd(call<&Table::eventfd, ::eventfd>(initial, flags));
}

void raise_event_in_handler(int fd) noexcept {
  const std::uint64_t one = 1;
  // SAFETY(syscall): eight bytes of a local variable. Non-blocking: if the counter is full, whoever
  // reads it has been woken.
  static_cast<void>(!::write(fd, &one, sizeof one));
}

Result<void> dup3(BorrowedFd from, int to, int flags) noexcept {
  // SAFETY(syscall): no memory is involved; the caller owns `to`, or there is no such descriptor.
  const int answer = call<&Table::dup3, ::dup3>(from.raw(), to, flags);
  if (answer == -1) return Err(Error::last_os_error());
  return {};
}

// --- Sockets

Result<OwnedFd> socket(int domain, int type, int protocol) noexcept {
  // SAFETY(syscall): no memory is involved; the answer is a new descriptor.
  return to_fd(call<&Table::socket, ::socket>(domain, type, protocol));
}

Result<Ends> socketpair(int domain, int type, int protocol) noexcept {
  int ends[2];
  // SAFETY(syscall): room for the two descriptors that it writes, which are new and ours.
  const int answer = call<&Table::socketpair, ::socketpair>(domain, type, protocol, ends);
  if (answer == -1) return Err(Error::last_os_error());
  return Ends(OwnedFd(ends[0]), OwnedFd(ends[1]));
}

Result<void> bind(BorrowedFd fd, const ::sockaddr* address, ::socklen_t size) noexcept {
  // SAFETY(syscall): [fd]; address [caller].
  return to_done(call<&Table::bind, ::bind>(fd.raw(), address, size));
}

Result<void> listen(BorrowedFd fd, int backlog) noexcept {
  // SAFETY(syscall): [fd].
  return to_done(call<&Table::listen, ::listen>(fd.raw(), backlog));
}

Result<OwnedFd> accept4(BorrowedFd fd, ::sockaddr* peer, ::socklen_t* size, int flags) noexcept {
  // SAFETY(syscall): [fd]; peer and size [caller]; the answer is a new descriptor.
  return to_fd(call<&Table::accept4, ::accept4>(fd.raw(), peer, size, flags));
}

Result<void> connect(BorrowedFd fd, const ::sockaddr* address, ::socklen_t size) noexcept {
  // SAFETY(syscall): [fd]; address [caller]. Not made again on EINTR: the connection is being made,
  // and a second call would report that rather than its outcome.
  return to_done(call<&Table::connect, ::connect>(fd.raw(), address, size));
}

Result<void> shutdown(BorrowedFd fd, int how) noexcept {
  // SAFETY(syscall): [fd].
  return to_done(call<&Table::shutdown, ::shutdown>(fd.raw(), how));
}

Result<void> getsockopt(BorrowedFd fd, int level, int name, void* value,
                        ::socklen_t* size) noexcept {
  // SAFETY(syscall): [fd]; value and size [caller].
  return to_done(call<&Table::getsockopt, ::getsockopt>(fd.raw(), level, name, value, size));
}

Result<void> setsockopt(BorrowedFd fd, int level, int name, const void* value,
                        ::socklen_t size) noexcept {
  // SAFETY(syscall): [fd]; value [caller].
  return to_done(call<&Table::setsockopt, ::setsockopt>(fd.raw(), level, name, value, size));
}

Result<void> getsockname(BorrowedFd fd, ::sockaddr* address, ::socklen_t* size) noexcept {
  // SAFETY(syscall): [fd]; address and size [caller].
  return to_done(call<&Table::getsockname, ::getsockname>(fd.raw(), address, size));
}

Result<void> getpeername(BorrowedFd fd, ::sockaddr* address, ::socklen_t* size) noexcept {
  // SAFETY(syscall): [fd]; address and size [caller].
  return to_done(call<&Table::getpeername, ::getpeername>(fd.raw(), address, size));
}

// --- Waiting

Result<OwnedFd> epoll_create1(int flags) noexcept {
  // SAFETY(syscall): no memory is involved; the answer is a new descriptor.
  return to_fd(call<&Table::epoll_create1, ::epoll_create1>(flags));
}

Result<void> epoll_ctl(BorrowedFd epoll, int operation, BorrowedFd fd,
                       ::epoll_event* event) noexcept {
  // SAFETY(syscall): [fd] both; event [caller].
  return to_done(call<&Table::epoll_ctl, ::epoll_ctl>(epoll.raw(), operation, fd.raw(), event));
}

Result<std::size_t> epoll_wait(BorrowedFd epoll, std::span<::epoll_event> events,
                               int timeout_ms) noexcept {
  // SAFETY(syscall): [fd] [span].
  return to_count(call<&Table::epoll_wait, ::epoll_wait>(epoll.raw(), events.data(),
                                                         event_count(events.size()), timeout_ms));
}

Result<std::size_t> epoll_pwait2(BorrowedFd epoll, std::span<::epoll_event> events,
                                 const ::timespec* timeout) noexcept {
  // SAFETY(syscall): [fd] [span]; timeout [caller]. No signal mask is changed.
  return to_count(call<&Table::epoll_pwait2, ::epoll_pwait2>(
      epoll.raw(), events.data(), event_count(events.size()), timeout,
      static_cast<const ::sigset_t*>(nullptr)));
}

Result<std::size_t> poll(std::span<::pollfd> fds, int timeout_ms) noexcept {
  // SAFETY(syscall): [span]; the descriptors in it are open or negative [caller].
  return to_count(
      call<&Table::poll, ::poll>(fds.data(), static_cast<::nfds_t>(fds.size()), timeout_ms));
}

// --- Time

Result<::timespec> clock_gettime(::clockid_t clock) noexcept {
  ::timespec now{};
  // SAFETY(syscall): now has the room that it writes.
  const int answer = call<&Table::clock_gettime, ::clock_gettime>(clock, &now);
  if (answer == -1) [[unlikely]]
    return Err(Error::last_os_error());
  return now;
}

Result<OwnedFd> timerfd_create(int clock, int flags) noexcept {
  // SAFETY(syscall): no memory is involved; the answer is a new descriptor.
  return to_fd(call<&Table::timerfd_create, ::timerfd_create>(clock, flags));
}

Result<void> timerfd_settime(BorrowedFd fd, int flags, const ::itimerspec& value) noexcept {
  // SAFETY(syscall): [fd]; value is read only, and no old value is asked for.
  return to_done(call<&Table::timerfd_settime, ::timerfd_settime>(
      fd.raw(), flags, &value, static_cast<::itimerspec*>(nullptr)));
}

// --- Memory

Result<void*> mmap(std::size_t size, int protection, int flags) noexcept {
  // SAFETY(syscall): without MAP_FIXED [caller] no existing mapping is touched.
  void* const address =
      call<&Table::mmap, ::mmap>(static_cast<void*>(nullptr), size, protection,
                                 flags | MAP_PRIVATE | MAP_ANONYMOUS, -1, ::off_t{0});
  if (address == MAP_FAILED) return Err(Error::last_os_error());
  return address;
}

Result<void> mprotect(void* address, std::size_t size, int protection) noexcept {
  // SAFETY(syscall): whole pages of a mapping of the caller's, who expects the new rights [caller].
  return to_done(call<&Table::mprotect, ::mprotect>(address, size, protection));
}

Result<void> munmap(void* address, std::size_t size) noexcept {
  // SAFETY(syscall): a mapping of the caller's that nothing points into any more [caller].
  return to_done(call<&Table::munmap, ::munmap>(address, size));
}

// --- Threads, signals, the machine

Result<::pthread_t> pthread_create(const ::pthread_attr_t* attributes, void* (*start)(void*),
                                   void* argument) noexcept {
  ::pthread_t thread{};
  // SAFETY(syscall): attributes, and argument for as long as the thread uses it, [caller].
  const int number =
      call<&Table::pthread_create, ::pthread_create>(&thread, attributes, start, argument);
  if (number != 0) return Err(Error::from_errno(number));
  return thread;
}

Result<void> pthread_join(::pthread_t thread) noexcept {
  // SAFETY(syscall): thread is joinable and nobody else joins it [caller].
  return from_number(
      call<&Table::pthread_join, ::pthread_join>(thread, static_cast<void**>(nullptr)));
}

Result<void> pthread_detach(::pthread_t thread) noexcept {
  // SAFETY(syscall): thread is joinable and nobody joins it [caller].
  return from_number(call<&Table::pthread_detach, ::pthread_detach>(thread));
}

Result<void> pthread_setname_np(::pthread_t thread, const char* name) noexcept {
  // SAFETY(syscall): thread has not been joined; name ends in a zero [caller].
  return from_number(call<&Table::pthread_setname_np, ::pthread_setname_np>(thread, name));
}

void sched_yield() noexcept {
  // SAFETY(syscall): takes nothing and changes nothing.
  call<&Table::sched_yield, ::sched_yield>();
}

Result<void> sigaction(int signal, const struct ::sigaction* action,
                       struct ::sigaction* old) noexcept {
  // SAFETY(syscall): both pointers, and that the handler is async-signal-safe, [caller].
  return to_done(call<&Table::sigaction, ::sigaction>(signal, action, old));
}

Result<std::size_t> getrandom(std::span<std::byte> out, unsigned flags) noexcept {
  // SAFETY(syscall): [span].
  return to_count(call_retried<&Table::getrandom, ::getrandom>(out.data(), out.size(), flags));
}

std::optional<std::size_t> available_parallelism() noexcept {
  // Room for twice as many processors as Linux can be built for, so one call always suffices.
  ::cpu_set_t set[16];
  CPU_ZERO_S(sizeof set, set);
  // SAFETY(syscall): set has the size that is given; process 0 is the calling thread.
  const int answer =
      call<&Table::sched_getaffinity, ::sched_getaffinity>(::pid_t{0}, sizeof set, set);
  const int count = answer == -1 ? 0 : CPU_COUNT_S(sizeof set, set);
  if (count <= 0) return std::nullopt;
  return static_cast<std::size_t>(count);
}

}  // namespace weft::sys
