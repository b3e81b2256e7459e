// DatagramOptions: the options of a net::Socket that UDP and DCCP sockets have.
//
// Spec: S-X44 .. S-X49.
//
// What all functions promise: socket_handle.h; of options in particular: socket_level_options.h.
// Linux 6.16 removed DCCP: there no such socket can be made, and these options fail.

#ifndef WEFT_NET_INTERNAL_DATAGRAM_OPTIONS_H_
#define WEFT_NET_INTERNAL_DATAGRAM_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <weft/base/result.h>
#include <weft/net/internal/tcp_options.h>

namespace weft::net::internal {

class DatagramOptions : public TcpOptions {
 public:
  // UDP_SEGMENT (4.18): one send becomes datagrams of this many bytes each; 0 is off.
  Result<std::uint16_t> udp_segment() const noexcept;
  Result<void> set_udp_segment(std::uint16_t bytes) const noexcept;
  // UDP_GRO (5.0): one receive may give several datagrams of one sender, and a control message with
  // their size.
  Result<bool> udp_gro() const noexcept;
  Result<void> set_udp_gro(bool value) const noexcept;

  // DCCP_SOCKOPT_SERVICE: the service code, as a number of this machine (the kernel has it in
  // network byte order).
  Result<std::uint32_t> dccp_service() const noexcept;
  Result<void> set_dccp_service(std::uint32_t code) const noexcept;
  // DCCP_SOCKOPT_CCID, TX_CCID, RX_CCID: the congestion control of both directions, and of each.
  Result<void> set_dccp_ccid(std::uint8_t ccid) const noexcept;
  Result<std::uint32_t> dccp_tx_ccid() const noexcept;
  Result<std::uint32_t> dccp_rx_ccid() const noexcept;
  // DCCP_SOCKOPT_SERVER_TIMEWAIT: the server holds the TIMEWAIT state when it closes.
  Result<bool> dccp_server_timewait() const noexcept;
  Result<void> set_dccp_server_timewait(bool value) const noexcept;
  // DCCP_SOCKOPT_SEND_CSCOV, RECV_CSCOV: how much of a packet the checksum covers, 0 to 15.
  Result<std::uint32_t> dccp_send_cscov() const noexcept;
  Result<void> set_dccp_send_cscov(std::uint32_t value) const noexcept;
  Result<std::uint32_t> dccp_recv_cscov() const noexcept;
  Result<void> set_dccp_recv_cscov(std::uint32_t value) const noexcept;
  // DCCP_SOCKOPT_QPOLICY_TXQLEN: the longest queue of packets to be sent.
  Result<std::uint32_t> dccp_qpolicy_txqlen() const noexcept;
  Result<void> set_dccp_qpolicy_txqlen(std::uint32_t packets) const noexcept;
  // DCCP_SOCKOPT_AVAILABLE_CCIDS: what the kernel has, of which there are at most N.
  template <std::size_t N>
    requires(N >= 4)
  Result<std::vector<std::uint8_t>> dccp_available_ccids() const {
    std::uint8_t room[N];
    return read_available_ccids(room);
  }
  // DCCP_SOCKOPT_GET_CUR_MPS: the largest packet at present, in bytes.
  Result<std::uint32_t> dccp_cur_mps() const noexcept;

 protected:
  using TcpOptions::TcpOptions;

 private:
  Result<std::vector<std::uint8_t>> read_available_ccids(std::span<std::uint8_t> room) const;
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_DATAGRAM_OPTIONS_H_
