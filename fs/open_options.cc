// OpenOptions. Interface: open_options.h.

#include <weft/fs/open_options.h>

#include <fcntl.h>
#include <system_error>
#include <utility>

#include <weft/fs/file.h>
#include <weft/fs/internal/path_operations.h>

namespace weft::fs {

Result<int> OpenOptions::flags() const noexcept {
  const Error invalid(std::errc::invalid_argument);
  const bool writes = write_ || append_;
  if (!read_ && !writes) return Err(invalid);
  if (!writes && (truncate_ || create_ || create_new_)) return Err(invalid);
  if (append_ && truncate_ && !create_new_) return Err(invalid);

  int flags = O_CLOEXEC;
  if (!writes) {
    flags |= O_RDONLY;
  } else {
    flags |= read_ ? O_RDWR : O_WRONLY;
  }
  if (append_) flags |= O_APPEND;
  if (create_new_) {
    flags |= O_CREAT | O_EXCL;
  } else {
    if (create_) flags |= O_CREAT;
    if (truncate_) flags |= O_TRUNC;
  }
  return flags | (custom_flags_ & ~O_ACCMODE);
}

namespace {

Task<Result<File>> open_file(Result<int> flags, std::uint32_t mode, std::filesystem::path path,
                             std::source_location where) {
  if (!flags) co_return Err(flags.error());
  Result<OwnedFd> fd = co_await internal::open(std::move(path), *flags, mode, where);
  if (!fd) co_return Err(fd.error());
  co_return File::from_fd(*std::move(fd));
}

}  // namespace

Task<Result<File>> OpenOptions::open(std::filesystem::path path, std::source_location where) const {
  return open_file(flags(), mode_, std::move(path), where);
}

}  // namespace weft::fs
