// What the C++ memory model says about each operation. Interface: atomic_operations.h; the rules:
// store_history.h.

#include <weft/loom/checker/atomic_operations.h>

#include <string>
#include <utility>
#include <vector>

#include <weft/loom/checker/execution.h>

namespace weft::loom::checker::internal {
namespace {

bool acquires(std::memory_order order) noexcept {
  return order != std::memory_order_relaxed && order != std::memory_order_release;
}
bool releases(std::memory_order order) noexcept {
  return order == std::memory_order_release || order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}
bool ordered(std::memory_order order) noexcept { return order == std::memory_order_seq_cst; }

// One operation in progress: the step has begun, the object is found.
class OperationInProgress {
 public:
  OperationInProgress(const AtomicObject& object, bool reads, bool writes, std::memory_order order)
      : execution_(*Execution::current()), where_(object.where), reads_(reads), writes_(writes) {
    const ObjectId id = execution_.atomic(object.address, object.size, object.where).id;
    Step step{.where = object.where};
    step.add(conflict_of(id, order));
    if (ordered(order)) {
      step.add({execution_.fence_object(), access::kShared, access::kExclusive});
    }
    execution_.begin(step);
    // Another thread may have destroyed it, or made another one, before it was our turn.
    state_ = &execution_.atomic(object.address, object.size, object.where);
    if (state_->id != id) fail("while another thread destroys it and makes a new one");
    check_plain();
  }

  StoreHistory& history() noexcept { return state_->history; }
  Execution& execution() noexcept { return execution_; }
  ModelThread& self() noexcept { return execution_.self(); }

  StoreHistory::Observer observer(std::memory_order order) noexcept {
    ModelThread& me = self();
    return {.thread = me.id,
            .time = me.view.happened[me.id],
            .view = me.view,
            .fenced = execution_.fenced,
            .last_yield = me.last_yield,
            .ordered = ordered(order)};
  }

  // Whether the outcome at `index` may not be left to an execution in which the step comes earlier.
  bool belongs_here(std::size_t index, bool writes, std::memory_order order) noexcept {
    return !execution_.canonical() ||
           history().forced(index, self().order_before, writes || ordered(order));
  }

  // The store at `index` has been read.
  void has_read(std::size_t index, std::memory_order order) {
    ModelThread& me = self();
    Store& store = history()[index];
    if (acquires(order)) {
      me.view.join(store.sync);
    } else {
      me.unacquired.join(store.sync);
    }
    me.order.join(store.order);
    store.read_order.join(me.order);
    history().atomic_reads[me.id] = me.view.happened[me.id];
    note(index, order);
  }

  // Stores `value` behind `index`; an update continues that store's release sequence.
  void write(std::size_t index, Word value, std::memory_order order, bool update) {
    ModelThread& me = self();
    Store made;
    made.value = value;
    made.writer = me.id;
    made.update = update;
    made.sync = releases(order) ? me.view : me.released;
    if (update) made.sync.join(history()[index].sync);
    made.order = me.order;
    history().atomic_writes[me.id] = me.view.happened[me.id];
    note(history().insert(index, std::move(made)), order);
    execution_.note_change();
  }

  // Ends the operation: what it was, for steps to come.
  void done(bool wrote, std::memory_order order) {
    if (execution_.canonical()) {
      // As declared, whatever has become of it: the reduction needs a relation that is the same in
      // both orders of two steps.
      const Step& step = self().pending;
      for (std::size_t i = 0; i < step.access_count; ++i) execution_.record(step.accesses[i]);
      if (ordered(order)) execution_.ordered[self().id] = self().view.happened[self().id];
      return;
    }
    Bits was = reads_ ? access::kReads : Bits{0};
    if (ordered(order)) {
      was |= access::kOrdered;
      if (wrote || raised_) was |= access::kRaised;
      ModelThread& me = self();
      execution_.ordered[me.id] = me.view.happened[me.id];
      execution_.record({execution_.fence_object(), access::kShared, 0});
    }
    execution_.record({state_->id, was, 0});
  }

