// BytesMut: growing, splitting, freezing, taking memory back.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/unit/io/bytes_support.h>
#include <weft/io/bytes.h>
#include <weft/io/bytes_mut.h>

namespace weft::io {
namespace {

using test_support::as_bytes;
using test_support::as_vector;

const std::byte* where(const BytesMut& bytes) { return bytes.data(); }

TEST(IOV2, Making) {
  EXPECT_EQ(BytesMut().capacity(), 0u);
  const BytesMut empty = BytesMut::with_capacity(64);
  EXPECT_TRUE(empty.empty());
  EXPECT_EQ(empty.capacity(), 64u);
  EXPECT_EQ(BytesMut::zeroed(3), std::string_view("\0\0\0", 3));
  EXPECT_EQ(BytesMut("text"), "text");
  EXPECT_EQ(BytesMut(as_bytes("span")), "span");
  EXPECT_EQ(BytesMut::zeroed(0).capacity(), 0u);
}

TEST(IOV2, AppendingAndResizing) {
  BytesMut bytes;
  bytes.extend("hello");
  bytes.extend(as_bytes(" world"));
  bytes.extend("");
  EXPECT_EQ(bytes, "hello world");
  bytes.resize(5, std::byte{'#'});
  EXPECT_EQ(bytes, "hello");
  bytes.resize(7, std::byte{'!'});
  EXPECT_EQ(bytes, "hello!!");
  bytes[0] = std::byte{'j'};
  bytes.truncate(100);
  bytes.truncate(5);
  EXPECT_EQ(bytes, "jello");
  bytes.clear();
  EXPECT_TRUE(bytes.empty());
  EXPECT_GE(bytes.capacity(), 7u);
}

TEST(IOV2, SpareCapacityIsForWriting) {
  BytesMut bytes = BytesMut::with_capacity(8);
  bytes.extend("ab");
  EXPECT_EQ(bytes.spare_capacity().size(), 6u);
  bytes.spare_capacity()[0] = std::byte{'c'};
  bytes.unchecked_set_len(3);
  EXPECT_EQ(bytes, "abc");
}

TEST(IOV2, SplitOffIsBoundedByTheCapacity) {
  BytesMut bytes = BytesMut::with_capacity(16);
  bytes.extend("hello");
  const std::byte* const first = where(bytes);
  BytesMut room = bytes.split_off(8);
  EXPECT_EQ(bytes, "hello");
  EXPECT_EQ(bytes.capacity(), 8u);
  EXPECT_TRUE(room.empty());
  EXPECT_EQ(room.capacity(), 8u);
  EXPECT_EQ(where(room), first + 8);
  BytesMut tail = bytes.split_off(2);
  EXPECT_EQ(bytes, "he");
  EXPECT_EQ(tail, "llo");
  EXPECT_EQ(tail.capacity(), 6u);
  EXPECT_EQ(where(tail), first + 2);
  EXPECT_EQ(tail.split_off(6).capacity(), 0u);
  EXPECT_EQ(tail.split_off(0), "llo");
  EXPECT_EQ(tail.capacity(), 0u);
}

TEST(IOV2, SplitToIsBoundedByTheSize) {
  BytesMut bytes = BytesMut::with_capacity(16);
  bytes.extend("hello");
  const std::byte* const first = where(bytes);
  const BytesMut front = bytes.split_to(2);
  EXPECT_EQ(front, "he");
  EXPECT_EQ(front.capacity(), 2u);
  EXPECT_EQ(where(front), first);
  EXPECT_EQ(bytes, "llo");
  EXPECT_EQ(bytes.capacity(), 14u);
  EXPECT_EQ(bytes.split_to(0).capacity(), 0u);
  EXPECT_EQ(bytes.split(), "llo");
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ(bytes.capacity(), 11u);
}

TEST(IOV2, HalvesAreWrittenToIndependently) {
  BytesMut bytes("hello");
  BytesMut tail = bytes.split_off(2);
  bytes.extend("yday");  // has no room: must not run into the other half
  tail[0] = std::byte{'L'};
  EXPECT_EQ(bytes, "heyday");
  EXPECT_EQ(tail, "Llo");
}

TEST(IOV2, UnsplitOfNeighboursCopiesNothing) {
  BytesMut bytes = BytesMut::with_capacity(32);
  bytes.extend("hello world");
  const std::byte* const first = where(bytes);
  BytesMut tail = bytes.split_off(5);
  bytes.unsplit(std::move(tail));
  EXPECT_EQ(bytes, "hello world");
  EXPECT_EQ(where(bytes), first);
  EXPECT_EQ(bytes.capacity(), 32u);
}

TEST(IOV2, UnsplitOfOthersCopies) {
  BytesMut bytes = BytesMut::with_capacity(16);
  bytes.extend("hello");
  BytesMut gap = bytes.split_off(8);
  gap.extend("!");
  bytes.unsplit(std::move(gap));  // of the same memory, but not adjacent
  EXPECT_EQ(bytes, "hello!");
  bytes.unsplit(BytesMut("?"));
  EXPECT_EQ(bytes, "hello!?");
  bytes.unsplit(BytesMut());
  EXPECT_EQ(bytes, "hello!?");
}

TEST(IOV2, UnsplitOntoAnEmptyOneTakesTheOther) {
  BytesMut bytes = BytesMut::with_capacity(4);
  BytesMut other("hello");
  const std::byte* const first = where(other);
  bytes.unsplit(std::move(other));
  EXPECT_EQ(where(bytes), first);
  BytesMut room = BytesMut::with_capacity(4);
  room.unsplit(BytesMut());
  EXPECT_EQ(room.capacity(), 4u);
}

TEST(IOV2, FreezingCopiesNothing) {
  BytesMut bytes("hello world");
  const std::byte* const first = where(bytes);
  bytes.advance(2);
  const BytesMut front = bytes.split_to(3);
  bytes.truncate(4);
  const Bytes frozen = std::move(bytes).freeze();
  EXPECT_EQ(frozen.data(), first + 5);
  EXPECT_EQ(frozen, " wor");
  EXPECT_EQ(bytes.capacity(), 0u);  // NOLINT(bugprone-use-after-move): that is the contract
  EXPECT_TRUE(BytesMut().freeze().empty());
  EXPECT_EQ(front, "llo");
}

TEST(IOV2, AVectorThatWasMovedInComesBack) {
  std::vector<std::byte> vector = as_vector("hello world");
  const std::byte* const first = vector.data();
  BytesMut bytes(std::move(vector));
  EXPECT_EQ(where(bytes), first);
  bytes.advance(6);
  const std::vector<std::byte> back = std::move(bytes).into_vector();
  EXPECT_EQ(back.data(), first);
  EXPECT_EQ(back, as_vector("world"));
}

TEST(IOV2, WhatIsSharedOrNoVectorIsCopied) {
  std::vector<std::byte> vector = as_vector("hello");
  const std::byte* const first = vector.data();
  BytesMut bytes(std::move(vector));
  BytesMut tail = bytes.split_off(2);
  const std::vector<std::byte> copy = std::move(bytes).into_vector();
  EXPECT_NE(copy.data(), first);
  EXPECT_EQ(copy, as_vector("he"));
  EXPECT_EQ(std::move(tail).into_vector(), as_vector("llo"));
  EXPECT_EQ(BytesMut("text").into_vector(), as_vector("text"));
  EXPECT_TRUE(BytesMut().into_vector().empty());
}

TEST(IOV2, OutOfRangeIsFatal) {
  BytesMut bytes("abc");
  const std::size_t capacity = bytes.capacity();
  EXPECT_DEATH(static_cast<void>(bytes.split_to(4)), "bytes_mut_test.cc:.*BytesMut::split_to");
  EXPECT_DEATH(static_cast<void>(bytes.split_off(capacity + 1)),
               "bytes_mut_test.cc:.*BytesMut::split_off");
  EXPECT_DEATH(bytes.unchecked_set_len(capacity + 1), "bytes_mut_test.cc:.*unchecked_set_len");
  EXPECT_DEATH(bytes.advance(4), "bytes_mut_test.cc:.*BytesMut::advance");
  EXPECT_DEATH(bytes.advance_mut(capacity), "bytes_mut_test.cc:.*BytesMut::advance_mut");
  EXPECT_DEATH(static_cast<void>(bytes[3]), "BytesMut::operator");
}

TEST(IOV3, EnoughRoomIsLeftAlone) {
  BytesMut bytes = BytesMut::with_capacity(16);
  bytes.extend("hello");
  const std::byte* const first = where(bytes);
  bytes.reserve(11);
  EXPECT_EQ(where(bytes), first);
  EXPECT_EQ(bytes.capacity(), 16u);
}

TEST(IOV3, GrowsToTwiceAtLeast) {
  BytesMut bytes = BytesMut::with_capacity(100);
  bytes.resize(100, std::byte{1});
  bytes.reserve(1);
  EXPECT_GE(bytes.capacity(), 200u);
  EXPECT_EQ(bytes.size(), 100u);
  bytes.reserve(1000);
  EXPECT_GE(bytes.capacity(), 1100u);
}

TEST(IOV3, ShiftsToTheFrontWhenThatIsPaidFor) {
  BytesMut bytes = BytesMut::with_capacity(16);
  bytes.extend("0123456789abcdef");
  const std::byte* const first = where(bytes);
  bytes.advance(8);
  bytes.reserve(8);  // 8 went, 8 are moved
  EXPECT_EQ(where(bytes), first);
  EXPECT_EQ(bytes, "89abcdef");
  EXPECT_EQ(bytes.capacity(), 16u);
}

TEST(IOV3, GrowsWhenShiftingWouldCostMoreThanWasTaken) {
  BytesMut bytes = BytesMut::with_capacity(16);
  bytes.extend("0123456789abcdef");
  const std::byte* const first = where(bytes);
  bytes.advance(7);
  bytes.reserve(7);
  EXPECT_NE(where(bytes), first);
  EXPECT_EQ(bytes, "789abcdef");
  EXPECT_GE(bytes.capacity(), 32u);
}

TEST(IOV3, TakesBackWhatOthersHaveGivenUp) {
  BytesMut bytes = BytesMut::with_capacity(16);
  bytes.extend("hello");
  const std::byte* const first = where(bytes);
  {
    const BytesMut behind = bytes.split_off(5);
  }
  EXPECT_EQ(bytes.capacity(), 5u);
  bytes.reserve(11);
  EXPECT_EQ(where(bytes), first);
  EXPECT_EQ(bytes.capacity(), 16u);
}

TEST(IOV3, SharedMemoryIsLeftToTheOthers) {
  BytesMut bytes = BytesMut::with_capacity(3000);
  bytes.resize(3000, std::byte{'x'});
  const Bytes frame = bytes.split_to(2990).freeze();
  bytes.reserve(100);
  // Not 110, but what 3000 was rounded to.
  EXPECT_EQ(bytes.capacity(), 2048u);
  EXPECT_EQ(bytes.size(), 10u);
  EXPECT_EQ(frame.size(), 2990u);
  // The new memory remembers it, too.
  const Bytes again = bytes.split_to(5).freeze();
  bytes.reserve(2048);
  EXPECT_EQ(bytes.capacity(), 2053u);
  const Bytes third = bytes.split_to(5).freeze();
  bytes.reserve(2049);
  EXPECT_EQ(bytes.capacity(), 2049u);
}

TEST(IOV3, WhatIsRememberedHasBounds) {
  BytesMut small = BytesMut::with_capacity(1000);
  small.resize(1000, std::byte{'x'});
  const Bytes first = small.split_to(1000).freeze();
  small.reserve(10);
  EXPECT_EQ(small.capacity(), 10u);
  BytesMut large = BytesMut::with_capacity(1 << 20);
  large.resize(1 << 20, std::byte{'x'});
  const Bytes second = large.split_to(1 << 20).freeze();
  large.reserve(10);
  EXPECT_EQ(large.capacity(), std::size_t{128} << 10);
}

TEST(IOV3, TryReclaimNeverAllocates) {
  BytesMut none;
  EXPECT_FALSE(none.try_reclaim(1));
  EXPECT_TRUE(none.try_reclaim(0));
  BytesMut bytes = BytesMut::with_capacity(16);
  EXPECT_TRUE(bytes.try_reclaim(16));
  EXPECT_FALSE(bytes.try_reclaim(17));
  EXPECT_FALSE(bytes.try_reclaim(SIZE_MAX));
  bytes.extend("0123456789abcdef");
  {
    const Bytes frame = bytes.split_to(16).freeze();
    EXPECT_FALSE(bytes.try_reclaim(1));
    EXPECT_EQ(frame.size(), 16u);
  }
  EXPECT_TRUE(bytes.try_reclaim(16));
  EXPECT_EQ(bytes.capacity(), 16u);
}

TEST(IOV3, OverflowIsFatal) {
  BytesMut bytes("abc");
  EXPECT_DEATH(bytes.reserve(SIZE_MAX), "bytes_mut_test.cc:.*BytesMut::reserve");
  EXPECT_DEATH(static_cast<void>(BytesMut::with_capacity(SIZE_MAX)), "capacity overflows");
}

TEST(IO55, ContentOutlivesEveryWayOfCutting) {
  BytesMut bytes("0123456789");
  bytes.advance(1);
  BytesMut tail = bytes.split_off(7);
  bytes.truncate(6);
  const Bytes front = bytes.split_to(3).freeze();
  const Bytes middle = std::move(bytes).freeze();
  const Bytes end = std::move(tail).freeze();
  EXPECT_EQ(front, "123");
  EXPECT_EQ(middle, "456");
  EXPECT_EQ(end, "89");
}

}  // namespace
}  // namespace weft::io
