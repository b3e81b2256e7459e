// Race detection for plain data. Interface: cell.h.

#include <weft/loom/checker/cell.h>

#include <string>

#include <weft/loom/checker/execution.h>

namespace weft::loom::checker::internal {
namespace {

[[noreturn]] void fail_race(const CellState& cell, const char* mine, std::source_location where,
                            ThreadId other, const char* theirs, std::source_location there) {
  Execution::current()->fail(FailureKind::kDataRace,
                             "data race on " + describe(ObjectKind::kCell, cell.number) + ": " +
                                 mine + " at " + describe(where) + " and " + theirs +
                                 " by thread " + std::to_string(other) + " at " + describe(there) +
                                 ", with nothing that orders the two");
}

// The accesses that have to come before this one do.
void check_apart(const CellState& cell, bool writes, std::source_location where) {
  const ModelThread& me = Execution::current()->self();
  const char* const mine = writes ? "a write" : "a read";
  if (const ThreadId other = cell.writes.unknown_to(me.view.happened, me.id); other != kNoThread) {
    fail_race(cell, mine, where, other, "a write", cell.written_at[other]);
  }
  if (!writes) return;
  if (const ThreadId other = cell.reads.unknown_to(me.view.happened, me.id); other != kNoThread) {
    fail_race(cell, mine, where, other, "a read", cell.read_at[other]);
  }
}

CellState& alive(const void* address, std::source_location where) {
  Execution& execution = *Execution::current();
  CellState& cell = execution.cell(address);
  if (cell.destroyed) {
    execution.fail(FailureKind::kUseAfterFree, describe(ObjectKind::kCell, cell.number) +
                                                   " is used at " + describe(where) +
                                                   " after its destruction");
  }
  return cell;
}

}  // namespace

void construct_cell(const void* cell) { Execution::current()->construct_cell(cell); }

void destroy_cell(const void* address, std::source_location where) {
  Execution& execution = *Execution::current();
  CellState& cell = alive(address, where);
  check_apart(cell, /*writes=*/true, where);
  cell.writes[execution.self().id] = execution.plain_time();
  cell.written_at[execution.self().id] = where;
  cell.destroyed = true;
  execution.note_destroyed();
}

CellAccess::CellAccess(const void* cell, bool writes, std::source_location where)
    : cell_(cell), writes_(writes), where_(where) {
  if (!in_model()) return;
  CellState& state = alive(cell, where);
  if (state.writing || (writes && state.readers > 0)) {
    Execution::current()->fail(FailureKind::kDataRace, describe(ObjectKind::kCell, state.number) +
                                                           " is accessed at " + describe(where) +
                                                           " inside another access to it");
  }
  check_and_note();
  if (writes) {
    state.writing = true;
  } else {
    ++state.readers;
  }
  Execution::current()->trace({.operation = writes ? Operation::kCellWrite : Operation::kCellRead,
                               .kind = ObjectKind::kCell,
                               .object = state.number,
                               .where = where});
}

CellAccess::~CellAccess() {
  if (!in_model()) return;
  CellState& state = alive(cell_, where_);
  if (writes_) {
    state.writing = false;
  } else {
    --state.readers;
  }
  check_and_note();
}

void CellAccess::check_and_note() {
  Execution& execution = *Execution::current();
  CellState& cell = execution.cell(cell_);
  check_apart(cell, writes_, where_);
  const ThreadId me = execution.self().id;
  (writes_ ? cell.writes : cell.reads)[me] = execution.plain_time();
  (writes_ ? cell.written_at : cell.read_at)[me] = where_;
}

}  // namespace weft::loom::checker::internal
