// The jobs of a File. Interface and design: file_jobs.h.

#include <weft/fs/internal/file_jobs.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <mutex>
#include <unistd.h>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/sys.h>
#include <weft/base/sys_file.h>
#include <weft/fs/internal/ring_entry.h>
#include <weft/fs/lost_write_errors.h>

namespace weft::fs::internal {

namespace {

// Small writes share a chunk of this size; larger ones get one of their own.
constexpr std::size_t kChunkSize = 16 * 1024;
// As many slices as one call takes.
constexpr std::size_t kMostSlices = 1024;

int whence_of(io::SeekFrom to) noexcept {
  switch (to.origin()) {
    case io::SeekFrom::Origin::kStart:
      return SEEK_SET;
    case io::SeekFrom::Origin::kCurrent:
      return SEEK_CUR;
    case io::SeekFrom::Origin::kEnd:
      return SEEK_END;
  }
  return SEEK_SET;
}

// Back to where the user is who has not read the last `count` bytes.
Result<void> step_back(BorrowedFd fd, std::size_t count) noexcept {
  if (count == 0) return {};
  return sys::lseek(fd, -static_cast<std::int64_t>(count), SEEK_CUR).transform([](std::uint64_t) {
  });
}

}  // namespace

// --- RingCursor

void RingCursor::remember(BorrowedFd fd) noexcept {
  const Result<std::uint64_t> position = sys::lseek(fd, 0, SEEK_CUR);
  before_ = position ? std::optional(*position) : std::nullopt;
}

void RingCursor::catch_up(BorrowedFd fd, std::size_t count) noexcept {
  if (!before_ || count == 0) return;
  const Result<std::uint64_t> now = sys::lseek(fd, 0, SEEK_CUR);
  if (!now || *now != *before_) return;
  static_cast<void>(sys::lseek(fd, static_cast<std::int64_t>(count), SEEK_CUR));
}

// --- ReadJob

void ReadJob::keep(Result<std::size_t> result) noexcept {
  result_ = result;
  buffer_.fill(result ? *result : 0);
}

void ReadJob::perform() noexcept { keep(sys::read(fd(), room_)); }

bool ReadJob::prepare(::io_uring_sqe& entry) noexcept {
  cursor_.remember(fd());
  prepare_read(entry, fd(), room_, kCursor);
  return true;
}

Operation::Step ReadJob::advance(std::int32_t answer) noexcept {
  keep(to_result(answer));
  if (result_ && *result_ < room_.size()) cursor_.catch_up(fd(), *result_);
  return Step::kFinished;
}

// --- SeekJob, ResizeJob

void SeekJob::perform() noexcept { result_ = sys::lseek(fd(), to_.offset(), whence_of(to_)); }

void ResizeJob::perform() noexcept {
  result_ = step_back(fd(), rewind_);
  if (result_) result_ = sys::ftruncate(fd(), size_);
}

// --- WriteJob, the File's side

std::size_t WriteJob::append_first(std::span<const std::byte> data) {
  const std::lock_guard lock(mutex_);
  return append(data, max_size_);
}

std::optional<Poll<std::size_t>> WriteJob::poll_append(Context& cx,
                                                       std::span<const std::byte> data) {
  // First, so that room made after we looked wakes us. A wake-up too many does no harm.
  waker_.register_waker(cx);
  const std::lock_guard lock(mutex_);
  if (is_closed_) return std::nullopt;
  const std::size_t room = max_size_ - pending_size_;
  if (room == 0) return Poll<std::size_t>(kPending);
  return Poll<std::size_t>(append(data, room));
}

// Under mutex_, which the executor takes only to exchange vectors: it waits for a copy at most.
std::size_t WriteJob::append(std::span<const std::byte> data, std::size_t room) {
  data = data.first(std::min(data.size(), room));
  const bool fits =
      !pending_.empty() && pending_.back().capacity() - pending_.back().size() >= data.size();
  if (!fits) {
    // In place in the list before it has any bytes: no room, no trace.
    pending_.emplace_back();
    try {
      pending_.back().reserve(std::min(max_size_, std::max(data.size(), kChunkSize)));
    } catch (...) {
      pending_.pop_back();
      throw;
    }
  }
  pending_.back().insert(pending_.back().end(), data.begin(), data.end());
  pending_size_ += data.size();
  return data.size();
}

Result<void> WriteJob::take_result() noexcept {
  if (!error_) return {};
  return Err(*std::exchange(error_, std::nullopt));
}

Result<void> WriteJob::refusal() noexcept {
  if (!is_done() || error_ != Error(Errc::other)) return {};
  return take_result();
}

WriteJob::~WriteJob() {
  if (error_) count_lost_write_error(*error_);
}

// --- WriteJob, the executor's side

bool WriteJob::take_pending() noexcept {
  taken_.clear();
  slices_.clear();
  first_slice_ = 0;
  {
    const std::lock_guard lock(mutex_);
    if (pending_.empty()) {
      is_closed_ = true;
      return false;
    }
    std::swap(taken_, pending_);
    pending_size_ = 0;
  }
  try {
    slices_.reserve(taken_.size());
  } catch (const std::bad_alloc&) {
    close(Error(std::errc::not_enough_memory));
    return false;
  }
  for (Chunk& chunk : taken_) slices_.push_back({chunk.data(), chunk.size()});
  waker_.wake();  // there is room again
  return true;
}

std::span<const ::iovec> WriteJob::rest() const noexcept {
  return std::span(slices_).subspan(first_slice_,
                                    std::min(slices_.size() - first_slice_, kMostSlices));
}

void WriteJob::consume(std::size_t count) noexcept {
  while (count != 0) {
    ::iovec& slice = slices_[first_slice_];
    const std::size_t part = std::min(count, slice.iov_len);
    slice.iov_base = static_cast<std::byte*>(slice.iov_base) + part;
    slice.iov_len -= part;
    count -= part;
    if (slice.iov_len == 0) ++first_slice_;
  }
}

// Nothing is appended from now on, and what is pending is not written.
void WriteJob::close(std::optional<Error> error) noexcept {
  error_ = error;
  std::vector<Chunk> dropped;
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  std::swap(dropped, pending_);
}

void WriteJob::perform() noexcept {
  if (const Result<void> moved = step_back(fd(), std::exchange(rewind_, 0)); !moved) {
    close(moved.error());
    return;
  }
  // The ring may have begun, and have had to leave the rest to us.
  do {
    while (!rest().empty()) {
      const Result<std::size_t> written = sys::writev(fd(), rest());
      if (!written || *written == 0) {
        close(written ? Error(Errc::write_zero) : written.error());
        return;
      }
      consume(*written);
    }
  } while (take_pending());
}

void WriteJob::fail(Error error) noexcept { close(error); }

bool WriteJob::prepare(::io_uring_sqe& entry) noexcept {
  // There is no seek on a ring.
  if (rewind_ != 0) return false;
  if (rest().empty() && !take_pending()) return false;
  cursor_.remember(fd());
  prepare_writev(entry, fd(), rest(), kCursor);
  return true;
}

Operation::Step WriteJob::advance(std::int32_t answer) noexcept {
  if (answer <= 0) {
    close(answer == 0 ? Error(Errc::write_zero) : Error::from_errno(-answer));
    return Step::kFinished;
  }
  consume(static_cast<std::size_t>(answer));
  if (!rest().empty()) {
    cursor_.catch_up(fd(), static_cast<std::size_t>(answer));
    return Step::kAgain;
  }
  return take_pending() ? Step::kAgain : Step::kFinished;
}

}  // namespace weft::fs::internal
