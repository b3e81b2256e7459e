// Putting control messages into a buffer, one behind the other.
//
// Spec: ancillary.md, A-K2, A-K4.
//
// A message is written behind the used prefix of a buffer, whose new end is returned: the end of
// its payload, without the padding that only a further message would need. So a buffer can be
// filled to its last byte, and the prefix is what can be sent as it is: zeros behind it, which the
// kernel would take for one more, broken message, are never part of it.

#ifndef WEFT_NET_ANCILLARY_INTERNAL_CONTROL_WRITER_H_
#define WEFT_NET_ANCILLARY_INTERNAL_CONTROL_WRITER_H_

#include <cstddef>
#include <optional>
#include <span>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/ancillary/control_message.h>

namespace weft::net::internal {

// The most descriptors that one sendmsg(2) takes, over all its messages: the kernel's SCM_MAX_FD,
// which no header names.
inline constexpr std::size_t kMaxFds = 253;

// Where a message with `payload` bytes that is put behind `used` ends; nothing if no buffer is that
// large.
std::optional<std::size_t> end_of_next(std::size_t used, std::size_t payload) noexcept;

// Whether `message` may be added as bytes. invalid_argument: its payload would be descriptors,
// which add_file_descriptors() takes.
Result<void> check_is_plain(const ControlMessage& message) noexcept;

// Whether `fds` may be added to what is in `used`: too_many_fds; invalid_argument if a message put
// behind it would not be found.
Result<void> check_fds(std::span<const std::byte> used, std::span<const BorrowedFd> fds) noexcept;

// Write into `buffer` behind its first `used` bytes and return the new end, which is at most
// buffer.size(): end_of_next() said so. `message` may lie in the used part.
std::size_t write_message(std::span<std::byte> buffer, std::size_t used,
                          const ControlMessage& message) noexcept;
std::size_t write_fds(std::span<std::byte> buffer, std::size_t used,
                      std::span<const BorrowedFd> fds) noexcept;

}  // namespace weft::net::internal

#endif  // WEFT_NET_ANCILLARY_INTERNAL_CONTROL_WRITER_H_
