// Intervals<T>: what has happened since the last time one asked.
//
// Spec: R-148.
//
// Made by RuntimeMonitor::intervals() and TaskMonitor::intervals(). It never ends: one takes as
// many as one wants, by hand or in a loop.
//
//   auto intervals = monitor.intervals();
//   const runtime::TaskMetrics before = intervals.next();  // since intervals()
//   const runtime::TaskMetrics after = intervals.next();   // since the line above

#ifndef WEFT_RUNTIME_METRICS_INTERVALS_H_
#define WEFT_RUNTIME_METRICS_INTERVALS_H_

#include <cstddef>
#include <functional>
#include <iterator>
#include <utility>

namespace weft::runtime {

// An input range. Movable; one thread at a time.
template <class T>
class Intervals {
 public:
  // `next` yields the next interval each time it is called.
  explicit Intervals(std::function<T()> next) : next_(std::move(next)) {}

  // What has happened since the last call; the first time, since this object was made.
  T next() { return next_(); }

  // Takes an interval when it is made and whenever it moves on, so a loop's body runs in between.
  class Iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;

    explicit Iterator(Intervals& of) : of_(&of), interval_(of.next()) {}
    const T& operator*() const noexcept { return interval_; }
    Iterator& operator++() {
      interval_ = of_->next();
      return *this;
    }
    void operator++(int) { ++*this; }

   private:
    Intervals* of_;
    T interval_;
  };

  Iterator begin() { return Iterator(*this); }
  std::unreachable_sentinel_t end() const noexcept { return std::unreachable_sentinel; }

 private:
  std::function<T()> next_;
};

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_METRICS_INTERVALS_H_
