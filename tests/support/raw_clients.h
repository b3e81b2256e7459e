// Many clients of an echo server, by blocking sockets and nothing else: for a forked process, which
// may do little more than make system calls.

#ifndef WEFT_TESTS_SUPPORT_RAW_CLIENTS_H_
#define WEFT_TESTS_SUPPORT_RAW_CLIENTS_H_

#include <cstddef>
#include <cstdint>

namespace weft::test_support {

inline constexpr std::size_t kRawMessageSize = 8;

// Connects `count` times to 127.0.0.1:`port`, then sends a message on each connection, then reads
// the answers, and only then closes all: so all are open at the same time. A message is the
// connection's number. Returns an exit code: 0, or which step failed.
int run_raw_clients(std::uint16_t port, std::size_t count) noexcept;

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_RAW_CLIENTS_H_
