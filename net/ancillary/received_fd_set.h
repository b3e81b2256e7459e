// RecvFds, RecvFdsInto, RecvFdsError: what recv_fds() gives.
//
// Spec: ancillary.md, A-H2, A-H4, A-H5.

#ifndef WEFT_NET_ANCILLARY_RECEIVED_FD_SET_H_
#define WEFT_NET_ANCILLARY_RECEIVED_FD_SET_H_

#include <array>
#include <cstddef>

#include <weft/base/error.h>
#include <weft/base/fd.h>
#include <weft/net/ancillary/message_options.h>

namespace weft::net {

// A message whose descriptors went into the caller's span.
struct RecvFdsInto {
  std::size_t bytes = 0;    // of data; on a stream 0 is its end, otherwise an empty message
  std::size_t count = 0;    // of descriptors, at the front of the span, in the sender's order
  std::size_t surplus = 0;  // how many more there were; they have been closed
  RecvResult flags;         // normal_data_truncated(): the datagram was longer than the room
};

// A message with up to N of its descriptors: fds[0] to fds[count - 1].
template <std::size_t N>
struct RecvFds {
  std::size_t bytes = 0;
  std::size_t count = 0;
  std::array<OwnedFd, N> fds;
  std::size_t surplus = 0;
  RecvResult flags;
};

// Why there are none. Nothing is left open.
class RecvFdsError {
 public:
  constexpr RecvFdsError(Error error, std::size_t bytes_consumed) noexcept
      : error_(error), bytes_consumed_(bytes_consumed) {}

  constexpr Error error() const noexcept { return error_; }
  // How much of the data was received and is lost: not 0 only if is_truncated().
  constexpr std::size_t bytes_consumed() const noexcept { return bytes_consumed_; }
  // The message came, and part of its control data did not: the room for it was too small, or the
  // process may have no more descriptors. What came of it has been closed.
  constexpr bool is_truncated() const noexcept { return error_ == Errc::control_truncated; }

 private:
  Error error_;
  std::size_t bytes_consumed_;
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_RECEIVED_FD_SET_H_
