#include <weft/runtime/driver/timer_wheel.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace weft::internal {
namespace {

constexpr unsigned kLevels = TimerWheel::kLevels;
constexpr unsigned kSlots = TimerWheel::kSlots;

struct Timer : TimerNode {
  explicit Timer(Tick due_tick = 0) : due(due_tick) {}
  Tick due;  // when it is really to fire
};

Tick really_due(TimerNode& node, Tick) { return static_cast<Timer&>(node).due; }

void insert(TimerWheel& wheel, Timer& timer, Tick tick) {
  timer.due = tick;
  ASSERT_TRUE(wheel.insert(timer, tick));
}

// What became due when time went on to `now`.
std::vector<Timer*> advance(TimerWheel& wheel, Tick now) {
  wheel.advance(now, really_due);
  std::vector<Timer*> due;
  while (TimerNode* const node = wheel.pop_due()) due.push_back(static_cast<Timer*>(node));
  return due;
}

// How often the wheel asks to be advanced until `timer` is due.
int steps_until_due(TimerWheel& wheel, const Timer& timer) {
  for (int steps = 1;; ++steps) {
    const auto next = wheel.next_expiration();
    if (!next) return -1;
    const auto due = advance(wheel, *next);
    if (std::ranges::find(due, &timer) != due.end()) return steps;
  }
}

// The same in pieces of `most` timers; `between` runs between two pieces.
template <class Between>
std::vector<Timer*> advance_in_pieces(TimerWheel& wheel, Tick now, std::size_t most,
                                      Between between) {
  std::vector<Timer*> due;
  for (bool all = false; !all;) {
    all = wheel.advance(now, most, really_due);
    while (TimerNode* const node = wheel.pop_due()) due.push_back(static_cast<Timer*>(node));
    between();
  }
  return due;
}

TEST(TM34, APieceOfTheWorkIsAsLargeAsAsked) {
  TimerWheel wheel;
  std::array<Timer, 10> timers;
  for (Timer& timer : timers) insert(wheel, timer, 5);
  EXPECT_FALSE(wheel.advance(9, 4, really_due));
  EXPECT_EQ(wheel.next_expiration(), 5U);
  int pieces = 0;
  EXPECT_EQ(advance_in_pieces(wheel, 9, 3, [&] { ++pieces; }).size(), 10U);
  EXPECT_EQ(pieces, 3);
  EXPECT_EQ(wheel.elapsed(), 9U);
}

TEST(TM34, BetweenTwoPiecesTimersAreRemovedAndInserted) {
  TimerWheel wheel;
  std::array<Timer, 8> timers;
  for (Timer& timer : timers) insert(wheel, timer, 5000);
  Timer early;
  Timer late;
  bool done = false;
  const auto due = advance_in_pieces(wheel, 5000, 2, [&] {
    if (std::exchange(done, true)) return;
    // Of the slot of a higher level that is being moved down.
    wheel.remove(timers[7]);
    early.due = wheel.elapsed() + 1;
    EXPECT_TRUE(wheel.insert(early, early.due));
    insert(wheel, late, 5001);
  });
  EXPECT_EQ(due.size(), 8U);
  EXPECT_EQ(due.front(), &early);
  EXPECT_EQ(std::ranges::find(due, &timers[7]), due.end());
  EXPECT_EQ(advance(wheel, 5001), (std::vector<Timer*>{&late}));
  EXPECT_EQ(wheel.next_expiration(), std::nullopt);
}

TEST(TM34, AllExpireInTheMiddleOfAPiece) {
  TimerWheel wheel;
  std::array<Timer, 5> timers;
  for (Timer& timer : timers) insert(wheel, timer, 100);
  EXPECT_FALSE(wheel.advance(100, 2, really_due));
  wheel.expire_all();
  int count = 0;
  while (wheel.pop_due() != nullptr) ++count;
  EXPECT_EQ(count, 5);
  EXPECT_EQ(wheel.next_expiration(), std::nullopt);
}

TEST(TM30, SixLevelsOfSixtyFourSlotsCoverTwoToThe36) {
  EXPECT_EQ(kLevels, 6U);
  EXPECT_EQ(kSlots, 64U);
  EXPECT_EQ(TimerWheel::kRange, std::uint64_t{1} << 36);
}

TEST(TM30, ElapsedIsTheProcessedTick) {
  TimerWheel wheel;
  EXPECT_EQ(wheel.elapsed(), 0U);
  wheel.advance(7, really_due);
  EXPECT_EQ(wheel.elapsed(), 7U);
}

TEST(TM31, TheLevelIsThatOfTheHighestDigitThatDiffers) {
  EXPECT_EQ(TimerWheel::level_for(0, 63), 0U);
  EXPECT_EQ(TimerWheel::level_for(0, 64), 1U);
  EXPECT_EQ(TimerWheel::level_for(63, 64), 1U);
  EXPECT_EQ(TimerWheel::level_for(64, 127), 0U);
  EXPECT_EQ(TimerWheel::level_for(5, 5), 0U);
}

TEST(TM31, BeyondTheRangeTheLevelIsTheLast) {
  EXPECT_EQ(TimerWheel::level_for(0, TimerWheel::kRange - 1), kLevels - 1);
  EXPECT_EQ(TimerWheel::level_for(0, TimerWheel::kRange), kLevels - 1);
  EXPECT_EQ(TimerWheel::level_for(0, kMaxTick), kLevels - 1);
}

TEST(TM31, TheSlotIsTheDigit) {
  EXPECT_EQ(TimerWheel::slot_for(63, 0), 63U);
  EXPECT_EQ(TimerWheel::slot_for(64, 0), 0U);
  EXPECT_EQ(TimerWheel::slot_for(64, 1), 1U);
  EXPECT_EQ(TimerWheel::slot_for(4096 * 63, 2), 63U);
  EXPECT_EQ(TimerWheel::slot_for(4096 * 64, 2), 0U);
}

TEST(TM32, InsertingWhatHasPassedIsRefused) {
  TimerWheel wheel;
  Timer timer;
  wheel.advance(10, really_due);
  EXPECT_FALSE(wheel.insert(timer, 9));
  EXPECT_FALSE(wheel.insert(timer, 10));
  EXPECT_FALSE(timer.is_linked());
  EXPECT_TRUE(wheel.insert(timer, 11));
  wheel.remove(timer);
}

TEST(TM32, RemovingTheLastOfASlotEmptiesIt) {
  TimerWheel wheel;
  Timer a;
  Timer b;
  insert(wheel, a, 100);
  insert(wheel, b, 100);
  wheel.remove(a);
  EXPECT_TRUE(wheel.next_expiration().has_value());
  wheel.remove(b);
  EXPECT_FALSE(wheel.next_expiration().has_value());
}

TEST(TM32, WhatIsDueCanStillBeRemoved) {
  TimerWheel wheel;
  Timer a;
  Timer b;
  insert(wheel, a, 5);
  insert(wheel, b, 5);
  wheel.advance(5, really_due);
  wheel.remove(a);
  EXPECT_EQ(wheel.pop_due(), &b);
  EXPECT_EQ(wheel.pop_due(), nullptr);
}

TEST(TM32, RemovalFindsTheSlotAgainAfterTimeHasGoneOn) {
  // From every level, at times at which another level would look plausible.
  for (const Tick due : {Tick{4000}, Tick{200'000}, Tick{10'000'000}, Tick{3} << 30}) {
    for (const Tick now : {Tick{1}, Tick{63}, Tick{64}, due / 2, due - 1}) {
      TimerWheel wheel;
      Timer timer;
      insert(wheel, timer, due);
      EXPECT_TRUE(advance(wheel, now).empty());
      wheel.remove(timer);
      EXPECT_FALSE(wheel.next_expiration().has_value()) << due << " at " << now;
    }
  }
}

TEST(TM33, NextExpirationIsNoneWithoutTimers) {
  EXPECT_FALSE(TimerWheel().next_expiration().has_value());
}

TEST(TM33, WhatIsDueExpiresNow) {
  TimerWheel wheel;
  Timer due;
  Timer later;
  insert(wheel, due, 5);
  insert(wheel, later, 9);
  wheel.advance(5, really_due);
  EXPECT_EQ(wheel.next_expiration(), 5U);
  EXPECT_EQ(wheel.pop_due(), &due);
  EXPECT_EQ(wheel.next_expiration(), 9U);
  wheel.remove(later);
}

TEST(TM33, TheLowestOccupiedLevelComesFirst) {
  TimerWheel wheel;
  Timer high;
  Timer low;
  insert(wheel, high, 64);
  insert(wheel, low, 63);
  EXPECT_EQ(wheel.next_expiration(), 63U);
  wheel.remove(low);
  EXPECT_EQ(wheel.next_expiration(), 64U);
  wheel.remove(high);
}

TEST(TM33, AHigherLevelExpiresAtItsSlotsStart) {
  TimerWheel wheel;
  Timer timer;
  insert(wheel, timer, 5 * 64 + 17);
  EXPECT_EQ(wheel.next_expiration(), 5U * 64);
  wheel.remove(timer);
}

TEST(TM33, OnTheLastLevelAPassedSlotMeansTheNextRotation) {
  TimerWheel wheel;
  wheel.advance((Tick{9} << 30) + 5, really_due);
  Timer timer;
  insert(wheel, timer, TimerWheel::kRange + (Tick{2} << 30) + 1);
  EXPECT_EQ(wheel.next_expiration(), TimerWheel::kRange + (Tick{2} << 30));
  wheel.remove(timer);
}

TEST(TM33, ATimerARotationAheadDoesNotHideNearerOnes) {
  // `far` shares the slot that time is in; `near` is in a slot that comes up long before that.
  TimerWheel wheel;
  wheel.advance(5, really_due);
  Timer far;
  Timer near;
  insert(wheel, far, TimerWheel::kRange + 3);
  insert(wheel, near, Tick{7} << 30);
  EXPECT_EQ(wheel.next_expiration(), Tick{7} << 30);
  wheel.remove(near);
  EXPECT_EQ(wheel.next_expiration(), TimerWheel::kRange);
  wheel.remove(far);
}

TEST(TM34, EverythingUpToNowIsTakenInOrder) {
  TimerWheel wheel;
  Timer a;
  Timer b;
  Timer c;
  Timer d;
  insert(wheel, c, 300);
  insert(wheel, a, 7);
  insert(wheel, d, 301);
  insert(wheel, b, 65);
  EXPECT_EQ(advance(wheel, 300), (std::vector<Timer*>{&a, &b, &c}));
  EXPECT_EQ(wheel.elapsed(), 300U);
  EXPECT_EQ(advance(wheel, 301), (std::vector<Timer*>{&d}));
}

TEST(TM34, OneTicksTimersComeInTheOrderOfInsertion) {
  TimerWheel wheel;
  std::array<Timer, 3> timers;
  for (Timer& timer : timers) insert(wheel, timer, 5000);
  EXPECT_EQ(advance(wheel, 5000), (std::vector<Timer*>{&timers[0], &timers[1], &timers[2]}));
}

TEST(TM34, APostponedTimerIsPutWhereItBelongs) {
  TimerWheel wheel;
  Timer timer;
  insert(wheel, timer, 10);
  timer.due = 400;
  EXPECT_TRUE(advance(wheel, 10).empty());
  EXPECT_TRUE(advance(wheel, 399).empty());
  EXPECT_EQ(advance(wheel, 400), (std::vector<Timer*>{&timer}));
}

TEST(TM34, ATimerMayGoBackIntoTheSlotThatIsBeingTaken) {
  // A rotation later on the last level: the same slot.
  TimerWheel wheel;
  Timer timer;
  const Tick first = Tick{1} << 30;
  insert(wheel, timer, first);
  timer.due = first + TimerWheel::kRange;
  EXPECT_TRUE(advance(wheel, first).empty());
  EXPECT_EQ(wheel.next_expiration(), first + TimerWheel::kRange);
  EXPECT_EQ(advance(wheel, first + TimerWheel::kRange), (std::vector<Timer*>{&timer}));
}

TEST(TM34, NothingIsDueAtTheSameTickTwice) {
  TimerWheel wheel;
  Timer timer;
  insert(wheel, timer, 5);
  EXPECT_EQ(advance(wheel, 5).size(), 1U);
  EXPECT_TRUE(advance(wheel, 5).empty());
  EXPECT_EQ(wheel.elapsed(), 5U);
}

TEST(TM34, AtTheEndOfTimeEverythingIsDue) {
  TimerWheel wheel;
  std::array<Timer, 4> timers;
  insert(wheel, timers[0], 1);
  insert(wheel, timers[1], 1000);
  insert(wheel, timers[2], Tick{5} << 40);
  insert(wheel, timers[3], kMaxTick);
  wheel.expire_all();
  int due = 0;
  while (wheel.pop_due() != nullptr) ++due;
  EXPECT_EQ(due, 4);
  EXPECT_FALSE(wheel.next_expiration().has_value());
}

TEST(TM35, TimeNeverGoesBack) {
  TimerWheel wheel;
  wheel.advance(5, really_due);
  EXPECT_DEATH(wheel.advance(4, really_due), "time went backwards");
}

TEST(TM35, SkippingNeverGoesBackOrPastATimer) {
  TimerWheel wheel;
  wheel.skip_to(5);
  EXPECT_EQ(wheel.elapsed(), 5U);
  wheel.skip_to(3);
  EXPECT_EQ(wheel.elapsed(), 5U);
  Timer timer;
  insert(wheel, timer, 70);
  wheel.skip_to(64);  // the start of the timer's slot, which has to be cascaded
  EXPECT_EQ(wheel.elapsed(), 5U);
  wheel.skip_to(63);
  EXPECT_EQ(wheel.elapsed(), 63U);
  wheel.remove(timer);
}

TEST(TM36, ALongTimerCascadesFiveTimesAtMost) {
  for (const Tick due :
       {TimerWheel::kRange - 1, (Tick{0b111'111} << 30) + 0x15555555, Tick{4097}}) {
    TimerWheel wheel;
    Timer timer;
    insert(wheel, timer, due);
    const int steps = steps_until_due(wheel, timer);
    EXPECT_EQ(wheel.elapsed(), due);
    EXPECT_LE(steps, 6) << due;  // five cascades and the end
  }
}

TEST(TM56, LevelsAndSlotsOfEveryPosition) {
  for (Tick position = 1; position < kSlots; ++position) {
    EXPECT_EQ(TimerWheel::level_for(0, position), 0U);
    EXPECT_EQ(TimerWheel::slot_for(position, 0), position);
  }
  for (unsigned level = 1; level < kLevels - 1; ++level) {
    for (Tick position = level; position < kSlots; ++position) {
      const Tick tick = position << (6 * level);
      for (const Tick at : {tick - 1, tick, tick + 1}) {
        if (at == tick - 1 && position <= level) continue;
        const bool is_in_lower_slot = at == tick - 1;
        EXPECT_EQ(TimerWheel::level_for(0, at),
                  position == 1 && is_in_lower_slot ? level - 1 : level);
        if (position == 1 && is_in_lower_slot) continue;
        EXPECT_EQ(TimerWheel::slot_for(at, level), position - (is_in_lower_slot ? 1 : 0));
      }
    }
  }
}

TEST(TM56, ThousandTimersAtOneTickStepsFireEachAtItsTick) {
  TimerWheel wheel;
  std::array<Timer, 1024> timers;
  for (Tick i = 0; i < timers.size(); ++i) insert(wheel, timers[i], i + 1);
  for (Tick now = 1; now <= timers.size(); ++now) {
    ASSERT_EQ(advance(wheel, now), (std::vector<Timer*>{&timers[now - 1]}));
  }
}

TEST(TM56, ACascadeBoundaryIsNeitherEarlyNorProcessedTwice) {
  TimerWheel wheel;
  Timer timer;
  insert(wheel, timer, 193);
  for (const Tick now : {62, 192, 192}) EXPECT_TRUE(advance(wheel, now).empty()) << now;
  EXPECT_EQ(advance(wheel, 193), (std::vector<Timer*>{&timer}));
}

// A wheel and a sorted map do the same random things; what is due, and when, has to agree.
class WheelAgainstMap {
 public:
  explicit WheelAgainstMap(std::uint64_t seed) : random_(seed) {
    for (int i = 0; i < 200; ++i) timers_.push_back(std::make_unique<Timer>());
  }
  ~WheelAgainstMap() {
    for (auto& [due, timer] : expected_) wheel_.remove(*timer);
  }

  void step() {
    switch (pick(10)) {
      case 0:
        return advance_by(distance());
      case 1:
        return advance_to_next();
      case 2:
      case 3:
        return remove_one();
      case 4:
        return postpone_one();
      default:
        return insert_one();
    }
  }

 private:
  std::uint64_t pick(std::uint64_t bound) { return random_() % bound; }
  // Of any order of magnitude, up to several rotations.
  Tick distance() { return pick(Tick{1} << pick(40)); }

  void insert_one() {
    Timer& timer = *timers_[pick(timers_.size())];
    if (timer.is_linked()) return;
    timer.due = now_ + 1 + distance();
    ASSERT_TRUE(wheel_.insert(timer, timer.due));
    expected_.emplace(timer.due, &timer);
  }

  std::multimap<Tick, Timer*>::iterator any() {
    auto found = expected_.begin();
    std::advance(found, static_cast<std::ptrdiff_t>(pick(expected_.size())));
    return found;
  }

  void remove_one() {
    if (expected_.empty()) return;
    const auto chosen = any();
    wheel_.remove(*chosen->second);
    expected_.erase(chosen);
  }

  // As a timer that is reset without a lock: the wheel does not know yet.
  void postpone_one() {
    if (expected_.empty()) return;
    const auto chosen = any();
    Timer* const timer = chosen->second;
    timer->due += distance();
    expected_.erase(chosen);
    expected_.emplace(timer->due, timer);
  }

  void advance_by(Tick ticks) {
    now_ += ticks;
    std::vector<Timer*> due = advance_in_pieces(wheel_, now_, 1 + pick(50), [] {});
    for (std::size_t i = 1; i < due.size(); ++i) ASSERT_LE(due[i - 1]->due, due[i]->due);
    for (Timer* const timer : due) {
      ASSERT_LE(timer->due, now_);
      const auto [first, last] = expected_.equal_range(timer->due);
      const auto found = std::find_if(first, last, [&](auto& e) { return e.second == timer; });
      ASSERT_NE(found, last);
      expected_.erase(found);
    }
    if (!expected_.empty()) {
      ASSERT_GT(expected_.begin()->first, now_);
    }
    check_next();
  }

  void advance_to_next() {
    const auto next = wheel_.next_expiration();
    ASSERT_EQ(next.has_value(), !expected_.empty());
    if (next) advance_by(*next - now_);
  }

  void check_next() {
    const auto next = wheel_.next_expiration();
    ASSERT_EQ(next.has_value(), !expected_.empty());
    if (!next) return;
    ASSERT_GT(*next, now_);
    ASSERT_LE(*next, expected_.begin()->first);
  }

  std::mt19937_64 random_;
  TimerWheel wheel_;
  Tick now_ = 0;
  std::vector<std::unique_ptr<Timer>> timers_;
  std::multimap<Tick, Timer*> expected_;
};

TEST(TM34, AgreesWithASortedMap) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    WheelAgainstMap run(seed);
    for (int i = 0; i < 5000 && !::testing::Test::HasFatalFailure(); ++i) run.step();
  }
}

}  // namespace
}  // namespace weft::internal
