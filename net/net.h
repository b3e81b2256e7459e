// All of weft::net.

#ifndef WEFT_NET_NET_H_
#define WEFT_NET_NET_H_

#include <weft/net/accept_backoff.h>
#include <weft/net/ip_addr.h>
#include <weft/net/listener.h>
#include <weft/net/socket_addr.h>
#include <weft/net/tcp_listener.h>
#include <weft/net/tcp_owned_halves.h>
#include <weft/net/tcp_socket.h>
#include <weft/net/tcp_split.h>
#include <weft/net/tcp_stream.h>
#include <weft/net/to_socket_addrs.h>

#endif  // WEFT_NET_NET_H_
