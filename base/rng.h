// FastRand: small, fast, reproducible randomness for scheduling decisions; and the seeds for it.
//
// Spec: R-18 (docs/spec/runtime.md); TE-11 (docs/spec/testing.md).
//
// Design. Which worker to steal from and which branch of a select to poll first need a number that
// costs a few instructions and is not predictable by accident, and nothing more: never use this for
// keys or tokens. The state is two 32-bit words stepped by xorshift with the shifts 17, 7 and 16;
// a range is reached by multiplying and taking the high half, without a division.
//
// Everything a runtime draws comes from one RngSeed: its RngSeedGenerator hands out the seed of
// each worker and of each entry into the runtime, in order, so equal seeds give equal runs. Nothing
// here is thread-safe; a generator shared by threads is guarded by its owner's lock.

#ifndef WEFT_BASE_RNG_H_
#define WEFT_BASE_RNG_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace weft {
class FastRand;
class RngSeedGenerator;
}  // namespace weft

namespace weft::runtime {

// Where a random sequence starts. Equal seeds give equal sequences. A plain value.
class RngSeed {
 public:
  // From bytes of any number, none included; all of them matter. The same on every machine.
  static RngSeed from_bytes(std::span<const std::byte> bytes) noexcept;
  static RngSeed from_bytes(std::string_view bytes) noexcept;

  // A different one each time, from the system's random source; if that has nothing to give yet,
  // from the clock.
  static RngSeed from_system() noexcept;

  friend constexpr bool operator==(RngSeed, RngSeed) noexcept = default;

 private:
  friend class ::weft::FastRand;
  friend class ::weft::RngSeedGenerator;

  // Never both zero: from there xorshift would not move.
  constexpr RngSeed(std::uint32_t one, std::uint32_t two) noexcept
      : one_(one), two_(one == 0 && two == 0 ? 1 : two) {}

  std::uint32_t one_;
  std::uint32_t two_;
};

}  // namespace weft::runtime

namespace weft {

// Not thread-safe; each worker has its own.
class FastRand {
 public:
  constexpr explicit FastRand(runtime::RngSeed seed) noexcept : one_(seed.one_), two_(seed.two_) {}

  // Any 32-bit number.
  constexpr std::uint32_t next_u32() noexcept {
    std::uint32_t a = one_;
    const std::uint32_t b = two_;
    a ^= a << 17;
    a = a ^ b ^ (a >> 7) ^ (b >> 16);
    one_ = b;
    two_ = a;
    return a + b;
  }

  // A number less than n; 0 if n is 0. Each is as likely as any other up to n in 2^32.
  constexpr std::uint32_t below(std::uint32_t n) noexcept {
    return static_cast<std::uint32_t>((std::uint64_t{next_u32()} * n) >> 32);
  }

  // Goes on from `seed`; returns where it stood, to be put back later.
  constexpr runtime::RngSeed replace_seed(runtime::RngSeed seed) noexcept {
    const runtime::RngSeed before(one_, two_);
    one_ = seed.one_;
    two_ = seed.two_;
    return before;
  }

 private:
  std::uint32_t one_;  // never both zero: the step is a bijection that keeps zero to itself
  std::uint32_t two_;
};

// A reproducible sequence of seeds. Not thread-safe: the owner locks.
class RngSeedGenerator {
 public:
  constexpr explicit RngSeedGenerator(runtime::RngSeed seed) noexcept : source_(seed) {}

  constexpr runtime::RngSeed next_seed() noexcept {
    const std::uint32_t one = source_.next_u32();
    const std::uint32_t two = source_.next_u32();
    return runtime::RngSeed(one, two);
  }

  // A generator of its own, for a part of the runtime that draws at its own pace.
  constexpr RngSeedGenerator next_generator() noexcept { return RngSeedGenerator(next_seed()); }

 private:
  FastRand source_;
};

}  // namespace weft

#endif  // WEFT_BASE_RNG_H_
