// Signals: a thread that sleeps in the kernel until one of several bits is set.
//
// Spec: TE-27, TE-30.
//
// What models of epoll, eventfd and timerfd are made of. Unlike a condition variable it remembers
// what came before the wait, and needs no lock around it: a system call is one step. Raising a bit
// happens before taking it, as a write to a descriptor does before the wait that it ends; the
// language does not say so, but every kernel and ThreadSanitizer do.
//
//   signals.raise(kEvent);              // any thread
//   unsigned seen = signals.wait();     // one at a time; takes what is there

#ifndef WEFT_LOOM_CHECKER_SIGNALS_H_
#define WEFT_LOOM_CHECKER_SIGNALS_H_

#include <cstdint>
#include <source_location>

#include <weft/loom/checker/step.h>
#include <weft/loom/checker/store_history.h>

namespace weft::loom::checker {

// Inside of a model only. Immovable.
class Signals {
  using Where = std::source_location;

 public:
  Signals() noexcept = default;
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // Sets `bits` and ends a wait. True if a thread was in one.
  bool raise(std::uint32_t bits, Where where = Where::current());

  // When a wait may end with nothing: never; where nothing else can happen; or there and at once,
  // as one of two possibilities.
  enum class Limit : std::uint8_t { kNone, kLate, kAnyTime };

  // Takes all bits that are set; without any, waits for them. 0: the limit.
  std::uint32_t wait(Limit limit = Limit::kNone, Where where = Where::current());

  // Takes what is set, without waiting.
  std::uint32_t take(Where where = Where::current());

 private:
  internal::ObjectId id();
  void begin(internal::Bits was, internal::Bits against, Where where);
  std::uint32_t take_bits(Where where);

  std::uint32_t bits_ = 0;
  internal::View raised_;                            // what happens before taking them
  internal::ObjectId id_ = 0;                        // 0: none yet
  internal::ThreadId waiter_ = internal::kNoThread;  // that nobody has woken
};

}  // namespace weft::loom::checker

#endif  // WEFT_LOOM_CHECKER_SIGNALS_H_
