// DirBuilder. Interface: dir_builder.h.

#include <weft/fs/dir_builder.h>

#include <fcntl.h>
#include <system_error>
#include <utility>

#include <weft/base/sys_file.h>
#include <weft/fs/internal/operation.h>
#include <weft/fs/internal/path_text.h>

namespace weft::fs {
namespace {

using Path = std::filesystem::path;

bool is_existing_directory(const Path& path) noexcept {
  struct ::statx facts{};
  return sys::statx(sys::kWorkingDirectory, path.c_str(), 0, STATX_TYPE, &facts) &&
         S_ISDIR(facts.stx_mode);
}

Result<void> make_one(const Path& path, std::uint32_t mode) noexcept {
  return sys::mkdirat(sys::kWorkingDirectory, path.c_str(), mode);
}

// One call for a directory whose parent exists, which is the most frequent case; else the parents
// first. As deep as the path has names, of which the kernel takes 2048.
Result<void> make_all(const Path& path, std::uint32_t mode) {
  if (path.empty()) return {};
  Result<void> made = make_one(path, mode);
  if (made) return made;
  if (made.error() == std::errc::no_such_file_or_directory) {
    const Path parent = path.parent_path();
    if (parent.empty() || parent == path) return made;
    if (const Result<void> above = make_all(parent, mode); !above) return above;
    made = make_one(path, mode);
    if (made) return made;
  }
  // Perhaps somebody else made it, just now or long ago.
  if (is_existing_directory(path)) return {};
  return made;
}

Task<Result<void>> make(Path path, bool is_recursive, std::uint32_t mode,
                        std::source_location where) {
  auto job = [path = std::move(path), is_recursive, mode]() -> Result<void> {
    if (internal::has_zero(path)) return Err(std::errc::invalid_argument);
    return is_recursive ? make_all(path, mode) : make_one(path, mode);
  };
  co_return co_await internal::blocking("fs::create_dir", where, std::move(job));
}

}  // namespace

Task<Result<void>> DirBuilder::create(std::filesystem::path path,
                                      std::source_location where) const {
  return make(std::move(path), recursive_, mode_, where);
}

}  // namespace weft::fs
