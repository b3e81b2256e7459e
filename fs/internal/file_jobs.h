// The jobs of a File: one of them at a time is in flight.
//
// Spec: FS-12, FS-14..FS-18, FS-21, FS-22; "Where weft differs" (coalesced writes).
//
// ReadJob reads once into a buffer of its own. SeekJob moves the position, ResizeJob sets the
// length. WriteJob writes all it is given and, before it ends, what was appended to it meanwhile:
//
//        poll_append()                    the executor
//   user ------------> pending_ --------> taking_ ----> the file
//                      at most max_size   being written
//
// so a user who writes faster than the file takes it in is held up, and otherwise never waits for a
// thread. After an error nothing more is written: what was appended is dropped, and the next call
// on the File says why. An error that nobody fetched is counted (lost_write_errors.h).

#ifndef WEFT_FS_INTERNAL_FILE_JOBS_H_
#define WEFT_FS_INTERNAL_FILE_JOBS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <sys/uio.h>
#include <vector>

#include <weft/base/result.h>
#include <weft/fs/internal/open_file.h>
#include <weft/fs/internal/operation.h>
#include <weft/fs/internal/read_buffer.h>
#include <weft/io/seek_from.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/poll.h>

namespace weft::fs::internal {

// What all of them have: the file, in use until the result is there.
class FileJob : public Operation {
 public:
  enum class Kind : std::uint8_t { kRead, kWrite, kSeek, kResize };
  Kind kind() const noexcept { return kind_; }

 protected:
  FileJob(Kind kind, RefPtr<OpenFile> file) noexcept : kind_(kind), use_(std::move(file)) {}
  BorrowedFd fd() const noexcept { return use_.fd(); }
  void settle() noexcept override { use_.end(); }

 private:
  const Kind kind_;
  FileUse use_;
};

// The descriptor's position across a request of the ring. Of a request that failed after a part of
// it was done, the kernel reports the part, but has not moved the position (io_uring's
// kiocb_done()).
class RingCursor {
 public:
  // Before the request.
  void remember(BorrowedFd fd) noexcept;
  // After an answer that was less than all: moves the position over `count` bytes, unless the
  // kernel has.
  void catch_up(BorrowedFd fd, std::size_t count) noexcept;

 private:
  std::optional<std::uint64_t> before_;  // nothing: it has no position
};

class ReadJob final : public FileJob {
 public:
  // Reads at most `size` bytes into `buffer`. Throws std::bad_alloc.
  ReadJob(RefPtr<OpenFile> file, ReadBuffer buffer, std::size_t size)
      : FileJob(Kind::kRead, std::move(file)),
        buffer_(std::move(buffer)),
        room_(buffer_.reset(size)) {}

  // Precondition of both: done.
  const Result<std::size_t>& result() const noexcept { return result_; }
  // With what was read in it.
  ReadBuffer take_buffer() noexcept { return std::move(buffer_); }
  std::size_t wanted() const noexcept { return room_.size(); }

  bool prepare(::io_uring_sqe& entry) noexcept override;
  Step advance(std::int32_t answer) noexcept override;

 private:
  void perform() noexcept override;
  void fail(Error error) noexcept override { result_ = Err(error); }
  void keep(Result<std::size_t> result) noexcept;

  ReadBuffer buffer_;
  const std::span<std::byte> room_;
  RingCursor cursor_;
  Result<std::size_t> result_;
};

class SeekJob final : public FileJob {
 public:
  SeekJob(RefPtr<OpenFile> file, io::SeekFrom to) noexcept
      : FileJob(Kind::kSeek, std::move(file)), to_(to) {}
  // Precondition: done.
  const Result<std::uint64_t>& result() const noexcept { return result_; }

 private:
  void perform() noexcept override;
  void fail(Error error) noexcept override { result_ = Err(error); }

  const io::SeekFrom to_;
  Result<std::uint64_t> result_;
};

// Moves the position back by `rewind`, then sets the length.
class ResizeJob final : public FileJob {
 public:
  ResizeJob(RefPtr<OpenFile> file, std::size_t rewind, std::uint64_t size) noexcept
      : FileJob(Kind::kResize, std::move(file)), rewind_(rewind), size_(size) {}
  // Precondition: done.
  const Result<void>& result() const noexcept { return result_; }

 private:
  void perform() noexcept override;
  void fail(Error error) noexcept override { result_ = Err(error); }

  const std::size_t rewind_;
  const std::uint64_t size_;
  Result<void> result_;
};

class WriteJob final : public FileJob {
 public:
  // Moves the position back by `rewind` before it writes. `max_size`: see above; not 0.
  WriteJob(RefPtr<OpenFile> file, std::size_t rewind, std::size_t max_size) noexcept
      : FileJob(Kind::kWrite, std::move(file)), rewind_(rewind), max_size_(max_size) {}

  // Takes up to `max_size` bytes of `data` to be written after what it has, and says how many.
  // Pending: there is no room, and the task of `cx` is woken when there is. Nothing: the job takes
  // no more, because it has ended or is about to. Throws std::bad_alloc.
  std::optional<Poll<std::size_t>> poll_append(Context& cx, std::span<const std::byte> data);
  // The same before the job is started; there is room.
  std::size_t append_first(std::span<const std::byte> data);

  // After start(): why nobody took it on, if that is so; the error counts as fetched (FS-18).
  Result<void> refusal() noexcept;
  // Precondition: done. How it ended; the error counts as fetched.
  Result<void> take_result() noexcept;

  bool prepare(::io_uring_sqe& entry) noexcept override;
  Step advance(std::int32_t answer) noexcept override;

 private:
  using Chunk = std::vector<std::byte>;

  ~WriteJob() override;
  void perform() noexcept override;
  void fail(Error error) noexcept override;

  std::size_t append(std::span<const std::byte> data, std::size_t room);
  // The executor's: makes what is pending its own. False: there is nothing, and nothing can come.
  bool take_pending() noexcept;
  std::optional<Error> rewind() noexcept;
  // The slices that are left of what it took, and the same after some have been written.
  std::span<const ::iovec> rest() const noexcept;
  void consume(std::size_t count) noexcept;
  void close(std::optional<Error> error) noexcept;

  std::size_t rewind_;  // the executor's
  const std::size_t max_size_;

  // The executor's: what is being written, and the part of it that has not been.
  std::vector<Chunk> taken_;
  std::vector<::iovec> slices_;
  std::size_t first_slice_ = 0;
  RingCursor cursor_;

  loom::Mutex mutex_;
  // Guarded by mutex_.
  std::vector<Chunk> pending_;
  std::size_t pending_size_ = 0;
  bool is_closed_ = false;

  std::optional<Error> error_;  // the executor's, then the File's
};

}  // namespace weft::fs::internal

#endif  // WEFT_FS_INTERNAL_FILE_JOBS_H_
