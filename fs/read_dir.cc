// ReadDir, DirEntry, ReadDirStream. Interface: read_dir.h.

#include <weft/fs/read_dir.h>

#include <fcntl.h>

#include <weft/fs/internal/dir_chunk.h>
#include <weft/fs/internal/operation.h>
#include <weft/fs/internal/path_operations.h>
#include <weft/runtime/scheduler/thread_context.h>

namespace weft::fs {

using internal::ChunkOperation;
using internal::DirReader;

// --- DirEntry

Task<Result<Metadata>> DirEntry::metadata(std::source_location where) const {
  return [](std::filesystem::path path, std::source_location from) -> Task<Result<Metadata>> {
    co_return co_await internal::stat(std::move(path), AT_SYMLINK_NOFOLLOW,
                                      "fs::DirEntry::metadata", from);
  }(path(), where);
}

Task<Result<FileType>> DirEntry::file_type(std::source_location where) const {
  return [](DirEntry entry, std::source_location from) -> Task<Result<FileType>> {
    if (entry.type_) co_return *entry.type_;
    const Result<Metadata> facts = co_await entry.metadata(from);
    if (!facts) co_return Err(facts.error());
    co_return facts->file_type();
  }(*this, where);
}

// --- ReadDir

ReadDir::ReadDir(RefPtr<ChunkOperation> first) noexcept
    : reader_(first->reader()), reading_(std::move(first)) {
  take_chunk();
}
ReadDir::ReadDir(ReadDir&&) noexcept = default;
ReadDir& ReadDir::operator=(ReadDir&&) noexcept = default;
ReadDir::~ReadDir() = default;

// Precondition: what is being read has been read.
void ReadDir::take_chunk() {
  const RefPtr<ChunkOperation> read = std::move(reading_);
  chunk_ = read->take_chunk();
  next_ = 0;
  error_ = read->error();
  is_at_end_ = read->is_at_end();
}

Poll<Result<std::optional<DirEntry>>> ReadDir::poll_next_entry(Context& cx) {
  using Answer = Result<std::optional<DirEntry>>;
  for (;;) {
    if (reading_) {
      if (!reading_->poll(cx)) return kPending;
      take_chunk();
    }
    if (next_ < chunk_.size()) {
      if (!cx.has_budget()) return kPending;
      cx.spend_budget();
      return Answer(std::move(chunk_[next_++]));
    }
    if (error_) return Answer(Err(*std::exchange(error_, std::nullopt)));
    if (is_at_end_) return Answer(std::nullopt);
    auto& scheduler = weft::internal::require_scheduler("fs::ReadDir::next_entry",
                                                        std::source_location::current());
    reading_ = make_ref<ChunkOperation>(reader_);
    reading_->start(scheduler, false);
  }
}

namespace {

// Until the first chunk is there.
Task<> first_chunk(RefPtr<ChunkOperation> operation, std::source_location where) {
  operation->start(weft::internal::require_scheduler("fs::read_dir", where), false);
  co_await poll_fn([&operation](Context& cx) -> Poll<> {
    if (operation->poll(cx)) return Poll<>();
    return kPending;
  });
}

}  // namespace

Task<Result<ReadDir>> read_dir(std::filesystem::path path, std::source_location where) {
  const auto first = make_ref<ChunkOperation>(make_ref<DirReader>(std::move(path)));
  co_await first_chunk(first, where);
  // An entry that cannot be read is next_entry()'s to report; a directory that cannot, ours.
  if (first->error() && !first->has_entries()) co_return Err(*first->error());
  co_return ReadDir(first);
}

// --- ReadDirStream

Poll<std::optional<Result<DirEntry>>> ReadDirStream::poll_next(Context& cx) {
  using Answer = std::optional<Result<DirEntry>>;
  Poll<Result<std::optional<DirEntry>>> entry = dir_.poll_next_entry(cx);
  if (entry.is_pending()) return kPending;
  if (!*entry) return Answer(Result<DirEntry>(Err(entry->error())));
  if (!**entry) return Answer();
  return Answer(Result<DirEntry>(*std::move(**entry)));
}

}  // namespace weft::fs
