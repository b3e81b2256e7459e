// FileCore. Interface and states: file_core.h.

#include <weft/fs/internal/file_core.h>

#include <algorithm>
#include <limits>
#include <system_error>
#include <unistd.h>

#include <weft/base/sys_file.h>
#include <weft/fs/lost_write_errors.h>
#include <weft/runtime/scheduler/thread_context.h>

namespace weft::fs::internal {

FileCore::~FileCore() {
  if (job_) job_->detach();
  // A write that is in flight counts its own error. One that is over has left it with us.
  if (write_error_) count_lost_write_error(*write_error_);
}

template <class Job, class... Args>
void FileCore::start(bool is_mandatory, Args&&... args) {
  auto& scheduler = weft::internal::require_scheduler("weft::fs::File", Where::current());
  RefPtr<Job> made = make_ref<Job>(file_, std::forward<Args>(args)...);
  made->start(scheduler, is_mandatory);
  job_ = std::move(made);
}

// --- Settling

Result<void> FileCore::settle_read() noexcept {
  ReadJob& read = job<ReadJob>();
  const Result<std::size_t> result = read.result();
  buffer_ = read.take_buffer();
  read_size_ = result && *result == read.wanted() ? *result : 0;
  job_.reset();
  return result.transform([](std::size_t) {});
}

void FileCore::settle_write() noexcept {
  const Result<void> result = job<WriteJob>().take_result();
  job_.reset();
  if (!result) write_error_ = result.error();
}

Result<std::uint64_t> FileCore::settle_seek() noexcept {
  const Result<std::uint64_t> result = job<SeekJob>().result();
  job_.reset();
  if (result) position_ = *result;
  return result;
}

void FileCore::settle() noexcept {
  switch (job_->kind()) {
    case FileJob::Kind::kRead:
      static_cast<void>(settle_read());
      break;
    case FileJob::Kind::kWrite:
      settle_write();
      break;
    case FileJob::Kind::kSeek:
      static_cast<void>(settle_seek());
      break;
    case FileJob::Kind::kResize:
      job_.reset();
      break;
  }
}

bool FileCore::poll_settled(Context& cx) {
  if (!job_) return true;
  if (!job_->poll(cx)) return false;
  settle();
  return true;
}

bool FileCore::try_settle() noexcept {
  if (!job_) return true;
  if (!job_->is_done()) return false;
  settle();
  return true;
}

Poll<Result<void>> FileCore::poll_settle(Context& cx) {
  if (!poll_settled(cx)) return kPending;
  return Result<void>();
}

// The bytes that are in the buffer: the position is to be moved back by as many.
std::size_t FileCore::drop_unread() noexcept {
  const std::size_t unread = buffer_.unread();
  buffer_.clear();
  reads_in_row_ = 0;
  read_size_ = 0;
  return unread;
}

Result<void> FileCore::take_write_error() noexcept {
  if (!write_error_) return {};
  return Err(*std::exchange(write_error_, std::nullopt));
}

// --- Reading

// More than was asked for, if the reads before this one show that all of it will be read.
std::size_t FileCore::next_read_size(std::size_t wanted) noexcept {
  ++reads_in_row_;
  if (!may_read_ahead_ || read_size_ == 0 || reads_in_row_ <= kPatternReads) {
    return std::min(wanted, max_size_);
  }
  const std::size_t ahead = std::min(2 * read_size_, kMostReadAhead);
  return std::min(std::max(wanted, ahead), max_size_);
}

bool FileCore::read_cached(io::ReadBuf& room) noexcept {
  if (!may_read_cached_) return false;
  const std::span<std::byte> out = room.unfilled_raw();
  const Result<std::size_t> count = sys::read_cached(
      file_->fd(), out.first(std::min({out.size(), max_size_, kMostCached})), std::nullopt);
  if (!count) {
    // Not in the cache; otherwise not for this file. A job finds out what else is wrong.
    if (count.error() != std::errc::resource_unavailable_try_again) may_read_cached_ = false;
    return false;
  }
  room.assume_init(*count);
  room.advance(*count);
  return true;
}

Poll<Result<void>> FileCore::poll_read(Context& cx, io::ReadBuf& room) {
  for (;;) {
    if (job_) {
      if (job_->kind() != FileJob::Kind::kRead) {
        if (!poll_settled(cx)) return kPending;
        continue;
      }
      if (!job_->poll(cx)) return kPending;
      const Result<void> read = settle_read();
      if (!read) return read;
      // Nothing at all is the end of the file.
      buffer_.copy_to(room);
      return Result<void>();
    }
    if (!buffer_.empty() || room.remaining() == 0) {
      if (!cx.has_budget()) return kPending;
      cx.spend_budget();
      buffer_.copy_to(room);
      return Result<void>();
    }
    if (!cx.has_budget()) return kPending;
    // FS-3: also where the cache would do.
    static_cast<void>(weft::internal::require_scheduler("weft::fs::File::read", Where::current()));
    if (read_cached(room)) {
      cx.spend_budget();
      return Result<void>();
    }
    start<ReadJob>(false, std::move(buffer_), next_read_size(room.remaining()));
  }
}

// --- Writing

Poll<Result<std::size_t>> FileCore::poll_write_vectored(Context& cx,
                                                        std::span<const io::IoSlice> slices) {
  std::vector<std::byte> joined;
  joined.reserve(std::min(io::total_size(slices), max_size_));
  for (const io::IoSlice& slice : slices) {
    const std::span<const std::byte> bytes = slice.bytes();
    const std::size_t count = std::min(bytes.size(), max_size_ - joined.size());
    joined.insert(joined.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return poll_write(cx, joined);
}

Poll<Result<std::size_t>> FileCore::poll_write(Context& cx, std::span<const std::byte> data) {
  for (;;) {
    if (const Result<void> failed = take_write_error(); !failed) return Err(failed.error());
    if (data.empty()) return Result<std::size_t>(0);
    if (job_ && job_->kind() == FileJob::Kind::kWrite && !job_->is_done()) {
      if (!cx.has_budget()) return kPending;
      const std::optional<Poll<std::size_t>> appended = job<WriteJob>().poll_append(cx, data);
      if (appended && appended->is_pending()) return kPending;
      if (appended) {
        cx.spend_budget();
        return Result<std::size_t>(**appended);
      }
    }
    if (!poll_settled(cx)) return kPending;
    if (write_error_) continue;
    if (!cx.has_budget()) return kPending;
    auto& scheduler = weft::internal::require_scheduler("weft::fs::File::write", Where::current());
    RefPtr<WriteJob> made = make_ref<WriteJob>(file_, drop_unread(), max_size_);
    const std::size_t taken = made->append_first(data);
    made->start(scheduler, true);
    if (const Result<void> refused = made->refusal(); !refused) return Err(refused.error());
    job_ = std::move(made);
    cx.spend_budget();
    return Result<std::size_t>(taken);
  }
}

Poll<Result<void>> FileCore::poll_flush(Context& cx) {
  if (write_error_) return take_write_error();
  if (!poll_settled(cx)) return kPending;
  return take_write_error();
}

// --- Seeking

Result<void> FileCore::start_seek(io::SeekFrom to) {
  // "other file operation is pending, call poll_complete before start_seek" (FS-21)
  if (job_) return Err(Errc::other);
  const auto unread = static_cast<std::int64_t>(drop_unread());
  if (to.origin() == io::SeekFrom::Origin::kCurrent) {
    constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
    // Below the least there is no position either.
    const std::int64_t offset = to.offset() < kLeast + unread ? kLeast : to.offset() - unread;
    to = io::SeekFrom::current(offset);
  }
  start<SeekJob>(false, to);
  return {};
}

Poll<Result<std::uint64_t>> FileCore::poll_complete(Context& cx) {
  while (job_) {
    if (job_->kind() != FileJob::Kind::kSeek) {
      if (!poll_settled(cx)) return kPending;
      continue;
    }
    if (!job_->poll(cx)) return kPending;
    return settle_seek();
  }
  return Result<std::uint64_t>(position_);
}

// --- The length

void FileCore::start_resize(std::uint64_t size) { start<ResizeJob>(false, drop_unread(), size); }

Poll<Result<void>> FileCore::poll_resized(Context& cx) {
  if (!job_->poll(cx)) return kPending;
  const Result<void> result = job<ResizeJob>().result();
  job_.reset();
  return result;
}

// --- The descriptor

OwnedFd FileCore::take_fd() noexcept {
  OwnedFd fd = file_->take();
  if (const std::size_t unread = drop_unread(); unread != 0) {
    // A descriptor without a position has no place to go back to.
    static_cast<void>(sys::lseek(fd, -static_cast<std::int64_t>(unread), SEEK_CUR));
  }
  return fd;
}

}  // namespace weft::fs::internal
