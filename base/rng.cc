// Where seeds come from. Interface and design: rng.h.

#include <weft/base/rng.h>

#include <ctime>
#include <sys/random.h>

#include <weft/base/sys.h>

namespace weft::runtime {
namespace {

// FNV-1a, 64 bits.
std::uint64_t hash(std::span<const std::byte> bytes) noexcept {
  std::uint64_t state = 0xcbf29ce484222325;
  for (const std::byte byte : bytes) {
    state = (state ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3;
  }
  return state;
}

// Spreads every bit over the word (the finaliser of splitmix64): FNV leaves the high half of short
// inputs nearly equal.
std::uint64_t mix(std::uint64_t value) noexcept {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

std::uint64_t nanoseconds_of(::clockid_t clock) noexcept {
  const ::timespec now = sys::clock_gettime(clock).value_or(::timespec{});
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

RngSeed RngSeed::from_bytes(std::span<const std::byte> bytes) noexcept {
  const std::uint64_t word = mix(hash(bytes));
  return RngSeed(static_cast<std::uint32_t>(word >> 32), static_cast<std::uint32_t>(word));
}

RngSeed RngSeed::from_bytes(std::string_view bytes) noexcept {
  return from_bytes(std::as_bytes(std::span(bytes)));
}

RngSeed RngSeed::from_system() noexcept {
  std::uint64_t word = 0;
  const std::span room = std::as_writable_bytes(std::span(&word, 1));
  const Result<std::size_t> filled = sys::getrandom(room, GRND_NONBLOCK);
  if (!filled || *filled != room.size()) {
    word = mix(nanoseconds_of(CLOCK_MONOTONIC)) ^ nanoseconds_of(CLOCK_REALTIME);
  }
  return from_bytes(room);
}

}  // namespace weft::runtime
