// An echo server as a user of weft writes it: a task for each connection.

#ifndef WEFT_BENCHES_SUPPORT_ECHO_SERVER_H_
#define WEFT_BENCHES_SUPPORT_ECHO_SERVER_H_

#include <cstdint>

#include <weft/runtime/runtime.h>

namespace bench {

// Starts one in `rt` and says on which port of 127.0.0.1 it listens. It works as long as `rt` does.
std::uint16_t start_echo_server(const weft::runtime::Runtime& rt);

}  // namespace bench

#endif  // WEFT_BENCHES_SUPPORT_ECHO_SERVER_H_
