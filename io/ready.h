// Interest and Ready: what to wait for on a descriptor, and what is known of it.
//
// Spec: reactor.md D-5. The types and their semantics: <weft/runtime/driver/ready.h>.

#ifndef WEFT_IO_READY_H_
#define WEFT_IO_READY_H_

#include <weft/runtime/driver/ready.h>

namespace weft::io {

using runtime::Interest;
using runtime::Ready;

}  // namespace weft::io

#endif  // WEFT_IO_READY_H_