  void trace(Operation operation, std::memory_order order, Word before, Word after,
             std::size_t passed) {
    execution_.trace({.operation = operation,
                      .kind = ObjectKind::kAtomic,
                      .order = order,
                      .object = state_->number,
                      .passed = static_cast<std::uint32_t>(passed),
                      .before = before,
                      .after = after,
                      .where = where_});
  }

 private:
  Access conflict_of(ObjectId id, std::memory_order order) const noexcept {
    Access result{id, 0, 0};
    if (reads_) result.was |= access::kReads;
    if (writes_) result.against |= access::kReads;
    if (execution_.canonical()) {
      if (writes_) result.was |= access::kWrites;
      result.against |= access::kWrites;
    }
    if (!ordered(order)) return result;
    result.was |= access::kOrdered | access::kRaised;
    result.against |= writes_ || execution_.canonical() ? access::kOrdered : access::kRaised;
    return result;
  }

  void note(std::size_t index, std::memory_order order) {
    raised_ |= history().mark(index, observer(order));
  }

  // What is not an atomic access has to come before every atomic one.
  void check_plain() {
    ModelThread& me = self();
    ThreadId other = history().plain_writes.unknown_to(me.view.happened, me.id);
    if (other == kNoThread && writes_) {
      other = history().plain_reads.unknown_to(me.view.happened, me.id);
    }
    if (other == kNoThread) return;
    fail("and races with its construction or an unsynchronized access by thread " +
         std::to_string(other));
  }

  [[noreturn]] void fail(const std::string& what) {
    execution_.fail(FailureKind::kDataRace,
                    "data race: " + describe(ObjectKind::kAtomic, state_->number) + " (made at " +
                        describe(history().created) + "), used at " + describe(where_) + ", " +
                        what);
  }

