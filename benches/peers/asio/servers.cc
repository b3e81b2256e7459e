// Asio's echo server: a coroutine for each connection, an io_context that all threads run.

#include <array>
#include <string>

#include <benches/peers/asio/support.h>

namespace {

using asio::ip::tcp;

asio::awaitable<void> echo(tcp::socket socket) {
  std::array<char, 1024> buffer;
  for (;;) {
    asio::error_code error;
    const std::size_t received = co_await socket.async_read_some(
        asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    co_await asio::async_write(socket, asio::buffer(buffer, received),
                               asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
  }
}

asio::awaitable<void> accept_all(tcp::acceptor& acceptor) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(acceptor.get_executor(), echo(std::move(socket)), asio::detached);
  }
}

const peers::Row kEcho("serve_tcp_echo", [](peers::Run& run) {
  peers::AsioPool pool(run.workers);
  tcp::acceptor acceptor(pool.context(), {asio::ip::address_v4::loopback(), 0});
  asio::co_spawn(pool.context(), accept_all(acceptor), asio::detached);
  peers::serve("tcp:" + std::to_string(acceptor.local_endpoint().port()));
  return peers::Figure{};
});

}  // namespace
