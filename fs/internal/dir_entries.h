// DirEntries: the names in a directory, as the kernel hands them out. Blocks.
//
// Spec: FS-33, FS-38.

#ifndef WEFT_FS_INTERNAL_DIR_ENTRIES_H_
#define WEFT_FS_INTERNAL_DIR_ENTRIES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <weft/base/fd.h>
#include <weft/base/result.h>

namespace weft::fs::internal {

// One name. The text lives until the next call of next().
struct RawDirEntry {
  std::string_view name;
  std::uint64_t ino;
  unsigned char type;  // DT_DIR and so on; DT_UNKNOWN where the file system does not say
};

class DirEntries {
 public:
  // Throws std::bad_alloc.
  explicit DirEntries(OwnedFd directory);

  // The next name, without "." and ".."; nothing at the end. After an error it goes on.
  Result<std::optional<RawDirEntry>> next() noexcept;

  BorrowedFd fd() const noexcept { return directory_; }

 private:
  static constexpr std::size_t kRoom = 32 * 1024;

  OwnedFd directory_;
  std::unique_ptr<std::byte[]> records_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// Opens a directory to be read. `directory` is what a relative `path` starts from. O_NOFOLLOW and
// the like may be added.
Result<OwnedFd> open_directory(int directory, const char* path, int flags) noexcept;

}  // namespace weft::fs::internal

#endif  // WEFT_FS_INTERNAL_DIR_ENTRIES_H_