  Execution& execution_;
  AtomicState* state_ = nullptr;
  std::source_location where_;
  bool reads_;
  bool writes_;
  bool raised_ = false;
};

// The stores from the newest to the floor for which `wanted`, as indexes. At least one: the newest
// is always allowed.
template <class Wanted>
const std::vector<std::size_t>& candidates(OperationInProgress& access,
                                           const StoreHistory::Observer& who, Wanted wanted) {
  StoreHistory& history = access.history();
  std::vector<std::size_t>& found = access.execution().scratch;
  found.clear();
  const std::size_t floor = history.floor(who);
  for (std::size_t i = history.size(); i-- > floor;) {
    if (wanted(i)) found.push_back(i);
  }
  return found;
}

// The value is only the first `size` bytes of a word.
Word cut(Word word, std::size_t size) noexcept {
  return size >= sizeof(Word) ? word : word & ((Word{1} << (8 * size)) - 1);
}

// Plain accesses to an atomic: what has to come before them.
void check_unsynchronized(AtomicState& state, bool writes, const AtomicObject& object) {
  Execution& execution = *Execution::current();
  const ModelThread& me = execution.self();
  const StoreHistory& history = state.history;
  ThreadId other = history.atomic_writes.unknown_to(me.view.happened, me.id);
  if (other == kNoThread) other = history.plain_writes.unknown_to(me.view.happened, me.id);
  if (writes && other == kNoThread) {
    other = history.atomic_reads.unknown_to(me.view.happened, me.id);
    if (other == kNoThread) other = history.plain_reads.unknown_to(me.view.happened, me.id);
  }
  if (other == kNoThread) return;
  execution.fail(FailureKind::kDataRace,
                 "data race: an unsynchronized access or the destruction of " +
                     describe(ObjectKind::kAtomic, state.number) + " at " + describe(object.where) +
                     " races with an access by thread " + std::to_string(other));
}

void trace_plain(const AtomicState& state, Operation operation, Word value,
                 std::source_location where) {
  Execution::current()->trace({.operation = operation,
                               .kind = ObjectKind::kAtomic,
                               .object = state.number,
                               .before = value,
                               .where = where});
}

}  // namespace

Word apply(Update kind, Word before, Word operand) noexcept {
  switch (kind) {
    case Update::kExchange:
      return operand;
    case Update::kAdd:
      return before + operand;
    case Update::kSubtract:
      return before - operand;
    case Update::kOr:
      return before | operand;
    case Update::kAnd:
      return before & operand;
    case Update::kXor:
      return before ^ operand;
  }
  return operand;
}

bool in_model() noexcept { return Execution::current() != nullptr; }

void construct(const AtomicObject& object) {
  Execution::current()->construct_atomic(object.address, object.size, object.where);
}

Word load(const AtomicObject& object, std::memory_order order) {
  OperationInProgress access(object, /*reads=*/true, /*writes=*/false, order);
  StoreHistory& history = access.history();
  const StoreHistory::Observer who = access.observer(order);
  const auto& from = candidates(access, who, [&](std::size_t i) {
    return history.worth_reading(i, who) && access.belongs_here(i, false, order);
  });
  const std::uint32_t choice =
      access.execution().choose(ChoiceKind::kStoreRead, static_cast<std::uint32_t>(from.size()));
  const std::size_t index = from[choice];
  access.has_read(index, order);
  access.done(false, order);
  const Word value = history[index].value;
  access.trace(Operation::kLoad, order, value, 0, history.size() - 1 - index);
  return value;
}

Word store(const AtomicObject& object, Word value, std::memory_order order) {
  OperationInProgress access(object, /*reads=*/false, /*writes=*/true, order);
  StoreHistory& history = access.history();
  const auto& behind = candidates(access, access.observer(order), [&](std::size_t i) {
    return history.open_behind(i) && access.belongs_here(i, true, order);
  });
  const std::uint32_t choice =
      access.execution().choose(ChoiceKind::kStorePlace, static_cast<std::uint32_t>(behind.size()));
  const std::size_t index = behind[choice];
  const std::size_t passed = history.size() - 1 - index;
  access.write(index, value, order, /*update=*/false);
  access.done(true, order);
  access.trace(Operation::kStore, order, 0, value, passed);
  return history.newest().value;
}

UpdateResult update(const AtomicObject& object, Update kind, Word operand,
                    std::memory_order order) {
  OperationInProgress access(object, /*reads=*/true, /*writes=*/true, order);
  StoreHistory& history = access.history();
  const StoreHistory::Observer who = access.observer(order);
  const auto& from = candidates(access, who, [&](std::size_t i) {
    return history.open_behind(i) && history.worth_reading(i, who) &&
           access.belongs_here(i, true, order);
  });
  const std::uint32_t choice =
      access.execution().choose(ChoiceKind::kStoreRead, static_cast<std::uint32_t>(from.size()));
  const std::size_t index = from[choice];
  const std::size_t passed = history.size() - 1 - index;
  const Word before = history[index].value;
  access.has_read(index, order);
  const Word after = cut(apply(kind, before, operand), object.size);
  access.write(index, after, order, /*update=*/true);
  access.done(true, order);
  access.trace(Operation::kUpdate, order, before, after, passed);
  return {before, history.newest().value};
}

namespace {

// One thing that a compare-exchange may do.
struct Outcome {
  std::size_t index;
  bool exchanges;
};

std::vector<Outcome> outcomes(OperationInProgress& access, const CompareExchange& wanted) {
  StoreHistory& history = access.history();
  ModelThread& me = access.self();
  const StoreHistory::Observer succeeding = access.observer(wanted.success);
  const StoreHistory::Observer failing = access.observer(wanted.failure);
  const std::size_t success_floor = history.floor(succeeding);
  const std::size_t failure_floor = history.floor(failing);
  const bool spurious =
      wanted.weak && me.spurious_failures < access.execution().options().spurious_failures;
  std::vector<Outcome> found;
  for (std::size_t i = history.size(); i-- > 0;) {
    if (!history.worth_reading(i, succeeding) || !access.belongs_here(i, true, wanted.success))
      continue;
    const bool equal = history[i].value == wanted.expected;
    if (equal && i >= success_floor && history.open_behind(i)) found.push_back({i, true});
    if (!equal && i >= failure_floor) found.push_back({i, false});
  }
  // Last, so that a loop's first try is the usual one.
  if (spurious && history.newest().value == wanted.expected) {
    found.push_back({history.size() - 1, false});
  }
  return found;
}

}  // namespace

CompareResult compare_exchange(const AtomicObject& object, const CompareExchange& wanted) {
  OperationInProgress access(object, /*reads=*/true, /*writes=*/true, wanted.success);
  StoreHistory& history = access.history();
  const std::vector<Outcome> possible = outcomes(access, wanted);
  const std::uint32_t choice = access.execution().choose(
      ChoiceKind::kStoreRead, static_cast<std::uint32_t>(possible.size()));
  const Outcome outcome = possible[choice];
  const std::size_t passed = history.size() - 1 - outcome.index;
  const Word seen = history[outcome.index].value;
  const std::memory_order order = outcome.exchanges ? wanted.success : wanted.failure;
  access.has_read(outcome.index, order);
  if (outcome.exchanges) {
    access.write(outcome.index, wanted.desired, order, /*update=*/true);
    access.done(true, order);
    access.trace(Operation::kUpdate, order, seen, wanted.desired, passed);
    return {true, seen, history.newest().value};
  }
  access.done(false, order);
  const bool spurious = seen == wanted.expected;
  if (spurious) ++access.self().spurious_failures;
  access.trace(spurious ? Operation::kSpuriousCompare : Operation::kFailedCompare, order, seen, 0,
               passed);
  return {false, seen, history.newest().value};
}

void destroy(const AtomicObject& object) {
  Execution& execution = *Execution::current();
  AtomicState& state = execution.atomic(object.address, object.size, object.where);
  check_unsynchronized(state, /*writes=*/true, object);
  state.history.plain_writes[execution.self().id] = execution.plain_time();
  state.history.destroyed = true;
  execution.note_destroyed();
}

Word unsync_read(const AtomicObject& object) {
  Execution& execution = *Execution::current();
  AtomicState& state = execution.atomic(object.address, object.size, object.where);
  check_unsynchronized(state, /*writes=*/false, object);
  state.history.plain_reads[execution.self().id] = execution.plain_time();
  const Word value = state.history.newest().value;
  trace_plain(state, Operation::kUnsyncRead, value, object.where);
  return value;
}

void unsync_write(const AtomicObject& object, Word value) {
  Execution& execution = *Execution::current();
  AtomicState& state = execution.atomic(object.address, object.size, object.where);
  check_unsynchronized(state, /*writes=*/true, object);
  // All earlier stores happen before this one and nobody may read them any more.
  state.history.restart(value, execution.self().id, execution.plain_time());
  trace_plain(state, Operation::kUnsyncWrite, value, object.where);
}

void fence(std::memory_order order, std::source_location where) {
  Execution& execution = *Execution::current();
  Step step{.where = where};
  constexpr Bits kBoth = access::kExclusive | access::kShared;
  if (ordered(order)) step.add({execution.fence_object(), access::kExclusive, kBoth});
  execution.begin(step);
  ModelThread& me = execution.self();
  if (acquires(order)) me.view.join(me.unacquired);
  if (ordered(order)) {
    me.view.fenced.join(execution.fenced);
    me.view.ordered.join(execution.ordered);
    execution.fenced.join(me.view.happened);
    execution.record({execution.fence_object(), access::kExclusive, 0});
  }
  if (releases(order)) me.released = me.view;
  execution.trace(
      {.operation = Operation::kFence, .kind = ObjectKind::kFence, .order = order, .where = where});
}

}  // namespace weft::loom::checker::internal
