// The text of a trace: the Trace Event Format, which Perfetto and chrome://tracing read.
//
// Spec: R-173.

#ifndef WEFT_RUNTIME_TRACE_TRACE_TEXT_H_
#define WEFT_RUNTIME_TRACE_TRACE_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

#include <weft/runtime/trace/trace_event.h>

namespace weft::internal {

// One thread's.
struct TraceTrack {
  std::uint64_t thread;
  std::vector<TraceEvent> events;
};

// JSON. Times are microseconds since `start`, with three decimals. A wake-up or a spawn and the run
// that it led to are the ends of a flow; one whose run is not there has none. `lost` is stated.
std::string trace_to_json(std::vector<TraceTrack> tracks, std::int64_t start, std::uint64_t lost);

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TRACE_TRACE_TEXT_H_
