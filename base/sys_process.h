// sys_process: the system calls that start, watch and end processes.
//
// Spec: process.md; architecture.md "Bad input and faults", "A seam for simulation".
//
// Manners, EINTR policy and the meaning of [retried] as in sys.h. What a child does between its
// start and exec(2) is not here but in sys_child.h.

#ifndef WEFT_BASE_SYS_PROCESS_H_
#define WEFT_BASE_SYS_PROCESS_H_

#include <cstddef>
#include <signal.h>
#include <span>
#include <sys/types.h>
#include <sys/uio.h>

#include <weft/base/fd.h>
#include <weft/base/result.h>

namespace weft::sys {

// Starts a process that runs entry(argument) on `stack`, in the memory of this one (clone with
// CLONE_VM | CLONE_VFORK, SIGCHLD at its end), and returns when it has called exec(2) or has ended;
// only the calling thread waits. Descriptors and signal handlers are copies. Fails with
// resource_unavailable_try_again at a limit of processes; operation_not_permitted,
// function_not_supported or invalid_argument in some sandboxes.
Result<::pid_t> clone_vfork(int (*entry)(void*), std::span<std::byte> stack,
                            void* argument) noexcept;

// 0 in the child. Runs the handlers of pthread_atfork(3).
Result<::pid_t> fork() noexcept;

// [retried] The process that was waited for, 0 if with WNOHANG there is nothing to report yet.
// `status` may be null.
Result<::pid_t> waitpid(::pid_t process, int* status, int options) noexcept;

// `signal` 0 only asks. A negative `process` is a group.
Result<void> kill(::pid_t process, int signal) noexcept;

// A descriptor of a child that has not been waited for; close-on-exec, readable once it has ended.
// Fails with function_not_supported before Linux 5.3, too_many_files_open, no_such_process.
Result<OwnedFd> pidfd_open(::pid_t process, unsigned flags) noexcept;
// Fails with no_such_process if it has been waited for, never reaching another process.
Result<void> pidfd_send_signal(BorrowedFd pidfd, int signal) noexcept;

// The user that this process acts as; 0 is root. Never fails.
::uid_t effective_user() noexcept;

// --- The calling thread's signal mask. Cannot fail: the arguments are always valid.

::sigset_t block_all_signals() noexcept;
void set_signal_mask(const ::sigset_t& mask) noexcept;

// write(2) or writev(2) to what may be a pipe without a reader: fails with broken_pipe, as with
// SIGPIPE ignored, and raises no signal, whatever its action is. [retried] Three system calls: the
// signal has to be blocked around the one that may raise it.
Result<std::size_t> write_without_sigpipe(BorrowedFd fd, std::span<const std::byte> in) noexcept;
Result<std::size_t> writev_without_sigpipe(BorrowedFd fd, std::span<const ::iovec> in) noexcept;

}  // namespace weft::sys

#endif  // WEFT_BASE_SYS_PROCESS_H_
