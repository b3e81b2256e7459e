// Everything of the folder stream: streams of items, and what to do with them.

#ifndef WEFT_STREAM_STREAM_H_
#define WEFT_STREAM_STREAM_H_

#include <weft/stream/broadcast_stream.h>  // IWYU pragma: export
#include <weft/stream/buffered.h>          // IWYU pragma: export
#include <weft/stream/chunks_timeout.h>    // IWYU pragma: export
#include <weft/stream/collect.h>           // IWYU pragma: export
#include <weft/stream/combine.h>           // IWYU pragma: export
#include <weft/stream/concepts.h>          // IWYU pragma: export
#include <weft/stream/fold.h>              // IWYU pragma: export
#include <weft/stream/fuse.h>              // IWYU pragma: export
#include <weft/stream/generator.h>         // IWYU pragma: export
#include <weft/stream/interval_stream.h>   // IWYU pragma: export
#include <weft/stream/join_set_stream.h>   // IWYU pragma: export
#include <weft/stream/limit.h>             // IWYU pragma: export
#include <weft/stream/lines_stream.h>      // IWYU pragma: export
#include <weft/stream/peekable.h>          // IWYU pragma: export
#include <weft/stream/receiver_stream.h>   // IWYU pragma: export
#include <weft/stream/sources.h>           // IWYU pragma: export
#include <weft/stream/stream_map.h>        // IWYU pragma: export
#include <weft/stream/throttle.h>          // IWYU pragma: export
#include <weft/stream/timeout.h>           // IWYU pragma: export
#include <weft/stream/transform.h>         // IWYU pragma: export
#include <weft/stream/watch_stream.h>      // IWYU pragma: export

#endif  // WEFT_STREAM_STREAM_H_
