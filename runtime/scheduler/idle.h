// Idle: which workers sleep, and how many search.
//
// Spec: R-74..R-79, R-83 (guarantees), R-36.
//
// The rule that keeps wake-ups rare: whoever makes work wakes somebody only if a worker sleeps and
// nobody searches; a searcher that finds something wakes the next one if it was the last. So work
// spreads in a chain, one wake-up at a time, each paid by a different thread.
//
//   word   sleeping << 32 | searching
//
// The searching token travels with the wake-up: claim_sleeper() raises `searching` from 0 to 1 by
// compare-and-swap for the worker that it is about to wake, so two makers of work cannot wake two.
//
// No work is missed [Q1]. A maker publishes (a seq_cst exchange of the queue's tail or length) and
// then loads this word (seq_cst). A worker that goes to sleep, or stops searching, changes this
// word (seq_cst) and then looks at all queues again. Whichever of the two comes first in the single
// order of seq_cst operations, the other sees it.
//
// The sleepers are a stack under a mutex: the one that slept last has the warmest cache. Going to
// sleep costs a system call anyway.

#ifndef WEFT_RUNTIME_SCHEDULER_IDLE_H_
#define WEFT_RUNTIME_SCHEDULER_IDLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <weft/base/cache_line.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>

namespace weft::internal {

class Idle {
 public:
  // For `workers`, and for at most `more` that are added later.
  explicit Idle(unsigned workers, unsigned more = 0) : workers_(workers) {
    sleepers_.reserve(std::size_t{workers} + more);
  }
  Idle(const Idle&) = delete;
  Idle& operator=(const Idle&) = delete;

  // After publishing work with a seq_cst operation: is there somebody to wake? A load only.
  bool should_notify() const noexcept {
    const std::uint64_t word = word_.load(std::memory_order_seq_cst);  // [Q1]
    return searching(word) == 0 && sleeping(word) != 0;
  }
  // One worker more, or fewer; it is awake.
  void add_worker() noexcept { workers_.fetch_add(1, std::memory_order_seq_cst); }        // [Q5]
  void remove_worker() noexcept { workers_.fetch_sub(1, std::memory_order_seq_cst); }     // [Q5]
  unsigned workers() const noexcept { return workers_.load(std::memory_order_seq_cst); }  // [Q5]

  // Takes a sleeper to be woken; it will search. None if there is none or somebody searches.
  [[nodiscard]] std::optional<unsigned> claim_sleeper() noexcept;

  // Becomes a searcher unless half of the awake workers search already.
  [[nodiscard]] bool try_start_search() noexcept;
  // A searcher has found something. True: it was the last, and should wake another.
  [[nodiscard]] bool stop_search() noexcept;

  // Before the look at the queues that has to follow. A searcher stops searching.
  void go_to_sleep(unsigned worker, bool was_searching) noexcept;
  // Leaves the sleepers. False: it was claimed already, and is a searcher. True: it left by itself,
  // and is one if `to_search`.
  [[nodiscard]] bool wake_up(unsigned worker, bool to_search) noexcept;
  // True until it has been claimed or has left.
  bool is_sleeping(unsigned worker) noexcept;

  // As should_notify(), for who arms the watch instead of waking somebody.
  unsigned sleeping() const noexcept {
    return sleeping(word_.load(std::memory_order_seq_cst));  // [Q1]
  }
  unsigned searching() const noexcept {
    // relaxed: a hint.
    return searching(word_.load(std::memory_order_relaxed));
  }

 private:
  static constexpr std::uint64_t kSleeper = 1ull << 32;
  static constexpr unsigned searching(std::uint64_t word) noexcept {
    return static_cast<unsigned>(word & 0xffffffffu);
  }
  static constexpr unsigned sleeping(std::uint64_t word) noexcept {
    return static_cast<unsigned>(word >> 32);
  }
  bool remove(unsigned worker) noexcept;

  // How many there are, asleep or awake. Written by who adds or removes one.
  // [Q5] seq_cst: who is removed looks for sleepers afterwards; who goes to sleep counts itself and
  //      then asks whether all sleep. One of the two sees the other, so that nobody leaves anything
  //      to a worker that has gone.
  loom::Atomic<unsigned> workers_;
  // Written by workers that start and stop searching and sleeping, and by claimers; read by makers
  // of work. See [Q1] above.
  alignas(kFalseSharingRange) loom::Atomic<std::uint64_t> word_{0};
  alignas(kFalseSharingRange) loom::Mutex mutex_;
  std::vector<unsigned> sleepers_;  // guarded by mutex_; `sleeping` is its size, changed under it
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_IDLE_H_
