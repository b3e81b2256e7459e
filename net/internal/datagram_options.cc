// DatagramOptions. Interface: datagram_options.h.

#include <weft/net/internal/datagram_options.h>

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <linux/dccp.h>

#include <weft/base/sys.h>
#include <weft/net/internal/socket_options.h>

namespace weft::net::internal {

Result<std::uint16_t> DatagramOptions::udp_segment() const noexcept {
  return get_int(as_fd(), IPPROTO_UDP, UDP_SEGMENT).transform([](int value) {
    return static_cast<std::uint16_t>(value);
  });
}
Result<void> DatagramOptions::set_udp_segment(std::uint16_t bytes) const noexcept {
  return set_int(as_fd(), IPPROTO_UDP, UDP_SEGMENT, bytes);
}
Result<bool> DatagramOptions::udp_gro() const noexcept {
  return get_flag(as_fd(), IPPROTO_UDP, UDP_GRO);
}
Result<void> DatagramOptions::set_udp_gro(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_UDP, UDP_GRO, value);
}

Result<std::uint32_t> DatagramOptions::dccp_service() const noexcept {
  return get_option<std::uint32_t>(as_fd(), SOL_DCCP, DCCP_SOCKOPT_SERVICE)
      .transform([](std::uint32_t code) { return ntohl(code); });
}
Result<void> DatagramOptions::set_dccp_service(std::uint32_t code) const noexcept {
  return set_option(as_fd(), SOL_DCCP, DCCP_SOCKOPT_SERVICE, htonl(code));
}
Result<void> DatagramOptions::set_dccp_ccid(std::uint8_t ccid) const noexcept {
  return set_option(as_fd(), SOL_DCCP, DCCP_SOCKOPT_CCID, ccid);
}
Result<std::uint32_t> DatagramOptions::dccp_tx_ccid() const noexcept {
  return get_number(as_fd(), SOL_DCCP, DCCP_SOCKOPT_TX_CCID);
}
Result<std::uint32_t> DatagramOptions::dccp_rx_ccid() const noexcept {
  return get_number(as_fd(), SOL_DCCP, DCCP_SOCKOPT_RX_CCID);
}
Result<bool> DatagramOptions::dccp_server_timewait() const noexcept {
  return get_flag(as_fd(), SOL_DCCP, DCCP_SOCKOPT_SERVER_TIMEWAIT);
}
Result<void> DatagramOptions::set_dccp_server_timewait(bool value) const noexcept {
  return set_flag(as_fd(), SOL_DCCP, DCCP_SOCKOPT_SERVER_TIMEWAIT, value);
}
Result<std::uint32_t> DatagramOptions::dccp_send_cscov() const noexcept {
  return get_number(as_fd(), SOL_DCCP, DCCP_SOCKOPT_SEND_CSCOV);
}
Result<void> DatagramOptions::set_dccp_send_cscov(std::uint32_t value) const noexcept {
  return set_number(as_fd(), SOL_DCCP, DCCP_SOCKOPT_SEND_CSCOV, value);
}
Result<std::uint32_t> DatagramOptions::dccp_recv_cscov() const noexcept {
  return get_number(as_fd(), SOL_DCCP, DCCP_SOCKOPT_RECV_CSCOV);
}
Result<void> DatagramOptions::set_dccp_recv_cscov(std::uint32_t value) const noexcept {
  return set_number(as_fd(), SOL_DCCP, DCCP_SOCKOPT_RECV_CSCOV, value);
}
Result<std::uint32_t> DatagramOptions::dccp_qpolicy_txqlen() const noexcept {
  return get_number(as_fd(), SOL_DCCP, DCCP_SOCKOPT_QPOLICY_TXQLEN);
}
Result<void> DatagramOptions::set_dccp_qpolicy_txqlen(std::uint32_t packets) const noexcept {
  return set_number(as_fd(), SOL_DCCP, DCCP_SOCKOPT_QPOLICY_TXQLEN, packets);
}
Result<std::uint32_t> DatagramOptions::dccp_cur_mps() const noexcept {
  return get_number(as_fd(), SOL_DCCP, DCCP_SOCKOPT_GET_CUR_MPS);
}
Result<std::vector<std::uint8_t>> DatagramOptions::read_available_ccids(
    std::span<std::uint8_t> room) const {
  auto size = static_cast<::socklen_t>(room.size());
  const Result<void> got =
      sys::getsockopt(as_fd(), SOL_DCCP, DCCP_SOCKOPT_AVAILABLE_CCIDS, room.data(), &size);
  if (!got) return Err(got.error());
  if (size > room.size()) return Err(Errc::invalid_data);
  return std::vector<std::uint8_t>(room.begin(), room.begin() + size);
}

}  // namespace weft::net::internal
