// File: an open file.
//
// Spec: FS-10..FS-29, FS-54..FS-57.
//
// The kernel does the work on threads that may block, or by itself where it has io_uring; the
// task waits meanwhile. Bytes go through a buffer of the File's, so that a task which is cancelled
// never leaves the kernel with memory that is gone.
//
// Two things follow from that. A write is complete when its bytes have been *accepted*: whether
// they were written is what the next write, flush() or close() says. And destroying a File does not
// wait for what was accepted: flush before reading it by another handle, before exec, and wherever
// an error matters.
//
// Ordinary files only. Pipes, terminals and devices would block a thread for as long as they
// please; they have types of their own.
//
//   Task<Result<void>> save(std::filesystem::path path, std::string text) {
//     Result<fs::File> file = co_await fs::File::create(path);
//     if (!file) co_return Err(file.error());
//     Result<void> written = co_await file->write_all(text);
//     if (!written) co_return written;
//     co_return co_await std::move(*file).close();
//   }

#ifndef WEFT_FS_FILE_H_
#define WEFT_FS_FILE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/fs/internal/file_core.h>
#include <weft/fs/metadata.h>
#include <weft/fs/open_options.h>
#include <weft/io/read.h>
#include <weft/io/read_to_end.h>
#include <weft/io/seek.h>
#include <weft/io/write.h>
#include <weft/runtime/task.h>
#include <weft/runtime/wait_report.h>

namespace weft::fs {

// Movable while none of its operations is under way. Reading, writing and seeking need the File for
// themselves; the const functions may be called by several tasks at a time, but not beside those.
// Every operation is fatal without a runtime, and fails with Errc::other if the runtime shuts down
// before it is carried out. Cancel safe, unless said otherwise.
class [[nodiscard]] File {
  using Path = std::filesystem::path;
  using Where = std::source_location;
  using Core = internal::FileCore;

 public:
  // --- Opening. As OpenOptions::open().

  // For reading.
  static Task<Result<File>> open(Path path, Where where = Where::current());
  // For writing; made if it does not exist, emptied if it does.
  static Task<Result<File>> create(Path path, Where where = Where::current());
  // For reading and writing; fails with file_exists if there is anything of that name.
  static Task<Result<File>> create_new(Path path, Where where = Where::current());
  static OpenOptions options() noexcept { return OpenOptions(); }

  // Takes over an open descriptor, unchecked. Needs no runtime.
  static File from_fd(OwnedFd fd) { return File(std::move(fd)); }

  File(File&&) noexcept = default;
  File& operator=(File&&) noexcept = default;
  // Closes the file when nothing is in flight any more, without waiting for that. What was accepted
  // is still written; if that fails nobody hears of it (lost_write_errors.h).
  ~File() = default;

  // --- Reading. io.md section 2 says what each does; io:: has more.

  // Yields Result<size_t>; 0 is the end of the file, or an empty buffer. What was read for a read
  // that was cancelled, or ahead of time, is given to the next one.
  auto read(std::span<std::byte> room) { return io::read(core(), room); }
  auto read(std::span<char> room) { return io::read(core(), room); }
  // Yields Result<size_t>. Not cancel safe.
  auto read_exact(std::span<std::byte> room) { return io::read_exact(core(), room); }
  auto read_exact(std::span<char> room) { return io::read_exact(core(), room); }
  // Yields Result<size_t>: how much was appended. Not cancel safe.
  auto read_to_end(std::vector<std::byte>& vec) { return io::read_to_end(core(), vec); }
  auto read_to_string(std::string& text) { return io::read_to_string(core(), text); }

  // --- Writing

  // Yields Result<size_t>: how much was accepted, at most max_buf_size(). Waits only while that
  // much has been accepted and not written. Fails with the error of an earlier write, having
  // accepted nothing.
  auto write(std::span<const std::byte> data) { return io::write(core(), data); }
  auto write(std::string_view text) { return io::write(core(), text); }
  // Yields Result<size_t>: of all slices together.
  auto write_vectored(std::span<const io::IoSlice> slices) {
    return io::write_vectored(core(), slices);
  }
  static constexpr bool is_write_vectored() noexcept { return true; }
  // Yields Result<void>. Not cancel safe.
  auto write_all(std::span<const std::byte> data) { return io::write_all(core(), data); }
  auto write_all(std::string_view text) { return io::write_all(core(), text); }
  // Yields Result<void>, when all that was accepted has been written: the error of an earlier write
  // if there is one. Does not sync. shutdown() is the same: files have no end to be announced.
  auto flush() { return io::flush(core()); }
  auto shutdown() { return io::shutdown(core()); }

