// Registering pipes. Interface: pipe_members.h.

#include <weft/process/internal/pipe_members.h>

#include <fcntl.h>

#include <weft/base/sys.h>
#include <weft/runtime/driver/current_io.h>

namespace weft::process::internal {

Result<IoRegistration> register_pipe(OwnedFd&& fd, io::Interest interest,
                                     std::source_location where) {
  weft::internal::IoDriver& driver = weft::internal::current_io_driver(where);
  const Result<int> flags = sys::get_status_flags(fd);
  if (!flags) return Err(flags.error());
  const Result<void> set = sys::set_status_flags(fd, *flags | O_NONBLOCK);
  if (!set) return Err(set.error());
  Result<IoRegistration> made =
      IoRegistration::create(driver, std::move(fd), weft::internal::IoKind::kStream, interest);
  // The descriptor is as it was when it came; should that fail too, the first error is the one to
  // report.
  if (!made) static_cast<void>(sys::set_status_flags(fd, *flags));
  return made;
}

Result<OwnedFd> take_back_pipe(IoRegistration&& pipe) {
  Result<OwnedFd> fd = std::move(pipe).into_fd();
  if (!fd) return fd;
  const Result<int> flags = sys::get_status_flags(*fd);
  if (!flags) return Err(flags.error());
  const Result<void> set = sys::set_status_flags(*fd, *flags & ~O_NONBLOCK);
  if (!set) return Err(set.error());
  return fd;
}

}  // namespace weft::process::internal
