// remove_tree. Interface and safety: remove_tree.h.

#include <weft/fs/internal/remove_tree.h>

#include <dirent.h>
#include <fcntl.h>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <weft/base/sys_file.h>
#include <weft/fs/internal/dir_entries.h>

namespace weft::fs::internal {
namespace {

struct Level {
  std::string name;  // in the level above
  DirEntries entries;
};

// What is gone already need not be removed.
Result<void> unless_gone(Result<void> result) noexcept {
  if (!result && result.error() == std::errc::no_such_file_or_directory) return {};
  return result;
}

// Removes an entry, or opens it if it is a directory. Nothing: it is gone.
Result<std::optional<OwnedFd>> remove_or_open(BorrowedFd parent, const RawDirEntry& entry,
                                              const char* name) noexcept {
  if (entry.type == DT_DIR || entry.type == DT_UNKNOWN) {
    Result<OwnedFd> directory = open_directory(parent.raw(), name, O_NOFOLLOW);
    if (directory) return std::optional(*std::move(directory));
    if (directory.error() == std::errc::no_such_file_or_directory) return std::nullopt;
    // Not a directory, or not any more: ELOOP is a link.
    const bool is_other = directory.error() == std::errc::not_a_directory ||
                          directory.error() == std::errc::too_many_symbolic_link_levels;
    if (!is_other) return Err(directory.error());
  }
  const Result<void> removed = unless_gone(sys::unlinkat(parent.raw(), name, 0));
  if (!removed) return Err(removed.error());
  return std::nullopt;
}

// Removes everything below the first level.
Result<void> empty(std::vector<Level>& levels) {
  for (;;) {
    const Result<std::optional<RawDirEntry>> entry = levels.back().entries.next();
    if (!entry) return Err(entry.error());
    if (*entry) {
      std::string name((*entry)->name);
      Result<std::optional<OwnedFd>> opened =
          remove_or_open(levels.back().entries.fd(), **entry, name.c_str());
      if (!opened) return Err(opened.error());
      if (*opened) levels.push_back({std::move(name), DirEntries(*std::move(*opened))});
      continue;
    }
    if (levels.size() == 1) return {};
    const std::string name = std::move(levels.back().name);
    levels.pop_back();
    const Result<void> removed =
        unless_gone(sys::unlinkat(levels.back().entries.fd().raw(), name.c_str(), AT_REMOVEDIR));
    if (!removed) return removed;
  }
}

}  // namespace

Result<void> remove_tree(const std::filesystem::path& path) {
  Result<OwnedFd> root = open_directory(sys::kWorkingDirectory, path.c_str(), O_NOFOLLOW);
  if (!root) {
    // Opening a link with these flags says "not a directory"; a path like "link/" goes through it.
    struct ::statx facts{};
    const Result<void> asked =
        sys::statx(sys::kWorkingDirectory, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &facts);
    if (!asked) return asked;
    if (!S_ISLNK(facts.stx_mode)) return Err(root.error());
    return sys::unlinkat(sys::kWorkingDirectory, path.c_str(), 0);
  }
  std::vector<Level> levels;
  levels.push_back({std::string(), DirEntries(*std::move(root))});
  if (const Result<void> emptied = empty(levels); !emptied) return emptied;
  return sys::unlinkat(sys::kWorkingDirectory, path.c_str(), AT_REMOVEDIR);
}

}  // namespace weft::fs::internal
