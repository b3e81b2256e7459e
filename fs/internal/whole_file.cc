// Whole files. Interface: whole_file.h.

#include <weft/fs/internal/whole_file.h>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <optional>
#include <system_error>

#include <weft/base/sys.h>
#include <weft/base/sys_file.h>
#include <weft/fs/internal/path_text.h>
#include <weft/fs/internal/whole_file_buffer.h>
#include <weft/fs/metadata.h>

namespace weft::fs::internal {
namespace {

using Path = std::filesystem::path;

Result<Metadata> facts_of(BorrowedFd fd) noexcept {
  struct ::statx facts{};
  const Result<void> asked = sys::statx(fd.raw(), "", AT_EMPTY_PATH, STATX_BASIC_STATS, &facts);
  if (!asked) return Err(asked.error());
  return Metadata(facts);
}

// The ways to copy, from the one that moves no bytes through the process to the one that always
// works. Each continues where the one before it has stopped.
using Copier = Result<std::size_t> (*)(BorrowedFd from, BorrowedFd to) noexcept;

constexpr std::size_t kStep = std::size_t{1} << 30;

Result<std::size_t> copy_in_kernel(BorrowedFd from, BorrowedFd to) noexcept {
  return sys::copy_file_range(from, to, kStep);
}

Result<std::size_t> copy_by_pipe(BorrowedFd from, BorrowedFd to) noexcept {
  return sys::sendfile(to, from, kStep);
}

Result<std::size_t> copy_by_hand(BorrowedFd from, BorrowedFd to) noexcept {
  std::array<std::byte, 64 * 1024> bytes;
  const Result<std::size_t> count = sys::read(from, bytes);
  if (!count) return count;
  std::span<const std::byte> rest = std::span(bytes).first(*count);
  while (!rest.empty()) {
    const Result<std::size_t> written = sys::write(to, rest);
    if (!written) return written;
    if (*written == 0) return Err(Errc::write_zero);
    rest = rest.subspan(*written);
  }
  return count;
}

// The call does not exist, or not for these files.
bool is_unsupported(Error error) noexcept {
  return error == std::errc::function_not_supported || error == std::errc::cross_device_link ||
         error == std::errc::invalid_argument || error == std::errc::operation_not_permitted ||
         error == std::errc::operation_not_supported;
}

Result<std::uint64_t> copy_all(BorrowedFd from, BorrowedFd to) noexcept {
  constexpr std::array<Copier, 3> kWays = {copy_in_kernel, copy_by_pipe, copy_by_hand};
  std::size_t way = 0;
  std::uint64_t total = 0;
  for (;;) {
    const Result<std::size_t> copied = kWays[way](from, to);
    const bool is_last = way + 1 == kWays.size();
    if (!copied) {
      if (is_last || !is_unsupported(copied.error())) return Err(copied.error());
      ++way;
    } else if (*copied != 0) {
      total += *copied;
    } else if (total == 0 && !is_last) {
      // Empty, or one of /proc, which the kernel's ways find empty.
      ++way;
    } else {
      return total;
    }
  }
}

}  // namespace

std::optional<std::vector<std::byte>> read_whole_cached(const Path& path) {
  constexpr std::uint64_t kMost = 128 * 1024;
  if (has_zero(path)) return std::nullopt;
  // Whatever is wrong, whoever may block finds out.
  const Result<OwnedFd> fd =
      sys::open_cached(sys::kWorkingDirectory, path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (!fd) return std::nullopt;
  struct ::statx facts{};
  const Result<void> asked = sys::statx(fd->raw(), "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
                                        STATX_TYPE | STATX_SIZE, &facts);
  // A file of /proc says that it is empty.
  if (!asked || !S_ISREG(facts.stx_mode) || facts.stx_size == 0 || facts.stx_size > kMost) {
    return std::nullopt;
  }
  // With a byte to spare: an ordinary file that leaves it unfilled has come to its end.
  std::vector<std::byte> bytes(static_cast<std::size_t>(facts.stx_size) + 1);
  const Result<std::size_t> count = sys::read_cached(*fd, bytes, std::nullopt);
  if (!count || *count != facts.stx_size) return std::nullopt;
  bytes.resize(*count);
  return bytes;
}

Result<std::vector<std::byte>> read_whole(const Path& path) {
  if (has_zero(path)) return Err(std::errc::invalid_argument);
  const Result<OwnedFd> fd =
      sys::openat(sys::kWorkingDirectory, path.c_str(), O_RDONLY | O_CLOEXEC, 0);
  if (!fd) return Err(fd.error());
  // Only a hint: files of /proc have no size, and others may be growing.
  const Result<Metadata> facts = facts_of(*fd);
  WholeFileBuffer buffer(facts ? facts->size() : 0);
  for (;;) {
    const Result<std::size_t> count = sys::read(*fd, buffer.room());
    if (!count) return Err(count.error());
    if (*count == 0) return std::move(buffer).take();
    buffer.advance(*count);
  }
}

Result<void> write_whole(const Path& path, std::span<const std::byte> data) {
  if (has_zero(path)) return Err(std::errc::invalid_argument);
  const Result<OwnedFd> fd = sys::openat(sys::kWorkingDirectory, path.c_str(),
                                         O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (!fd) return Err(fd.error());
  while (!data.empty()) {
    const Result<std::size_t> count = sys::write(*fd, data);
    if (!count) return Err(count.error());
    if (*count == 0) return Err(Errc::write_zero);
    data = data.subspan(*count);
  }
  return {};
}

Result<std::uint64_t> copy_whole(const Path& from, const Path& to) {
  if (has_zero(from) || has_zero(to)) return Err(std::errc::invalid_argument);
  const Result<OwnedFd> source =
      sys::openat(sys::kWorkingDirectory, from.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (!source) return Err(source.error());
  const Result<Metadata> facts = facts_of(*source);
  if (!facts) return Err(facts.error());
  if (!facts->is_file()) return Err(std::errc::invalid_argument);
  const std::uint32_t mode = facts->permissions().mode();
  const Result<OwnedFd> target = sys::openat(sys::kWorkingDirectory, to.c_str(),
                                             O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (!target) return Err(target.error());
  const Result<Metadata> target_facts = facts_of(*target);
  if (!target_facts) return Err(target_facts.error());
  // Also what the umask took away, or the file had before. A device keeps its own.
  if (target_facts->is_file()) {
    if (const Result<void> set = sys::fchmod(*target, mode); !set) return Err(set.error());
  }
  return copy_all(*source, *target);
}

}  // namespace weft::fs::internal
