// The calling thread's random numbers: the runtime's, if it is in one, else its own.
//
// Spec: R-18, TE-11.

#ifndef WEFT_RUNTIME_RANDOM_H_
#define WEFT_RUNTIME_RANDOM_H_

#include <cstdint>

namespace weft::internal {

// A number below `n`. Reproducible inside a runtime built with rng_seed. Not for secrets.
std::uint32_t thread_random_below(std::uint32_t n) noexcept;

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_RANDOM_H_
