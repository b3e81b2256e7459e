// The bare system calls of a child. Interface and reasons: sys_child.h.
//
// The safety of each call rests on this: a child has descriptors, handlers and an identity of its
// own, so nothing done to them is seen by the parent [own]; pointers are to memory that the parent
// has prepared and leaves alone until the child is done with it [plan].

#include <weft/base/sys_child.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace weft::sys::child {
namespace {

// What a system call answered, as an error number. The errno that it is in belongs to the suspended
// thread of the parent, whose thread-locals are also ours; there it is overwritten anyway.
int error_of(long answer) noexcept { return answer == -1 ? errno : 0; }

}  // namespace

int dup_over(int from, int to) noexcept {
  // SAFETY(syscall): [own].
  return error_of(::syscall(SYS_dup3, from, to, 0));
}

int dup_above_stdio(int& fd) noexcept {
  // SAFETY(syscall): [own].
  const long answer = ::syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3);
  if (answer != -1) fd = static_cast<int>(answer);
  return error_of(answer);
}

int keep_over_exec(int fd) noexcept {
  // SAFETY(syscall): [own].
  return error_of(::syscall(SYS_fcntl, fd, F_SETFD, 0));
}

int open_null(int& fd) noexcept {
  // SAFETY(syscall): [own]; a constant path.
  const long answer = ::syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
  if (answer != -1) fd = static_cast<int>(answer);
  return error_of(answer);
}

void close(int fd) noexcept {
  // SAFETY(syscall): [own].
  static_cast<void>(::syscall(SYS_close, fd));
}

int set_groups(std::span<const ::gid_t> groups) noexcept {
  // SAFETY(syscall): [own] [plan].
  return error_of(::syscall(SYS_setgroups, groups.size(), groups.data()));
}

int set_group(::gid_t group) noexcept {
  // SAFETY(syscall): [own].
  return error_of(::syscall(SYS_setgid, group));
}

int set_user(::uid_t user) noexcept {
  // SAFETY(syscall): [own].
  return error_of(::syscall(SYS_setuid, user));
}

int change_directory(const char* path) noexcept {
  // SAFETY(syscall): [own] [plan].
  return error_of(::syscall(SYS_chdir, path));
}

int set_process_group(::pid_t group) noexcept {
  // SAFETY(syscall): [own].
  return error_of(::syscall(SYS_setpgid, 0, group));
}

void reset_signals() noexcept {
  struct ::sigaction initial{};
  initial.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) {
    struct ::sigaction present{};
    // SAFETY(syscall): [own]. libc's wrapper does nothing else; it refuses the two numbers that it
    // uses itself, which nobody sends to a child.
    if (::sigaction(number, nullptr, &present) != 0) continue;
    const bool is_handler = present.sa_handler != SIG_DFL && present.sa_handler != SIG_IGN;
    // SAFETY(syscall): as above.
    if (is_handler || number == SIGPIPE) static_cast<void>(::sigaction(number, &initial, nullptr));
  }
  ::sigset_t none;
  ::sigemptyset(&none);
  constexpr std::size_t kKernelSetSize = (NSIG - 1) / 8;
  // SAFETY(syscall): the kernel reads that many bytes of the larger set of libc.
  static_cast<void>(::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kKernelSetSize));
}

int execute(const char* path, char* const* arguments, char* const* environment) noexcept {
  // SAFETY(syscall): [plan].
  return error_of(::syscall(SYS_execve, path, arguments, environment));
}

void write(int fd, const void* data, std::size_t size) noexcept {
  // SAFETY(syscall): [plan].
  static_cast<void>(::syscall(SYS_write, fd, data, size));
}

void exit_now(int code) noexcept {
  // SAFETY(syscall): never returns; runs no handlers, which are the parent's to run.
  ::syscall(SYS_exit_group, code);
  std::abort();
}

}  // namespace weft::sys::child
