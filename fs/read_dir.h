// ReadDir, DirEntry, ReadDirStream: what is in a directory.
//
// Spec: FS-38..FS-41.
//
// Entries are read 32 at a time on a thread that may block; those in between come without waiting.
// Their order is the file system's. What is made or removed meanwhile may be seen or not.
//
//   Task<Result<std::set<std::string>>> list(std::filesystem::path path) {
//     std::set<std::string> names;
//     Result<fs::ReadDir> dir = co_await fs::read_dir(path);
//     if (!dir) co_return Err(dir.error());
//     for (;;) {
//       Result<std::optional<fs::DirEntry>> entry = co_await dir->next_entry();
//       if (!entry) co_return Err(entry.error());
//       if (!*entry) co_return names;
//       names.insert((*entry)->file_name());
//     }
//   }

#ifndef WEFT_FS_READ_DIR_H_
#define WEFT_FS_READ_DIR_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include <weft/base/result.h>
#include <weft/fs/metadata.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/poll_fn.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/task.h>

namespace weft::fs {

namespace internal {
class DirReader;
class ChunkOperation;
}  // namespace internal

// A name found in a directory. A value: lives on when its ReadDir is gone.
class DirEntry {
 public:
  // Made by ReadDir.
  DirEntry(std::shared_ptr<const std::filesystem::path> directory, std::string name,
           std::uint64_t ino, std::optional<FileType> type) noexcept
      : directory_(std::move(directory)), name_(std::move(name)), ino_(ino), type_(type) {}

  // The path that was given to read_dir(), and the name.
  std::filesystem::path path() const { return *directory_ / name_; }
  std::string file_name() const { return name_; }
  std::uint64_t ino() const noexcept { return ino_; }

  // Of a link itself. Asks the system by path(): fails if it is not there any more. Cancel safe.
  Task<Result<Metadata>> metadata(
      std::source_location where = std::source_location::current()) const;
  // Of a link itself. Known from reading the directory, on most file systems; else as metadata().
  Task<Result<FileType>> file_type(
      std::source_location where = std::source_location::current()) const;

 private:
  std::shared_ptr<const std::filesystem::path> directory_;
  std::string name_;
  std::uint64_t ino_;
  std::optional<FileType> type_;
};

// Movable while no next_entry() is under way. Used by one task at a time.
class [[nodiscard]] ReadDir {
 public:
  ReadDir(ReadDir&&) noexcept;
  ReadDir& operator=(ReadDir&&) noexcept;
  ~ReadDir();

  // Yields Result<std::optional<DirEntry>>: nothing at the end, and from then on. After an error it
  // goes on, with what comes behind. Fails with Errc::other once the runtime shuts down. Fatal
  // without a runtime. Cancel safe: no entry is skipped.
  auto next_entry() {
    return poll_fn([this](Context& cx) { return poll_next_entry(cx); });
  }
  // The poll form.
  Poll<Result<std::optional<DirEntry>>> poll_next_entry(Context& cx);

 private:
  friend Task<Result<ReadDir>> read_dir(std::filesystem::path path, std::source_location where);

  explicit ReadDir(RefPtr<internal::ChunkOperation> first) noexcept;

  void take_chunk();

  RefPtr<internal::DirReader> reader_;
  RefPtr<internal::ChunkOperation> reading_;  // in flight
  std::vector<DirEntry> chunk_;
  std::size_t next_ = 0;        // in chunk_
  std::optional<Error> error_;  // that ended the chunk
  bool is_at_end_ = false;      // nothing comes behind the chunk
};

// Opens a directory and reads its first entries. Fails as open(2) does: not_a_directory. Fatal
// without a runtime. Cancel safe.
Task<Result<ReadDir>> read_dir(std::filesystem::path path,
                               std::source_location where = std::source_location::current());

// The same as a stream.
class [[nodiscard]] ReadDirStream {
 public:
  using value_type = Result<DirEntry>;

  explicit ReadDirStream(ReadDir dir) noexcept : dir_(std::move(dir)) {}

  // Yields std::optional<Result<DirEntry>>. As ReadDir::next_entry().
  auto next() {
    return poll_fn([this](Context& cx) { return poll_next(cx); });
  }
  // The poll form.
  Poll<std::optional<Result<DirEntry>>> poll_next(Context& cx);

  ReadDir into_inner() && { return std::move(dir_); }

 private:
  ReadDir dir_;
};

}  // namespace weft::fs

#endif  // WEFT_FS_READ_DIR_H_
