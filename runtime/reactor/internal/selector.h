// Selector: the kernel's readiness queue, behind the one interface that the rest of the reactor
// uses. Each kernel has a header of its own (WEFT_KQUEUE: native_event.h).
//
// What every kernel's folder has:
//
//   native_event.h   NativeEvent and the predicates on it
//   selector.h       SelectorKind; Selector: create, try_clone, select, add, add_armed, modify,
//                    remove; EdgeArm, by which do_io() reaches a selector that imitates edges
//   wake_source.h    WakeSource: ends a select() from another thread

#ifndef WEFT_RUNTIME_REACTOR_INTERNAL_SELECTOR_H_
#define WEFT_RUNTIME_REACTOR_INTERNAL_SELECTOR_H_

#ifdef WEFT_KQUEUE
#include <weft/runtime/reactor/kqueue/selector.h>
#else
#include <weft/runtime/reactor/linux/selector.h>
#endif

#endif  // WEFT_RUNTIME_REACTOR_INTERNAL_SELECTOR_H_
