// UnixListener: accepts connections from processes on the same machine.
//
// Spec: net.md X-1, C-13..C-15, section 1; N-33, N-35, N-60.
//
// The file that a path names is made by binding, and stays when the listener is gone: who binds
// again removes it first. An abstract name leaves nothing behind.
//
//   // Takes the place of a server that is gone: its file is still there, but nobody answers.
//   Task<Result<net::UnixListener>> listen_at(std::filesystem::path path) {
//     const Result<net::UnixStream> other = co_await net::UnixStream::connect(path);
//     if (other) co_return Err(std::errc::address_in_use);
//     std::error_code ignored;
//     std::filesystem::remove(path, ignored);
//     co_return net::UnixListener::bind(path);
//   }

#ifndef WEFT_NET_UNIX_LISTENER_H_
#define WEFT_NET_UNIX_LISTENER_H_

#include <source_location>
#include <sys/socket.h>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/internal/accept.h>
#include <weft/net/internal/unix_listener_members.h>
#include <weft/net/internal/unix_maker.h>
#include <weft/net/unix_socket_addr.h>
#include <weft/net/unix_stream.h>

namespace weft::net {

namespace internal {

struct UnixConnections {
  static constexpr int kType = SOCK_STREAM;
  using Stream = UnixStream;
  using Address = UnixSocketAddr;
  static Result<UnixStream> make(OwnedFd&& connection, std::source_location where);
};

}  // namespace internal

// Binding, accepting and the rest: internal/unix_listener_members.h. Any number of tasks may accept
// at the same time. Moving, destroying and the && functions need the listener for themselves.
class [[nodiscard]] UnixListener
    : public internal::UnixListenerMembers<UnixListener, internal::UnixConnections> {
  friend class internal::UnixMaker;
  friend class UnixListenerStream;
  using UnixListenerMembers::UnixListenerMembers;
};

// The connections of a UnixListener as a stream that never ends.
class [[nodiscard]] UnixListenerStream {
  using Where = std::source_location;

 public:
  explicit UnixListenerStream(UnixListener listener) noexcept : listener_(std::move(listener)) {}

  // Yields std::optional<Result<UnixStream>>, which is never empty. Cancel safe.
  internal::NextFrom<internal::UnixConnections> next(Where where = Where::current()) noexcept {
    return {listener_.io_.record(), where};
  }

  UnixListener& inner() noexcept { return listener_; }
  UnixListener into_inner() && noexcept { return std::move(listener_); }

 private:
  UnixListener listener_;
};

}  // namespace weft::net

#endif  // WEFT_NET_UNIX_LISTENER_H_
