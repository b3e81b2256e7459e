// Tutorial, chapter Select: the server stops when it is asked to, and drops clients that say
// nothing.
//
//   $ tutorial_select
//   ^C

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include <examples/tutorial/protocol.h>
#include <examples/tutorial/store.h>
#include <weft/weft.h>

namespace {

namespace io = weft::io;
namespace net = weft::net;
namespace time = weft::time;

using namespace std::chrono_literals;
using tutorial::Protocol;
using tutorial::Store;

// How long a client may be silent, and how long the last replies may take.
constexpr auto kSilence = 5min;
constexpr auto kLastWords = 2s;

weft::Task<> serve(net::TcpStream stream, std::shared_ptr<Store> store,
                   weft::CancellationToken stop) {
  io::codec::Framed connection(std::move(stream), Protocol());
  while (true) {
    const auto next =
        co_await weft::select(connection.next(), stop.cancelled(), time::sleep(kSilence));
    if (next.index() != 0) break;  // the server stops, or nothing has come for so long
    const auto& request = std::get<0>(next);
    if (!request || !*request) co_return;
    const auto sent = co_await connection.send(execute(**request, *store));
    if (!sent) co_return;
  }
  [[maybe_unused]] const auto closed = co_await time::timeout(kLastWords, connection.close());
}

// Accepts until the program is asked to stop.
weft::Task<> accept_all(net::TcpListener& listener, weft::TaskTracker& connections,
                        weft::CancellationToken stop) {
  const auto store = std::make_shared<Store>();
  auto asked_to_stop = weft::signal::shutdown_requested();
  while (true) {
    auto event = co_await weft::select(net::accept_with_backoff(listener), asked_to_stop);
    if (event.index() == 1) co_return;
    auto& accepted = std::get<0>(event);
    if (!accepted) co_return;
    connections.spawn(serve, std::move(accepted->first), store, stop);
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

  weft::TaskTracker connections;
  const weft::CancellationToken stop;
  co_await accept_all(*listener, connections, stop);

  std::printf("stopping\n");
  stop.cancel();
  connections.close();
  const auto ended = co_await time::timeout(kLastWords, connections.wait());
  std::printf("%s\n", ended ? "all connections have ended" : "some connections were cut off");
  co_return 0;
}
