// Tutorial, chapter Framing: the server speaks the protocol of Redis.
//
//   $ tutorial_framing &
//   $ redis-cli -p 6380 set hello world

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include <examples/tutorial/protocol.h>
#include <examples/tutorial/store.h>
#include <weft/weft.h>

namespace {

namespace io = weft::io;
namespace net = weft::net;

using tutorial::Protocol;
using tutorial::Store;

weft::Task<> serve(net::TcpStream stream, std::shared_ptr<Store> store) {
  io::codec::Framed connection(std::move(stream), Protocol());
  while (const auto request = co_await connection.next()) {
    if (!*request) co_return;  // no request, or the connection has failed
    const auto sent = co_await connection.send(execute(**request, *store));
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

  const auto store = std::make_shared<Store>();
  while (true) {
    auto accepted = co_await net::accept_with_backoff(*listener);
    if (!accepted) co_return 1;
    weft::spawn(serve, std::move(accepted->first), store);
  }
}
