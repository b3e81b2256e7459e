// The check in front of every call that blocks the thread.
//
// Spec: SY-9, R-28.

#ifndef WEFT_RUNTIME_MAY_BLOCK_H_
#define WEFT_RUNTIME_MAY_BLOCK_H_

#include <source_location>

namespace weft::internal {

// A check failure that names `call` if this thread is driving async code. Plain threads, blocking
// threads and the inside of block_in_place may block.
void check_may_block(const char* call, std::source_location where);

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_MAY_BLOCK_H_
