// Copying by splice(2). Interface: kernel_copy.h.

#include <weft/io/internal/kernel_copy.h>

#include <fcntl.h>

#include <weft/base/sys_splice.h>
#include <weft/runtime/driver/io_call.h>
#include <weft/runtime/driver/ready.h>

namespace weft::io::internal {
namespace {

using runtime::Ready;
using weft::internal::IoDirection;

// More than a pipe holds by default: the kernel takes what fits.
constexpr std::size_t kMostAtOnce = 1 << 20;

// As operations of the driver (io_call.h). How much is moved depends on how it lies in memory, so a
// small amount does not prove that there is no more: there is no is_short().
class FillPipe {
 public:
  using value_type = std::size_t;
  static constexpr bool kTryFirst = true;

  explicit FillPipe(BorrowedFd pipe) noexcept : pipe_(pipe) {}
  Ready wanted() const noexcept { return Ready::kReadable | Ready::kReadClosed; }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept {
    return sys::splice(fd, pipe_, kMostAtOnce);
  }

 private:
  BorrowedFd pipe_;
};

class EmptyPipe {
 public:
  using value_type = std::size_t;
  static constexpr bool kTryFirst = true;

  EmptyPipe(BorrowedFd pipe, std::size_t size) noexcept : pipe_(pipe), size_(size) {}
  Ready wanted() const noexcept { return Ready::kWritable | Ready::kWriteClosed; }
  Result<std::size_t> attempt(BorrowedFd fd) noexcept { return sys::splice(pipe_, fd, size_); }

 private:
  BorrowedFd pipe_;
  std::size_t size_;
};

// What the kernel says of descriptors that it cannot splice, and a sandbox of calls that it does
// not know.
bool means_impossible(Error error) noexcept {
  return error == std::errc::invalid_argument || error == std::errc::function_not_supported ||
         error == std::errc::operation_not_permitted;
}

}  // namespace

std::optional<KernelCopy> KernelCopy::create() noexcept {
  Result<sys::Ends> pipe = sys::pipe2(O_CLOEXEC | O_NONBLOCK);
  if (!pipe) return std::nullopt;
  return KernelCopy(*std::move(pipe));
}

Poll<Result<KernelCopy::Progress>> KernelCopy::poll(Context& cx, const IoRegistration& in,
                                                    const IoRegistration& out) {
  for (;;) {
    while (held_ > 0) {
      const Poll<Result<std::size_t>> emptied =
          out.poll(cx, IoDirection::kWrite, EmptyPipe(pipe_.first, held_));
      if (emptied.is_pending()) return kPending;
      if (!*emptied && means_impossible(emptied->error())) {
        return Result<Progress>(Progress::kImpossible);
      }
      if (!*emptied) return Err(emptied->error());
      if (**emptied == 0) return Err(Errc::write_zero);
      held_ -= **emptied;
      moved_ += **emptied;
    }
    const Poll<Result<std::size_t>> filled =
        in.poll(cx, IoDirection::kRead, FillPipe(pipe_.second));
    if (filled.is_pending()) return kPending;
    if (!*filled && means_impossible(filled->error())) {
      return Result<Progress>(Progress::kImpossible);
    }
    if (!*filled) return Err(filled->error());
    if (**filled == 0) return Result<Progress>(Progress::kDone);
    held_ = **filled;
  }
}

Result<void> KernelCopy::take_held(std::span<std::byte> room) noexcept {
  while (held_ > 0) {
    const Result<std::size_t> read = sys::read(pipe_.first, room);
    if (!read) return Err(read.error());
    if (*read == 0) return Err(Errc::unexpected_eof);
    room = room.subspan(*read);
    held_ -= *read;
  }
  return {};
}

}  // namespace weft::io::internal
