// A shared library that has weft inside, and exports a function of its own.

#include <weft/net/net.h>
#include <weft/runtime/runtime.h>

namespace {

weft::Task<int> listen() {
  const auto listener = co_await weft::net::TcpListener::bind("127.0.0.1:0");
  co_return listener.has_value() ? 1 : 0;
}

}  // namespace

extern "C" [[gnu::visibility("default")]] int plugin_entry() {
  const weft::runtime::Runtime rt = weft::runtime::Runtime::create().value();
  return rt.block_on(listen());
}
