// The system calls for files. Interface: sys_file.h; EINTR policy and design: sys.h.
//
// The comments on safety use the same three reasons as sys.cc: [fd] a BorrowedFd is open during the
// call; [span] a span is memory of its size, and the kernel is told that size; [caller] what a
// pointer points to is the caller's contract: paths are zero-terminated.

#include <weft/base/sys_file.h>

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <limits>
#include <linux/openat2.h>
#include <memory>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <system_error>
#include <unistd.h>

#include <weft/base/internal/sys_call.h>

namespace weft::sys {
namespace {

using internal::call;
using internal::call_retried;
using internal::to_count;
using internal::to_done;
using internal::to_fd;

static_assert(kWorkingDirectory == AT_FDCWD);
static_assert(sizeof(::off_t) == 8, "files over 2 GiB need a 64-bit off_t");

// Positions beyond what an off_t holds are no file's.
::off_t to_offset(std::uint64_t position) noexcept {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<::off_t>::max());
  return position > kMost ? -1 : static_cast<::off_t>(position);
}

// Variadic in libc, which a table's entry cannot usefully be.
int direct_openat(int directory, const char* path, int flags, ::mode_t mode) noexcept {
  // SAFETY(syscall): [caller]; the mode is passed whether or not the flags need one.
  return ::openat(directory, path, flags, mode);
}

int direct_openat2(int directory, const char* path, ::open_how* how) noexcept {
  // SAFETY(syscall): [caller]; the record is of the size that we say. libc has no name for it.
  return static_cast<int>(::syscall(SYS_openat2, directory, path, how, sizeof *how));
}

ssize_t direct_getdents64(int directory, void* out, std::size_t size) noexcept {
  // SAFETY(syscall): as of the one caller, which passes a span. libc has no name for it.
  return ::syscall(SYS_getdents64, directory, out, size);
}

ssize_t direct_copy_file_range(int from, int to, std::size_t size) noexcept {
  // SAFETY(syscall): [fd]; null offsets: the descriptors' own positions are used and moved.
  return ::copy_file_range(from, nullptr, to, nullptr, size, 0);
}

ssize_t direct_sendfile(int to, int from, std::size_t size) noexcept {
  // SAFETY(syscall): [fd]; as above.
  return ::sendfile(to, from, nullptr, size);
}

}  // namespace

// --- Opening and bytes

Result<OwnedFd> openat(int directory, const char* path, int flags, ::mode_t mode) noexcept {
  // SAFETY(syscall): [caller]; the answer is a new descriptor that nobody else knows.
  return to_fd(call_retried<&Table::openat, direct_openat>(directory, path, flags, mode));
}

Result<std::size_t> pread(BorrowedFd fd, std::span<std::byte> out, std::uint64_t at) noexcept {
  // SAFETY(syscall): [fd] [span].
  return to_count(
      call_retried<&Table::pread, ::pread>(fd.raw(), out.data(), out.size(), to_offset(at)));
}

Result<std::size_t> pwrite(BorrowedFd fd, std::span<const std::byte> in,
                           std::uint64_t at) noexcept {
  // SAFETY(syscall): [fd] [span].
  return to_count(
      call_retried<&Table::pwrite, ::pwrite>(fd.raw(), in.data(), in.size(), to_offset(at)));
}

Result<std::size_t> read_cached(BorrowedFd fd, std::span<std::byte> out,
                                std::optional<std::uint64_t> at) noexcept {
  const ::iovec slice{out.data(), out.size()};
  // An offset of -1 is the descriptor's position; so a position must not become one.
  const ::off_t position = at ? to_offset(*at) : -1;
  if (at && position == -1) return Err(std::errc::invalid_argument);
  // SAFETY(syscall): [fd] [span], of which the slice is a copy.
  return to_count(call<&Table::preadv2, ::preadv2>(fd.raw(), &slice, 1, position, RWF_NOWAIT));
}

Result<OwnedFd> open_cached(int directory, const char* path, int flags) noexcept {
  ::open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = RESOLVE_CACHED;
  // SAFETY(syscall): [caller]; the answer is a new descriptor that nobody else knows.
  return to_fd(call<&Table::openat2, direct_openat2>(directory, path, &how));
}

Result<std::size_t> copy_file_range(BorrowedFd from, BorrowedFd to, std::size_t size) noexcept {
  // SAFETY(syscall): [fd].
  return to_count(
      call_retried<&Table::copy_file_range, direct_copy_file_range>(from.raw(), to.raw(), size));
}

