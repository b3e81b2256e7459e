// The echo servers beside TCP's: datagrams over UDP, and streams over unix sockets.

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>

#include <benches/peers/weft/support.h>

namespace {

using peers::Figure;
using peers::Row;
using peers::Run;
using weft::net::UdpSocket;
using weft::net::UnixListener;
using weft::net::UnixStream;

weft::Task<> echo_datagrams(UdpSocket socket) {
  std::array<char, 1024> buffer;
  for (;;) {
    const auto received = co_await socket.recv_from(buffer);
    if (!received) co_return;
    const std::string_view datagram(buffer.data(), received->first);
    const auto sent = co_await socket.send_to(datagram, received->second);
    if (!sent) co_return;
  }
}

weft::Task<> echo(UnixStream stream) {
  std::array<char, 1024> buffer;
  for (;;) {
    const auto received = co_await stream.read(buffer);
    if (!received || *received == 0) co_return;
    const auto sent = co_await stream.write_all(std::string_view(buffer.data(), *received));
    if (!sent) co_return;
  }
}

weft::Task<> accept_all(UnixListener listener) {
  for (;;) {
    auto accepted = co_await listener.accept();
    if (!accepted) co_return;
    weft::spawn(echo(std::move(accepted->first)));
  }
}

const Row kUdpEcho("serve_udp_echo", [](Run& run) {
  const auto rt = peers::make_runtime(run.workers);
  auto socket = rt.block_on(UdpSocket::bind("127.0.0.1:0"));
  const std::uint16_t port = socket.value().local_addr().value().port();
  rt.spawn(echo_datagrams(*std::move(socket)));
  peers::serve("udp:" + std::to_string(port));
  return Figure{};
});

const Row kUnixEcho("serve_unix_echo", [](Run& run) {
  const auto rt = peers::make_runtime(run.workers);
  const std::string path = peers::socket_path();
  {
    const auto context = rt.enter();
    rt.spawn(accept_all(UnixListener::bind(path).value()));
  }
  peers::serve("unix:" + path);
  ::unlink(path.c_str());
  return Figure{};
});

}  // namespace
