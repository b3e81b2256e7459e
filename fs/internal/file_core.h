// FileCore: the state machine behind a File.
//
// Spec: FS-11..FS-29; "Where weft differs".
//
//   idle    buffer_ may hold bytes that were read and not fetched; the kernel's position is that
//           far ahead of the user's
//   busy    one job is in flight, which has the buffer if it reads
//
// Every function first settles what is in flight, as far as it has to: that is what makes each of
// them cancel safe, since the next one finds the job of the one that was destroyed. What a settled
// job leaves behind:
//
//   a read      its bytes, in buffer_; an error concerns nobody any more
//   a write     its error, in write_error_ unless the caller is the one to report it
//   a seek      the position
//
// What the kernel has in its cache is read at once, on the task's own thread and into the caller's
// memory: that is a copy of at most kMostCached bytes, and cannot wait for a disk. Only what is not
// there is a job.
//
// Read-ahead. After a few reads of the same kind in a row that each took all there was, jobs read
// more than was asked for, doubling up to kMostReadAhead and max_size_: a program that reads a file
// from its beginning to its end pays for a hand-over once in many reads. Anything else (a seek, a
// write, a clone) ends it.
//
// poll_read, poll_write, poll_flush, start_seek and poll_complete are the poll forms that io::
// makes everything from; they need the File for themselves. The others go through a lock.

#ifndef WEFT_FS_INTERNAL_FILE_CORE_H_
#define WEFT_FS_INTERNAL_FILE_CORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <span>
#include <utility>
#include <variant>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/fs/internal/file_jobs.h>
#include <weft/fs/internal/open_file.h>
#include <weft/fs/internal/read_buffer.h>
#include <weft/io/io_slice.h>
#include <weft/io/read_buf.h>
#include <weft/io/seek_from.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/wait_report.h>
#include <weft/sync/mutex.h>

namespace weft::fs::internal {

class FileCore {
 public:
  static constexpr std::size_t kDefaultMaxSize = 2 * 1024 * 1024;

  explicit FileCore(RefPtr<OpenFile> file) noexcept : file_(std::move(file)) {}
  FileCore(const FileCore&) = delete;
  FileCore& operator=(const FileCore&) = delete;
  // Waits for nothing: see FS-20.
  ~FileCore();

  // --- The poll forms

  Poll<Result<void>> poll_read(Context& cx, io::ReadBuf& room);
  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data);
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx, std::span<const io::IoSlice> slices);
  static constexpr bool is_write_vectored() noexcept { return true; }
  Poll<Result<void>> poll_flush(Context& cx);
  Poll<Result<void>> poll_shutdown(Context& cx) { return poll_flush(cx); }
  Result<void> start_seek(io::SeekFrom to);
  Poll<Result<std::uint64_t>> poll_complete(Context& cx);

  // --- Under lock()

  auto lock() { return lock_.lock(); }
  // Ready: nothing is in flight.
  Poll<Result<void>> poll_settle(Context& cx);
  // Precondition: nothing is in flight. Starts to set the length; poll_resized() tells how it went.
  void start_resize(std::uint64_t size);
  Poll<Result<void>> poll_resized(Context& cx);

  // --- At any time

  std::size_t max_size() const noexcept { return max_size_; }
  void set_max_size(std::size_t size) noexcept { max_size_ = size; }
  void disable_read_ahead() noexcept { may_read_ahead_ = false; }
  const RefPtr<OpenFile>& file() const noexcept { return file_; }
  void describe_wait(WaitReport& report, const char* what) const noexcept {
    report.note(what, static_cast<std::uint64_t>(file_->fd().raw()));
  }
  // True while a job, also one that nobody waits for, has the descriptor.
  bool is_in_use() const noexcept { return file_->is_in_use(); }
  // The descriptor, its position where the user is. Precondition: not in use.
  OwnedFd take_fd() noexcept;
  // False: something is in flight. What is over has been settled.
  bool try_settle() noexcept;
  bool has_write_error() const noexcept { return write_error_.has_value(); }
  // What a write that is over has failed with and nobody has been told.
  Result<void> take_write_error() noexcept;

 private:
  static constexpr std::size_t kMostReadAhead = 512 * 1024;
  static constexpr std::size_t kMostCached = 128 * 1024;
  // So many reads in a row before the first one that reads ahead.
  static constexpr unsigned kPatternReads = 2;

  template <class Job, class... Args>
  void start(bool is_mandatory, Args&&... args);
  template <class Job>
  Job& job() noexcept {
    // SAFETY(cast): the caller has looked at kind().
    return static_cast<Job&>(*job_);
  }
  // Takes a job that is done apart. What only its own caller wants to know is returned.
  Result<void> settle_read() noexcept;
  void settle_write() noexcept;
  Result<std::uint64_t> settle_seek() noexcept;
  void settle() noexcept;
  // Whatever it is: true once nothing is in flight.
  bool poll_settled(Context& cx);
  // True: there is an answer in `room`, if only the end of the file.
  bool read_cached(io::ReadBuf& room) noexcept;
  std::size_t next_read_size(std::size_t wanted) noexcept;
  std::size_t drop_unread() noexcept;

  const RefPtr<OpenFile> file_;
  sync::Mutex<std::monostate> lock_;
  RefPtr<FileJob> job_;  // in flight, or done and not looked at
  ReadBuffer buffer_;
  std::optional<Error> write_error_;
  std::uint64_t position_ = 0;  // as the last seek said
  std::size_t max_size_ = kDefaultMaxSize;

  bool may_read_cached_ = true;
  bool may_read_ahead_ = true;
  unsigned reads_in_row_ = 0;
  std::size_t read_size_ = 0;  // of the last job that read all it asked for
};

}  // namespace weft::fs::internal

#endif  // WEFT_FS_INTERNAL_FILE_CORE_H_
