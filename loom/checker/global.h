// Global: an object of the whole execution.
//
// Spec: TE-12. Contract: <weft/loom/global.h>.
//
// Made where it is first used, as if it had been there before the execution: its atomics have their
// initial values for every thread. Destroyed when all threads have ended, last made first, outside
// of the model; left alone after a failure.

#ifndef WEFT_LOOM_CHECKER_GLOBAL_H_
#define WEFT_LOOM_CHECKER_GLOBAL_H_

#include <cstddef>

namespace weft::loom::checker {
namespace internal {

// How to make and end what a slot refers to.
struct GlobalOps {
  void* (*make)();
  void (*destroy)(void* value);
  std::size_t size;  // bytes
};
// The object of the running execution, made by `ops` if there is none; null outside of a model.
void* global(const GlobalOps* ops);

}  // namespace internal

// One T per execution and Tag; outside of a model one for the program.
template <class T, class Tag>
class Global {
 public:
  Global() = delete;

  static T& get() noexcept {
    if (void* const value = internal::global(&kOps)) return *static_cast<T*>(value);
    static T* const outside = new T();
    return *outside;
  }

 private:
  static constexpr internal::GlobalOps kOps{
      []() -> void* { return new T(); },
      [](void* value) { delete static_cast<T*>(value); },
      sizeof(T),
  };
};

}  // namespace weft::loom::checker

#endif  // WEFT_LOOM_CHECKER_GLOBAL_H_
