// SocketOptions: the options of a net::Socket that every kind of socket has (SOL_SOCKET).
//
// Spec: S-O3, S-O8, S-X1 .. S-X16.
//
// What all functions promise: socket_handle.h. A getter and a setter are getsockopt(2) and
// setsockopt(2); what a socket does not have gives no_protocol_option, operation_not_supported or
// invalid_argument as the system says. A number that does not fit the option's int is
// invalid_argument too. Kernel versions are those that brought an option to Linux, where it is not
// in all that weft runs on.

#ifndef WEFT_NET_INTERNAL_SOCKET_LEVEL_OPTIONS_H_
#define WEFT_NET_INTERNAL_SOCKET_LEVEL_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ratio>
#include <span>
#include <string>
#include <string_view>

#include <linux/filter.h>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/internal/socket_transfer.h>
#include <weft/net/socket/socket_kind.h>
#include <weft/net/ucred.h>

namespace weft::net::internal {

class SocketOptions : public SocketTransfer {
 public:
  using Timeout = std::optional<std::chrono::microseconds>;

  // --- What it is

  // SO_TYPE, without modifiers.
  Result<Type> type() const noexcept;
  // SO_DOMAIN.
  Result<Domain> domain() const noexcept;
  // SO_PROTOCOL; nothing if its domain and type know only one.
  Result<std::optional<Protocol>> protocol() const noexcept;
  // SO_ACCEPTCONN: whether listen() was called.
  Result<bool> is_listener() const noexcept;
  // SO_COOKIE: a number that no other socket of this machine ever has.
  Result<std::uint64_t> cookie() const noexcept;
  // SO_ERROR: the error that the socket holds, which this takes out of it.
  Result<std::optional<Error>> take_error() const noexcept;

  // --- Behaviour

  // SO_BROADCAST: may send to broadcast addresses.
  Result<bool> broadcast() const noexcept;
  Result<void> set_broadcast(bool value) const noexcept;
  // SO_KEEPALIVE: asks an idle peer whether it is still there; when, set_tcp_keepalive() says.
  Result<bool> keepalive() const noexcept;
  Result<void> set_keepalive(bool value) const noexcept;
  // SO_LINGER: how long closing waits for unsent data, in whole seconds; 0 resets the connection.
  // Negative is invalid_argument.
  Result<std::optional<std::chrono::seconds>> linger() const noexcept;
  Result<void> set_linger(std::optional<std::chrono::seconds> value) const noexcept;
  // SO_OOBINLINE: urgent data stays among the other data.
  Result<bool> out_of_band_inline() const noexcept;
  Result<void> set_out_of_band_inline(bool value) const noexcept;
  // SO_REUSEADDR: may bind to an address that was in use a moment ago.
  Result<bool> reuse_address() const noexcept;
  Result<void> set_reuse_address(bool value) const noexcept;
  // SO_REUSEPORT: several sockets of one user may bind to one address, and share what comes in.
  Result<bool> reuse_port() const noexcept;
  Result<void> set_reuse_port(bool value) const noexcept;
  // SO_PRIORITY: 0 to 6; more needs CAP_NET_ADMIN.
  Result<std::uint32_t> priority() const noexcept;
  Result<void> set_priority(std::uint32_t value) const noexcept;
  // SO_MARK: for routing and firewall rules. Setting needs CAP_NET_ADMIN.
  Result<std::uint32_t> mark() const noexcept;
  Result<void> set_mark(std::uint32_t value) const noexcept;
  // SO_INCOMING_CPU: which processor handled the last packet; setting prefers one among sockets
  // that share a port. 2^32-1 before there was any.
  Result<std::uint32_t> cpu_affinity() const noexcept;
  Result<void> set_cpu_affinity(std::uint32_t cpu) const noexcept;
  // SO_BUSY_POLL: for how many microseconds a receive that finds nothing asks the device before it
  // sleeps. Raising it needs CAP_NET_ADMIN.
  Result<std::uint32_t> busy_poll() const noexcept;
  Result<void> set_busy_poll(std::uint32_t microseconds) const noexcept;

  // --- Buffers and time

  // SO_RCVBUF, SO_SNDBUF, in bytes. Linux stores, and reports, twice what is set, within its
  // limits.
  Result<std::size_t> recv_buffer_size() const noexcept;
  Result<void> set_recv_buffer_size(std::size_t bytes) const noexcept;
  Result<std::size_t> send_buffer_size() const noexcept;
  Result<void> set_send_buffer_size(std::size_t bytes) const noexcept;
  // SO_RCVBUFFORCE, SO_SNDBUFFORCE: beyond the upper limit too. Needs CAP_NET_ADMIN.
  Result<void> set_recv_buffer_size_force(std::size_t bytes) const noexcept;
  Result<void> set_send_buffer_size_force(std::size_t bytes) const noexcept;

