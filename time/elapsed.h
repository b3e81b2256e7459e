// Elapsed: the error of an operation that took longer than it was given.
//
// Spec: TM-21.

#ifndef WEFT_TIME_ELAPSED_H_
#define WEFT_TIME_ELAPSED_H_

#include <string>

#include <weft/base/error.h>

namespace weft::time {

// Says only that; a plain value. Converts to a weft::Error, which is Errc::elapsed.
class Elapsed {
 public:
  constexpr operator Error() const noexcept {  // NOLINT(google-explicit-constructor)
    return Error(Errc::elapsed);
  }
  // For people: "deadline has elapsed".
  std::string to_string() const { return "deadline has elapsed"; }

  friend constexpr bool operator==(Elapsed, Elapsed) noexcept { return true; }
};

}  // namespace weft::time

#endif  // WEFT_TIME_ELAPSED_H_
