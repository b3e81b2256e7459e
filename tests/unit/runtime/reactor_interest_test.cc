// Interest, Token, Event and Events: the plain values of the reactor.

#include <concepts>
#include <optional>
#include <sstream>
#include <sys/epoll.h>
#include <type_traits>

#include <gtest/gtest.h>

#include <tests/unit/runtime/reactor_support.h>
#include <weft/runtime/reactor/reactor.h>

namespace weft::runtime::reactor {
namespace {

Event event_with(std::uint32_t bits) {
  internal::NativeEvent native{};
  native.events = bits;
  native.data.u64 = 7;
  return Event(native);
}

TEST(M1, EverythingCanBeHandedToAnotherThread) {
  static_assert(std::movable<Poll> && std::movable<Registry> && std::movable<Events>);
  static_assert(std::movable<Waker> && std::copyable<Event> && std::copyable<Token>);
  static_assert(!std::copyable<Poll> && !std::copyable<Registry> && !std::copyable<Waker>);
  Events events(3);
  Events moved(std::move(events));
  EXPECT_EQ(moved.capacity(), 3u);
}

WEFT_ON_EACH_SELECTOR(M26);

TYPED_TEST(M26, CapacityIsAsAskedAndClearEmpties) {
  Events events(17);
  EXPECT_EQ(events.capacity(), 17u);
  EXPECT_TRUE(events.empty());
  EXPECT_EQ(events.begin(), events.end());

  Poll poll = Poll::create_with(TypeParam::kKind).value();
  const Waker waker = Waker::create(poll.registry(), Token{1}).value();
  ASSERT_TRUE(waker.wake());
  ASSERT_TRUE(poll.poll(events, std::nullopt));
  EXPECT_FALSE(events.empty());
  events.clear();
  EXPECT_TRUE(events.empty());
  EXPECT_EQ(events.capacity(), 17u);
}

TEST(M26, CapacityOfZeroIsRefused) { EXPECT_DEATH(Events(0), "Events: the capacity"); }

TEST(M27, PredicatesTellTheBits) {
  EXPECT_TRUE(Interest::kReadable.is_readable());
  EXPECT_FALSE(Interest::kReadable.is_writable());
  EXPECT_FALSE(Interest::kReadable.is_priority());
  EXPECT_TRUE(Interest::kWritable.is_writable());
  EXPECT_TRUE(Interest::kPriority.is_priority());
}

TEST(M27, UnionHoldsBoth) {
  constexpr Interest both = Interest::kReadable | Interest::kWritable;
  EXPECT_TRUE(both.contains(Interest::kReadable));
  EXPECT_TRUE(both.contains(Interest::kWritable));
  EXPECT_TRUE(both.contains(both));
  EXPECT_FALSE(both.contains(Interest::kPriority));
  EXPECT_FALSE(Interest::kReadable.contains(both));
  EXPECT_EQ(both | Interest::kReadable, both);
}

TEST(M27, RemoveGivesNothingWhenNothingIsLeft) {
  constexpr Interest both = Interest::kReadable | Interest::kWritable;
  EXPECT_EQ(both.remove(Interest::kReadable), Interest::kWritable);
  EXPECT_EQ(both.remove(Interest::kPriority), both);
  EXPECT_EQ(both.remove(both), std::nullopt);
  EXPECT_EQ(Interest::kReadable.remove(both), std::nullopt);
}

TEST(M27, PrintsInAFixedOrder) {
  const Interest all = Interest::kPriority | Interest::kWritable | Interest::kReadable;
  EXPECT_EQ(all.to_string(), "READABLE | WRITABLE | PRIORITY");
  EXPECT_EQ(Interest::kWritable.to_string(), "WRITABLE");
  std::ostringstream out;
  out << (Interest::kReadable | Interest::kPriority);
  EXPECT_EQ(out.str(), "READABLE | PRIORITY");
}

TEST(R130, EventsAreDecodedAsTheTableSays) {
  EXPECT_EQ(event_with(EPOLLIN).token(), Token{7});
  EXPECT_TRUE(event_with(EPOLLIN).is_readable());
  EXPECT_TRUE(event_with(EPOLLPRI).is_readable());
  EXPECT_TRUE(event_with(EPOLLPRI).is_priority());
  EXPECT_FALSE(event_with(EPOLLIN).is_priority());
  EXPECT_TRUE(event_with(EPOLLOUT).is_writable());
  EXPECT_FALSE(event_with(EPOLLOUT).is_readable());
  EXPECT_TRUE(event_with(EPOLLERR).is_error());
  EXPECT_FALSE(event_with(EPOLLHUP).is_error());
}

TEST(R130, ReadClosedIsHupOrInWithRdhup) {
  EXPECT_TRUE(event_with(EPOLLHUP).is_read_closed());
  EXPECT_TRUE(event_with(EPOLLIN | EPOLLRDHUP).is_read_closed());
  EXPECT_FALSE(event_with(EPOLLRDHUP).is_read_closed());
  EXPECT_FALSE(event_with(EPOLLIN).is_read_closed());
}

TEST(R130, WriteClosedIsHupOrOutWithErrOrErrAlone) {
  EXPECT_TRUE(event_with(EPOLLHUP).is_write_closed());
  EXPECT_TRUE(event_with(EPOLLOUT | EPOLLERR).is_write_closed());
  EXPECT_TRUE(event_with(EPOLLERR).is_write_closed());
  EXPECT_FALSE(event_with(EPOLLIN | EPOLLERR).is_write_closed());
  EXPECT_FALSE(event_with(EPOLLOUT).is_write_closed());
}

TEST(ME3, HintsOfOtherSystemsAreNeverSet) {
  const Event all = event_with(EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLERR | EPOLLHUP | EPOLLRDHUP);
  EXPECT_FALSE(all.is_aio());
  EXPECT_FALSE(all.is_lio());
}

}  // namespace
}  // namespace weft::runtime::reactor