  // SO_RCVTIMEO, SO_SNDTIMEO: after which time a blocking call gives up with would_block; nothing,
  // or 0, is never. The kernel rounds up to its ticks. Negative is invalid_argument.
  Result<Timeout> read_timeout() const noexcept;
  Result<void> set_read_timeout(Timeout value) const noexcept;
  Result<Timeout> write_timeout() const noexcept;
  Result<void> set_write_timeout(Timeout value) const noexcept;
  // The same from finer units: what is not zero but less than a microsecond is one.
  template <class Rep, class Period>
    requires std::ratio_less_v<Period, std::micro>
  Result<void> set_read_timeout(std::chrono::duration<Rep, Period> value) const noexcept {
    return set_read_timeout(to_timeout(value));
  }
  template <class Rep, class Period>
    requires std::ratio_less_v<Period, std::micro>
  Result<void> set_write_timeout(std::chrono::duration<Rep, Period> value) const noexcept {
    return set_write_timeout(to_timeout(value));
  }

  // --- Interfaces and packets

  // SO_BINDTODEVICE: the network interface that it sends and receives through; nothing, or "", is
  // any. Names have at most 15 bytes: longer is invalid_argument. Setting it a second time needs
  // CAP_NET_RAW.
  Result<std::optional<std::string>> device() const;
  Result<void> bind_device(std::optional<std::string_view> name) const noexcept;
  // SO_BINDTOIFINDEX (5.1): the same by the interface's number, where 0 is nothing too. Linux has
  // one option for both families.
  Result<std::optional<std::uint32_t>> device_index_v4() const noexcept;
  Result<std::optional<std::uint32_t>> device_index_v6() const noexcept;
  Result<void> bind_device_by_index_v4(std::optional<std::uint32_t> index) const noexcept;
  Result<void> bind_device_by_index_v6(std::optional<std::uint32_t> index) const noexcept;

  // SO_ATTACH_FILTER: a program that sees each packet and says how much of it to keep. More than
  // 4096 instructions, which is the kernel's limit, are invalid_argument.
  Result<void> attach_filter(std::span<const ::sock_filter> program) const noexcept;
  // SO_DETACH_FILTER. no_such_file_or_directory if there is none.
  Result<void> detach_filter() const noexcept;
  // SO_ZEROCOPY (4.14): MSG_ZEROCOPY may be used for sending.
  Result<bool> zerocopy() const noexcept;
  Result<void> set_zerocopy(bool value) const noexcept;
  // SO_TIMESTAMPING: SOF_TIMESTAMPING_... flags: which times to note; they come as control
  // messages.
  Result<std::uint32_t> timestamping() const noexcept;
  Result<void> set_timestamping(std::uint32_t flags) const noexcept;

  // --- Unix sockets: who is at the other end

  // SO_PASSCRED, SO_PASSSEC: credentials, and the security label, come with each message.
  Result<bool> passcred() const noexcept;
  Result<void> set_passcred(bool value) const noexcept;
  Result<bool> passsec() const noexcept;
  Result<void> set_passsec(bool value) const noexcept;
  // SO_PASSPIDFD (6.5): a pidfd of the sender comes with each message.
  Result<bool> passpidfd() const noexcept;
  Result<void> set_passpidfd(bool value) const noexcept;
  // SO_PEERCRED. not_connected if the system knows of no peer, where it would say "nobody".
  Result<UCred> peer_cred() const noexcept;
  // SO_PEERPIDFD (6.5): a descriptor, close-on-exec, of the process that connected, or called
  // listen(). no_data_available if there is none.
  Result<OwnedFd> peer_pidfd() const noexcept;

 protected:
  using SocketTransfer::SocketTransfer;

 private:
  template <class Rep, class Period>
  static std::chrono::microseconds to_timeout(std::chrono::duration<Rep, Period> value) noexcept {
    using std::chrono::microseconds;
    const auto whole = std::chrono::duration_cast<microseconds>(value);
    if (whole.count() != 0 || value.count() == 0) return whole;
    return microseconds(value.count() > 0 ? 1 : -1);
  }
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_SOCKET_LEVEL_OPTIONS_H_
