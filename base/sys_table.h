// Table: the system calls as replaceable entries, and which table the calling thread uses.
//
// Spec: architecture.md "A seam for simulation"; testing.md TE-39, TE-44.
//
// Design. Every function of weft::sys asks one thread-local pointer first. It is null in ordinary
// life, and the call goes straight to the kernel after one predicted branch. A test points it at a
// table with the one entry filled in that has to fail; a simulator fills in all of them. An entry
// that is null means the direct call, so a table overrides only what it names.
//
// Entries have libc's signatures and libc's manners: -1 and errno, except for the pthread ones,
// which return the error number. An entry that needs state of its own derives a struct from Table
// and reaches it through sys::table().
//
//   sys::Table table;
//   table.accept4 = [](int, sockaddr*, socklen_t*, int) { errno = EMFILE; return -1; };
//   sys::TableScope scope(table);   // this thread, until the end of the block
//
// A new thread starts without a table: who lends a table to a runtime's threads sets it in each.

#ifndef WEFT_BASE_SYS_TABLE_H_
#define WEFT_BASE_SYS_TABLE_H_

#include <cstddef>
#include <ctime>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

struct io_uring_params;  // <linux/io_uring.h> NOLINT(readability-identifier-naming)
struct open_how;         // <linux/openat2.h> NOLINT(readability-identifier-naming)
struct pollfd;           // <poll.h> hides poll() NOLINT(readability-identifier-naming)
struct statx;            // <sys/stat.h> NOLINT(readability-identifier-naming)

namespace weft::sys {

struct Table {
  // Bytes.
  ssize_t (*read)(int fd, void* out, std::size_t size) = nullptr;
  ssize_t (*write)(int fd, const void* in, std::size_t size) = nullptr;
  ssize_t (*readv)(int fd, const ::iovec* out, int count) = nullptr;
  ssize_t (*writev)(int fd, const ::iovec* in, int count) = nullptr;
  ssize_t (*recv)(int fd, void* out, std::size_t size, int flags) = nullptr;
  ssize_t (*send)(int fd, const void* in, std::size_t size, int flags) = nullptr;
  ssize_t (*recvfrom)(int fd, void* out, std::size_t size, int flags, ::sockaddr* from,
                      ::socklen_t* from_size) = nullptr;
  ssize_t (*sendto)(int fd, const void* in, std::size_t size, int flags, const ::sockaddr* to,
                    ::socklen_t to_size) = nullptr;
  ssize_t (*recvmsg)(int fd, ::msghdr* message, int flags) = nullptr;
  ssize_t (*sendmsg)(int fd, const ::msghdr* message, int flags) = nullptr;

  // Bytes from one descriptor to another, inside the kernel (sys_splice.h).
  ssize_t (*splice)(int in, int out, std::size_t size, unsigned flags) = nullptr;

  // Descriptors.
  int (*close)(int fd) = nullptr;
  int (*fcntl)(int fd, int command, long argument) = nullptr;
  int (*dup3)(int from, int to, int flags) = nullptr;
  int (*pipe2)(int ends[2], int flags) = nullptr;
  int (*eventfd)(unsigned initial, int flags) = nullptr;

  // Sockets.
  int (*socket)(int domain, int type, int protocol) = nullptr;
  int (*socketpair)(int domain, int type, int protocol, int ends[2]) = nullptr;
  int (*bind)(int fd, const ::sockaddr* address, ::socklen_t size) = nullptr;
  int (*listen)(int fd, int backlog) = nullptr;
  int (*accept4)(int fd, ::sockaddr* peer, ::socklen_t* size, int flags) = nullptr;
  int (*connect)(int fd, const ::sockaddr* address, ::socklen_t size) = nullptr;
  int (*shutdown)(int fd, int how) = nullptr;
  int (*getsockopt)(int fd, int level, int name, void* value, ::socklen_t* size) = nullptr;
  int (*setsockopt)(int fd, int level, int name, const void* value, ::socklen_t size) = nullptr;
  int (*getsockname)(int fd, ::sockaddr* address, ::socklen_t* size) = nullptr;
  int (*getpeername)(int fd, ::sockaddr* address, ::socklen_t* size) = nullptr;
  // sendfile(2) with an offset; the one without: Files, below.
  ssize_t (*sendfile_at)(int to, int from, ::off_t* offset, std::size_t count) = nullptr;

  // Waiting.
  int (*epoll_create1)(int flags) = nullptr;
  int (*epoll_ctl)(int epoll, int operation, int fd, ::epoll_event* event) = nullptr;
  int (*epoll_wait)(int epoll, ::epoll_event* events, int count, int timeout_ms) = nullptr;
  int (*epoll_pwait2)(int epoll, ::epoll_event* events, int count, const ::timespec* timeout,
                      const ::sigset_t* mask) = nullptr;
  // `count` is an nfds_t.
  int (*poll)(::pollfd* fds, unsigned long count, int timeout_ms) = nullptr;

