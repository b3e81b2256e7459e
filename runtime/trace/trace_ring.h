// TraceRing: the last events of one thread.
//
// Spec: R-173.
//
// Written by its thread, read by whoever writes the file, at any time. A lock that is held for one
// event, or for reading a few, and is contended only then, costs a few nanoseconds more than a
// lock-free ring would; memory comes in pieces when it is needed, and taking it is outside the
// lock. What was overwritten is counted.

#ifndef WEFT_RUNTIME_TRACE_TRACE_RING_H_
#define WEFT_RUNTIME_TRACE_TRACE_RING_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <weft/loom/mutex.h>
#include <weft/runtime/trace/trace_event.h>

namespace weft::internal {

class TraceRing {
 public:
  static constexpr std::size_t kPiece = 128;
  static constexpr std::size_t kPieces = 128;
  static constexpr std::size_t kCapacity = kPiece * kPieces;  // events; 1 MiB

  // `number` names the thread in the file.
  explicit TraceRing(std::uint64_t number) noexcept : number_(number) {}
  TraceRing(const TraceRing&) = delete;
  TraceRing& operator=(const TraceRing&) = delete;

  std::uint64_t number() const noexcept { return number_; }

  // The ring's thread. Without memory the event is lost.
  void add(const TraceEvent& event) noexcept;

  struct Contents {
    std::vector<TraceEvent> events;  // as they were added, which is by their ends
    std::uint64_t lost = 0;
  };
  // Any thread. Throws std::bad_alloc.
  Contents read() const;

 private:
  using Piece = std::array<TraceEvent, kPiece>;

  const std::uint64_t number_;
  mutable loom::SpinMutex mutex_;
  std::array<std::unique_ptr<Piece>, kPieces> pieces_;  // set by its thread, under mutex_
  std::uint64_t count_ = 0;    // of all that were added; written by its thread, under mutex_
  std::uint64_t no_room_ = 0;  // of those that found no memory; likewise
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TRACE_TRACE_RING_H_
