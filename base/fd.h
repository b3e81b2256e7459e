// OwnedFd and BorrowedFd: a file descriptor that closes itself, and one that somebody else closes.
//
// Spec: api.md "Conventions"; socket.md T-1.
//
// Design. An int that is a descriptor is never passed around as an int: the type says who closes
// it. OwnedFd is move-only; it is empty when made by default or moved from, and otherwise open.
// BorrowedFd is a plain value, trusted to be used only while the owner keeps the descriptor open:
// once it is closed the number may belong to anything. An OwnedFd converts to a BorrowedFd, so it
// can be handed to every function of weft::sys as it is.
//
//   Result<OwnedFd> event = sys::eventfd(0, EFD_CLOEXEC);
//   if (!event) return Err(event.error());
//   watch(event->borrow());

#ifndef WEFT_BASE_FD_H_
#define WEFT_BASE_FD_H_

#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>

namespace weft {

class OwnedFd;

// An open descriptor of somebody else's. Trivially copyable; does not close.
class BorrowedFd {
 public:
  // Fatal if `fd` is negative.
  constexpr explicit BorrowedFd(
      int fd, std::source_location where = std::source_location::current()) noexcept
      : fd_(fd) {
    WEFT_CHECK(fd >= 0, "BorrowedFd: a negative number is no descriptor", where);
  }

  constexpr int raw() const noexcept { return fd_; }

  // A second descriptor for the same open file, close-on-exec (fcntl F_DUPFD_CLOEXEC). Fails with
  // too_many_files_open.
  Result<OwnedFd> try_clone() const noexcept;

  friend constexpr bool operator==(BorrowedFd, BorrowedFd) noexcept = default;

 private:
  int fd_;
};

static_assert(std::is_trivially_copyable_v<BorrowedFd> && sizeof(BorrowedFd) == sizeof(int));

// An open descriptor of ours, or nothing. Thread-safe as an int is.
class [[nodiscard]] OwnedFd {
 public:
  // Empty.
  constexpr OwnedFd() noexcept = default;

  // Takes over `fd`, which must be open and nobody else's to close. Fatal if it is negative (T-1).
  constexpr explicit OwnedFd(int fd,
                             std::source_location where = std::source_location::current()) noexcept
      : fd_(fd) {
    WEFT_CHECK(fd >= 0, "OwnedFd: a negative number is no descriptor to take over", where);
  }

  constexpr OwnedFd(OwnedFd&& other) noexcept : fd_(std::exchange(other.fd_, kEmpty)) {}

  // Closes what was held before.
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    OwnedFd taken(std::move(other));  // first, so that assigning to itself changes nothing
    std::swap(fd_, taken.fd_);
    return *this;
  }

  // Closes. An error of close(2) is not reported; where it matters call close() first.
  ~OwnedFd() {
    if (fd_ != kEmpty) close_quietly(fd_);
  }

  // The number, or -1 if empty.
  constexpr int raw() const noexcept { return fd_; }
  constexpr explicit operator bool() const noexcept { return fd_ != kEmpty; }

  // Valid as long as this object holds the descriptor. Fatal if empty.
  constexpr BorrowedFd borrow(
      std::source_location where = std::source_location::current()) const& noexcept {
    WEFT_CHECK(fd_ != kEmpty, "OwnedFd::borrow: it is empty", where);
    return BorrowedFd(fd_);
  }
  BorrowedFd borrow() const&& = delete;

  // For passing an OwnedFd where a BorrowedFd is wanted. Fatal if empty.
  constexpr operator BorrowedFd() const noexcept {  // NOLINT(google-explicit-constructor)
    WEFT_CHECK(fd_ != kEmpty, "OwnedFd: used as a BorrowedFd while it is empty");
    return BorrowedFd(fd_);
  }

  // A second descriptor for the same open file, close-on-exec (fcntl F_DUPFD_CLOEXEC). Fails with
  // too_many_files_open; fatal if empty.
  Result<OwnedFd> try_clone(
      std::source_location where = std::source_location::current()) const noexcept;

  // Gives the descriptor up without closing it; -1 if empty. It is the caller's to close.
  [[nodiscard]] constexpr int release() && noexcept { return std::exchange(fd_, kEmpty); }

  // Closes and says what close(2) said: the place where a failed write-back of a file appears. The
  // descriptor is gone whatever the answer, and this object empty. Nothing happens if it is empty.
  Result<void> close() noexcept;

 private:
  static constexpr int kEmpty = -1;

  static void close_quietly(int fd) noexcept;

  int fd_ = kEmpty;
};

static_assert(sizeof(OwnedFd) == sizeof(int));

}  // namespace weft

#endif  // WEFT_BASE_FD_H_
