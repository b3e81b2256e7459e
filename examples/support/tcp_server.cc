// A TCP server that stops gracefully. Interface: tcp_server.h.

#include <examples/support/tcp_server.h>

#include <examples/support/stop_signal.h>

namespace examples {
namespace {

using namespace std::chrono_literals;

// How long open connections may take to finish.
constexpr auto kGracePeriod = 2s;

// Keeps the token as long as the connection lasts.
weft::Task<> run_connection(Connection connection, weft::net::TcpStream stream,
                            OpenConnections::Token) {
  co_await connection(std::move(stream));
}

// False: the listener has failed.
weft::Task<bool> accept_until_stopped(std::string name, weft::net::TcpListener& listener,
                                      Connection connection, OpenConnections& connections) {
  StopSignal stop;
  for (;;) {
    // Waits a little by itself where there are no descriptors left for another connection.
    auto event = co_await weft::select(weft::net::accept_with_backoff(listener), stop.requested());
    if (event.index() == 1) co_return true;
    auto& accepted = std::get<0>(event);
    if (!accepted) {
      std::fprintf(stderr, "%s: accept: %s\n", name.c_str(), accepted.error().to_string().c_str());
      co_return false;
    }
    weft::spawn(run_connection, connection, std::move(accepted->first), connections.token());
  }
}

}  // namespace

weft::Task<int> run_tcp_server(std::string name, unsigned port, Connection connection,
                               OnStop on_stop) {
  const std::string where = "127.0.0.1:" + std::to_string(port);
  OpenConnections connections;
  bool has_worked = false;
  {
    auto listener = co_await weft::net::TcpListener::bind(where);
    if (!listener) {
      std::fprintf(stderr, "%s: cannot listen on %s: %s\n", name.c_str(), where.c_str(),
                   listener.error().to_string().c_str());
      co_return 1;
    }
    std::printf("%s: listening on %s\n", name.c_str(), listener->local_addr()->to_string().c_str());
    std::fflush(stdout);
    has_worked = co_await accept_until_stopped(name, *listener, std::move(connection), connections);
  }  // closes the listener: nobody can connect any more

  std::printf("%s: stopping\n", name.c_str());
  std::fflush(stdout);
  on_stop();
  const bool all_ended = co_await std::move(connections).ended_within(kGracePeriod);
  std::printf("%s: stopped, %s\n", name.c_str(),
              all_ended ? "all connections have ended" : "some connections were cut off");
  co_return has_worked ? 0 : 1;
}

}  // namespace examples
