// require: for system calls that cannot fail unless a benchmark cannot be run at all.

#ifndef WEFT_BENCHES_SUPPORT_REQUIRE_H_
#define WEFT_BENCHES_SUPPORT_REQUIRE_H_

#include <cstdio>
#include <cstdlib>

namespace bench {

// Ends the program, with what errno says, unless `condition` holds.
inline void require(bool condition, const char* call) {
  if (condition) return;
  std::perror(call);
  std::exit(1);
}

}  // namespace bench

#endif  // WEFT_BENCHES_SUPPORT_REQUIRE_H_
