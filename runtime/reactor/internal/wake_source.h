// WakeSource: what a Waker wakes with. Each kernel has a header of its own (selector.h).

#ifndef WEFT_RUNTIME_REACTOR_INTERNAL_WAKE_SOURCE_H_
#define WEFT_RUNTIME_REACTOR_INTERNAL_WAKE_SOURCE_H_

#ifdef WEFT_KQUEUE
#include <weft/runtime/reactor/kqueue/wake_source.h>
#else
#include <weft/runtime/reactor/linux/wake_source.h>
#endif

#endif  // WEFT_RUNTIME_REACTOR_INTERNAL_WAKE_SOURCE_H_
