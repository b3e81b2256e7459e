// Everything of weft: the umbrella over the folders' public headers.

#ifndef WEFT_WEFT_H_
#define WEFT_WEFT_H_

#include <weft/base/error.h>
#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/base/runtime_gone.h>
#include <weft/fs/fs.h>
#include <weft/io/io.h>
#include <weft/net/net.h>
#include <weft/process/process.h>
#include <weft/runtime/local_runtime.h>
#include <weft/runtime/metrics/prometheus.h>
#include <weft/runtime/metrics/runtime_monitor.h>
#include <weft/runtime/metrics/task_monitor.h>
#include <weft/runtime/runtime.h>
#include <weft/signal/signal.h>
#include <weft/stream/stream.h>
#include <weft/sync/sync.h>
#include <weft/task/task.h>
#include <weft/time/time.h>

#endif  // WEFT_WEFT_H_
