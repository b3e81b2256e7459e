// What does copying from one TCP connection to another cost, by io::copy() (splice), by io::copy()
// through its buffer, and by a loop of read and write_all as a user would write it?
//
// Peer: the loop of reads and writes of this file, which is what tokio's copy does.

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <benches/support/bench.h>
#include <weft/io/io.h>
#include <weft/net/net.h>

namespace {

constexpr std::size_t kTotal = 64U << 20;

struct Pair {
  weft::net::TcpStream near;
  weft::net::TcpStream far;
};

weft::Task<Pair> connected() {
  auto listener = (co_await weft::net::TcpListener::bind("127.0.0.1:0")).value();
  const auto address = listener.local_addr().value();
  auto near = (co_await weft::net::TcpStream::connect(address)).value();
  auto accepted = (co_await listener.accept()).value();
  co_return Pair{std::move(near), std::move(accepted.first)};
}

weft::Task<> send(weft::net::TcpStream stream) {
  const std::vector<std::byte> data(256U << 10);
  for (std::size_t sent = 0; sent < kTotal; sent += data.size()) {
    const auto written = co_await stream.write_all(data);
    if (!written) co_return;
  }
  static_cast<void>(co_await stream.shutdown());
}

weft::Task<> receive(weft::net::TcpStream stream) {
  std::vector<std::byte> room(256U << 10);
  for (;;) {
    const auto read = co_await stream.read(std::span<std::byte>(room));
    if (!read || *read == 0) co_return;
  }
}

enum class How : std::uint8_t { kCopy, kBuffer, kLoop };

// The kernel's way is for TcpStream itself; what is derived from it goes through the buffer.
struct Plain : weft::net::TcpStream {};

weft::Task<std::uint64_t> carry(weft::net::TcpStream& from, weft::net::TcpStream& to, How how) {
  if (how == How::kCopy) co_return (co_await weft::io::copy(from, to)).value();
  if (how == How::kBuffer) {
    Plain plain{std::move(from)};
    co_return (co_await weft::io::copy(plain, to)).value();
  }
  std::vector<std::byte> room(8192);
  std::uint64_t total = 0;
  for (;;) {
    const auto read = co_await from.read(std::span<std::byte>(room));
    if (!read || *read == 0) co_return total;
    const auto written = co_await to.write_all(std::span(room).first(*read));
    if (!written) co_return total;
    total += *read;
  }
}

weft::Task<> transfer(How how) {
  Pair source = co_await connected();
  Pair target = co_await connected();
  auto sending = weft::spawn(send(std::move(source.near)));
  auto receiving = weft::spawn(receive(std::move(target.far)));
  const std::uint64_t total = co_await carry(source.far, target.near, how);
  benchmark::DoNotOptimize(total);
  static_cast<void>(co_await target.near.shutdown());
  static_cast<void>(co_await sending);
  static_cast<void>(co_await receiving);
}

void BM_copy(benchmark::State& state) {
  const auto rt = bench::make_runtime(2);
  for (auto _ : state) bench::run(rt, transfer(static_cast<How>(state.range(0))));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(kTotal));
}
WEFT_BENCH(BM_copy)->ArgName("copy_buffer_loop")->Arg(0)->Arg(1)->Arg(2);

}  // namespace
