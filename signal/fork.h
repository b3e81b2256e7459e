// fork_reset: for a child made by fork that goes on using weft.
//
// Spec: SG-22..SG-24.

#ifndef WEFT_SIGNAL_FORK_H_
#define WEFT_SIGNAL_FORK_H_

#include <source_location>

namespace weft::signal {

// Call it in the child, before anything else of weft. A child shares the eventfd through which
// handlers wake drivers; a runtime of the child that read it would steal the parent's wake-ups.
// Afterwards the child has one of its own, nothing is counted, and the runtimes that it makes
// listen anew. The parent's runtimes must not be used or destroyed in the child, and their
// listeners are dead there. Handlers stay installed. Fatal if the child can have no descriptor.
// After exec(2) none of this is needed.
void fork_reset(std::source_location where = std::source_location::current());

}  // namespace weft::signal

#endif  // WEFT_SIGNAL_FORK_H_
