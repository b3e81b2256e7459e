// All of weft::net.

#ifndef WEFT_NET_NET_H_
#define WEFT_NET_NET_H_

#include <weft/net/accept_backoff.h>
#include <weft/net/ancillary/ancillary.h>
#include <weft/net/borrowed_halves.h>
#include <weft/net/connect_backoff.h>
#include <weft/net/happy_eyeballs.h>
#include <weft/net/ip_addr.h>
#include <weft/net/listener.h>
#include <weft/net/owned_halves.h>
#include <weft/net/pipe.h>
#include <weft/net/shutdown.h>
#include <weft/net/socket/msg_hdr.h>
#include <weft/net/socket/recv_flags.h>
#include <weft/net/socket/sock_addr.h>
#include <weft/net/socket/sock_addr_storage.h>
#include <weft/net/socket/sock_ref.h>
#include <weft/net/socket/socket.h>
#include <weft/net/socket/socket_kind.h>
#include <weft/net/socket/tcp_keepalive.h>
#include <weft/net/socket/uninit_slice.h>
#include <weft/net/socket_addr.h>
#include <weft/net/tcp_listener.h>
#include <weft/net/tcp_owned_halves.h>
#include <weft/net/tcp_socket.h>
#include <weft/net/tcp_split.h>
#include <weft/net/tcp_stream.h>
#include <weft/net/to_socket_addrs.h>
#include <weft/net/ucred.h>
#include <weft/net/udp_framed.h>
#include <weft/net/udp_socket.h>
#include <weft/net/unix_datagram.h>
#include <weft/net/unix_listener.h>
#include <weft/net/unix_owned_halves.h>
#include <weft/net/unix_seqpacket.h>
#include <weft/net/unix_seqpacket_listener.h>
#include <weft/net/unix_socket.h>
#include <weft/net/unix_socket_addr.h>
#include <weft/net/unix_split.h>
#include <weft/net/unix_stream.h>

#endif  // WEFT_NET_NET_H_
