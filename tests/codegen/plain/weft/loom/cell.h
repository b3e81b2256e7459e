// loom::Cell without a seam: a variable. Found before the real header when tests/codegen/compare.py
// compiles with it.

#ifndef TESTS_CODEGEN_PLAIN_WEFT_LOOM_CELL_H_
#define TESTS_CODEGEN_PLAIN_WEFT_LOOM_CELL_H_

namespace weft::loom {

template <class T>
struct Cell {
  T value{};

  template <class F>
  auto with(F fn) const {
    return fn(value);
  }
  template <class F>
  auto with_mut(F fn) {
    return fn(value);
  }
};

}  // namespace weft::loom

#endif  // TESTS_CODEGEN_PLAIN_WEFT_LOOM_CELL_H_
