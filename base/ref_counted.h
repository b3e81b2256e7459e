// Moved: <weft/runtime/ref_counted.h>. base/ may not include loom/ (the layer graph), and the count
// is an atomic. This forwarder goes away once nobody includes it.
#ifndef WEFT_BASE_REF_COUNTED_H_
#define WEFT_BASE_REF_COUNTED_H_
#include <weft/runtime/ref_counted.h>
#endif  // WEFT_BASE_REF_COUNTED_H_
