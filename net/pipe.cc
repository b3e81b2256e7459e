// Pipes and FIFOs. Interface: pipe.h.

#include <weft/net/pipe.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>

#include <weft/base/sys.h>
#include <weft/base/sys_file.h>
#include <weft/io/internal/broken_pipe_signal.h>

namespace weft::net::pipe {

using weft::internal::IoKind;
using weft::internal::IoRegistration;
using Where = std::source_location;

// How descriptors become Senders and Receivers: what the public functions share.
class internal::PipeMaker {
 public:
  // `fd` is non-blocking; it is moved from only on success.
  template <class End>
  static Result<End> make(OwnedFd&& fd, Where where) {
    if constexpr (std::is_same_v<End, Sender>) io::internal::ignore_broken_pipe_signal();
    return IoRegistration::create(std::move(fd), IoKind::kPipe, where)
        .transform([](IoRegistration&& io) { return End(std::move(io)); });
  }

  template <class End>
  static Result<End> from_fd(OwnedFd&& fd, Where where) {
    const Result<bool> fifo = is_fifo(fd);
    if (!fifo) return Err(fifo.error());
    if (!*fifo) return Err(std::errc::invalid_argument);
    const Result<int> flags = sys::get_status_flags(fd);
    if (!flags) return Err(flags.error());
    constexpr int kMode = std::is_same_v<End, Sender> ? O_WRONLY : O_RDONLY;
    const int mode = *flags & O_ACCMODE;
    if (mode != kMode && mode != O_RDWR) return Err(std::errc::invalid_argument);
    const Result<void> set = sys::set_status_flags(fd, *flags | O_NONBLOCK);
    if (!set) return Err(set.error());
    return make<End>(std::move(fd), where);
  }

  template <class End>
  static Result<End> open(const std::filesystem::path& path, int mode, bool unchecked,
                          Where where) {
    Result<OwnedFd> opened =
        sys::openat(sys::kWorkingDirectory, path.c_str(), mode | O_NONBLOCK | O_CLOEXEC, 0);
    if (!opened) return Err(opened.error());
    if (!unchecked) {
      const Result<bool> fifo = is_fifo(*opened);
      if (!fifo) return Err(fifo.error());
      if (!*fifo) return Err(std::errc::invalid_argument);
    }
    return make<End>(*std::move(opened), where);
  }

  static Result<OwnedFd> into_blocking(IoRegistration&& io) {
    Result<OwnedFd> fd = std::move(io).into_fd();
    if (!fd) return fd;
    const Result<int> flags = sys::get_status_flags(*fd);
    if (!flags) return Err(flags.error());
    const Result<void> set = sys::set_status_flags(*fd, *flags & ~O_NONBLOCK);
    if (!set) return Err(set.error());
    return fd;
  }

 private:
  static Result<bool> is_fifo(BorrowedFd fd) noexcept {
    struct ::statx facts{};
    const Result<void> asked = sys::statx(fd.raw(), "", AT_EMPTY_PATH, STATX_TYPE, &facts);
    if (!asked) return Err(asked.error());
    return S_ISFIFO(facts.stx_mode);
  }
};

using internal::PipeMaker;

template <class End>
Result<End> internal::PipeEnd<End>::from_fd(OwnedFd&& fd, Where where) {
  return PipeMaker::from_fd<End>(std::move(fd), where);
}
template <class End>
Result<End> internal::PipeEnd<End>::from_fd_unchecked(OwnedFd&& fd, Where where) {
  return PipeMaker::make<End>(std::move(fd), where);
}
template <class End>
Result<OwnedFd> internal::PipeEnd<End>::into_blocking_fd() && {
  return PipeMaker::into_blocking(std::move(io_));
}

template class internal::PipeEnd<Sender>;
template class internal::PipeEnd<Receiver>;

Result<std::pair<Sender, Receiver>> pipe(Where where) {
  Result<sys::Ends> ends = sys::pipe2(O_NONBLOCK | O_CLOEXEC);
  if (!ends) return Err(ends.error());
  Result<Receiver> receiver = PipeMaker::make<Receiver>(std::move(ends->first), where);
  if (!receiver) return Err(receiver.error());
  Result<Sender> sender = PipeMaker::make<Sender>(std::move(ends->second), where);
  if (!sender) return Err(sender.error());
  return std::pair(*std::move(sender), *std::move(receiver));
}

Result<Receiver> OpenOptions::open_receiver(const std::filesystem::path& path, Where where) const {
  return PipeMaker::open<Receiver>(path, read_write_ ? O_RDWR : O_RDONLY, unchecked_, where);
}
Result<Sender> OpenOptions::open_sender(const std::filesystem::path& path, Where where) const {
  return PipeMaker::open<Sender>(path, read_write_ ? O_RDWR : O_WRONLY, unchecked_, where);
}

}  // namespace weft::net::pipe
