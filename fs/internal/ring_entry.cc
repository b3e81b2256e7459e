// Requests for the ring. Interface: ring_entry.h.

#include <weft/fs/internal/ring_entry.h>

#include <algorithm>
#include <fcntl.h>
#include <limits>

namespace weft::fs::internal {
namespace {

// The kernel moves less than 2 GiB at once; a short transfer is not wrong.
std::uint32_t to_length(std::size_t size) noexcept {
  constexpr std::size_t kMost = std::size_t{1} << 30;
  return static_cast<std::uint32_t>(std::min(size, kMost));
}

template <class T>
std::uint64_t address_of(const T* object) noexcept {
  // SAFETY(cast): the kernel takes addresses as numbers; whose memory it is, says ring_entry.h.
  return reinterpret_cast<std::uintptr_t>(object);
}

}  // namespace

void prepare_read(::io_uring_sqe& entry, BorrowedFd fd, std::span<std::byte> out,
                  std::uint64_t at) noexcept {
  entry.opcode = IORING_OP_READ;
  entry.fd = fd.raw();
  entry.addr = address_of(out.data());
  entry.len = to_length(out.size());
  entry.off = at;
}

void prepare_write(::io_uring_sqe& entry, BorrowedFd fd, std::span<const std::byte> in,
                   std::uint64_t at) noexcept {
  entry.opcode = IORING_OP_WRITE;
  entry.fd = fd.raw();
  entry.addr = address_of(in.data());
  entry.len = to_length(in.size());
  entry.off = at;
}

void prepare_writev(::io_uring_sqe& entry, BorrowedFd fd, std::span<const ::iovec> in,
                    std::uint64_t at) noexcept {
  entry.opcode = IORING_OP_WRITEV;
  entry.fd = fd.raw();
  entry.addr = address_of(in.data());
  entry.len = static_cast<std::uint32_t>(in.size());
  entry.off = at;
}

void prepare_openat(::io_uring_sqe& entry, const char* path, int flags,
                    std::uint32_t mode) noexcept {
  entry.opcode = IORING_OP_OPENAT;
  entry.fd = AT_FDCWD;
  entry.addr = address_of(path);
  entry.len = mode;
  entry.open_flags = static_cast<std::uint32_t>(flags);
}

void prepare_statx(::io_uring_sqe& entry, int directory, const char* path, int flags, unsigned mask,
                   struct ::statx* facts) noexcept {
  entry.opcode = IORING_OP_STATX;
  entry.fd = directory;
  entry.addr = address_of(path);
  entry.len = mask;
  entry.addr2 = address_of(facts);
  entry.statx_flags = static_cast<std::uint32_t>(flags);
}

void prepare_rename(::io_uring_sqe& entry, const char* from, const char* to) noexcept {
  entry.opcode = IORING_OP_RENAMEAT;
  entry.fd = AT_FDCWD;
  entry.addr = address_of(from);
  entry.len = static_cast<std::uint32_t>(AT_FDCWD);
  entry.addr2 = address_of(to);
}

void prepare_unlink(::io_uring_sqe& entry, const char* path, int flags) noexcept {
  entry.opcode = IORING_OP_UNLINKAT;
  entry.fd = AT_FDCWD;
  entry.addr = address_of(path);
  entry.unlink_flags = static_cast<std::uint32_t>(flags);
}

void prepare_fsync(::io_uring_sqe& entry, BorrowedFd fd, bool data_only) noexcept {
  entry.opcode = IORING_OP_FSYNC;
  entry.fd = fd.raw();
  entry.fsync_flags = data_only ? IORING_FSYNC_DATASYNC : 0;
}

void prepare_close(::io_uring_sqe& entry, int fd) noexcept {
  entry.opcode = IORING_OP_CLOSE;
  entry.fd = fd;
}

}  // namespace weft::fs::internal
