// An echo server and its clients. Interface: load.h.

#include <examples/demo/load.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

namespace demo {
namespace {

using namespace std::chrono_literals;
using weft::net::TcpListener;
using weft::net::TcpStream;

constexpr std::size_t kMessageSize = 64;
constexpr int kRequestsBetweenRests = 50;
constexpr auto kRest = 1ms;

void count(std::atomic<std::uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

weft::Task<> echo(TcpStream stream) {
  std::array<char, 1024> buffer;
  for (;;) {
    const auto received = co_await stream.read(buffer);
    if (!received || *received == 0) co_return;
    const auto sent = co_await stream.write_all(std::string_view(buffer.data(), *received));
    if (!sent) co_return;
  }
}

// One request and its answer.
weft::Task<weft::Result<void>> ask(TcpStream& stream, std::span<char> answer) {
  static constexpr std::array<char, kMessageSize> kMessage{};
  const auto sent = co_await stream.write_all(std::string_view(kMessage.data(), kMessage.size()));
  if (!sent) co_return weft::Err(sent.error());
  const auto received = co_await stream.read_exact(answer);
  if (!received) co_return weft::Err(received.error());
  co_return {};
}

}  // namespace

weft::Task<> serve_echo(TcpListener listener) {
  for (;;) {
    // Waits a little by itself where there are no descriptors left for another connection.
    auto accepted = co_await weft::net::accept_with_backoff(listener);
    if (!accepted) co_return;
    weft::spawn(echo, std::move(accepted->first));
  }
}

weft::Task<ClientResult> run_client(weft::net::SocketAddr server, weft::time::Instant end,
                                    Counters& counters) {
  ClientResult result;
  auto stream = co_await TcpStream::connect(server);
  if (!stream) {
    result.failure = stream.error();
    co_return result;
  }
  std::array<char, kMessageSize> answer;
  for (int until_rest = kRequestsBetweenRests;;) {
    const auto start = std::chrono::steady_clock::now();
    const auto answered = co_await weft::time::timeout_at(end, ask(*stream, answer));
    if (!answered) co_return result;  // time is up
    if (!*answered) {
      result.failure = answered->error();
      co_return result;
    }
    result.latencies.record(std::chrono::steady_clock::now() - start);
    count(counters.requests);
    if (--until_rest == 0) {
      until_rest = kRequestsBetweenRests;
      co_await weft::time::sleep(kRest);
      count(counters.timers_fired);
    }
  }
}

}  // namespace demo
