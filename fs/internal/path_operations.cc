// Operations on names and descriptors. Interface: path_operations.h.

#include <weft/fs/internal/path_operations.h>

#include <algorithm>
#include <fcntl.h>
#include <optional>
#include <system_error>
#include <utility>

#include <weft/base/sys.h>
#include <weft/base/sys_file.h>
#include <weft/fs/internal/path_text.h>
#include <weft/fs/internal/ring_entry.h>

namespace weft::fs::internal {
namespace {

constexpr unsigned kFacts = STATX_BASIC_STATS | STATX_BTIME;
constexpr std::size_t kMostAtOnce = 64 * 1024 * 1024;

// One request on the ring, whose answer is all there is to know.
template <class T>
class SingleRequest : public ResultOperation<T> {
 public:
  Operation::Step advance(std::int32_t answer) noexcept final {
    keep(to_result(answer));
    return Operation::Step::kFinished;
  }

 private:
  // Makes the result of what the kernel has answered.
  virtual void keep(Result<std::size_t> answer) noexcept = 0;
};

// One that is done, or has failed.
class PlainRequest : public SingleRequest<void> {
 protected:
  void keep(Result<std::size_t> answer) noexcept override {
    set(answer.transform([](std::size_t) {}));
  }
};

class OpenOperation final : public SingleRequest<OwnedFd> {
 public:
  OpenOperation(Path path, int flags, std::uint32_t mode) noexcept
      : path_(std::move(path)), flags_(flags), mode_(mode) {}

  bool prepare(::io_uring_sqe& entry) noexcept override {
    if (has_zero(path_)) return false;
    prepare_openat(entry, path_.c_str(), flags_, mode_);
    return true;
  }

 private:
  void keep(Result<std::size_t> answer) noexcept override {
    set(answer.transform([](std::size_t fd) { return OwnedFd(static_cast<int>(fd)); }));
  }
  void perform() noexcept override {
    if (has_zero(path_)) return set(Err(std::errc::invalid_argument));
    set(sys::openat(sys::kWorkingDirectory, path_.c_str(), flags_, mode_));
  }

  const Path path_;
  const int flags_;
  const std::uint32_t mode_;
};

// Of a name, or of an open file.
class StatOperation final : public SingleRequest<Metadata> {
 public:
  StatOperation(Path path, int flags) noexcept : path_(std::move(path)), flags_(flags) {}
  explicit StatOperation(RefPtr<OpenFile> file) noexcept
      : flags_(AT_EMPTY_PATH), use_(std::in_place, std::move(file)) {}

  bool prepare(::io_uring_sqe& entry) noexcept override {
    if (has_zero(path_)) return false;
    prepare_statx(entry, directory(), path_.c_str(), flags_, kFacts, &facts_);
    return true;
  }

 private:
  int directory() const noexcept { return use_ ? use_->fd().raw() : sys::kWorkingDirectory; }
  void keep(Result<std::size_t> answer) noexcept override {
    set(answer.transform([this](std::size_t) { return Metadata(facts_); }));
  }
  void perform() noexcept override {
    if (has_zero(path_)) return set(Err(std::errc::invalid_argument));
    const Result<void> asked = sys::statx(directory(), path_.c_str(), flags_, kFacts, &facts_);
    set(asked.transform([this] { return Metadata(facts_); }));
  }
  void settle() noexcept override { use_.reset(); }

  const Path path_;
  const int flags_;
  std::optional<FileUse> use_;
  struct ::statx facts_{};
};

class RenameOperation final : public PlainRequest {
 public:
  RenameOperation(Path from, Path to) noexcept : from_(std::move(from)), to_(std::move(to)) {}

  bool prepare(::io_uring_sqe& entry) noexcept override {
    if (has_zero(from_) || has_zero(to_)) return false;
    prepare_rename(entry, from_.c_str(), to_.c_str());
    return true;
  }

 private:
  void perform() noexcept override {
    if (has_zero(from_) || has_zero(to_)) return set(Err(std::errc::invalid_argument));
    set(sys::renameat(sys::kWorkingDirectory, from_.c_str(), sys::kWorkingDirectory, to_.c_str()));
  }

  const Path from_;
  const Path to_;
};

class UnlinkOperation final : public PlainRequest {
 public:
  UnlinkOperation(Path path, int flags) noexcept : path_(std::move(path)), flags_(flags) {}

  bool prepare(::io_uring_sqe& entry) noexcept override {
    if (has_zero(path_)) return false;
    prepare_unlink(entry, path_.c_str(), flags_);
    return true;
  }

 private:
  void perform() noexcept override {
    if (has_zero(path_)) return set(Err(std::errc::invalid_argument));
    set(sys::unlinkat(sys::kWorkingDirectory, path_.c_str(), flags_));
  }

