// libuv's echo server: one loop on one thread, each connection with a buffer of its own.

#include <uv.h>

#include <cstdlib>
#include <string>
#include <thread>

#include <benches/peers/support/row.h>

namespace {

using peers::Figure;
using peers::Row;
using peers::Run;

struct Connection {
  uv_tcp_t socket;
  uv_write_t write;
  char buffer[1024];
};

void close_connection(Connection* connection) {
  uv_close(reinterpret_cast<uv_handle_t*>(&connection->socket),
           [](uv_handle_t* handle) { delete static_cast<Connection*>(handle->data); });
}

// A client sends its next request when it has its answer, so the buffer is free when it comes.
void on_read(uv_stream_t* stream, ssize_t size, const uv_buf_t*) {
  auto* const connection = static_cast<Connection*>(stream->data);
  if (size == 0) return;
  if (size < 0) return close_connection(connection);
  const uv_buf_t answer = uv_buf_init(connection->buffer, static_cast<unsigned>(size));
  uv_write(&connection->write, stream, &answer, 1, [](uv_write_t*, int) {});
}

void on_connection(uv_stream_t* listener, int) {
  auto* const connection = new Connection;
  uv_tcp_init(listener->loop, &connection->socket);
  connection->socket.data = connection;
  auto* const stream = reinterpret_cast<uv_stream_t*>(&connection->socket);
  if (uv_accept(listener, stream) != 0) return close_connection(connection);
  uv_tcp_nodelay(&connection->socket, 1);
  uv_read_start(
      stream,
      [](uv_handle_t* handle, std::size_t, uv_buf_t* room) {
        auto* const reading = static_cast<Connection*>(handle->data);
        *room = uv_buf_init(reading->buffer, sizeof reading->buffer);
      },
      on_read);
}

const Row kEcho("serve_tcp_echo", [](Run&) -> Figure {
  uv_loop_t loop;
  uv_loop_init(&loop);
  uv_tcp_t listener;
  uv_tcp_init(&loop, &listener);
  sockaddr_in address;
  uv_ip4_addr("127.0.0.1", 0, &address);
  uv_tcp_bind(&listener, reinterpret_cast<const sockaddr*>(&address), 0);
  uv_listen(reinterpret_cast<uv_stream_t*>(&listener), SOMAXCONN, on_connection);
  int size = sizeof address;
  uv_tcp_getsockname(&listener, reinterpret_cast<sockaddr*>(&address), &size);
  // The loop has this thread; whoever waits for the end of the input has another.
  const std::string name = "tcp:" + std::to_string(ntohs(address.sin_port));
  std::thread([name] {
    peers::serve(name);
    std::_Exit(0);
  }).detach();
  uv_run(&loop, UV_RUN_DEFAULT);
  return {};
});

}  // namespace
