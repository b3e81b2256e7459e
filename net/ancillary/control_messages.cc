// The parser of control messages. Interface and rules: control_messages.h.

#include <weft/net/ancillary/control_messages.h>

#include <algorithm>

#include <weft/net/ancillary/internal/control_layout.h>

namespace weft::net {

void ControlMessages::Iterator::parse(std::span<const std::byte> bytes) noexcept {
  at_end_ = true;
  rest_ = bytes;
  if (bytes.size() < internal::kHeaderSize) return;
  const ::cmsghdr header = internal::load_header(bytes);
  const std::size_t claimed = header.cmsg_len;  // on some systems a smaller type
  if (claimed < internal::kHeaderSize) return;

  at_end_ = false;
  const std::size_t size = std::min(claimed, bytes.size());
  current_ = ControlMessage(header.cmsg_level, header.cmsg_type,
                            bytes.subspan(internal::kHeaderSize, size - internal::kHeaderSize));
  current_.truncated_ = claimed > bytes.size();
  // `size` is that of something in memory by now, so rounding it up does not overflow.
  rest_ = bytes.subspan(std::min(internal::align_up(size), bytes.size()));
}

}  // namespace weft::net
