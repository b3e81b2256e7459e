// DirEntries. Interface: dir_entries.h.

#include <weft/fs/internal/dir_entries.h>

#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <span>
#include <utility>

#include <weft/base/sys_file.h>

namespace weft::fs::internal {
namespace {

// The kernel's linux_dirent64: two numbers of 8 bytes, one of 2, the type, the name and a zero.
constexpr std::size_t kInoAt = 0;
constexpr std::size_t kSizeAt = 16;
constexpr std::size_t kTypeAt = 18;
constexpr std::size_t kNameAt = 19;

template <class T>
T number_at(const std::byte* record, std::size_t at) noexcept {
  T value;
  std::memcpy(&value, record + at, sizeof value);
  return value;
}

}  // namespace

DirEntries::DirEntries(OwnedFd directory)
    : directory_(std::move(directory)),
      records_(std::make_unique_for_overwrite<std::byte[]>(kRoom)) {}

Result<std::optional<RawDirEntry>> DirEntries::next() noexcept {
  for (;;) {
    if (begin_ == end_) {
      const Result<std::size_t> filled = sys::getdents64(directory_, {records_.get(), kRoom});
      if (!filled) return Err(filled.error());
      if (*filled == 0) return std::nullopt;
      begin_ = 0;
      end_ = *filled;
    }
    const std::byte* const record = records_.get() + begin_;
    begin_ += number_at<std::uint16_t>(record, kSizeAt);
    // SAFETY(cast): the name ends in a zero, inside of the record.
    const std::string_view name(reinterpret_cast<const char*>(record) + kNameAt);
    if (name == "." || name == "..") continue;
    return RawDirEntry{name, number_at<std::uint64_t>(record, kInoAt),
                       number_at<unsigned char>(record, kTypeAt)};
  }
}

Result<OwnedFd> open_directory(int directory, const char* path, int flags) noexcept {
  return sys::openat(directory, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags, 0);
}

}  // namespace weft::fs::internal
