// Chunks of a directory. Interface: dir_chunk.h.

#include <weft/fs/internal/dir_chunk.h>

#include <dirent.h>
#include <new>
#include <string>
#include <system_error>

#include <weft/base/sys_file.h>
#include <weft/fs/internal/path_text.h>

namespace weft::fs::internal {
namespace {

std::optional<FileType> type_of(unsigned char type) noexcept {
  if (type == DT_UNKNOWN) return std::nullopt;
  return FileType::from_mode(DTTOIF(type));
}

}  // namespace

Result<DirEntries*> DirReader::entries() {
  if (!entries_) {
    if (has_zero(*path_)) return Err(std::errc::invalid_argument);
    Result<OwnedFd> directory = open_directory(sys::kWorkingDirectory, path_->c_str(), 0);
    if (!directory) return Err(directory.error());
    entries_.emplace(*std::move(directory));
  }
  return &*entries_;
}

void ChunkOperation::perform() noexcept {
  try {
    if (const Result<void> filled = fill(); !filled) error_ = filled.error();
  } catch (const std::bad_alloc&) {
    error_ = Error(std::errc::not_enough_memory);
  }
}

Result<void> ChunkOperation::fill() {
  const Result<DirEntries*> entries = reader_->entries();
  if (!entries) return Err(entries.error());
  while (chunk_.size() < kEntries) {
    const Result<std::optional<RawDirEntry>> entry = (*entries)->next();
    if (!entry) return Err(entry.error());
    if (!*entry) {
      is_at_end_ = true;
      return {};
    }
    chunk_.emplace_back(reader_->path(), std::string((*entry)->name), (*entry)->ino,
                        type_of((*entry)->type));
  }
  return {};
}

}  // namespace weft::fs::internal
