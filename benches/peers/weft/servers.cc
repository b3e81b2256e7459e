// The servers: echo over TCP, and the least that wrk takes for HTTP.

#include <array>
#include <string>
#include <string_view>

#include <benches/peers/weft/support.h>

namespace {

using peers::Figure;
using peers::Row;
using peers::Run;
using weft::net::TcpListener;
using weft::net::TcpStream;

constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\nHello, world!\n";

weft::Task<> echo(TcpStream stream) {
  std::array<char, 1024> buffer;
  for (;;) {
    const auto received = co_await stream.read(buffer);
    if (!received || *received == 0) co_return;
    const auto sent = co_await stream.write_all(std::string_view(buffer.data(), *received));
    if (!sent) co_return;
  }
}

// wrk sends a request when it has the answer to the one before, in one segment.
weft::Task<> greet(TcpStream stream) {
  std::array<char, 4096> buffer;
  for (;;) {
    const auto received = co_await stream.read(buffer);
    if (!received || *received == 0) co_return;
    if (!std::string_view(buffer.data(), *received).ends_with("\r\n\r\n")) continue;
    const auto sent = co_await stream.write_all(kResponse);
    if (!sent) co_return;
  }
}

weft::Task<> accept_all(TcpListener listener, weft::Task<> (*handle)(TcpStream)) {
  for (;;) {
    auto accepted = co_await listener.accept();
    if (!accepted) co_return;
    accepted->first.set_nodelay(true).value();
    weft::spawn(handle(std::move(accepted->first)));
  }
}

Figure serve_tcp(Run& run, weft::Task<> (*handle)(TcpStream)) {
  const auto rt = peers::make_runtime(run.workers);
  auto listener = rt.block_on(TcpListener::bind("127.0.0.1:0"));
  const std::uint16_t port = listener.value().local_addr().value().port();
  rt.spawn(accept_all(*std::move(listener), handle));
  peers::serve("tcp:" + std::to_string(port));
  return {};
}

const Row kEcho("serve_tcp_echo", [](Run& run) { return serve_tcp(run, echo); });
const Row kHttp("serve_http", [](Run& run) { return serve_tcp(run, greet); });

}  // namespace