  const Path path_;
  const int flags_;
};

class CloseOperation final : public PlainRequest {
 public:
  explicit CloseOperation(OwnedFd fd) noexcept : fd_(std::move(fd)) {}

  bool prepare(::io_uring_sqe& entry) noexcept override {
    prepare_close(entry, fd_.raw());
    return true;
  }
  // Whatever the answer is, the descriptor is gone.
  bool is_repeatable() const noexcept override { return false; }

 private:
  // Not called if it was cancelled before it began: then the descriptor is closed with us.
  void keep(Result<std::size_t> answer) noexcept override {
    static_cast<void>(std::move(fd_).release());
    PlainRequest::keep(answer);
  }
  void perform() noexcept override { set(fd_.close()); }

  OwnedFd fd_;
};

class SyncOperation final : public PlainRequest {
 public:
  SyncOperation(RefPtr<OpenFile> file, bool data_only) noexcept
      : use_(std::move(file)), data_only_(data_only) {}

  bool prepare(::io_uring_sqe& entry) noexcept override {
    prepare_fsync(entry, use_.fd(), data_only_);
    return true;
  }

 private:
  void perform() noexcept override {
    set(data_only_ ? sys::fdatasync(use_.fd()) : sys::fsync(use_.fd()));
  }
  void settle() noexcept override { use_.end(); }

  FileUse use_;
  const bool data_only_;
};

class TransferOperation final : public SingleRequest<Transfer> {
 public:
  enum class Direction : std::uint8_t { kRead, kWrite };

  TransferOperation(Direction direction, RefPtr<OpenFile> file, Bytes bytes, std::size_t first,
                    std::uint64_t at) noexcept
      : direction_(direction),
        use_(std::move(file)),
        bytes_(std::move(bytes)),
        part_(std::span(bytes_).subspan(first, std::min(bytes_.size() - first, kMostAtOnce))),
        at_(at) {}

  bool prepare(::io_uring_sqe& entry) noexcept override {
    // The kernel takes this number for the cursor.
    if (at_ == kCursor) return false;
    if (direction_ == Direction::kRead) {
      prepare_read(entry, use_.fd(), part_, at_);
    } else {
      prepare_write(entry, use_.fd(), part_, at_);
    }
    return true;
  }

 private:
  void perform() noexcept override {
    keep(direction_ == Direction::kRead ? sys::pread(use_.fd(), part_, at_)
                                        : sys::pwrite(use_.fd(), part_, at_));
  }
  void keep(Result<std::size_t> moved) noexcept override {
    if (moved) {
      set(Transfer{std::move(bytes_), *moved});
    } else {
      set(Err(moved.error()));
    }
  }
  void settle() noexcept override { use_.end(); }

  const Direction direction_;
  FileUse use_;
  Bytes bytes_;
  const std::span<std::byte> part_;
  const std::uint64_t at_;
};

}  // namespace

OperationAwaitable<OwnedFd> open(Path path, int flags, std::uint32_t mode, Where where) {
  return run(make_operation<OwnedFd, OpenOperation>(std::move(path), flags, mode), "fs::open",
             where);
}

OperationAwaitable<Metadata> stat(Path path, int flags, const char* call, Where where) {
  return run(make_operation<Metadata, StatOperation>(std::move(path), flags), call, where);
}

OperationAwaitable<Metadata> stat(RefPtr<OpenFile> file, const char* call, Where where) {
  return run(make_operation<Metadata, StatOperation>(std::move(file)), call, where);
}

OperationAwaitable<void> rename(Path from, Path to, Where where) {
  return run(make_operation<void, RenameOperation>(std::move(from), std::move(to)), "fs::rename",
             where);
}

OperationAwaitable<void> unlink(Path path, int flags, const char* call, Where where) {
  return run(make_operation<void, UnlinkOperation>(std::move(path), flags), call, where);
}

OperationAwaitable<void> close(OwnedFd fd, Where where) {
  return run(make_operation<void, CloseOperation>(std::move(fd)), "fs::File::close", where);
}

OperationAwaitable<void> sync(RefPtr<OpenFile> file, bool data_only, const char* call,
                              Where where) {
  return run(make_operation<void, SyncOperation>(std::move(file), data_only), call, where);
}

OperationAwaitable<Transfer> read_at(RefPtr<OpenFile> file, Bytes bytes, std::size_t first,
                                     std::uint64_t at, const char* call, Where where) {
  return run(make_operation<Transfer, TransferOperation>(
                 TransferOperation::Direction::kRead, std::move(file), std::move(bytes), first, at),
             call, where);
}

OperationAwaitable<Transfer> write_at(RefPtr<OpenFile> file, Bytes bytes, std::size_t first,
                                      std::uint64_t at, const char* call, Where where) {
  return run(
      make_operation<Transfer, TransferOperation>(TransferOperation::Direction::kWrite,
                                                  std::move(file), std::move(bytes), first, at),
      call, where);
}

}  // namespace weft::fs::internal
