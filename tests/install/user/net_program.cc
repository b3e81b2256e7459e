// A program that needs the network part alone, and a main of its own.

#include <cstdio>

#include <weft/net/net.h>
#include <weft/runtime/runtime.h>

static weft::Task<bool> talk() {
  auto listener = co_await weft::net::TcpListener::bind("127.0.0.1:0");
  if (!listener) co_return false;
  const auto address = listener->local_addr();
  if (!address) co_return false;
  auto client = co_await weft::net::TcpStream::connect(*address);
  if (!client) co_return false;
  auto accepted = co_await listener->accept();
  if (!accepted) co_return false;
  co_return true;
}

int main() {
  auto runtime = weft::runtime::Runtime::create();
  if (!runtime || !runtime->block_on(talk())) return 1;
  std::puts("talked");
  return 0;
}
