// Everything of the folder task: collections of tasks, cancellation, local tasks, fibers, adaptors.

#ifndef WEFT_TASK_TASK_H_
#define WEFT_TASK_TASK_H_

#include <weft/task/abort_on_drop.h>            // IWYU pragma: export
#include <weft/task/builder.h>                  // IWYU pragma: export
#include <weft/task/cancellation_token.h>       // IWYU pragma: export
#include <weft/task/either.h>                   // IWYU pragma: export
#include <weft/task/fiber.h>                    // IWYU pragma: export
#include <weft/task/fiber_local.h>              // IWYU pragma: export
#include <weft/task/in_context_of.h>            // IWYU pragma: export
#include <weft/task/join_map.h>                 // IWYU pragma: export
#include <weft/task/join_queue.h>               // IWYU pragma: export
#include <weft/task/join_set.h>                 // IWYU pragma: export
#include <weft/task/local_pool.h>               // IWYU pragma: export
#include <weft/task/local_set.h>                // IWYU pragma: export
#include <weft/task/poll_semaphore.h>           // IWYU pragma: export
#include <weft/task/poll_sender.h>              // IWYU pragma: export
#include <weft/task/reusable_box_future.h>      // IWYU pragma: export
#include <weft/task/scope.h>                    // IWYU pragma: export
#include <weft/task/task_local.h>               // IWYU pragma: export
#include <weft/task/task_tracker.h>             // IWYU pragma: export
#include <weft/task/with_cancellation_token.h>  // IWYU pragma: export

#endif  // WEFT_TASK_TASK_H_
