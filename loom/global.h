// Global: an object of the whole program, behind the seam.
//
// Spec: architecture.md "Atomics go through one seam"; testing.md TE-12, TE-30.
//
// Design. What one execution of a model leaves in a global variable, the next one would find, and
// go another way than it is meant to. So globals that threads share are named through this class:
// a WEFT_LOOM build, which replaces it, makes a new object for each execution. In this build it is
// a variable at namespace scope, and get() is its address.
//
// A global is named by its type and a tag, as a thread-local is:
//
//   struct RegistryTag;
//   using Registered = loom::Global<Registry, RegistryTag>;
//   Registered::get().add(slab);

#ifndef WEFT_LOOM_GLOBAL_H_
#define WEFT_LOOM_GLOBAL_H_

#ifdef WEFT_LOOM

#include <weft/loom/checker/global.h>

namespace weft::loom {

using checker::Global;

}  // namespace weft::loom

#else

#include <type_traits>

namespace weft::loom {

// One T per Tag, made by T() no later than its first use, and never destroyed: destructors of
// static objects may use it. Thread-safe.
template <class T, class Tag>
class Global {
 public:
  Global() = delete;

  static T& get() noexcept {
    if constexpr (std::is_trivially_destructible_v<T>) {
      // constinit: no guard to look at.
      static constinit T value{};
      return value;
    } else {
      static T* const value = new T();
      return *value;
    }
  }
};

}  // namespace weft::loom

#endif  // WEFT_LOOM

#endif  // WEFT_LOOM_GLOBAL_H_
