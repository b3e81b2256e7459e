// NativeEvent: the kernel's event record, and what its bits mean. Each kernel has a header of its
// own; WEFT_KQUEUE is defined by the build on the systems that have kqueue, for their users too.

#ifndef WEFT_RUNTIME_REACTOR_INTERNAL_NATIVE_EVENT_H_
#define WEFT_RUNTIME_REACTOR_INTERNAL_NATIVE_EVENT_H_

#ifdef WEFT_KQUEUE
#include <weft/runtime/reactor/kqueue/native_event.h>
#else
#include <weft/runtime/reactor/linux/native_event.h>
#endif

#endif  // WEFT_RUNTIME_REACTOR_INTERNAL_NATIVE_EVENT_H_
