// A program and its runtime agree on what shared memory is made of, or they do not link.
//
// Spec: docs/decisions/0021-packages.md. Mechanism: base/link_check.h.
//
// With WEFT_LOOM defined, the seam's names (loom/atomic.h) are the model checker's types, which are
// larger. A program that defines it must be linked with libraries built by the CMake option of that
// name, and one that does not with the ordinary ones. Here and not in loom/: models of code that
// uses the seam alone need no library but the checker's.

#ifndef WEFT_RUNTIME_SEAM_CHECK_H_
#define WEFT_RUNTIME_SEAM_CHECK_H_

#include <weft/base/link_check.h>

#ifdef WEFT_LOOM
#define WEFT_SEAM_SYMBOL weft_must_be_built_with_WEFT_LOOM_ON
#else
#define WEFT_SEAM_SYMBOL weft_must_be_built_with_WEFT_LOOM_OFF
#endif

// NOLINTNEXTLINE(readability-identifier-naming): the name is what the linker says.
WEFT_LINK_CHECK_EXPANDED(WEFT_SEAM_SYMBOL);

#endif  // WEFT_RUNTIME_SEAM_CHECK_H_