  // --- The position

  // Yields Result<uint64_t>, the new one. Fails with invalid_argument before the beginning.
  auto seek(io::SeekFrom to) { return io::seek(core(), to); }
  // Yields Result<void>.
  auto rewind() { return io::rewind(core()); }
  // Yields Result<uint64_t>.
  auto stream_position() { return io::stream_position(core()); }

  // --- Poll forms, for hand-written awaitables: io/concepts.h.

  Poll<Result<void>> poll_read(Context& cx, io::ReadBuf& room) {
    return core().poll_read(cx, room);
  }
  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) {
    return core().poll_write(cx, data);
  }
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx, std::span<const io::IoSlice> slices) {
    return core().poll_write_vectored(cx, slices);
  }
  Poll<Result<void>> poll_flush(Context& cx) { return core().poll_flush(cx); }
  Poll<Result<void>> poll_shutdown(Context& cx) { return core().poll_shutdown(cx); }
  // Fails with Errc::other while anything is in flight: poll_complete() first.
  Result<void> start_seek(io::SeekFrom to) { return core().start_seek(to); }
  Poll<Result<std::uint64_t>> poll_complete(Context& cx) { return core().poll_complete(cx); }

  // The most that one read or write moves, and that is kept in memory for either. 2 MiB at first.
  // Fatal if 0.
  void set_max_buf_size(std::size_t size, Where where = Where::current());
  std::size_t max_buf_size() const noexcept { return core().max_size(); }

  // --- The whole file

  // Waits for what is in flight, and then until everything is on the disk; sync_data leaves out
  // what is not needed to find the data again. An error of a write is reported by the next write or
  // flush, not here.
  Task<Result<void>> sync_all(Where where = Where::current()) const;
  Task<Result<void>> sync_data(Where where = Where::current()) const;
  // Waits for what is in flight, then cuts the file off or extends it by zeroes. The position
  // stays.
  Task<Result<void>> set_len(std::uint64_t size, Where where = Where::current()) const;
  // Waits for nothing: what was just written may not be counted yet.
  Task<Result<Metadata>> metadata(Where where = Where::current()) const;
  Task<Result<void>> set_permissions(Permissions permissions, Where where = Where::current()) const;
  // Waits for what is in flight. The clone has the same position as this one, but a buffer of its
  // own: what one has read into it, the other does not see. Neither reads ahead any more.
  Task<Result<File>> try_clone(Where where = Where::current()) const;

  // --- At a position of the caller's. Neither uses nor moves the File's own, nor the buffer; any
  // number may be under way. At most max_buf_size() is moved. Cancelled, a write may still happen.

  Task<Result<std::size_t>> read_at(std::span<std::byte> room, std::uint64_t at,
                                    Where where = Where::current()) const;
  Task<Result<std::size_t>> write_at(std::span<const std::byte> data, std::uint64_t at,
                                     Where where = Where::current()) const;
  Task<Result<std::size_t>> write_at(std::string_view text, std::uint64_t at,
                                     Where where = Where::current()) const {
    return write_at(std::as_bytes(std::span(text)), at, where);
  }

  // --- The descriptor

  BorrowedFd as_fd() const noexcept { return core().file()->fd(); }
  // For dumps: says `what` of it.
  void describe_wait(WaitReport& report, const char* what) const noexcept {
    if (core_) core_->describe_wait(report, what);
  }
  // Gives the descriptor back, its position where reading and writing have got to. Returns the File
  // if anything is in flight, or the error of a write has not been fetched.
  Result<OwnedFd, File> try_into_fd() &&;
  // Waits for what is in flight first. Fails with the error of an earlier write, or with
  // device_or_resource_busy if an operation that was cancelled still has the descriptor; then it
  // closes by itself.
  Task<Result<OwnedFd>> into_fd(Where where = Where::current()) &&;
  // flush(), and then close, with what close(2) says. Fails as into_fd() does. Cancelled, it closes
  // all the same.
  Task<Result<void>> close(Where where = Where::current()) &&;

 private:
  explicit File(OwnedFd fd)
      : core_(std::make_unique<Core>(internal::OpenFile::create(std::move(fd)))) {}

  static Task<Result<File>> clone(Core& core, Where where);

  // The lock inside is what lets const functions change it.
  Core& core(Where where = Where::current()) const noexcept {
    WEFT_CHECK(core_ != nullptr, "fs::File: used after it was moved from", where);
    return *core_;
  }

  std::unique_ptr<Core> core_;
};

}  // namespace weft::fs

#endif  // WEFT_FS_FILE_H_
