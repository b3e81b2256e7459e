// What the tests of streams share: streams that answer as they are told.

#ifndef WEFT_TESTS_UNIT_STREAM_STREAM_SUPPORT_H_
#define WEFT_TESTS_UNIT_STREAM_STREAM_SUPPORT_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/task.h>
#include <weft/stream/stream.h>
#include <weft/testing/assertions.h>
#include <weft/testing/harness.h>

namespace weft::stream_test {

using Value = std::optional<int>;
inline constexpr std::optional<int> kWait = std::nullopt;

// What became of a Scripted.
struct Account {
  int polls = 0;
  bool has_ended = false;
  bool is_destroyed = false;
};

// Plays its script: an item at each poll, or pending where that says kWait, then the end. It is not
// fused: polled after its end, it fails the test.
class Scripted : public stream::internal::StreamBase<Scripted, int> {
 public:
  Scripted(std::vector<std::optional<int>> script)  // NOLINT(google-explicit-constructor)
      : script_(script.begin(), script.end()) {}
  Scripted(Scripted&&) = default;
  ~Scripted() {
    if (account_) account_->is_destroyed = true;
  }

  std::shared_ptr<Account> account() const { return account_; }

 private:
  friend class stream::internal::StreamBase<Scripted, int>;
  Poll<Value> poll_item(Context&) {
    EXPECT_FALSE(account_->has_ended) << "polled after its end";
    ++account_->polls;
    if (script_.empty()) {
      account_->has_ended = true;
      return Value();
    }
    const std::optional<int> step = script_.front();
    script_.pop_front();
    if (!step) return kPending;
    return Value(step);
  }
  stream::SizeHint hint() const { return stream::internal::exactly(items()); }
  std::size_t items() const {
    std::size_t count = 0;
    for (const auto& step : script_) count += step.has_value();
    return count;
  }

  std::deque<std::optional<int>> script_;
  std::shared_ptr<Account> account_ = std::make_shared<Account>();
};

// What a user writes: nothing but next(). Counts from 1 to `last`.
class Plain {
 public:
  explicit Plain(int last) : last_(last) {}
  Task<Value> next() {
    if (count_ == last_) co_return std::nullopt;
    co_return ++count_;
  }

 private:
  int last_;
  int count_ = 0;
};

inline stream::AsyncGenerator<int> count_to(int last) {
  for (int i = 1; i <= last; ++i) co_yield i;
}

// All items of a stream that is ready all the time.
template <class S>
auto items_of(S&& stream) {
  auto all = test::spawn(stream::collect(std::forward<S>(stream)));
  return test::assert_ready(all.poll());
}

}  // namespace weft::stream_test

#endif  // WEFT_TESTS_UNIT_STREAM_STREAM_SUPPORT_H_
