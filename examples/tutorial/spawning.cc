// Tutorial, chapter Spawning: a server with a task for each connection. It knows PING.
//
//   $ tutorial_spawning &
//   $ printf 'PING\r\n' | nc -N 127.0.0.1 6380
//   +PONG

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include <weft/weft.h>

namespace {

namespace io = weft::io;
namespace net = weft::net;

std::string answer(std::string_view request) {
  if (request == "PING") return "+PONG\r\n";
  return "-ERR unknown command\r\n";
}

// One connection: a request is a line.
weft::Task<> serve(net::TcpStream stream) {
  auto [read_half, write_half] = std::move(stream).into_split();
  auto requests = io::BufReader(std::move(read_half)).lines();
  while (const auto request = co_await requests.next()) {
    if (!*request) co_return;  // the connection has failed
    const std::string reply = answer(**request);
    const auto sent = co_await write_half.write_all(reply);
    if (!sent) co_return;
  }
}

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  const std::string address = argc > 1 ? argv[1] : "127.0.0.1:6380";
  auto listener = co_await net::TcpListener::bind(address);
  if (!listener) {
    std::fprintf(stderr, "%s: %s\n", address.c_str(), listener.error().to_string().c_str());
    co_return 1;
  }
  std::printf("listening on %s\n", listener->local_addr()->to_string().c_str());
  std::fflush(stdout);

  while (true) {
    auto accepted = co_await net::accept_with_backoff(*listener);
    if (!accepted) co_return 1;
    weft::spawn(serve, std::move(accepted->first));
  }
}
