// sys_file: the system calls that concern files and directories.
//
// Spec: FS-58; architecture.md "Bad input and faults", "A seam for simulation".
//
// Manners, EINTR policy and the meaning of [retried] as in sys.h. A path is zero-terminated;
// `directory` is what a relative one starts from, kWorkingDirectory in most calls.
//
// A call here may block the thread for as long as a disk, or a server, takes.

#ifndef WEFT_BASE_SYS_FILE_H_
#define WEFT_BASE_SYS_FILE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <sys/stat.h>
#include <sys/types.h>

#include <weft/base/fd.h>
#include <weft/base/result.h>

namespace weft::sys {

// AT_FDCWD. Not a BorrowedFd, which is never negative.
inline constexpr int kWorkingDirectory = -100;

// --- Opening and bytes: all [retried].

Result<OwnedFd> openat(int directory, const char* path, int flags, ::mode_t mode) noexcept;
// At a position of the file, without moving the descriptor's own.
Result<std::size_t> pread(BorrowedFd fd, std::span<std::byte> out, std::uint64_t at) noexcept;
Result<std::size_t> pwrite(BorrowedFd fd, std::span<const std::byte> in, std::uint64_t at) noexcept;
// The same from the kernel's cache alone: resource_unavailable_try_again if that would have to wait
// for a disk, operation_not_supported where the file system cannot tell. Without `at`, from the
// descriptor's position, which moves. Never blocks.
Result<std::size_t> read_cached(BorrowedFd fd, std::span<std::byte> out,
                                std::optional<std::uint64_t> at) noexcept;
// Opens a file that exists, for reading, if the kernel has all of its path in its cache; else
// resource_unavailable_try_again. Fails with function_not_supported or invalid_argument before
// Linux 5.12. Never blocks.
Result<OwnedFd> open_cached(int directory, const char* path, int flags) noexcept;
// From one descriptor's position to the other's; how much was copied, 0 at the end.
Result<std::size_t> copy_file_range(BorrowedFd from, BorrowedFd to, std::size_t size) noexcept;
Result<std::size_t> sendfile(BorrowedFd to, BorrowedFd from, std::size_t size) noexcept;

// --- The open file

// `whence`: SEEK_SET, SEEK_CUR, SEEK_END. The new position.
Result<std::uint64_t> lseek(BorrowedFd fd, std::int64_t offset, int whence) noexcept;
Result<void> fsync(BorrowedFd fd) noexcept;                          // [retried]
Result<void> fdatasync(BorrowedFd fd) noexcept;                      // [retried]
Result<void> ftruncate(BorrowedFd fd, std::uint64_t size) noexcept;  // [retried]
Result<void> fchmod(BorrowedFd fd, ::mode_t mode) noexcept;          // [retried]

// --- Names

// `flags`: AT_EMPTY_PATH with the path "" asks about `directory` itself.
Result<void> statx(int directory, const char* path, int flags, unsigned mask,
                   struct ::statx* facts) noexcept;
Result<void> fchmodat(int directory, const char* path, ::mode_t mode) noexcept;
Result<void> renameat(int from_directory, const char* from, int to_directory,
                      const char* to) noexcept;
// `flags`: AT_REMOVEDIR for directories.
Result<void> unlinkat(int directory, const char* path, int flags) noexcept;
Result<void> mkdirat(int directory, const char* path, ::mode_t mode) noexcept;
Result<void> linkat(int from_directory, const char* from, int to_directory,
                    const char* to) noexcept;
Result<void> symlinkat(const char* original, int directory, const char* link) noexcept;
// What the link says, of any length. Throws std::bad_alloc.
Result<std::string> readlinkat(int directory, const char* path);
// The absolute path without links. Throws std::bad_alloc.
Result<std::string> realpath(const char* path);

// --- Directories

// Fills `out` with records of the kernel's linux_dirent64, and says how many bytes; 0 at the end.
Result<std::size_t> getdents64(BorrowedFd directory, std::span<std::byte> out) noexcept;

}  // namespace weft::sys

#endif  // WEFT_BASE_SYS_FILE_H_
