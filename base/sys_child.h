// sys_child: the system calls of a child between its start and exec(2).
//
// Spec: P-47, P-50..P-53.
//
// A child of clone_vfork() runs in its parent's memory, one of whose threads is suspended while the
// others go on. It must neither take a lock nor touch anything of libc that knows about threads:
// setuid(3), for one, has every thread of the process change its user, and would send signals to
// the parent's. A child of fork() in a program with threads is hardly better off. So these are the
// bare calls; they take no part in what a test's table replaces, which is found through a
// thread-local.
//
// All are async-signal-safe and return 0 or the error number, if not said otherwise.

#ifndef WEFT_BASE_SYS_CHILD_H_
#define WEFT_BASE_SYS_CHILD_H_

#include <cstddef>
#include <span>
#include <sys/types.h>

namespace weft::sys::child {

// `to` becomes another number for what `from` refers to, and stays open over exec. The two differ.
int dup_over(int from, int to) noexcept;
// A second number, above 2 and close-on-exec, into `fd`.
int dup_above_stdio(int& fd) noexcept;
int keep_over_exec(int fd) noexcept;
// /dev/null for reading and writing, close-on-exec, into `fd`.
int open_null(int& fd) noexcept;
void close(int fd) noexcept;
int set_groups(std::span<const ::gid_t> groups) noexcept;
int set_group(::gid_t group) noexcept;
int set_user(::uid_t user) noexcept;
int change_directory(const char* path) noexcept;
// Joins the process group; 0 is a new one of its own.
int set_process_group(::pid_t group) noexcept;
// No signal is handled or blocked any more, and SIGPIPE is not ignored. What else is ignored stays
// so. Precondition: all signals are blocked, so that none is handled in the memory of the parent.
void reset_signals() noexcept;
// Returns only the error.
int execute(const char* path, char* const* arguments, char* const* environment) noexcept;
// Sends `size` bytes down a pipe with room for them.
void write(int fd, const void* data, std::size_t size) noexcept;
[[noreturn]] void exit_now(int code) noexcept;

}  // namespace weft::sys::child

#endif  // WEFT_BASE_SYS_CHILD_H_
