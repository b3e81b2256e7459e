// WEFT_MAIN_RUNTIME: which runtime a program that starts at co_main gets.
//
// Spec: R-22; api.md "co_main".
//
//   #include <weft/weft.h>
//
//   WEFT_MAIN_RUNTIME(weft::runtime::Builder::new_current_thread().enable_all())  // optional
//
//   weft::Task<int> co_main(int argc, char** argv) { co_return 0; }
//
// Link weft::main, which has the `int main`: it builds the runtime, spawns co_main on it, waits,
// and shuts the runtime down. The task's value is the exit code; an exception is printed and makes
// it 1.

#ifndef WEFT_RUNTIME_MAIN_RUNTIME_H_
#define WEFT_RUNTIME_MAIN_RUNTIME_H_

#include <weft/runtime/builder.h>

namespace weft::internal {

// Defined by WEFT_MAIN_RUNTIME, if the program uses it.
runtime::Builder main_runtime_builder();

}  // namespace weft::internal

// At namespace scope, once in a program; the argument is a Builder.
#define WEFT_MAIN_RUNTIME(...) \
  ::weft::runtime::Builder weft::internal::main_runtime_builder() { return __VA_ARGS__; }

#endif  // WEFT_RUNTIME_MAIN_RUNTIME_H_
