// Pipes as sources. Interface: unix_pipe.h.

#include <weft/runtime/reactor/unix_pipe.h>

#include <fcntl.h>

#include <weft/base/sys.h>

namespace weft::runtime::reactor {

Result<void> PipeEnd::set_nonblocking(bool is_nonblocking) noexcept {
  const Result<int> flags = sys::get_status_flags(as_fd());
  if (!flags) return Err(flags.error());
  return sys::set_status_flags(as_fd(),
                               is_nonblocking ? *flags | O_NONBLOCK : *flags & ~O_NONBLOCK);
}

Result<std::size_t> PipeSender::write(std::span<const std::byte> in) noexcept {
  return end_.do_io([in](Descriptor& end) { return sys::write(end.fd, in); });
}

Result<std::size_t> PipeReceiver::read(std::span<std::byte> out) noexcept {
  return end_.do_io([out](Descriptor& end) { return sys::read(end.fd, out); });
}

Result<UnixPipe> UnixPipe::create() noexcept {
  return sys::pipe2(O_CLOEXEC | O_NONBLOCK).transform([](sys::Ends&& ends) {
    return UnixPipe{PipeSender(std::move(ends.second)), PipeReceiver(std::move(ends.first))};
  });
}

}  // namespace weft::runtime::reactor
