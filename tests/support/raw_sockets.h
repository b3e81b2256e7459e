// Raw sockets for tests: connected pairs, listeners, and counts, without anything of weft::net.
//
// Everything is non-blocking and close-on-exec, on the loopback interface. A failure to make one is
// a failure of the machine, and ends the test program with a message.

#ifndef WEFT_TESTS_SUPPORT_RAW_SOCKETS_H_
#define WEFT_TESTS_SUPPORT_RAW_SOCKETS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>

namespace weft::test_support {

using FdPair = std::pair<OwnedFd, OwnedFd>;

// A TCP listener on 127.0.0.1 and a port of the system's choice.
OwnedFd tcp_listener();
std::uint16_t port_of(BorrowedFd socket);

// A TCP socket whose connect to 127.0.0.1:`port` has begun.
OwnedFd begin_connect(std::uint16_t port);

// Both ends of a TCP connection: the one that connected, the one that was accepted.
FdPair tcp_pair();
FdPair unix_stream_pair();
// First the end to read, then the end to write.
FdPair pipe_pair();
// A UDP socket bound to 127.0.0.1.
OwnedFd udp_socket();

// Sends a reset to the other end instead of the usual end of stream.
void close_with_reset(OwnedFd socket);

// One send or write, and one receive or read; text instead of bytes. read_text() gives "" at the
// end of the stream.
Result<std::size_t> write_text(BorrowedFd fd, std::string_view text);
Result<std::string> read_text(BorrowedFd fd, std::size_t most = 4096);

// Writes until the descriptor would block; how much that was.
std::size_t fill(BorrowedFd fd);
// Reads until it would block, or has ended; how much that was.
std::size_t drain(BorrowedFd fd);

// How many descriptors the process has open.
std::size_t open_fd_count();

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_RAW_SOCKETS_H_
