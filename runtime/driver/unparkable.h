// Unparkable: whoever sleeps for a runtime, seen by those who may have to end that sleep early.
//
// Spec: R-129, TM-43.
//
// The one implementation is Driver. The timers know it by this name only, so that they can be
// tested, and model-checked, with something else asleep in its place.

#ifndef WEFT_RUNTIME_DRIVER_UNPARKABLE_H_
#define WEFT_RUNTIME_DRIVER_UNPARKABLE_H_

#include <weft/runtime/ref_counted.h>

namespace weft::internal {

class Unparkable : public RefCounted<Unparkable> {
 public:
  // Ends the current sleep, or makes the next one return at once. Thread-safe.
  virtual void unpark() noexcept = 0;

 protected:
  friend class RefCounted<Unparkable>;
  Unparkable() noexcept = default;
  virtual ~Unparkable() = default;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_UNPARKABLE_H_
