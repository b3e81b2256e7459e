// A TCP server that stops gracefully. Interface: tcp_server.h.

#include <examples/support/tcp_server.h>

#include <csignal>

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

// Until the listener fails; says why.
weft::Task<weft::Error> accept_all(std::string name, weft::net::TcpListener& listener,
                                   Connection connection, OpenConnections& connections) {
  std::printf("%s: listening on %s\n", name.c_str(), listener.local_addr()->to_string().c_str());
  std::fflush(stdout);
  for (;;) {
    // Waits a little by itself where there are no descriptors left for another connection.
    auto accepted = co_await weft::net::accept_with_backoff(listener);
    if (!accepted) co_return accepted.error();
    weft::spawn(run_connection, connection, std::move(accepted->first), connections.token());
  }
}

// The handler of weft::signal stays when nobody listens any more, and does nothing then. With the
// default action in its place the next signal ends the program at once.
void end_at_next_signal() {
  for (const int number : {SIGINT, SIGTERM}) std::signal(number, SIG_DFL);
}

bool report(const std::string& name, const char* what, weft::Error error) {
  std::fprintf(stderr, "%s: %s: %s\n", name.c_str(), what, error.to_string().c_str());
  return false;
}

// False: something has failed, and is reported.
weft::Task<bool> accept_until_stopped(std::string name, weft::net::TcpListener& listener,
                                      Connection connection, OpenConnections& connections) {
  // In this order: who reads that we are listening may send the signal.
  const auto first =
      co_await weft::select_biased(weft::signal::shutdown_requested(),
                                   accept_all(name, listener, std::move(connection), connections));
  end_at_next_signal();
  if (first.index() == 1) co_return report(name, "accept", std::get<1>(first));
  const auto& asked = std::get<0>(first);
  if (!asked) co_return report(name, "cannot wait for signals", asked.error());
  co_return true;
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
      const std::string what = "cannot listen on " + where;
      report(name, what.c_str(), listener.error());
      co_return 1;
    }
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