  // Files.
  int (*openat)(int directory, const char* path, int flags, ::mode_t mode) = nullptr;
  ssize_t (*pread)(int fd, void* out, std::size_t size, ::off_t at) = nullptr;
  ssize_t (*pwrite)(int fd, const void* in, std::size_t size, ::off_t at) = nullptr;
  int (*openat2)(int directory, const char* path, ::open_how* how) = nullptr;
  ssize_t (*preadv2)(int fd, const ::iovec* out, int count, ::off_t at, int flags) = nullptr;
  ::off_t (*lseek)(int fd, ::off_t offset, int whence) = nullptr;
  int (*fsync)(int fd) = nullptr;
  int (*fdatasync)(int fd) = nullptr;
  int (*ftruncate)(int fd, ::off_t size) = nullptr;
  int (*statx)(int directory, const char* path, int flags, unsigned mask,
               struct ::statx* facts) = nullptr;
  int (*fchmod)(int fd, ::mode_t mode) = nullptr;
  int (*fchmodat)(int directory, const char* path, ::mode_t mode, int flags) = nullptr;
  int (*renameat)(int from_directory, const char* from, int to_directory, const char* to) = nullptr;
  int (*unlinkat)(int directory, const char* path, int flags) = nullptr;
  int (*mkdirat)(int directory, const char* path, ::mode_t mode) = nullptr;
  int (*linkat)(int from_directory, const char* from, int to_directory, const char* to,
                int flags) = nullptr;
  int (*symlinkat)(const char* original, int directory, const char* link) = nullptr;
  ssize_t (*readlinkat)(int directory, const char* path, char* out, std::size_t size) = nullptr;
  char* (*realpath)(const char* path, char* out) = nullptr;
  ssize_t (*getdents64)(int directory, void* out, std::size_t size) = nullptr;
  ssize_t (*copy_file_range)(int from, int to, std::size_t size) = nullptr;
  ssize_t (*sendfile)(int to, int from, std::size_t size) = nullptr;

  // The kernel's submission ring.
  int (*io_uring_setup)(unsigned entries, ::io_uring_params* parameters) = nullptr;
  int (*io_uring_enter)(int ring, unsigned submit, unsigned wait_for, unsigned flags) = nullptr;
  int (*io_uring_register)(int ring, unsigned operation, void* argument, unsigned count) = nullptr;

  // Time.
  int (*clock_gettime)(::clockid_t clock, ::timespec* now) = nullptr;
  int (*timerfd_create)(int clock, int flags) = nullptr;
  int (*timerfd_settime)(int fd, int flags, const ::itimerspec* value, ::itimerspec* old) = nullptr;

  // Memory.
  void* (*mmap)(void* address, std::size_t size, int protection, int flags, int fd,
                ::off_t offset) = nullptr;
  int (*mprotect)(void* address, std::size_t size, int protection) = nullptr;
  int (*munmap)(void* address, std::size_t size) = nullptr;

  // Processes.
  int (*clone)(int (*entry)(void*), void* stack_top, int flags, void* argument) = nullptr;
  ::pid_t (*fork)() = nullptr;
  ::pid_t (*waitpid)(::pid_t process, int* status, int options) = nullptr;
  int (*kill)(::pid_t process, int signal) = nullptr;
  int (*pidfd_open)(::pid_t process, unsigned flags) = nullptr;
  int (*pidfd_send_signal)(int pidfd, int signal) = nullptr;

  // Threads, signals, the machine.
  int (*pthread_create)(::pthread_t* thread, const ::pthread_attr_t* attributes,
                        void* (*start)(void*), void* argument) = nullptr;
  int (*pthread_join)(::pthread_t thread, void** value) = nullptr;
  int (*pthread_detach)(::pthread_t thread) = nullptr;
  int (*pthread_setname_np)(::pthread_t thread, const char* name) = nullptr;
  int (*sched_yield)() = nullptr;
  int (*sched_getaffinity)(::pid_t process, std::size_t size, ::cpu_set_t* set) = nullptr;
  int (*sigaction)(int signal, const struct ::sigaction* action, struct ::sigaction* old) = nullptr;
  ssize_t (*getrandom)(void* out, std::size_t size, unsigned flags) = nullptr;
};

// The calling thread's table; null for direct calls.
const Table* table() noexcept;

// Makes `table`, which may be null and otherwise must stay alive, the calling thread's, and returns
// the one before it.
const Table* set_table(const Table* table) noexcept;

// Sets the calling thread's table for the length of a block. Ends on the thread it began on.
class [[nodiscard]] TableScope {
 public:
  explicit TableScope(const Table& table) noexcept : before_(set_table(&table)) {}
  ~TableScope() { set_table(before_); }
  TableScope(const TableScope&) = delete;
  TableScope& operator=(const TableScope&) = delete;

 private:
  const Table* before_;
};

}  // namespace weft::sys

#endif  // WEFT_BASE_SYS_TABLE_H_
