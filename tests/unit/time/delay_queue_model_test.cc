// Random operations on a DelayQueue beside a sorted map that does the same.

#include <weft/time/delay_queue.h>

#include <chrono>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <utility>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/paused_runtime.h>
#include <weft/runtime/task.h>

namespace weft::time {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using test_support::MockTask;
using test_support::PausedRuntime;
using test_support::Polled;

class Model {
 public:
  explicit Model(std::uint32_t seed) : random_(seed) {}

  void run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) step();
    check_rest();
  }

 private:
  struct Known {
    DelayKey key;
    Instant deadline;
    bool had_passed = false;  // when it was given: it comes at once, in whatever order
  };

  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  // Near ones most often; on every level of the wheel; at odd nanoseconds.
  nanoseconds some_duration() {
    const std::uint64_t bits = below(6) == 0 ? below(34) : below(14);
    return milliseconds(static_cast<std::int64_t>(below((std::uint64_t{1} << bits) + 1))) +
           nanoseconds(static_cast<std::int64_t>(below(3)));
  }

  std::map<int, Known>::iterator some_known() {
    return std::next(known_.begin(), static_cast<std::ptrdiff_t>(below(known_.size())));
  }

  void step() {
    switch (below(8)) {
      case 0:
      case 1:
      case 2:
        return insert();
      case 3:
        return remove();
      case 4:
        return reset();
      case 5:
        return static_cast<void>(below(20) == 0 ? queue_.compact() : queue_.shrink_to_fit());
      case 6:
        runtime_.advance(some_duration() / 16);
        return;
      default:
        return drain();
    }
  }

  void insert() {
    // At times one that has passed.
    const nanoseconds ahead = some_duration();
    const Instant deadline = Clock::now() + ahead - some_duration() / 64;
    const int value = ++last_;
    known_[value] = Known{queue_.insert_at(value, deadline), deadline, deadline <= Clock::now()};
  }

  void remove() {
    if (known_.empty()) return;
    const auto at = some_known();
    const Expired<int> removed = queue_.remove(at->second.key);
    EXPECT_EQ(removed.value, at->first);
    EXPECT_EQ(removed.deadline, at->second.deadline);
    EXPECT_FALSE(queue_.contains(at->second.key));
    known_.erase(at);
  }

  void reset() {
    if (known_.empty()) return;
    const auto at = some_known();
    at->second.deadline = Clock::now() + some_duration();
    at->second.had_passed = at->second.deadline <= Clock::now();
    queue_.reset_at(at->second.key, at->second.deadline);
    EXPECT_EQ(queue_.deadline(at->second.key), at->second.deadline);
  }

  // Rounded up to what the queue can tell apart.
  std::int64_t tick(Instant deadline) const {
    const nanoseconds since = deadline - start_;
    return (since + 1ms - 1ns) / 1ms;
  }

  void drain() {
    const auto peeked = queue_.peek();
    EXPECT_EQ(peeked.has_value(), !known_.empty());
    bool is_first = true;
    std::int64_t last = INT64_MIN;
    for (;;) {
      Polled next(queue_.next());
      if (!next.poll(task_)) break;
      const auto expired = next.take();
      if (!expired) break;
      const auto at = known_.find(expired->value);
      ASSERT_NE(at, known_.end());
      EXPECT_EQ(expired->key, at->second.key);
      EXPECT_EQ(expired->deadline, at->second.deadline);
      EXPECT_LE(expired->deadline, Clock::now());
      if (is_first) {
        EXPECT_EQ(peeked, expired->key);
      }
      is_first = false;
      if (!at->second.had_passed) {
        EXPECT_GE(tick(expired->deadline), last);
        last = tick(expired->deadline);
      }
      known_.erase(at);
    }
    const std::int64_t now = (Clock::now() - start_) / 1ms;
    for (const auto& [value, known] : known_) {
      EXPECT_GT(tick(known.deadline), now) << value << " has not come out";
    }
    EXPECT_EQ(queue_.size(), known_.size());
    EXPECT_LE(queue_.size(), queue_.capacity());
  }

  void check_rest() {
    drain();
    std::int64_t last = 0;
    while (!known_.empty() && !testing::Test::HasFailure()) {
      runtime_.run([&]() -> Task<> {
        const auto expired = co_await queue_.next();
        came_out(expired, last);
      });
    }
  }

  void came_out(const std::optional<Expired<int>>& expired, std::int64_t& last) {
    ASSERT_TRUE(expired.has_value());
    EXPECT_EQ(known_.erase(expired->value), 1U);
    EXPECT_GE(tick(expired->deadline), last);
    last = tick(expired->deadline);
  }

  PausedRuntime runtime_;
  MockTask task_;
  DelayQueue<int> queue_;
  const Instant start_ = Clock::now();
  std::mt19937 random_;
  std::map<int, Known> known_;
  int last_ = 0;
};

TEST(T50, AgreesWithASortedMap) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Model(seed).run(3000);
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace weft::time
