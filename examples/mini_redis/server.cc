// mini_redis_server: as much of Redis as fits into an example.
//
//   $ mini_redis_server --port 6380 &
//   $ redis-cli -p 6380 set greeting hello EX 60
//   OK
//   $ redis-benchmark -p 6380 -t get,set,incr -P 16
//
// Redis' own clients work with it: keys with values that are strings or numbers, which may expire,
// and channels to publish on. Nothing is kept on disk. Where to look:
//
//   server_codec.h   requests out of a stream of bytes, for io::codec::Framed; hostile ones refused
//   session.h        one client: pipelining, back-pressure, subscriptions, a graceful end
//   store.h          the keys, on all cores; a task that frees what has expired
//   channels.h       publish and subscribe, and what becomes of those who do not listen
//
// Options: --port N, --clients N (how many may be connected; who comes then is told so).

#include <memory>
#include <utility>

#include <examples/mini_redis/session.h>
#include <examples/support/arguments.h>
#include <examples/support/tcp_server.h>
#include <weft/weft.h>

namespace {

using mini_redis::Session;
using mini_redis::Shared;

weft::Task<> serve(weft::net::TcpStream stream, std::shared_ptr<Shared> shared) {
  // Replies are written when they are complete: the system need not wait for more.
  [[maybe_unused]] const auto set = stream.set_nodelay(true);
  const auto permit = shared->room.try_acquire();
  Session session(std::move(stream), *shared);
  if (permit) {
    co_await session.run();
  } else {
    co_await session.refuse();
  }
}

weft::Task<> purge(std::shared_ptr<Shared> shared) { co_await shared->store.purge(); }

}  // namespace

weft::Task<int> co_main(int argc, char** argv) {
  const examples::Arguments arguments(argc, argv, {"--port", "--clients"});
  if (!arguments.usable()) co_return 2;
  const auto shared = std::make_shared<Shared>(arguments.number("--clients", 10'000));
  auto purging = weft::spawn(purge(shared));

  const auto connection = [shared](weft::net::TcpStream stream) {
    return serve(std::move(stream), shared);
  };
  const auto on_stop = [shared] { shared->stop.cancel(); };
  const int status = co_await examples::run_tcp_server(
      "mini_redis_server", arguments.number("--port", 6380), connection, on_stop);
  purging.abort();
  co_return status;
}
