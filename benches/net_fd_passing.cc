// How many descriptors a second pass over a unix socket, one, eight or 64 to a message, over a
// stream and over a socket of messages?
//
// Peer: none; what counts is how much of the price is the kernel's. BM_plain sends the same bytes
// without descriptors.

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <benches/support/bench.h>
#include <weft/net/net.h>

namespace {

constexpr int kMessages = 1000;

template <class Socket>
weft::Task<> send(Socket socket, std::span<const weft::BorrowedFd> fds) {
  for (int i = 0; i < kMessages; ++i) {
    const auto sent = co_await weft::net::send_fds(socket, "x", fds);
    if (!sent) co_return;
  }
}

template <class Socket>
weft::Task<std::size_t> receive(Socket socket) {
  std::array<char, 1> room;
  std::vector<weft::OwnedFd> fds(64);
  std::size_t count = 0;
  for (int i = 0; i < kMessages; ++i) {
    const auto got = co_await weft::net::recv_fds_into(socket, std::span<char>(room),
                                                       std::span<weft::OwnedFd>(fds));
    if (!got) co_return count;
    count += got->count;
  }
  co_return count;
}

template <class Socket>
weft::Task<std::size_t> pass(std::span<const weft::BorrowedFd> fds) {
  auto [near, far] = Socket::pair().value();
  auto sending = weft::spawn(send(std::move(near), fds));
  const std::size_t count = co_await receive(std::move(far));
  static_cast<void>(co_await sending);
  co_return count;
}

template <class Socket>
void pass_fds(benchmark::State& state) {
  auto rt = bench::make_runtime(1);
  const auto file =
      weft::net::Socket::create(weft::net::Domain::kUnix, weft::net::Type::kDgram).value();
  const std::vector<weft::BorrowedFd> fds(static_cast<std::size_t>(state.range(0)), file.as_fd());
  std::size_t passed = 0;
  for (auto _ : state) passed += rt.block_on(rt.spawn(pass<Socket>(fds))).value();
  state.SetItemsProcessed(static_cast<std::int64_t>(passed));
  state.counters["messages"] = benchmark::Counter(
      static_cast<double>(state.iterations() * kMessages), benchmark::Counter::kIsRate);
}

void BM_stream(benchmark::State& state) { pass_fds<weft::net::UnixStream>(state); }
BENCHMARK(BM_stream)->Arg(1)->Arg(8)->Arg(64)->UseRealTime();
void BM_seqpacket(benchmark::State& state) { pass_fds<weft::net::UnixSeqpacket>(state); }
BENCHMARK(BM_seqpacket)->Arg(1)->Arg(8)->Arg(64)->UseRealTime();
void BM_plain(benchmark::State& state) { pass_fds<weft::net::UnixSeqpacket>(state); }
BENCHMARK(BM_plain)->Arg(0)->UseRealTime();

}  // namespace
