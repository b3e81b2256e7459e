// Raising and waiting. Interface: signals.h.

#include <weft/loom/checker/signals.h>

#include <utility>

#include <weft/base/check.h>
#include <weft/loom/checker/execution.h>

namespace weft::loom::checker {

using internal::Bits;
using internal::Execution;
using internal::ModelThread;
using internal::MutexState;
using internal::ObjectKind;
using internal::Operation;
using internal::Step;
namespace access = internal::access;

namespace {

Execution& current(std::source_location where) {
  Execution* const execution = Execution::current();
  WEFT_CHECK(execution != nullptr, "loom::checker::Signals: used outside of a model", where);
  return *execution;
}

// A wait is over when it is signalled: no lock is taken again.
const MutexState& no_mutex() {
  static const MutexState none;
  return none;
}

constexpr Bits kAny = access::kExclusive | access::kShared;

}  // namespace

internal::ObjectId Signals::id() {
  if (id_ == 0) id_ = Execution::current()->new_object();
  return id_;
}

void Signals::begin(Bits was, Bits against, Where where) {
  Execution& execution = current(where);
  Step step{.where = where};
  step.add({id(), was, against});
  execution.begin(step);
  execution.record({id(), was, 0});
}

std::uint32_t Signals::take_bits(Where where) {
  if (bits_ == 0) return 0;
  current(where).self().view.join(raised_);
  return std::exchange(bits_, 0);
}

bool Signals::raise(std::uint32_t bits, Where where) {
  // Raising the same twice is the same in either order.
  begin(access::kShared, access::kExclusive, where);
  Execution& execution = current(where);
  bits_ |= bits;
  raised_.join(execution.self().view);
  const bool woken = waiter_ != internal::kNoThread;
  if (woken) {
    ModelThread& thread = execution.thread(std::exchange(waiter_, internal::kNoThread));
    thread.signalled = true;
    thread.order.join(execution.self().order);
  }
  execution.note_change();
  execution.trace({.operation = Operation::kNotifyOne,
                   .kind = ObjectKind::kSignals,
                   .object = id_,
                   .where = where});
  return woken;
}

std::uint32_t Signals::wait(Limit limit, Where where) {
  begin(access::kExclusive, kAny, where);
  Execution& execution = current(where);
  if (bits_ != 0) return take_bits(where);
  WEFT_CHECK(waiter_ == internal::kNoThread, "loom::checker::Signals: two threads wait", where);
  ModelThread& me = execution.self();
  me.signalled = me.timed_out = false;
  me.timed = limit != Limit::kNone;
  if (limit == Limit::kAnyTime && execution.choose(internal::ChoiceKind::kSpurious, 2) == 1) {
    return 0;
  }
  waiter_ = me.id;
  execution.trace(
      {.operation = Operation::kWait, .kind = ObjectKind::kSignals, .object = id_, .where = where});
  Step again{.where = where};
  again.wait = internal::WaitFor::kSignal;
  again.mutex = &no_mutex();
  again.add({id(), access::kExclusive, kAny});
  execution.begin(again);
  execution.record({id(), access::kExclusive, 0});
  waiter_ = internal::kNoThread;
  execution.trace({.operation = me.timed_out ? Operation::kWaitTimedOut : Operation::kWaitEnds,
                   .kind = ObjectKind::kSignals,
                   .object = id_,
                   .where = where});
  return take_bits(where);
}

std::uint32_t Signals::take(Where where) {
  begin(access::kExclusive, kAny, where);
  return take_bits(where);
}

}  // namespace weft::loom::checker
