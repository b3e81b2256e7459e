// Reads and writes that are cancelled all the time, and not a byte lost or doubled.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/runtimes.h>
#include <tests/support/scale.h>
#include <weft/weft.h>

namespace weft {
namespace {

constexpr std::size_t kBytes = test_support::scaled(16 << 20);

// FNV-1a: changes if a byte is lost, doubled or out of place.
class Hash {
 public:
  void add(std::span<const std::byte> bytes) noexcept {
    for (const std::byte byte : bytes)
      value_ = (value_ ^ std::to_integer<std::uint64_t>(byte)) * kPrime;
  }
  std::uint64_t value() const noexcept { return value_; }

 private:
  static constexpr std::uint64_t kPrime = 0x100000001b3;
  std::uint64_t value_ = 0xcbf29ce484222325;
};

// A source of numbers that is the same each time.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next() noexcept {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }

 private:
  std::uint64_t state_;
};

// Waits for its turn once, or twice; what is beside it in a select is then polled as often.
Task<> a_while(std::uint64_t number) {
  for (std::uint64_t i = 0; i < number % 3; ++i) co_await yield_now();
}

template <class Stream>
Task<std::uint64_t> write_cancelled(const Stream& stream, std::uint64_t seed) {
  Numbers numbers(seed);
  Hash hash;
  std::vector<std::byte> block(32 * 1024);
  for (std::size_t sent = 0; sent < kBytes;) {
    const std::size_t size =
        std::min<std::size_t>(1 + numbers.next() % block.size(), kBytes - sent);
    for (std::size_t i = 0; i < size; ++i) block[i] = static_cast<std::byte>(numbers.next());
    const std::span<const std::byte> data(block.data(), size);
    auto first = co_await select(stream.write(data), a_while(numbers.next()));
    if (first.index() != 0) continue;  // cancelled: nothing of it was written
    const std::size_t written = std::get<0>(first).value();
    hash.add(data.first(written));
    sent += written;
  }
  co_return hash.value();
}

template <class Stream>
Task<std::uint64_t> read_cancelled(const Stream& stream, std::uint64_t seed) {
  Numbers numbers(seed);
  Hash hash;
  std::vector<std::byte> room(32 * 1024);
  for (std::size_t got = 0; got < kBytes;) {
    const std::span<std::byte> piece(room.data(), 1 + numbers.next() % room.size());
    auto first = co_await select(stream.read(piece), a_while(numbers.next()));
    if (first.index() != 0) continue;  // cancelled: nothing was taken
    const std::size_t size = std::get<0>(first).value();
    EXPECT_NE(size, 0u);
    if (size == 0) break;
    hash.add(piece.first(size));
    got += size;
  }
  co_return hash.value();
}

// Both directions at the same time, each end in tasks of its own.
template <class Stream>
void soak(runtime::Runtime& rt, const Stream& a, const Stream& b) {
  auto there = rt.spawn(write_cancelled(a, 1));
  auto back = rt.spawn(write_cancelled(b, 2));
  auto arrived = rt.spawn(read_cancelled(b, 3));
  auto returned = rt.spawn(read_cancelled(a, 4));
  EXPECT_EQ(rt.block_on(arrived).value(), rt.block_on(there).value());
  EXPECT_EQ(rt.block_on(returned).value(), rt.block_on(back).value());
}

TEST(N69, CancelledReadsAndWritesOfTcpLoseNothing) {
  test_support::on_every_kind([](runtime::Runtime& rt) {
    auto ends = rt.block_on([]() -> Task<std::pair<net::TcpStream, net::TcpStream>> {
      net::TcpListener listener = (co_await net::TcpListener::bind("127.0.0.1:0")).value();
      const net::SocketAddr address = listener.local_addr().value();
      net::TcpStream client = (co_await net::TcpStream::connect(address)).value();
      auto accepted = (co_await listener.accept()).value();
      co_return std::pair(std::move(client), std::move(accepted.first));
    }());
    soak(rt, ends.first, ends.second);
  });
}

TEST(N69, CancelledReadsAndWritesOfUnixStreamsLoseNothing) {
  test_support::on_every_kind([](runtime::Runtime& rt) {
    const auto context = rt.enter();
    auto ends = net::UnixStream::pair().value();
    soak(rt, ends.first, ends.second);
  });
}

}  // namespace
}  // namespace weft
