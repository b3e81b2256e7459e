// run_tcp_server: what all servers among the examples do the same way.
//
// It listens, accepts, gives each connection a task of its own, and stops when it is asked to: then
// it accepts nothing more and lets open connections finish, for a short time. Those that have not
// finished by then are cancelled when the runtime ends. A second SIGINT or SIGTERM ends it at once.
//
//   co_return co_await run_tcp_server("echo", port, serve);      // Task<> serve(TcpStream)

#ifndef WEFT_EXAMPLES_SUPPORT_TCP_SERVER_H_
#define WEFT_EXAMPLES_SUPPORT_TCP_SERVER_H_

#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>

#include <weft/weft.h>

#include <examples/support/open_connections.h>

namespace examples {

// Called once, when the server has stopped accepting: for telling connections about it.
using OnStop = std::function<void()>;

// One connection, from beginning to end.
using Connection = std::function<weft::Task<>(weft::net::TcpStream)>;

// Serves 127.0.0.1:`port` (0: a free one) until the program is asked to stop. Prints a line when it
// listens and a line when it ends. Yields the program's exit code.
weft::Task<int> run_tcp_server(
    std::string name, unsigned port, Connection connection, OnStop on_stop = [] {});

}  // namespace examples

#endif  // WEFT_EXAMPLES_SUPPORT_TCP_SERVER_H_
