// tcp_proxy: gives every connection on to another server.
//
//   $ tcp_proxy --port 7002 example.org:80 &
//   $ curl -H 'Host: example.org' http://127.0.0.1:7002/
//
// Both directions go on by themselves, and either may end before the other: a client that has said
// everything still gets the answer. Once there is a lot to carry the bytes do not come here any
// more, the kernel moves them from one socket to the other; see <weft/io/copy.h>. A slow reader
// slows its writer down, since only so much is kept in between.

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include <examples/support/arguments.h>
#include <examples/support/tcp_server.h>
#include <weft/weft.h>

namespace {

using namespace std::chrono_literals;

// How long the other server may take to answer a connection.
constexpr auto kPatience = 5s;

void report(const std::string& what, weft::Error error) {
  std::fprintf(stderr, "tcp_proxy: %s: %s\n", what.c_str(), error.to_string().c_str());
}

weft::Task<> serve(weft::net::TcpStream client, std::string target) {
  auto connected = co_await weft::time::timeout(kPatience, weft::net::TcpStream::connect(target));
  if (!connected || !*connected) {
    report(target, connected ? connected->error() : weft::Error(weft::Errc::elapsed));
    // An end would look like an empty answer. A reset is what the other server would have given.
    [[maybe_unused]] const auto reset = client.set_zero_linger();
    co_return;
  }
  weft::net::TcpStream server = **std::move(connected);
  // What comes in pieces goes on in pieces.
  for (weft::net::TcpStream* stream : {&client, &server}) {
    [[maybe_unused]] const auto set = stream->set_nodelay(true);
  }
  const auto counts = co_await weft::io::copy_bidirectional(client, server);
  if (!counts) report("connection to " + target, counts.error());
}

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  const examples::Arguments arguments(argc - 1, argv, {"--port"});
  if (argc < 2 || !arguments.usable()) {
    std::fprintf(stderr, "usage: tcp_proxy [--port N] HOST:PORT\n");
    co_return 2;
  }
  const auto connection = [target = std::string(argv[argc - 1])](weft::net::TcpStream client) {
    return serve(std::move(client), target);
  };
  co_return co_await examples::run_tcp_server("tcp_proxy", arguments.number("--port", 7002),
                                              connection);
}
