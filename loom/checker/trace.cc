// From events to text. Interface: trace.h.

#include <weft/loom/checker/trace.h>

#include <cstdio>
#include <string_view>

namespace weft::loom::checker::internal {
namespace {

const char* name_of(ObjectKind kind) noexcept {
  switch (kind) {
    case ObjectKind::kAtomic:
      return "atomic";
    case ObjectKind::kCell:
      return "cell";
    case ObjectKind::kMutex:
      return "mutex";
    case ObjectKind::kCondvar:
      return "condvar";
    case ObjectKind::kFence:
      return "fence";
    case ObjectKind::kMemory:
      return "memory";
    case ObjectKind::kSignals:
      return "signals";
  }
  return "object";
}

const char* name_of(std::memory_order order) noexcept {
  switch (order) {
    case std::memory_order_relaxed:
      return "relaxed";
    case std::memory_order_consume:
      return "consume";
    case std::memory_order_acquire:
      return "acquire";
    case std::memory_order_release:
      return "release";
    case std::memory_order_acq_rel:
      return "acq_rel";
    case std::memory_order_seq_cst:
      return "seq_cst";
  }
  return "?";
}

// Of a long execution, which is most likely one of a loop without end.
constexpr std::size_t kFirstShown = 300;
constexpr std::size_t kLastShown = 100;

// Small numbers as such; others are likely packed words or addresses.
std::string value(Word word) {
  if (word < 1'000'000) return std::to_string(word);
  const auto negative = static_cast<std::int64_t>(word);
  if (negative < 0 && negative > -1'000'000) return std::to_string(negative);
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(word));
  return text;
}

std::string passed(std::uint32_t count, std::string_view what) {
  if (count == 0) return {};
  return ", " + std::string(what) + " " + std::to_string(count);
}

std::string atomic_text(const Event& event) {
  const std::string order = std::string(", ") + name_of(event.order);
  switch (event.operation) {
    case Operation::kLoad:
      return "load " + value(event.before) + order + passed(event.passed, "stale by");
    case Operation::kStore:
      return "store " + value(event.after) + order + passed(event.passed, "placed in front of");
    case Operation::kUpdate:
      return "update " + value(event.before) + " -> " + value(event.after) + order +
             passed(event.passed, "stale by");
    case Operation::kFailedCompare:
      return "compare-exchange fails, reads " + value(event.before) + order +
             passed(event.passed, "stale by");
    case Operation::kSpuriousCompare:
      return "weak compare-exchange fails for no reason, reads " + value(event.before) + order;
    case Operation::kUnsyncRead:
      return "unsynchronized read " + value(event.before);
    default:
      return "unsynchronized write";
  }
}

std::string text_of(const Event& event) {
  const std::string object = describe(event.kind, event.object);
  const std::string thread = "thread " + std::to_string(event.object);
  switch (event.operation) {
    case Operation::kFence:
      return std::string("fence, ") + name_of(event.order);
    case Operation::kCellRead:
      return object + ": read";
    case Operation::kCellWrite:
      return object + ": write";
    case Operation::kLock:
      return object + ": lock";
    case Operation::kTryLock:
      return object + ": try_lock succeeds";
    case Operation::kFailedTryLock:
      return object + ": try_lock fails";
    case Operation::kUnlock:
      return object + ": unlock";
    case Operation::kWait:
      return object + ": wait begins, mutex unlocked";
    case Operation::kWaitSpurious:
      return object + ": wait, woken for no reason";
    case Operation::kWaitTimedOut:
      return object + ": wait times out";
    case Operation::kWaitEnds:
      return object + ": wait ends, mutex locked";
    case Operation::kNotifyOne:
      return object + ": notify_one";
    case Operation::kNotifyAll:
      return object + ": notify_all";
    case Operation::kSpawn:
      return "spawns " + thread;
    case Operation::kJoin:
      return "joins " + thread;
    case Operation::kYield:
      return "yields";
    case Operation::kEnd:
      return "ends";
    case Operation::kAllocate:
      return object + ": allocated";
    case Operation::kFree:
      return object + ": freed";
    default:
      return object + ": " + atomic_text(event);
  }
}

}  // namespace

std::string describe(ObjectKind kind, std::uint32_t object) {
  return std::string(name_of(kind)) + " #" + std::to_string(object);
}

std::string describe(const std::source_location& where) {
  const std::string_view file = where.file_name();
  const std::size_t slash = file.rfind('/');
  return std::string(slash == std::string_view::npos ? file : file.substr(slash + 1)) + ":" +
         std::to_string(where.line());
}

std::string Trace::to_string() const {
  std::string text;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (i == kFirstShown && events_.size() > kFirstShown + kLastShown) {
      i = events_.size() - kLastShown;
      text += "  ... " + std::to_string(i - kFirstShown) + " operations are left out\n";
    }
    const Event& event = events_[i];
    char head[64];
    std::snprintf(head, sizeof head, "  %4zu  thread %u  ", i + 1, unsigned{event.thread});
    std::string line = head + describe(event.where);
    if (line.size() < 44) line.resize(44, ' ');
    text += line + "  " + text_of(event) + "\n";
  }
  return text;
}

}  // namespace weft::loom::checker::internal
