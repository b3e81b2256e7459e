// All of ancillary data: control messages, and descriptors passed over unix sockets.

#ifndef WEFT_NET_ANCILLARY_ANCILLARY_H_
#define WEFT_NET_ANCILLARY_ANCILLARY_H_

#include <weft/net/ancillary/ancillary_data.h>
#include <weft/net/ancillary/ancillary_data_buf.h>
#include <weft/net/ancillary/control_message.h>
#include <weft/net/ancillary/control_messages.h>
#include <weft/net/ancillary/ipv4_pkt_info.h>
#include <weft/net/ancillary/ipv4_tos.h>
#include <weft/net/ancillary/ipv6_pkt_info.h>
#include <weft/net/ancillary/ipv6_traffic_class.h>
#include <weft/net/ancillary/message_concepts.h>
#include <weft/net/ancillary/message_fd.h>
#include <weft/net/ancillary/message_options.h>
#include <weft/net/ancillary/message_receiver.h>
#include <weft/net/ancillary/message_sender.h>
#include <weft/net/ancillary/received_fd_set.h>
#include <weft/net/ancillary/received_fds.h>
#include <weft/net/ancillary/recv_fds.h>
#include <weft/net/ancillary/scm_credentials.h>
#include <weft/net/ancillary/scm_pid_fd.h>
#include <weft/net/ancillary/scm_security.h>
#include <weft/net/ancillary/scm_timestamp.h>
#include <weft/net/ancillary/send_fds.h>
#include <weft/net/ancillary/unchecked.h>

#endif  // WEFT_NET_ANCILLARY_ANCILLARY_H_
