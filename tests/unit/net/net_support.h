// What the tests of sockets have in common: runtimes and connected streams.

#ifndef WEFT_TESTS_UNIT_NET_NET_SUPPORT_H_
#define WEFT_TESTS_UNIT_NET_NET_SUPPORT_H_

#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/raw_sockets.h>
#include <tests/support/runtimes.h>
#include <weft/net/net.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/task.h>

namespace weft::net {

inline constexpr const char* kAnyPort = "127.0.0.1:0";

// Both ends of a connection over the loopback: who connected, who accepted.
struct Pair {
  TcpStream client;
  TcpStream server;
};

inline Task<Pair> connected() {
  TcpListener listener = (co_await TcpListener::bind(kAnyPort)).value();
  const SocketAddr address = listener.local_addr().value();
  TcpStream client = (co_await TcpStream::connect(address)).value();
  auto accepted = (co_await listener.accept()).value();
  co_return Pair{std::move(client), std::move(accepted.first)};
}

// Everything up to the end of the stream.
inline Task<std::string> read_all(const TcpStream& stream) {
  std::string all;
  char buffer[64];
  for (;;) {
    const std::size_t n = (co_await stream.read(std::span<char>(buffer))).value();
    if (n == 0) co_return all;
    all.append(buffer, n);
  }
}

}  // namespace weft::net

#endif  // WEFT_TESTS_UNIT_NET_NET_SUPPORT_H_
