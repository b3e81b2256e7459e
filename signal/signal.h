// All of weft::signal.

#ifndef WEFT_SIGNAL_SIGNAL_H_
#define WEFT_SIGNAL_SIGNAL_H_

#include <weft/signal/ctrl_c.h>
#include <weft/signal/fork.h>
#include <weft/signal/listener.h>
#include <weft/signal/signal_kind.h>

#endif  // WEFT_SIGNAL_SIGNAL_H_
