// Coherence and the single order of seq_cst. Interface and design: store_history.h.

#include <weft/loom/checker/store_history.h>

#include <utility>

namespace weft::loom::checker::internal {

void StoreHistory::restart(Word initial, ThreadId creator, Time time) {
  atomic_reads = atomic_writes = plain_reads = plain_writes = {};
  destroyed = false;
  stores_.clear();
  Store store;
  store.value = initial;
  if (creator != kNoThread) {
    store.first_seen[creator] = time;
    plain_writes[creator] = time;
  }
  stores_.push_back(store);
}

std::size_t StoreHistory::floor(const Observer& who) const noexcept {
  for (std::size_t i = stores_.size() - 1; i > 0; --i) {
    const Store& store = stores_[i];
    if (store.first_seen.any_known_to(who.view.happened)) return i;
    if (store.first_seen.any_known_to(who.view.fenced)) return i;
    if (store.first_ordered.any_known_to(who.view.ordered)) return i;
    if (!who.ordered) continue;
    if (store.first_ordered.any()) return i;
    if (store.first_seen.any_known_to(who.fenced)) return i;
  }
  return 0;
}

bool StoreHistory::worth_reading(std::size_t index, const Observer& who) const noexcept {
  if (index + 1 == stores_.size()) return true;
  const Time seen = stores_[index].first_seen[who.thread];
  return seen == 0 || seen > who.last_yield;
}

bool StoreHistory::forced(std::size_t index, VectorClock before,
                          bool after_readers) const noexcept {
  if (index + 1 == stores_.size()) return true;
  for (std::size_t i = 0; i <= index; ++i) {
    before.join(stores_[i].order);
    if (after_readers) before.join(stores_[i].read_order);
  }
  for (std::size_t i = index + 1; i < stores_.size(); ++i) {
    const ThreadId writer = stores_[i].writer;
    if (before[writer] < stores_[i].order[writer]) return false;
  }
  return true;
}

bool StoreHistory::mark(std::size_t index, const Observer& who) noexcept {
  Store& store = stores_[index];
  if (store.first_seen[who.thread] == 0) store.first_seen[who.thread] = who.time;
  if (!who.ordered) return false;
  if (store.first_ordered[who.thread] == 0) store.first_ordered[who.thread] = who.time;
  // Raised unless an earlier seq_cst access had reached this far.
  for (std::size_t i = index; i < stores_.size(); ++i) {
    VectorClock others = stores_[i].first_ordered;
    if (i == index && others[who.thread] == who.time) others[who.thread] = 0;
    if (others.any()) return false;
  }
  return index > 0;
}

std::size_t StoreHistory::insert(std::size_t index, Store store) {
  const auto place = stores_.begin() + static_cast<std::ptrdiff_t>(index) + 1;
  stores_.insert(place, std::move(store));
  return index + 1;
}

}  // namespace weft::loom::checker::internal