Result<std::size_t> sendfile(BorrowedFd to, BorrowedFd from, std::size_t size) noexcept {
  // SAFETY(syscall): [fd].
  return to_count(call_retried<&Table::sendfile, direct_sendfile>(to.raw(), from.raw(), size));
}

// --- The open file

Result<std::uint64_t> lseek(BorrowedFd fd, std::int64_t offset, int whence) noexcept {
  // SAFETY(syscall): [fd].
  const ::off_t position =
      call<&Table::lseek, ::lseek>(fd.raw(), static_cast<::off_t>(offset), whence);
  if (position == -1) return Err(Error::last_os_error());
  return static_cast<std::uint64_t>(position);
}

Result<void> fsync(BorrowedFd fd) noexcept {
  // SAFETY(syscall): [fd].
  return to_done(call_retried<&Table::fsync, ::fsync>(fd.raw()));
}

Result<void> fdatasync(BorrowedFd fd) noexcept {
  // SAFETY(syscall): [fd].
  return to_done(call_retried<&Table::fdatasync, ::fdatasync>(fd.raw()));
}

Result<void> ftruncate(BorrowedFd fd, std::uint64_t size) noexcept {
  // SAFETY(syscall): [fd].
  return to_done(call_retried<&Table::ftruncate, ::ftruncate>(fd.raw(), to_offset(size)));
}

Result<void> fchmod(BorrowedFd fd, ::mode_t mode) noexcept {
  // SAFETY(syscall): [fd].
  return to_done(call_retried<&Table::fchmod, ::fchmod>(fd.raw(), mode));
}

// --- Names

Result<void> statx(int directory, const char* path, int flags, unsigned mask,
                   struct ::statx* facts) noexcept {
  // SAFETY(syscall): [caller]; facts is room for one record.
  return to_done(call<&Table::statx, ::statx>(directory, path, flags, mask, facts));
}

Result<void> fchmodat(int directory, const char* path, ::mode_t mode) noexcept {
  // SAFETY(syscall): [caller].
  return to_done(call<&Table::fchmodat, ::fchmodat>(directory, path, mode, 0));
}

Result<void> renameat(int from_directory, const char* from, int to_directory,
                      const char* to) noexcept {
  // SAFETY(syscall): [caller].
  return to_done(call<&Table::renameat, ::renameat>(from_directory, from, to_directory, to));
}

Result<void> unlinkat(int directory, const char* path, int flags) noexcept {
  // SAFETY(syscall): [caller].
  return to_done(call<&Table::unlinkat, ::unlinkat>(directory, path, flags));
}

Result<void> mkdirat(int directory, const char* path, ::mode_t mode) noexcept {
  // SAFETY(syscall): [caller].
  return to_done(call<&Table::mkdirat, ::mkdirat>(directory, path, mode));
}

Result<void> linkat(int from_directory, const char* from, int to_directory,
                    const char* to) noexcept {
  // SAFETY(syscall): [caller]; without flags a link is linked itself.
  return to_done(call<&Table::linkat, ::linkat>(from_directory, from, to_directory, to, 0));
}

Result<void> symlinkat(const char* original, int directory, const char* link) noexcept {
  // SAFETY(syscall): [caller].
  return to_done(call<&Table::symlinkat, ::symlinkat>(original, directory, link));
}

Result<std::string> readlinkat(int directory, const char* path) {
  std::string target(256, '\0');
  for (;;) {
    // SAFETY(syscall): [caller]; the answer is cut off at the string's size.
    const Result<std::size_t> length = to_count(
        call<&Table::readlinkat, ::readlinkat>(directory, path, target.data(), target.size()));
    if (!length) return Err(length.error());
    if (*length < target.size()) {
      target.resize(*length);
      return target;
    }
    target.resize(target.size() * 2);
  }
}

Result<std::string> realpath(const char* path) {
  struct Free {
    void operator()(char* text) const noexcept { std::free(text); }
  };
  // SAFETY(syscall): [caller]; given no room, it answers in memory from malloc that becomes ours.
  const std::unique_ptr<char, Free> found(
      call<&Table::realpath, ::realpath>(path, static_cast<char*>(nullptr)));
  if (found == nullptr) return Err(Error::last_os_error());
  return std::string(found.get());
}

// --- Directories

Result<std::size_t> getdents64(BorrowedFd directory, std::span<std::byte> out) noexcept {
  // SAFETY(syscall): [fd] [span].
  return to_count(
      call_retried<&Table::getdents64, direct_getdents64>(directory.raw(), out.data(), out.size()));
}

}  // namespace weft::sys
