// StoreHistory: one atomic object in the C++ memory model.
//
// Spec: TE-21..TE-26.
//
// Design. All stores of an execution, in modification order. A load may read any store that
// coherence does not forbid, and the execution branches over them. A store goes to the end, or
// further in front if nothing says that it comes later: modification order is not the order of
// execution. A read-modify-write reads a store that no other one has read and goes right behind it.
//
// What is forbidden follows from what the reader knows. For each store and thread there is the time
// when the thread first read or wrote it: if that access happens before an operation, the operation
// may neither read an older store nor be placed in front. The lowest index left is the `floor`.
// seq_cst adds to it, with the order of execution as the single order S:
//   - a seq_cst operation comes after every store that an earlier seq_cst operation on the object
//     read or wrote, and after what happens before any earlier seq_cst fence;
//   - an operation that happens after a seq_cst fence comes after everything that was so for the
//     fence (View::fenced, View::ordered).
//
// Synchronization is carried by the store: `sync` is what an acquire that reads it learns. A
// read-modify-write adds to the sync of the store that it read, which is the release sequence.

#ifndef WEFT_LOOM_CHECKER_STORE_HISTORY_H_
#define WEFT_LOOM_CHECKER_STORE_HISTORY_H_

#include <cstddef>
#include <source_location>
#include <vector>

#include <weft/loom/checker/clock.h>
#include <weft/loom/checker/trace.h>

namespace weft::loom::checker::internal {

struct Store {
  Word value = 0;
  ThreadId writer = kNoThread;  // none: the initial value
  bool update = false;        // a read-modify-write: nothing may come between it and the one before
  View sync;                  // what an acquire learns
  VectorClock order;          // of the step that wrote it (Execution)
  VectorClock read_order;     // of the steps that read it
  VectorClock first_seen;     // when each thread first read or wrote it
  VectorClock first_ordered;  // the same for seq_cst accesses only
};

class StoreHistory {
 public:
  // Forgets everything but the initial value, stored by `creator` at `time`; without a creator, as
  // if all threads had always known it. Has to come before anything else.
  void restart(Word initial, ThreadId creator, Time time);

  // Who asks: everything that decides what it may see.
  struct Observer {
    ThreadId thread;
    Time time;  // of this operation
    const View& view;
    const VectorClock& fenced;  // what happens before any seq_cst fence so far
    Time last_yield;            // time of the thread's last yield, 0 for none
    bool ordered;               // the operation is seq_cst
  };

  // The oldest store that it may read, or go behind.
  std::size_t floor(const Observer& who) const noexcept;
  // Whether a loop that has yielded since it saw this store may see it again.
  bool worth_reading(std::size_t index, const Observer& who) const noexcept;
  // Whether something may be placed right behind it.
  bool open_behind(std::size_t index) const noexcept {
    return index + 1 == stores_.size() || !stores_[index + 1].update;
  }

  // Whether an access to the store at `index`, that reads it or goes behind it, has to come after
  // every newer store: because these are in the past of the step (`before`), of that store or of
  // older ones, or, if `after_readers`, of those who have read one of them. If not, an execution in
  // which the access comes earlier shows the same.
  bool forced(std::size_t index, VectorClock before, bool after_readers) const noexcept;

  // Notes that `who` has read or written it. True if that raises what seq_cst operations may see.
  bool mark(std::size_t index, const Observer& who) noexcept;
  // Puts `store` behind `index`; returns its index.
  std::size_t insert(std::size_t index, Store store);

  std::size_t size() const noexcept { return stores_.size(); }
  Store& operator[](std::size_t index) noexcept { return stores_[index]; }
  const Store& newest() const noexcept { return stores_.back(); }

  // Plain accesses and what they have to be kept apart from: when each thread last did what.
  VectorClock atomic_reads;
  VectorClock atomic_writes;
  VectorClock plain_reads;
  VectorClock plain_writes;  // construction and destruction too
  bool destroyed = false;
  std::source_location created;

 private:
  std::vector<Store> stores_;
};

}  // namespace weft::loom::checker::internal

#endif  // WEFT_LOOM_CHECKER_STORE_HISTORY_H_
