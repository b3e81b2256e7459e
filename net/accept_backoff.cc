// classify_accept_error. Interface: accept_backoff.h.

#include <weft/net/accept_backoff.h>

#include <cerrno>

namespace weft::net {

AcceptTrouble classify_accept_error(Error error) noexcept {
  switch (error.raw_os_error().value_or(0)) {
    case EINTR:
    case ECONNABORTED:
    case ECONNRESET:
    case EPROTO:
    case EPERM:  // a firewall's answer
    // Linux passes on what the network has already reported for the new connection.
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
      return AcceptTrouble::kSkip;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return AcceptTrouble::kWait;
    default:
      return AcceptTrouble::kBroken;
  }
}

}  // namespace weft::net
