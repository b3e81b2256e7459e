// Probe and SlowProbe: leaves whose answers the test decides, and which keep account of what was
// done to them.
//
// Awaiting a Probe<T> suspends until the test completes it. It counts polls and the leaves that are
// alive, so that a test can tell that a loser is gone, or that a borrowed one was let be. Any
// number of leaves may wait for one Probe, one after the other or at once.
//
// A SlowProbe is the one kind of leaf that cannot go away in one step: as a scope with a live child
// does, it has to be driven by poll_cancel() until the test lets it end.
//
//   Probe<int> probe;
//   Polled both(join(probe.wait(), other.wait()));
//   probe.complete(7);
//
// For the test's own thread only.

#ifndef WEFT_TESTS_SUPPORT_PROBE_H_
#define WEFT_TESTS_SUPPORT_PROBE_H_

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/waker.h>

namespace weft::test_support {

template <class T = int>
class Probe {
 public:
  Probe() = default;
  // Every poll appends `id` to `log`.
  Probe(std::vector<int>& log, int id) : log_(&log), id_(id) {}
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  // The next poll is the last; wakes whoever waits.
  void complete(T value) {
    value_.emplace(std::move(value));
    is_complete_ = true;
    wake();
  }
  // The same for one leaf only: those polled after it wait again.
  void let_one_through(T value) {
    is_one_shot_ = true;
    complete(std::move(value));
  }
  // As complete(), but awaiting it throws std::runtime_error(text).
  void fail(const char* text) {
    failure_ = text;
    is_complete_ = true;
    wake();
  }
  void wake() { std::exchange(waker_, Waker()).wake(); }

  // Completing takes a unit of budget, and polling asks for it.
  void take_budget() { takes_budget_ = true; }

  int polls() const { return polls_; }
  // Leaves that exist.
  int alive() const { return alive_; }
  // Somebody waits: there is a waker.
  bool has_waker() const { return static_cast<bool>(waker_); }

 private:
  class Node : public Leaf {
   public:
    explicit Node(Probe& probe) noexcept : probe_(probe) { ++probe_.alive_; }
    ~Node() {
      --probe_.alive_;
      probe_.waker_ = Waker();
    }
    bool poll(Context& cx) noexcept {
      EXPECT_FALSE(is_done_) << "polled again after it was complete";
      ++probe_.polls_;
      if (probe_.log_ != nullptr) probe_.log_->push_back(probe_.id_);
      if (probe_.takes_budget_ && !cx.has_budget()) return false;
      if (!probe_.is_complete_) {
        if (!probe_.waker_.will_wake(cx.waker())) probe_.waker_ = cx.clone_waker();
        return false;
      }
      if (probe_.takes_budget_) cx.spend_budget();
      if (probe_.is_one_shot_) probe_.is_complete_ = false;
      is_done_ = true;
      return true;
    }
    T take() {
      if (probe_.failure_ != nullptr) throw std::runtime_error(probe_.failure_);
      return *std::move(probe_.value_);
    }
    static constexpr const char* kWaitingOn = "probe";

   private:
    Probe& probe_;
    bool is_done_ = false;
  };

 public:
  class [[nodiscard]] Wait {
   public:
    explicit Wait(Probe& probe) noexcept : probe_(&probe) {}
    LeafAwaiter<Node> operator co_await() const noexcept { return LeafAwaiter<Node>(*probe_); }

   private:
    Probe* probe_;
  };
  Wait wait() noexcept { return Wait(*this); }

 private:
  std::optional<T> value_;
  const char* failure_ = nullptr;
  bool is_complete_ = false;
  bool is_one_shot_ = false;
  bool takes_budget_ = false;
  int polls_ = 0;
  int alive_ = 0;
  Waker waker_;
  std::vector<int>* log_ = nullptr;
  int id_ = 0;
};

class SlowProbe {
 public:
  SlowProbe() = default;
  SlowProbe(const SlowProbe&) = delete;
  SlowProbe& operator=(const SlowProbe&) = delete;

  // poll() answers true from now on.
  void complete() {
    is_complete_ = true;
    std::exchange(waker_, Waker()).wake();
  }
  // poll_cancel() answers true from now on.
  void let_end() {
    may_end_ = true;
    std::exchange(waker_, Waker()).wake();
  }

  int cancel_polls() const { return cancel_polls_; }
  int alive() const { return alive_; }

 private:
  class Node : public Leaf {
   public:
    explicit Node(SlowProbe& probe) noexcept : probe_(probe) { ++probe_.alive_; }
    ~Node() {
      --probe_.alive_;
      EXPECT_TRUE(!is_live_ || probe_.may_end_) << "destroyed before it was driven to its end";
    }
    bool poll(Context& cx) noexcept {
      EXPECT_FALSE(is_cancelled_) << "polled after poll_cancel";
      is_live_ = !probe_.is_complete_;
      if (is_live_) probe_.waker_ = cx.clone_waker();
      return !is_live_;
    }
    bool poll_cancel(Context& cx) noexcept {
      if (!is_live_) return true;
      is_cancelled_ = true;
      ++probe_.cancel_polls_;
      is_live_ = !probe_.may_end_;
      if (is_live_) probe_.waker_ = cx.clone_waker();
      return !is_live_;
    }
    void take() noexcept {}
    static constexpr const char* kWaitingOn = "slow probe";

   private:
    SlowProbe& probe_;
    bool is_live_ = false;
    bool is_cancelled_ = false;
  };

 public:
  class [[nodiscard]] Wait {
   public:
    explicit Wait(SlowProbe& probe) noexcept : probe_(&probe) {}
    LeafAwaiter<Node> operator co_await() const noexcept { return LeafAwaiter<Node>(*probe_); }

   private:
    SlowProbe* probe_;
  };
  Wait wait() noexcept { return Wait(*this); }

 private:
  bool is_complete_ = false;
  bool may_end_ = false;
  int cancel_polls_ = 0;
  int alive_ = 0;
  Waker waker_;
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_PROBE_H_
