// RuntimeGone: thrown out of an await whose runtime has shut down.
//
// Spec: api.md "Conventions" (a check failure that a race may bring about at run time, such as a
// timer resumed after its runtime shut down, is this exception; every other one aborts).
//
// Nobody can rule out that a runtime ends between two lines of a task that still runs elsewhere, so
// this is no misuse; and there is no result to put it in, since the awaited operation (a sleep, a
// spawn) cannot fail otherwise. Catch it where the task's end is handled; it comes out of a
// JoinHandle like any exception.

#ifndef WEFT_BASE_RUNTIME_GONE_H_
#define WEFT_BASE_RUNTIME_GONE_H_

#include <exception>

namespace weft {

class RuntimeGone : public std::exception {
 public:
  RuntimeGone() noexcept = default;
  // `what` must outlive the exception: a literal that names the call, such as
  // "time::sleep: the runtime has shut down".
  explicit RuntimeGone(const char* what) noexcept : what_(what) {}

  const char* what() const noexcept override { return what_; }

 private:
  const char* what_ = "weft: the runtime has shut down";
};

}  // namespace weft

#endif  // WEFT_BASE_RUNTIME_GONE_H_
