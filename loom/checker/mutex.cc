// Locking, waiting, notifying. Interface: mutex.h.

#include <weft/loom/checker/mutex.h>

#include <algorithm>
#include <string>

#include <weft/base/check.h>
#include <weft/loom/checker/execution.h>

namespace weft::loom::checker {

using internal::CondvarState;
using internal::describe;
using internal::Execution;
using internal::ModelThread;
using internal::MutexState;
using internal::ObjectKind;
using internal::Operation;
using internal::Step;
using internal::ThreadId;
using internal::WaitFor;
namespace access = internal::access;

namespace {

void trace(Operation operation, ObjectKind kind, std::uint32_t number, std::source_location where) {
  Execution::current()->trace(
      {.operation = operation, .kind = kind, .object = number, .where = where});
}

// The running thread has it from now on.
void take(MutexState& mutex) {
  Execution& execution = *Execution::current();
  ModelThread& me = execution.self();
  mutex.owner = me.id;
  me.view.join(mutex.sync);
  me.order.join(mutex.order);
}

void give_back(MutexState& mutex, std::source_location where) {
  Execution& execution = *Execution::current();
  ModelThread& me = execution.self();
  if (mutex.owner != me.id) {
    execution.fail(FailureKind::kMisuse, describe(ObjectKind::kMutex, mutex.number) +
                                             " is unlocked at " + describe(where) +
                                             " by a thread that does not hold it");
  }
  mutex.owner = internal::kNoThread;
  mutex.sync = me.view;
  mutex.order = me.order;
  execution.note_change();
}

}  // namespace

Mutex::~Mutex() {
  Execution* const execution = Execution::current();
  if (execution == nullptr) return;
  const ThreadId owner = execution->mutex(this).owner;
  if (owner != internal::kNoThread) {
    execution->fail(FailureKind::kMisuse,
                    "a mutex is destroyed while thread " + std::to_string(owner) + " holds it");
  }
  execution->forget_mutex(this);
}

void Mutex::lock(Where where) noexcept {
  Execution* const execution = Execution::current();
  if (execution == nullptr) return;
  MutexState& mutex = execution->mutex(this);
  Step step{.where = where};
  step.wait = WaitFor::kUnlocked;
  step.mutex = &mutex;
  step.add({mutex.id, access::kLocks, access::kLocks | access::kTries});
  execution->begin(step);
  take(mutex);
  execution->record({mutex.id, access::kLocks, 0});
  trace(Operation::kLock, ObjectKind::kMutex, mutex.number, where);
}

bool Mutex::try_lock(Where where) noexcept {
  Execution* const execution = Execution::current();
  if (execution == nullptr) return true;
  MutexState& mutex = execution->mutex(this);
  Step step{.where = where};
  step.add({mutex.id, access::kLocks | access::kTries,
            access::kLocks | access::kTries | access::kUnlocks});
  execution->begin(step);
  const bool free = mutex.owner == internal::kNoThread;
  if (free) take(mutex);
  execution->record(
      {mutex.id, free ? internal::Bits{access::kLocks | access::kTries} : access::kTries, 0});
  trace(free ? Operation::kTryLock : Operation::kFailedTryLock, ObjectKind::kMutex, mutex.number,
        where);
  return free;
}

void Mutex::unlock(Where where) noexcept {
  Execution* const execution = Execution::current();
  if (execution == nullptr) return;
  MutexState& mutex = execution->mutex(this);
  Step step{.where = where};
  step.add({mutex.id, access::kUnlocks, access::kTries});
  execution->begin(step);
  give_back(mutex, where);
  execution->record({mutex.id, access::kUnlocks, 0});
  trace(Operation::kUnlock, ObjectKind::kMutex, mutex.number, where);
}

Condvar::~Condvar() {
  Execution* const execution = Execution::current();
  if (execution == nullptr) return;
  if (!execution->condvar(this).waiters.empty()) {
    execution->fail(FailureKind::kMisuse,
                    "a condition variable is destroyed while a thread waits for it");
  }
  execution->forget_condvar(this);
}

bool Condvar::wait_for_signal(Mutex& mutex, bool timed, Where where) noexcept {
  Execution* const execution = Execution::current();
  WEFT_CHECK(execution != nullptr, "loom::checker::Condvar: a wait outside of a model", where);
  MutexState& lock = execution->mutex(&mutex);
  const internal::ObjectId id = execution->condvar(this).id;
  Step step{.where = where};
  step.add({id, access::kExclusive, access::kExclusive});
  step.add({lock.id, access::kUnlocks, access::kTries});
  execution->begin(step);
  CondvarState& state = execution->condvar(this);
  give_back(lock, where);
  execution->record({id, access::kExclusive, 0});
  execution->record({lock.id, access::kUnlocks, 0});

  ModelThread& me = execution->self();
  me.signalled = me.timed_out = false;
  me.timed = timed;
  const bool may_spurious = execution->options().spurious_wakeups && !state.spurious_used;
  if (may_spurious && execution->choose(internal::ChoiceKind::kSpurious, 2) == 1) {
    state.spurious_used = true;
    me.signalled = true;
  } else if (timed && execution->choose(internal::ChoiceKind::kSpurious, 2) == 1) {
    me.signalled = me.timed_out = true;
  } else {
    state.waiters.push_back(me.id);
  }
  trace(Operation::kWait, ObjectKind::kCondvar, state.number, where);

  Step again{.where = where};
  again.wait = WaitFor::kSignal;
  again.mutex = &lock;
  again.add({lock.id, access::kLocks, access::kLocks | access::kTries});
  execution->begin(again);
  std::erase(state.waiters, me.id);
  take(lock);
  execution->record({lock.id, access::kLocks, 0});
  trace(me.timed_out ? Operation::kWaitTimedOut : Operation::kWaitEnds, ObjectKind::kCondvar,
        state.number, where);
  return !me.timed_out;
}

void Condvar::notify_one(Where where) noexcept {
  Execution* const execution = Execution::current();
  if (execution == nullptr) return;
  const internal::ObjectId id = execution->condvar(this).id;
  Step step{.where = where};
  step.add({id, access::kExclusive, access::kExclusive});
  execution->begin(step);
  CondvarState& state = execution->condvar(this);
  execution->record({id, access::kExclusive, 0});
  if (!state.waiters.empty()) {
    const std::uint32_t choice = execution->choose(
        internal::ChoiceKind::kWaiter, static_cast<std::uint32_t>(state.waiters.size()));
    ModelThread& woken = execution->thread(state.waiters[choice]);
    state.waiters.erase(state.waiters.begin() + choice);
    woken.signalled = true;
    woken.order.join(execution->self().order);
    execution->note_change();
  }
  trace(Operation::kNotifyOne, ObjectKind::kCondvar, state.number, where);
}

void Condvar::notify_all(Where where) noexcept {
  Execution* const execution = Execution::current();
  if (execution == nullptr) return;
  const internal::ObjectId id = execution->condvar(this).id;
  Step step{.where = where};
  step.add({id, access::kExclusive, access::kExclusive});
  execution->begin(step);
  CondvarState& state = execution->condvar(this);
  execution->record({id, access::kExclusive, 0});
  for (const ThreadId waiter : state.waiters) {
    ModelThread& woken = execution->thread(waiter);
    woken.signalled = true;
    woken.order.join(execution->self().order);
  }
  state.waiters.clear();
  execution->note_change();
  trace(Operation::kNotifyAll, ObjectKind::kCondvar, state.number, where);
}

}  // namespace weft::loom::checker
