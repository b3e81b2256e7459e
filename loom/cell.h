// Cell: a plain variable that several threads may reach, though never two at once.
//
// Spec: architecture.md "Atomics go through one seam"; testing.md TE-30.
//
// Design. What a lock or a protocol over an Atomic guards. It has no synchronisation of its own;
// that is the point. The two accessors mark where an access begins and ends, so that the checker
// (WEFT_LOOM, which replaces this class) can report a pair of accesses that nothing keeps apart.
// Nothing else reaches the value: no reference leaks unless the function hands it out. In this
// build a Cell<T> is a T.
//
//   loom::Cell<Waker> waker_;   // guarded by state_: touched only by who holds kLocked
//   waker_.with_mut([&](Waker& waker) { waker = cx.waker(); });

#ifndef WEFT_LOOM_CELL_H_
#define WEFT_LOOM_CELL_H_

#ifdef WEFT_LOOM

#include <weft/loom/checker/cell.h>

namespace weft::loom {

using checker::Cell;

}  // namespace weft::loom

#else

#include <utility>

namespace weft::loom {

template <class T>
class Cell {
 public:
  constexpr Cell() = default;

  // The value is made from args.
  template <class... Args>
  constexpr explicit Cell(std::in_place_t, Args&&... args) : value_(std::forward<Args>(args)...) {}
  constexpr explicit Cell(T value) : value_(std::move(value)) {}

  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;

  // Returns fn(const T&). No other thread writes meanwhile.
  template <class F>
  constexpr decltype(auto) with(F&& fn) const {
    return std::forward<F>(fn)(value_);
  }

  // Returns fn(T&). No other thread reads or writes meanwhile.
  template <class F>
  constexpr decltype(auto) with_mut(F&& fn) {
    return std::forward<F>(fn)(value_);
  }

 private:
  T value_{};
};

static_assert(sizeof(Cell<int>) == sizeof(int));

}  // namespace weft::loom

#endif  // WEFT_LOOM

#endif  // WEFT_LOOM_CELL_H_
