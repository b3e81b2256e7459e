// What a request of each kind looks like on the ring, and what its answer says.
//
// Spec: FS-43, FS-47.
//
// Everything a request points to has to stay where it is until the answer has come: it belongs to
// the Operation, which does.

#ifndef WEFT_FS_INTERNAL_RING_ENTRY_H_
#define WEFT_FS_INTERNAL_RING_ENTRY_H_

#include <cstddef>
#include <cstdint>
#include <linux/io_uring.h>
#include <span>
#include <sys/stat.h>
#include <sys/uio.h>

#include <weft/base/fd.h>
#include <weft/base/result.h>

namespace weft::fs::internal {

// Instead of a position: where the descriptor stands, which moves.
inline constexpr std::uint64_t kCursor = ~std::uint64_t{0};

void prepare_read(::io_uring_sqe& entry, BorrowedFd fd, std::span<std::byte> out,
                  std::uint64_t at) noexcept;
void prepare_write(::io_uring_sqe& entry, BorrowedFd fd, std::span<const std::byte> in,
                   std::uint64_t at) noexcept;
void prepare_writev(::io_uring_sqe& entry, BorrowedFd fd, std::span<const ::iovec> in,
                    std::uint64_t at) noexcept;
void prepare_openat(::io_uring_sqe& entry, const char* path, int flags,
                    std::uint32_t mode) noexcept;
void prepare_statx(::io_uring_sqe& entry, int directory, const char* path, int flags, unsigned mask,
                   struct ::statx* facts) noexcept;
void prepare_rename(::io_uring_sqe& entry, const char* from, const char* to) noexcept;
void prepare_unlink(::io_uring_sqe& entry, const char* path, int flags) noexcept;
void prepare_fsync(::io_uring_sqe& entry, BorrowedFd fd, bool data_only) noexcept;
void prepare_close(::io_uring_sqe& entry, int fd) noexcept;

// A count, or the error.
inline Result<std::size_t> to_result(std::int32_t answer) noexcept {
  if (answer < 0) return Err(Error::from_errno(-answer));
  return static_cast<std::size_t>(answer);
}

}  // namespace weft::fs::internal

#endif  // WEFT_FS_INTERNAL_RING_ENTRY_H_
