// DirReader and ChunkOperation: reading a directory 32 entries at a time.
//
// Spec: FS-38..FS-41.
//
// The reader belongs to the ReadDir and, while one is in flight, to the operation that fills the
// next chunk; only one of them uses it at a time.

#ifndef WEFT_FS_INTERNAL_DIR_CHUNK_H_
#define WEFT_FS_INTERNAL_DIR_CHUNK_H_

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <weft/base/result.h>
#include <weft/fs/internal/dir_entries.h>
#include <weft/fs/internal/operation.h>
#include <weft/fs/read_dir.h>
#include <weft/runtime/ref_counted.h>

namespace weft::fs::internal {

class DirReader : public RefCounted<DirReader> {
 public:
  explicit DirReader(std::filesystem::path path)
      : path_(std::make_shared<const std::filesystem::path>(std::move(path))) {}

  const std::shared_ptr<const std::filesystem::path>& path() const noexcept { return path_; }
  // Blocks. Opens the directory if that has not been done.
  Result<DirEntries*> entries();

 private:
  const std::shared_ptr<const std::filesystem::path> path_;
  std::optional<DirEntries> entries_;
};

class ChunkOperation final : public Operation {
 public:
  static constexpr std::size_t kEntries = 32;

  explicit ChunkOperation(RefPtr<DirReader> reader) noexcept : reader_(std::move(reader)) {}

  // Precondition of all: done.
  std::vector<DirEntry> take_chunk() noexcept { return std::move(chunk_); }
  const std::optional<Error>& error() const noexcept { return error_; }
  bool is_at_end() const noexcept { return is_at_end_; }
  bool has_entries() const noexcept { return !chunk_.empty(); }
  const RefPtr<DirReader>& reader() const noexcept { return reader_; }

 private:
  void perform() noexcept override;
  void fail(Error error) noexcept override { error_ = error; }
  Result<void> fill();

  const RefPtr<DirReader> reader_;
  std::vector<DirEntry> chunk_;
  std::optional<Error> error_;
  bool is_at_end_ = false;
};

}  // namespace weft::fs::internal

#endif  // WEFT_FS_INTERNAL_DIR_CHUNK_H_
