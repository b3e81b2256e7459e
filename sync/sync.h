// Everything of weft::sync.

#ifndef WEFT_SYNC_SYNC_H_
#define WEFT_SYNC_SYNC_H_

#include <weft/sync/barrier.h>    // IWYU pragma: export
#include <weft/sync/broadcast.h>  // IWYU pragma: export
#include <weft/sync/mpsc.h>       // IWYU pragma: export
#include <weft/sync/mutex.h>      // IWYU pragma: export
#include <weft/sync/notify.h>     // IWYU pragma: export
#include <weft/sync/once_cell.h>  // IWYU pragma: export
#include <weft/sync/oneshot.h>    // IWYU pragma: export
#include <weft/sync/rw_lock.h>    // IWYU pragma: export
#include <weft/sync/semaphore.h>  // IWYU pragma: export
#include <weft/sync/set_once.h>   // IWYU pragma: export
#include <weft/sync/watch.h>      // IWYU pragma: export

#endif  // WEFT_SYNC_SYNC_H_
