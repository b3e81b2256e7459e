// Servers and clients for net_peers_test.sh, which connects them to nc, socat, curl and iperf3.
//
//   net_program tcp-echo             listens on a free port of the loopback and echoes
//   net_program unix-echo <path>     the same on a unix socket
//   net_program udp-echo             the same with datagrams
//   net_program unix-datagram-echo <path>
//   net_program proxy <address>      passes connections on to <address>, both ways
//   net_program http                 answers every request with a greeting
//   net_program tcp-ask <address> <text>        sends the text and prints the answer
//   net_program unix-ask <path> <text>
//   net_program udp-ask <address> <text>        the same with one datagram
//   net_program fifo-cat <path>      prints what writers put into a FIFO, until the first is gone
//
// Servers print "listening on <address>" and run until they are killed.

#include <array>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/weft.h>

namespace {

using weft::Result;
using weft::Task;
namespace net = weft::net;

void announce(const std::string& address) {
  std::printf("listening on %s\n", address.c_str());
  std::fflush(stdout);
}

// From one stream to another until the first ends, and then ends the second.
template <class From, class To>
Task<> pump(From from, To to) {
  std::vector<char> buffer(64 * 1024);
  for (;;) {
    const Result<std::size_t> n = co_await from.read(std::span<char>(buffer));
    if (!n || *n == 0) break;
    const Result<void> written = co_await to.write_all(std::string_view(buffer.data(), *n));
    if (!written) co_return;
  }
  const Result<void> ended = co_await to.shutdown();
  if (!ended) co_return;
}

template <class Stream>
Task<> echo(Stream stream) {
  auto [reader, writer] = std::move(stream).into_split();
  co_await pump(std::move(reader), std::move(writer));
}

Task<> greet(net::TcpStream stream) {
  constexpr std::string_view kAnswer =
      "HTTP/1.1 200 OK\r\nContent-Length: 14\r\nConnection: close\r\n\r\nHello, world!\n";
  std::string request;
  std::array<char, 1024> buffer;
  while (request.find("\r\n\r\n") == std::string::npos) {
    const Result<std::size_t> n = co_await stream.read(buffer);
    if (!n || *n == 0) co_return;
    request.append(buffer.data(), *n);
  }
  const Result<void> written = co_await stream.write_all(kAnswer);
  if (!written) co_return;
}

Task<> pass_on(net::TcpStream client, std::string target) {
  Result<net::TcpStream> server = co_await net::TcpStream::connect(target);
  if (!server) co_return;
  auto [client_reader, client_writer] = std::move(client).into_split();
  auto [server_reader, server_writer] = std::move(*server).into_split();
  auto there = weft::spawn(pump(std::move(client_reader), std::move(server_writer)));
  co_await pump(std::move(server_reader), std::move(client_writer));
  const auto joined = co_await there;
  if (!joined) co_return;
}

// Accepts for ever; handle(stream) is a task.
template <class Listener, class Handle>
Task<int> serve(Listener listener, Handle handle) {
  for (;;) {
    auto accepted = co_await net::accept_with_backoff(listener);
    if (!accepted) co_return 1;
    weft::spawn(handle(std::move(accepted->first)));
  }
}

template <class Handle>
Task<int> serve_tcp(Handle handle) {
  Result<net::TcpListener> listener = co_await net::TcpListener::bind("127.0.0.1:0");
  if (!listener) co_return 1;
  announce(listener->local_addr()->to_string());
  const int code = co_await serve(*std::move(listener), std::move(handle));
  co_return code;
}

Task<int> serve_unix(std::string path) {
  Result<net::UnixListener> listener = net::UnixListener::bind(path);
  if (!listener) co_return 1;
  announce(path);
  const int code = co_await serve(*std::move(listener), &echo<net::UnixStream>);
  co_return code;
}

Task<int> serve_udp() {
  Result<net::UdpSocket> socket = co_await net::UdpSocket::bind("127.0.0.1:0");
  if (!socket) co_return 1;
  announce(socket->local_addr()->to_string());
  std::vector<char> buffer(64 * 1024);
  for (;;) {
    const auto received = co_await socket->recv_from(std::span<char>(buffer));
    if (!received) co_return 1;
    const std::string_view datagram(buffer.data(), received->first);
    const auto sent = co_await socket->send_to(datagram, received->second);
    if (!sent) co_return 1;
  }
}

Task<int> serve_unix_datagrams(std::string path) {
  Result<net::UnixDatagram> socket = net::UnixDatagram::bind(path);
  if (!socket) co_return 1;
  announce(path);
  std::vector<char> buffer(64 * 1024);
  for (;;) {
    const auto received = co_await socket->recv_from(std::span<char>(buffer));
    if (!received) co_return 1;
    if (received->second.is_unnamed()) continue;
    const std::string_view datagram(buffer.data(), received->first);
    const auto sent = co_await socket->send_to_addr(datagram, received->second);
    if (!sent) co_return 1;
  }
}

template <class Stream>
Task<int> ask(Result<Stream> stream, std::string text) {
  if (!stream) co_return 1;
  const Result<void> written = co_await stream->write_all(text);
  const Result<void> ended = co_await stream->shutdown();
  if (!written || !ended) co_return 1;
  std::array<char, 1024> buffer;
  for (;;) {
    const Result<std::size_t> n = co_await stream->read(buffer);
    if (!n) co_return 1;
    if (*n == 0) co_return 0;
    std::fwrite(buffer.data(), 1, *n, stdout);
  }
}

Task<int> ask_tcp(std::string address, std::string text) {
  Result<net::TcpStream> stream = co_await net::TcpStream::connect(address);
  const int code = co_await ask(std::move(stream), std::move(text));
  co_return code;
}

Task<int> ask_unix(std::string path, std::string text) {
  Result<net::UnixStream> stream = co_await net::UnixStream::connect(path);
  const int code = co_await ask(std::move(stream), std::move(text));
  co_return code;
}

Task<int> ask_udp(std::string address, std::string text) {
  Result<net::UdpSocket> socket = co_await net::UdpSocket::bind("127.0.0.1:0");
  if (!socket) co_return 1;
  const Result<void> connected = co_await socket->connect(address);
  const Result<std::size_t> sent = co_await socket->send(text);
  if (!connected || !sent) co_return 1;
  std::array<char, 2048> buffer;
  const Result<std::size_t> n = co_await socket->recv(buffer);
  if (!n) co_return 1;
  std::fwrite(buffer.data(), 1, *n, stdout);
  co_return 0;
}

Task<int> print_fifo(std::string path) {
  Result<net::pipe::Receiver> receiver = net::pipe::OpenOptions().open_receiver(path);
  if (!receiver) co_return 1;
  announce(path);
  const Result<void> ready = co_await receiver->readable();
  if (!ready) co_return 1;
  std::array<char, 1024> buffer;
  for (;;) {
    const Result<std::size_t> n = co_await receiver->read(buffer);
    if (!n) co_return 1;
    if (*n == 0) co_return 0;
    std::fwrite(buffer.data(), 1, *n, stdout);
  }
}

Task<int> run(std::vector<std::string> words) {
  words.resize(3);
  const std::string& what = words[0];
  if (what == "tcp-echo") co_return co_await serve_tcp(&echo<net::TcpStream>);
  if (what == "unix-echo") co_return co_await serve_unix(words[1]);
  if (what == "udp-echo") co_return co_await serve_udp();
  if (what == "unix-datagram-echo") co_return co_await serve_unix_datagrams(words[1]);
  if (what == "http") co_return co_await serve_tcp(&greet);
  if (what == "tcp-ask") co_return co_await ask_tcp(words[1], words[2]);
  if (what == "unix-ask") co_return co_await ask_unix(words[1], words[2]);
  if (what == "udp-ask") co_return co_await ask_udp(words[1], words[2]);
  if (what == "fifo-cat") co_return co_await print_fifo(words[1]);
  if (what == "proxy") {
    auto handle = [target = words[1]](net::TcpStream stream) {
      return pass_on(std::move(stream), target);
    };
    const int code = co_await serve_tcp(std::move(handle));
    co_return code;
  }
  co_return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const auto rt = weft::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
  if (!rt) return 1;
  return rt->block_on(run(std::vector<std::string>(argv + 1, argv + argc)));
}
