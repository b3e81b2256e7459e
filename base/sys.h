// sys: the one door to system calls.
//
// Spec: architecture.md "Bad input and faults", "A seam for simulation"; testing.md TE-44.
//
// Design. A function here makes exactly one system call of the same name, turns errno into a
// weft::Error before anything else can touch it, and gives a descriptor an owner before anything
// else can lose it. What the call means, and how it fails, is in its manual page; said here is what
// differs. Which calls are replaced, and how: sys_table.h.
//
// EINTR. Marked [retried]: the call is made again until it ends otherwise; right wherever an
// interrupted call has had no effect. Not marked: EINTR comes back as
// std::errc::interrupted. Nothing retries a close (the descriptor is gone), a connect (it goes on
// in the background), an accept or a wait (the caller has deadlines and flags to look at).
//
// All functions are thread-safe and cheap to call; none allocates. Descriptors are close-on-exec
// only if the flags say so. There is no SIGPIPE: every send carries MSG_NOSIGNAL. A write to a pipe
// or socket has no such flag; there the signal has to be ignored.

#ifndef WEFT_BASE_SYS_H_
#define WEFT_BASE_SYS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/base/sys_table.h>

namespace weft::sys {

using Ends = std::pair<OwnedFd, OwnedFd>;

// --- Bytes: all [retried]; the result is the number of bytes moved, which may be less than asked.
// At most IOV_MAX slices of a vector are used.

Result<std::size_t> read(BorrowedFd fd, std::span<std::byte> out) noexcept;
Result<std::size_t> write(BorrowedFd fd, std::span<const std::byte> in) noexcept;
Result<std::size_t> readv(BorrowedFd fd, std::span<const ::iovec> out) noexcept;
Result<std::size_t> writev(BorrowedFd fd, std::span<const ::iovec> in) noexcept;
Result<std::size_t> recv(BorrowedFd fd, std::span<std::byte> out, int flags) noexcept;
Result<std::size_t> send(BorrowedFd fd, std::span<const std::byte> in, int flags) noexcept;
// `from` may be null; `from_size` holds its room before and the address's size after.
Result<std::size_t> recvfrom(BorrowedFd fd, std::span<std::byte> out, int flags, ::sockaddr* from,
                             ::socklen_t* from_size) noexcept;
Result<std::size_t> sendto(BorrowedFd fd, std::span<const std::byte> in, int flags,
                           const ::sockaddr* to, ::socklen_t to_size) noexcept;
Result<std::size_t> recvmsg(BorrowedFd fd, ::msghdr& message, int flags) noexcept;
Result<std::size_t> sendmsg(BorrowedFd fd, const ::msghdr& message, int flags) noexcept;

// --- Descriptors

// The descriptor is gone whatever the result. OwnedFd::close() is what to call.
Result<void> close(int fd) noexcept;
// fcntl F_DUPFD_CLOEXEC: the lowest free number that is at least `minimum`.
Result<OwnedFd> dupfd_cloexec(BorrowedFd fd, int minimum = 0) noexcept;
// fcntl F_GETFD, F_SETFD: FD_CLOEXEC or not.
Result<int> get_fd_flags(BorrowedFd fd) noexcept;
Result<void> set_fd_flags(BorrowedFd fd, int flags) noexcept;
// fcntl F_GETFL, F_SETFL: O_NONBLOCK, O_APPEND, access mode.
Result<int> get_status_flags(BorrowedFd fd) noexcept;
Result<void> set_status_flags(BorrowedFd fd, int flags) noexcept;
// fcntl with any other command that takes an int, or nothing; its value.
Result<int> fcntl(BorrowedFd fd, int command, long argument = 0) noexcept;
// First the end to read, then the end to write.
Result<Ends> pipe2(int flags) noexcept;
Result<OwnedFd> eventfd(unsigned initial, int flags) noexcept;
// Adds one to an eventfd, from a signal handler: async-signal-safe, so without the table, which is
// reached through a thread-local, and without an answer.
void raise_event_in_handler(int fd) noexcept;
// `to` becomes another number for what `from` refers to; what it was before is closed.
Result<void> dup3(BorrowedFd from, int to, int flags) noexcept;

// --- Sockets

Result<OwnedFd> socket(int domain, int type, int protocol) noexcept;
Result<Ends> socketpair(int domain, int type, int protocol) noexcept;
Result<void> bind(BorrowedFd fd, const ::sockaddr* address, ::socklen_t size) noexcept;
Result<void> listen(BorrowedFd fd, int backlog) noexcept;
// `peer` may be null, and `size` with it.
Result<OwnedFd> accept4(BorrowedFd fd, ::sockaddr* peer, ::socklen_t* size, int flags) noexcept;
Result<void> connect(BorrowedFd fd, const ::sockaddr* address, ::socklen_t size) noexcept;
// `how`: SHUT_RD, SHUT_WR, SHUT_RDWR.
Result<void> shutdown(BorrowedFd fd, int how) noexcept;
// `size` holds the room behind `value` before and what was written after.
Result<void> getsockopt(BorrowedFd fd, int level, int name, void* value,
                        ::socklen_t* size) noexcept;
Result<void> setsockopt(BorrowedFd fd, int level, int name, const void* value,
                        ::socklen_t size) noexcept;
Result<void> getsockname(BorrowedFd fd, ::sockaddr* address, ::socklen_t* size) noexcept;
Result<void> getpeername(BorrowedFd fd, ::sockaddr* address, ::socklen_t* size) noexcept;

// --- Waiting. Results are the number of events, or of descriptors with events.

// `flags`: EPOLL_CLOEXEC or 0.
Result<OwnedFd> epoll_create1(int flags) noexcept;
// `event` may be null for EPOLL_CTL_DEL.
Result<void> epoll_ctl(BorrowedFd epoll, int operation, BorrowedFd fd,
                       ::epoll_event* event) noexcept;
// `timeout_ms`: -1 waits for ever, 0 not at all.
Result<std::size_t> epoll_wait(BorrowedFd epoll, std::span<::epoll_event> events,
                               int timeout_ms) noexcept;
// `timeout` null waits for ever. Fails with function_not_supported before Linux 5.11, and with
// operation_not_permitted in some sandboxes: falling back to epoll_wait is the caller's.
Result<std::size_t> epoll_pwait2(BorrowedFd epoll, std::span<::epoll_event> events,
                                 const ::timespec* timeout) noexcept;
Result<std::size_t> poll(std::span<::pollfd> fds, int timeout_ms) noexcept;

// --- Time

// Fails only for a clock that does not exist.
Result<::timespec> clock_gettime(::clockid_t clock) noexcept;
Result<OwnedFd> timerfd_create(int clock, int flags) noexcept;
// `flags`: 0 for relative, TFD_TIMER_ABSTIME for absolute. A zero it_value disarms.
Result<void> timerfd_settime(BorrowedFd fd, int flags, const ::itimerspec& value) noexcept;

// --- Memory

// New private memory, all zero, at an address of the system's choice. `flags` are added to
// MAP_PRIVATE | MAP_ANONYMOUS. Fails with not_enough_memory.
Result<void*> mmap(std::size_t size, int protection, int flags) noexcept;
// `address` and `size` name whole pages of one mapping.
Result<void> mprotect(void* address, std::size_t size, int protection) noexcept;
Result<void> munmap(void* address, std::size_t size) noexcept;

// --- Threads, signals, the machine

// Counts as a system call so that it can fail in a test. `attributes` may be null.
Result<::pthread_t> pthread_create(const ::pthread_attr_t* attributes, void* (*start)(void*),
                                   void* argument) noexcept;
Result<void> pthread_join(::pthread_t thread) noexcept;
Result<void> pthread_detach(::pthread_t thread) noexcept;
// `name`: at most 15 bytes and a zero.
Result<void> pthread_setname_np(::pthread_t thread, const char* name) noexcept;
// Never fails on Linux.
void sched_yield() noexcept;
// Sets the action of `signal` if `action` is not null; fills in `old`, if not null, with the one
// before.
Result<void> sigaction(int signal, const struct ::sigaction* action,
                       struct ::sigaction* old) noexcept;
// [retried] `flags`: GRND_NONBLOCK or 0. Up to 256 bytes come in one piece.
Result<std::size_t> getrandom(std::span<std::byte> out, unsigned flags) noexcept;

// How many processors the calling thread may run on (sched_getaffinity): at least 1. Nothing if the
// system does not say. Asks the system each time.
std::optional<std::size_t> available_parallelism() noexcept;

}  // namespace weft::sys

#endif  // WEFT_BASE_SYS_H_
