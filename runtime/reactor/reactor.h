// All of weft::runtime::reactor: waiting for many descriptors at once, without a runtime.

#ifndef WEFT_RUNTIME_REACTOR_REACTOR_H_
#define WEFT_RUNTIME_REACTOR_REACTOR_H_

#include <weft/runtime/reactor/event.h>
#include <weft/runtime/reactor/events.h>
#include <weft/runtime/reactor/interest.h>
#include <weft/runtime/reactor/io_source.h>
#include <weft/runtime/reactor/poll.h>
#include <weft/runtime/reactor/registry.h>
#include <weft/runtime/reactor/source.h>
#include <weft/runtime/reactor/source_fd.h>
#include <weft/runtime/reactor/token.h>
#include <weft/runtime/reactor/unix_pipe.h>
#include <weft/runtime/reactor/waker.h>

#endif  // WEFT_RUNTIME_REACTOR_REACTOR_H_
