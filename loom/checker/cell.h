// Cell: loom::Cell under the checker's eyes: two accesses that nothing keeps apart are a failure.
//
// Spec: TE-26. Contract: <weft/loom/cell.h>.
//
// An access is no step of the exploration: whether two of them race follows from what happens
// before what, in whichever order they run here.

#ifndef WEFT_LOOM_CHECKER_CELL_H_
#define WEFT_LOOM_CHECKER_CELL_H_

#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/loom/checker/atomic_operations.h>

namespace weft::loom::checker {
namespace internal {

void construct_cell(const void* cell);
void destroy_cell(const void* cell, std::source_location where);

// One access, from construction to destruction; does nothing outside of a model.
class CellAccess {
 public:
  CellAccess(const void* cell, bool writes, std::source_location where);
  ~CellAccess();
  CellAccess(const CellAccess&) = delete;
  CellAccess& operator=(const CellAccess&) = delete;

 private:
  void check_and_note();

  const void* cell_;
  bool writes_;
  std::source_location where_;
};

}  // namespace internal

template <class T>
class Cell {
  using Where = std::source_location;

 public:
  constexpr Cell() { made(); }
  template <class... Args>
  constexpr explicit Cell(std::in_place_t, Args&&... args) : value_(std::forward<Args>(args)...) {
    made();
  }
  constexpr explicit Cell(T value) : value_(std::move(value)) { made(); }
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;
  // Fails if an access of another thread does not happen before.
  constexpr ~Cell() {
    if (!std::is_constant_evaluated() && internal::in_model()) {
      internal::destroy_cell(this, Where::current());
    }
  }

  template <class F>
  decltype(auto) with(F&& fn, Where where = Where::current()) const {
    const internal::CellAccess access(this, /*writes=*/false, where);
    return std::forward<F>(fn)(value_);
  }
  template <class F>
  decltype(auto) with_mut(F&& fn, Where where = Where::current()) {
    const internal::CellAccess access(this, /*writes=*/true, where);
    return std::forward<F>(fn)(value_);
  }

 private:
  constexpr void made() {
    if (!std::is_constant_evaluated() && internal::in_model()) internal::construct_cell(this);
  }

  T value_{};
};

static_assert(sizeof(Cell<int>) == sizeof(int));

}  // namespace weft::loom::checker

#endif  // WEFT_LOOM_CHECKER_CELL_H_
