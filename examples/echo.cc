// echo: a TCP server that sends back whatever it receives.
//
//   $ echo --port 7000 &
//   $ nc 127.0.0.1 7000
//   hello
//   hello
//
// Each connection is a task. A task that waits for its peer costs its few hundred bytes of frame
// (plus the buffer in it), no thread. Ctrl-C stops the server: it accepts nothing more and gives
// open connections two seconds to finish.

#include <array>
#include <string_view>

#include <examples/support/arguments.h>
#include <examples/support/tcp_server.h>
#include <weft/weft.h>

namespace {

weft::Task<> serve(weft::net::TcpStream stream) {
  std::array<char, 4096> buffer;
  for (;;) {
    const auto received = co_await stream.read(buffer);
    if (!received || *received == 0) co_return;  // an error, or the peer has finished
    const auto sent = co_await stream.write_all(std::string_view(buffer.data(), *received));
    if (!sent) co_return;
  }
}

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  const examples::Arguments arguments(argc, argv, {"--port"});
  if (!arguments.usable()) co_return 2;
  co_return co_await examples::run_tcp_server("echo", arguments.number("--port", 7000), serve);
}
