// How many connections a second does one listener accept, over TCP and over unix sockets, with one
// task that accepts and with several?
//
// Peer: none; a connection costs the kernel several times what it costs us. It is what a server
// that closes after each request is bounded by.

#include <span>
#include <utility>
#include <vector>

#include <benches/support/bench.h>
#include <weft/net/net.h>

namespace {

constexpr int kConnections = 2000;

// Connects and closes, `count` times: with a reset, so that no port waits for two minutes.
weft::Task<> connect_tcp(weft::net::SocketAddr address, int count) {
  for (int i = 0; i < count; ++i) {
    auto socket = weft::net::TcpSocket::new_v4().value();
    static_cast<void>(socket.set_zero_linger());
    const auto stream = co_await std::move(socket).connect(address);
    if (!stream) co_return;
    char end;
    static_cast<void>(co_await stream->read(std::span<char>(&end, 1)));
  }
}

weft::Task<> connect_unix(weft::net::UnixSocketAddr address, int count) {
  for (int i = 0; i < count; ++i) {
    const auto stream = co_await weft::net::UnixStream::connect_with_backoff(address);
    if (!stream) co_return;
    char end;
    static_cast<void>(co_await stream->read(std::span<char>(&end, 1)));
  }
}

// What is accepted is closed at once.
template <class L>
weft::Task<> accept(const L& listener, int count) {
  for (int i = 0; i < count; ++i) {
    const auto accepted = co_await listener.accept();
    if (!accepted) co_return;
  }
}

template <class L, class Connect, class Address>
weft::Task<> run(const L& listener, Address address, Connect connect, int tasks) {
  std::vector<weft::JoinHandle<void>> working;
  for (int i = 0; i < tasks; ++i) {
    working.push_back(weft::spawn(accept(listener, kConnections / tasks)));
    working.push_back(weft::spawn(connect(address, kConnections / tasks)));
  }
  for (auto& task : working) static_cast<void>(co_await task);
}

void BM_accept_tcp(benchmark::State& state) {
  auto rt = bench::make_runtime();
  const auto listener = rt.block_on(weft::net::TcpListener::bind("127.0.0.1:0")).value();
  const auto address = listener.local_addr().value();
  const int tasks = static_cast<int>(state.range(0));
  for (auto _ : state) rt.block_on(run(listener, address, &connect_tcp, tasks));
  state.SetItemsProcessed(state.iterations() * kConnections);
}
BENCHMARK(BM_accept_tcp)->Arg(1)->Arg(4)->UseRealTime()->Unit(benchmark::kMillisecond);

void BM_accept_unix(benchmark::State& state) {
  auto rt = bench::make_runtime();
  const auto listener = rt.block_on([]() -> weft::Task<weft::net::UnixListener> {
    co_return weft::net::UnixListener::bind_addr(weft::net::UnixSocketAddr::unnamed()).value();
  }());
  const auto address = listener.local_addr().value();
  const int tasks = static_cast<int>(state.range(0));
  for (auto _ : state) rt.block_on(run(listener, address, &connect_unix, tasks));
  state.SetItemsProcessed(state.iterations() * kConnections);
}
BENCHMARK(BM_accept_unix)->Arg(1)->Arg(4)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
