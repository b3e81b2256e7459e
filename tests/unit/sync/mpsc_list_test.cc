#include <weft/sync/internal/mpsc_list.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include <weft/loom/thread.h>

namespace weft::sync::internal {
namespace {

using List = MpscList<int>;
constexpr std::uint64_t kSlots = MpscBlock<int>::kSlots;

TEST(SY66, ABlockHas32Slots) {
  static_assert(kSlots == 32);
  static_assert(MpscBlock<int>::start_of(31) == 0 && MpscBlock<int>::start_of(32) == 32);
  static_assert(MpscBlock<int>::offset_of(31) == 31 && MpscBlock<int>::offset_of(32) == 0);
}

TEST(SY67, AClaimedSlotIsInvisibleUntilItIsWritten) {
  List list(List::make_first_block());
  const std::uint64_t first = list.claim();
  const std::uint64_t second = list.claim();
  EXPECT_EQ(first, 0u);
  EXPECT_EQ(second, 1u);
  list.write(second, 20);
  EXPECT_FALSE(list.has_next());
  EXPECT_TRUE(list.is_next_claimed());
  list.write(first, 10);
  ASSERT_TRUE(list.has_next());
  EXPECT_EQ(list.pop(), 10);
  ASSERT_TRUE(list.has_next());
  EXPECT_EQ(list.pop(), 20);
  EXPECT_FALSE(list.has_next());
}

TEST(SY68, ABlockIsReleasedOnceTheTailHasLeftIt) {
  MpscBlock<int> block(0);
  EXPECT_FALSE(block.observed_tail());
  for (std::uint64_t i = 0; i < kSlots; ++i) {
    EXPECT_FALSE(block.is_full());
    block.write(i, 0);
  }
  EXPECT_TRUE(block.is_full());
  block.release(77);
  EXPECT_EQ(block.observed_tail(), 77u);
  EXPECT_TRUE(block.is_full());  // RELEASED is no slot
}

TEST(SY69, ALoserOfTheRaceToGrowAppendsItsBlockFurtherOn) {
  MpscBlock<int> first(0), second(0), third(0);
  EXPECT_EQ(first.try_append(second), nullptr);
  EXPECT_EQ(second.start(), kSlots);
  MpscBlock<int>* next = first.try_append(third);
  ASSERT_EQ(next, &second);
  EXPECT_EQ(next->try_append(third), nullptr);
  EXPECT_EQ(third.start(), 2 * kSlots);
  EXPECT_EQ(first.next(), &second);
  EXPECT_EQ(second.next(), &third);
}

TEST(SY69, WritingFarAheadGrowsTheList) {
  List list(List::make_first_block());
  constexpr std::uint64_t kCount = 5 * kSlots;
  for (std::uint64_t i = 0; i < kCount; ++i) ASSERT_EQ(list.claim(), i);
  for (std::uint64_t i = kCount; i > 0; --i) list.write(i - 1, static_cast<int>(i - 1));
  for (std::uint64_t i = 0; i < kCount; ++i) {
    ASSERT_TRUE(list.has_next());
    EXPECT_EQ(list.pop(), static_cast<int>(i));
  }
}

TEST(SY70, AReclaimedBlockIsLikeNew) {
  MpscBlock<int> block(0);
  for (std::uint64_t i = 0; i < kSlots; ++i) block.write(i, static_cast<int>(i));
  for (std::uint64_t i = 0; i < kSlots; ++i) EXPECT_EQ(block.take(i), static_cast<int>(i));
  block.release(40);
  block.reset();
  EXPECT_EQ(block.ready_slots(), 0u);
  EXPECT_FALSE(block.observed_tail());
  EXPECT_EQ(block.next(), nullptr);
}

TEST(SY70, TheEndIsSeenOnlyAfterTheLastMessage) {
  List list(List::make_first_block());
  list.write(list.claim(), 1);
  list.close_as_sender();
  EXPECT_FALSE(list.is_at_end());
  ASSERT_TRUE(list.has_next());
  EXPECT_EQ(list.pop(), 1);
  EXPECT_TRUE(list.is_at_end());
  EXPECT_TRUE(list.senders_are_gone());
}

TEST(SY71, ClosingClaimsNothingThatCounts) {
  List list(List::make_first_block());
  for (std::uint64_t i = 0; i <= kSlots; ++i) list.write(list.claim(), 0);
  list.close_as_sender();
  EXPECT_EQ(list.size(), kSlots + 1);
  while (list.has_next()) list.pop();
  EXPECT_EQ(list.size(), 0u);
}

TEST(SY72, EachSendersMessagesKeepTheirOrder) {
  constexpr int kSenders = 3;
  constexpr int kEach = 3000;
  List list(List::make_first_block());
  std::vector<loom::Thread> senders;
  for (int s = 0; s < kSenders; ++s) {
    auto thread = loom::Thread::spawn({}, [&list, s] {
      for (int i = 0; i < kEach; ++i) list.write(list.claim(), s * kEach + i);
    });
    ASSERT_TRUE(thread);
    senders.push_back(std::move(*thread));
  }
  for (loom::Thread& thread : senders) thread.join();
  int next[kSenders] = {};
  for (int received = 0; received < kSenders * kEach; ++received) {
    ASSERT_TRUE(list.has_next());
    const int value = list.pop();
    EXPECT_EQ(value % kEach, next[value / kEach]++);
  }
  EXPECT_FALSE(list.has_next());
}

}  // namespace
}  // namespace weft::sync::internal
