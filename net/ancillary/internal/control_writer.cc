// Putting control messages into a buffer. Interface and design: control_writer.h.

#include <weft/net/ancillary/internal/control_writer.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <weft/base/check.h>
#include <weft/net/ancillary/control_messages.h>
#include <weft/net/ancillary/internal/control_layout.h>

namespace weft::net::internal {
namespace {

// Beyond this a size is no size of anything in memory, and rounding it up might overflow.
constexpr std::size_t kLargest = PTRDIFF_MAX;

// Writes padding and a header; returns where the payload goes.
std::span<std::byte> begin_message(std::span<std::byte> buffer, std::size_t used, int level,
                                   int type, std::size_t payload) noexcept {
  const std::size_t start = align_up(used);
  WEFT_DCHECK(start + kHeaderSize + payload <= buffer.size());
  std::fill(buffer.begin() + static_cast<std::ptrdiff_t>(used),
            buffer.begin() + static_cast<std::ptrdiff_t>(start + kHeaderSize), std::byte{0});
  ::cmsghdr header{};
  header.cmsg_len = CMSG_LEN(payload);
  header.cmsg_level = level;
  header.cmsg_type = type;
  store(buffer.data() + start, header);
  return buffer.subspan(start + kHeaderSize, payload);
}

}  // namespace

std::optional<std::size_t> end_of_next(std::size_t used, std::size_t payload) noexcept {
  const std::size_t payload_start = align_up(used) + kHeaderSize;
  if (payload_start > kLargest || payload > kLargest - payload_start) return std::nullopt;
  return payload_start + payload;
}

Result<void> check_is_plain(const ControlMessage& message) noexcept {
  if (message.carries_fds()) return Err(std::errc::invalid_argument);
  return {};
}

Result<void> check_fds(std::span<const std::byte> used, std::span<const BorrowedFd> fds) noexcept {
  std::size_t count = fds.size();
  ControlMessages::Iterator it(used);
  for (; it != std::default_sentinel; ++it) {
    if (it->carries_fds()) count += it->data().size() / sizeof(int);
  }
  if (count > kMaxFds) return Err(Errc::too_many_fds);
  if (!it.rest().empty()) return Err(std::errc::invalid_argument);
  return {};
}

std::size_t write_message(std::span<std::byte> buffer, std::size_t used,
                          const ControlMessage& message) noexcept {
  const std::span<const std::byte> data = message.data();
  const std::span<std::byte> payload =
      begin_message(buffer, used, message.level(), message.type(), data.size());
  if (!data.empty()) std::memcpy(payload.data(), data.data(), payload.size());
  return *end_of_next(used, data.size());
}

std::size_t write_fds(std::span<std::byte> buffer, std::size_t used,
                      std::span<const BorrowedFd> fds) noexcept {
  const std::span<std::byte> payload =
      begin_message(buffer, used, SOL_SOCKET, SCM_RIGHTS, fds.size() * sizeof(int));
  std::byte* slot = payload.data();
  for (const BorrowedFd fd : fds) {
    store(slot, fd.raw());
    slot += sizeof(int);
  }
  return *end_of_next(used, payload.size());
}

}  // namespace weft::net::internal
