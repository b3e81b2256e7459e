// The steps of passing descriptors. Interface: fd_passing.h.

#include <weft/net/ancillary/internal/fd_passing.h>

#include <weft/base/sys.h>
#include <weft/net/ancillary/received_fds.h>

namespace weft::net::internal {
namespace {

Result<bool> is_stream(BorrowedFd socket) noexcept {
  int type = 0;
  ::socklen_t size = sizeof type;
  const Result<void> asked = sys::getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size);
  if (!asked) return Err(asked.error());
  return type == SOCK_STREAM;
}

}  // namespace

std::optional<Error> refusal(BorrowedFd socket, std::span<const std::byte> data,
                             std::span<const BorrowedFd> fds) noexcept {
  if (fds.size() > kMaxFds) return Error(Errc::too_many_fds);
  if (!data.empty() || fds.empty()) return std::nullopt;
  const Result<bool> stream = is_stream(socket);
  if (!stream) return stream.error();
  if (*stream) return Error(std::errc::invalid_argument);
  return std::nullopt;
}

Result<RecvFdsInto, RecvFdsError> collect(const Result<std::pair<std::size_t, RecvResult>>& got,
                                          AncillaryData& ancillary,
                                          std::span<OwnedFd> out) noexcept {
  if (!got) return Err(RecvFdsError(got.error(), 0));
  const auto& [bytes, flags] = *got;
  if (flags.control_data_truncated()) {
    ancillary.clear();
    return Err(RecvFdsError(Errc::control_truncated, bytes));
  }
  RecvFdsInto taken;
  taken.bytes = bytes;
  taken.flags = flags;
  ReceivedFds fds = ancillary.received_fds();
  for (ReceivedFds::Iterator it = fds.begin(); it != fds.end(); ++it) {
    if (it.type() != SCM_RIGHTS) continue;  // the kernel's, not the sender's
    if (taken.count == out.size()) {
      ++taken.surplus;
    } else {
      out[taken.count++] = *it;
    }
  }
  return taken;
}

}  // namespace weft::net::internal
