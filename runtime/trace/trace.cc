#include <weft/runtime/trace/trace.h>

#include <cstdio>
#include <mutex>
#include <new>
#include <utility>

#include <weft/loom/thread_local.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/trace/trace_file.h>
#include <weft/runtime/trace/trace_text.h>

namespace weft::internal {
namespace {

// The calling thread's ring in the trace that it was last part of.
struct TraceThread {
  std::uint64_t trace = 0;    // its id; 0: none yet
  TraceRing* ring = nullptr;  // alive as long as that trace, which whoever has its id uses
};
struct TraceThreadTag;
using CurrentTrace = loom::ThreadLocal<TraceThread, TraceThreadTag>;

}  // namespace

Trace::Trace(std::string path, std::int64_t now)
    : path_(std::move(path)), start_(now), id_(next_runtime_id()) {}

void Trace::add(const TraceEvent& event) noexcept {
  if (TraceRing* const ring = own_ring(); ring != nullptr) {
    ring->add(event);
  } else {
    // relaxed: only the number matters.
    lost_.fetch_add(1, std::memory_order_relaxed);
  }
}

TraceRing* Trace::own_ring() noexcept {
  TraceThread& current = *CurrentTrace::get();
  if (current.trace != id_) [[unlikely]]
    current = {id_, find_or_make_ring()};
  return current.ring;
}

// A thread that works for several traced runtimes in turn comes back to the ring it had.
TraceRing* Trace::find_or_make_ring() noexcept {
  const std::uint64_t number = thread_number();
  const std::lock_guard lock(mutex_);
  for (const auto& ring : rings_) {
    if (ring->number() == number) return ring.get();
  }
  if (rings_.size() == kMostThreads) return nullptr;
  try {
    rings_.push_back(std::make_unique<TraceRing>(number));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  return rings_.back().get();
}

std::string Trace::to_json() const {
  std::vector<TraceTrack> tracks;
  // relaxed: only the number matters.
  std::uint64_t lost = lost_.load(std::memory_order_relaxed);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& ring : rings_) {
      TraceRing::Contents contents = ring->read();
      lost += contents.lost;
      tracks.push_back(TraceTrack{ring->number(), std::move(contents.events)});
    }
  }
  return trace_to_json(std::move(tracks), start_, lost);
}

Result<void> Trace::write() const {
  const std::string text = to_json();
  const std::lock_guard lock(file_mutex_);
  return replace_contents(path_, text);
}

void Trace::write_or_say() const noexcept {
  const Result<void> written = [this]() -> Result<void> {
    try {
      return write();
    } catch (const std::bad_alloc&) {
      return Err(Error(std::errc::not_enough_memory));
    }
  }();
  if (written) return;
  std::fprintf(stderr, "weft: the trace cannot be written to %s: %s\n", path_.c_str(),
               written.error().to_string().c_str());
}

}  // namespace weft::internal
