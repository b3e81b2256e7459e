// Interface: echo_server.h.

#include <benches/support/echo_server.h>

#include <array>
#include <string_view>
#include <utility>

#include <weft/weft.h>

namespace bench {
namespace {

weft::Task<> echo(weft::net::TcpStream stream) {
  std::array<char, 1024> buffer;
  for (;;) {
    const auto received = co_await stream.read(buffer);
    if (!received || *received == 0) co_return;
    const auto sent = co_await stream.write_all(std::string_view(buffer.data(), *received));
    if (!sent) co_return;
  }
}

weft::Task<> serve(weft::net::TcpListener listener) {
  for (;;) {
    auto accepted = co_await listener.accept();
    if (!accepted) co_return;
    weft::spawn(echo(std::move(accepted->first)));
  }
}

weft::Task<std::uint16_t> start_server() {
  auto listener = co_await weft::net::TcpListener::bind("127.0.0.1:0");
  const std::uint16_t port = listener.value().local_addr().value().port();
  weft::spawn(serve(*std::move(listener)));
  co_return port;
}

}  // namespace

std::uint16_t start_echo_server(const weft::runtime::Runtime& rt) {
  return rt.block_on(rt.spawn(start_server())).value();
}

}  // namespace bench
