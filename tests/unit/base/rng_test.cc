#include <weft/base/rng.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <gtest/gtest.h>
#include <set>
#include <string_view>
#include <vector>

#include <weft/base/sys_table.h>

namespace {

using weft::FastRand;
using weft::RngSeedGenerator;
using weft::runtime::RngSeed;

// A seed is its two words and nothing else.
using Words = std::array<std::uint32_t, 2>;
Words words_of(RngSeed seed) { return std::bit_cast<Words>(seed); }

std::vector<std::uint32_t> draw(FastRand rand, int count) {
  std::vector<std::uint32_t> drawn;
  for (int i = 0; i < count; ++i) drawn.push_back(rand.next_u32());
  return drawn;
}
std::vector<std::uint32_t> draw(RngSeed seed) { return draw(FastRand(seed), 32); }

TEST(R18, EqualSeedsGiveEqualSequences) {
  EXPECT_EQ(draw(RngSeed::from_bytes("seed")), draw(RngSeed::from_bytes("seed")));
  EXPECT_EQ(RngSeed::from_bytes("seed"), RngSeed::from_bytes("seed"));
  constexpr std::array bytes = {std::byte{'s'}, std::byte{'e'}, std::byte{'e'}, std::byte{'d'}};
  EXPECT_EQ(RngSeed::from_bytes(bytes), RngSeed::from_bytes("seed"));
}

TEST(R18, EveryByteOfTheSeedMatters) {
  const std::string_view inputs[] = {
      "",   std::string_view("\0", 1),           std::string_view("\0\0", 2),        "a", "b", "ab",
      "ba", "a long seed of more than one word", "a long seed of more than one wore"};
  std::set<std::vector<std::uint32_t>> sequences;
  for (const std::string_view input : inputs) sequences.insert(draw(RngSeed::from_bytes(input)));
  EXPECT_EQ(sequences.size(), std::size(inputs));
}

// The published generator, written down a second time: two words, shifts 17, 7 and 16.
TEST(R18, GeneratorIsXorshiftOfTwoWords) {
  FastRand source(RngSeed::from_bytes("two words"));
  const auto drawn = draw(source, 64);
  // replace_seed() hands back the state that it starts from.
  const RngSeed state = source.replace_seed(RngSeed::from_bytes("x"));
  EXPECT_EQ(draw(FastRand(state), 64), drawn);
  Words words = words_of(state);
  for (const std::uint32_t expected : drawn) {
    std::uint32_t t = words[0];
    t ^= t << 17;
    t ^= words[1] ^ (t >> 7) ^ (words[1] >> 16);
    words[0] = words[1];
    words[1] = t;
    ASSERT_EQ(words[0] + words[1], expected);
  }
}

TEST(R18, StateIsNeverAllZero) {
  // Bytes that hash to zero are hard to come by, so the states along a sequence are looked at.
  RngSeedGenerator seeds(RngSeed::from_bytes("zero"));
  for (int i = 0; i < 10'000; ++i) {
    const RngSeed seed = seeds.next_seed();
    const Words words = words_of(seed);
    ASSERT_TRUE(words[0] != 0 || words[1] != 0);
  }
}

TEST(R18, RangeIsReachedByMultiplyHigh) {
  FastRand reduced(RngSeed::from_bytes("range"));
  FastRand raw(RngSeed::from_bytes("range"));
  for (const std::uint32_t n : {1u, 2u, 3u, 10u, 127u, 1u << 31, 0xffff'ffffu}) {
    const std::uint64_t product = std::uint64_t{raw.next_u32()} * n;
    const std::uint32_t got = reduced.below(n);
    EXPECT_EQ(got, static_cast<std::uint32_t>(product >> 32));
    EXPECT_LT(got, n);
  }
  EXPECT_EQ(reduced.below(0), 0u);
}

TEST(R18, EveryValueOfARangeOccursAboutEquallyOften) {
  FastRand rand(RngSeed::from_bytes("fair"));
  std::array<int, 7> seen{};
  for (int i = 0; i < 70'000; ++i) ++seen[rand.below(7)];
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 500);
}

TEST(R18, ReplacedSeedIsRestoredExactly) {
  FastRand rand(RngSeed::from_bytes("outer"));
  FastRand undisturbed(RngSeed::from_bytes("outer"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(rand.next_u32(), undisturbed.next_u32());
  const RngSeed outer = rand.replace_seed(RngSeed::from_bytes("inner"));
  EXPECT_EQ(draw(rand, 8), draw(FastRand(RngSeed::from_bytes("inner")), 8));
  rand.next_u32();
  rand.replace_seed(outer);
  EXPECT_EQ(draw(rand, 8), draw(undisturbed, 8));
}

TEST(R18, SuccessiveSeedsDifferAndAreReproducible) {
  RngSeedGenerator a(RngSeed::from_bytes("generator"));
  RngSeedGenerator b(RngSeed::from_bytes("generator"));
  std::set<std::vector<std::uint32_t>> sequences;
  for (int i = 0; i < 100; ++i) {
    const RngSeed seed = a.next_seed();
    EXPECT_EQ(seed, b.next_seed());
    sequences.insert(draw(seed));
  }
  EXPECT_EQ(sequences.size(), 100u);
  RngSeedGenerator child_a = a.next_generator();
  RngSeedGenerator child_b = b.next_generator();
  EXPECT_EQ(child_a.next_seed(), child_b.next_seed());
  EXPECT_NE(child_a.next_seed(), a.next_seed());
}

TEST(R18, SystemSeedsDiffer) { EXPECT_FALSE(RngSeed::from_system() == RngSeed::from_system()); }

TEST(R18, SystemSeedNeedsNoRandomSource) {
  weft::sys::Table table;
  table.getrandom = [](void*, std::size_t, unsigned) -> ssize_t {
    errno = EAGAIN;
    return -1;
  };
  static long tick = 0;
  tick = 0;
  table.clock_gettime = [](::clockid_t, ::timespec* now) {
    *now = {.tv_sec = 1, .tv_nsec = ++tick};
    return 0;
  };
  const weft::sys::TableScope scope(table);
  EXPECT_FALSE(RngSeed::from_system() == RngSeed::from_system());
  EXPECT_EQ(tick, 4);
}

}  // namespace
