// Trace: what an execution did, operation by operation, for the report of a failure.
//
// Spec: TE-29.
//
// Design. Recorded always, as plain numbers, because the failing execution is not known beforehand;
// turned into text once.

#ifndef WEFT_LOOM_CHECKER_TRACE_H_
#define WEFT_LOOM_CHECKER_TRACE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string>
#include <vector>

#include <weft/loom/checker/clock.h>
#include <weft/loom/checker/step.h>

namespace weft::loom::checker::internal {

// The value of an atomic, as bits.
using Word = std::uint64_t;

enum class ObjectKind : std::uint8_t {
  kAtomic,
  kCell,
  kMutex,
  kCondvar,
  kFence,
  kMemory,
  kSignals
};

enum class Operation : std::uint8_t {
  kLoad,
  kStore,
  kUpdate,         // read-modify-write
  kFailedCompare,  // a compare-exchange that found another value
  kSpuriousCompare,
  kFence,
  kUnsyncRead,
  kUnsyncWrite,
  kCellRead,
  kCellWrite,
  kLock,
  kTryLock,
  kFailedTryLock,
  kUnlock,
  kWait,
  kWaitSpurious,
  kWaitTimedOut,
  kWaitEnds,
  kNotifyOne,
  kNotifyAll,
  kSpawn,
  kJoin,
  kYield,
  kEnd,
  kAllocate,
  kFree,
};

struct Event {
  ThreadId thread = 0;
  Operation operation = Operation::kLoad;
  ObjectKind kind = ObjectKind::kAtomic;
  std::memory_order order = std::memory_order_relaxed;
  std::uint32_t object = 0;  // its number; for kSpawn and kJoin the thread's
  std::uint32_t passed = 0;  // loads: how many newer stores it might have read. Stores: how many
                             // older ones it goes in front of
  Word before = 0;           // what it read
  Word after = 0;            // what it wrote
  std::source_location where;
};

class Trace {
 public:
  void clear() noexcept { events_.clear(); }
  void add(const Event& event) { events_.push_back(event); }
  // One line an event, numbered.
  std::string to_string() const;

 private:
  std::vector<Event> events_;
};

// "atomic #3".
std::string describe(ObjectKind kind, std::uint32_t object);
// "file.cc:12", without the directories.
std::string describe(const std::source_location& where);

}  // namespace weft::loom::checker::internal

#endif  // WEFT_LOOM_CHECKER_TRACE_H_
