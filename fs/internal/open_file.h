// OpenFile: a descriptor that a File and its jobs hold together.
//
// Spec: FS-20, FS-25; reactor.md U-6.
//
// A job in flight keeps the descriptor open: destroying the File does not wait for it, and the
// number cannot become another file's while the kernel works on it.

#ifndef WEFT_FS_INTERNAL_OPEN_FILE_H_
#define WEFT_FS_INTERNAL_OPEN_FILE_H_

#include <utility>

#include <weft/base/fd.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/ref_counted.h>

namespace weft::fs::internal {

// Thread-safe, except for take().
class OpenFile : public RefCounted<OpenFile> {
 public:
  static RefPtr<OpenFile> create(OwnedFd fd) {
    return RefPtr<OpenFile>::adopt(new OpenFile(std::move(fd)));
  }

  BorrowedFd fd() const noexcept { return fd_; }

  // Counts those that hold it beside the File itself: jobs, from their start to their end.
  void begin_use() noexcept {
    // relaxed: whoever begins a use has come by way of the File, which is_in_use() asks.
    users_.fetch_add(1, std::memory_order_relaxed);
  }
  void end_use() noexcept { users_.fetch_sub(1, std::memory_order_release); }              // [F1]
  bool is_in_use() const noexcept { return users_.load(std::memory_order_acquire) != 0; }  // [F1]

  // Precondition: not in use, and the caller is the File that is being taken apart.
  OwnedFd take() noexcept { return std::move(fd_); }

 private:
  friend class RefCounted<OpenFile>;
  explicit OpenFile(OwnedFd fd) noexcept : fd_(std::move(fd)) {}
  ~OpenFile() = default;

  OwnedFd fd_;
  // Written by jobs, read by the File.
  // [F1] release in end_use() -> acquire in is_in_use(): the job's last use of the descriptor.
  loom::Atomic<unsigned> users_{0};
};

// One use.
class FileUse {
 public:
  explicit FileUse(RefPtr<OpenFile> file) noexcept : file_(std::move(file)) { file_->begin_use(); }
  FileUse(const FileUse&) = delete;
  FileUse& operator=(const FileUse&) = delete;
  ~FileUse() { end(); }

  BorrowedFd fd() const noexcept { return file_->fd(); }
  // Before the result is made known: who sees it may ask whether the file is still in use.
  void end() noexcept {
    if (!file_) return;
    file_->end_use();
    file_.reset();
  }

 private:
  RefPtr<OpenFile> file_;
};

}  // namespace weft::fs::internal

#endif  // WEFT_FS_INTERNAL_OPEN_FILE_H_
