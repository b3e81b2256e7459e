// BlockedRoot: what a thread is in block_on with, where a dump finds it.
//
// Spec: R-150.
//
// The argument of block_on is no task: it has no word to claim it by, and its strand belongs to the
// thread that is in block_on. That thread reads it when it likes; others while it is parked, which
// it says under the list's lock before it sleeps and takes back under it before it goes on. A
// block_on whose argument is ready at once is never in the list.
//
//   std::optional<BlockedRoot> blocked;      // from the first pending poll on
//   ...
//   { const BlockedRoot::Parked parked(*blocked); park(); }

#ifndef WEFT_RUNTIME_DUMP_BLOCKED_ROOT_H_
#define WEFT_RUNTIME_DUMP_BLOCKED_ROOT_H_

#include <cstdint>
#include <mutex>
#include <source_location>

#include <weft/base/intrusive_list.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/coroutine/strand.h>
#include <weft/runtime/waker.h>

namespace weft::internal {

class BlockedRoot;

// Of one runtime. Thread-safe.
class BlockedRoots {
 public:
  BlockedRoots() = default;

  // Calls visit(BlockedRoot&) for each, under the lock.
  template <class Visit>
  void for_each(Visit&& visit) {
    const std::lock_guard lock(mutex_);
    for (BlockedRoot& root : roots_) visit(root);
  }

 private:
  friend class BlockedRoot;
  loom::Mutex mutex_;
  IntrusiveList<BlockedRoot> roots_;  // guarded by mutex_
};

// For the thread that is in block_on, but for what is said to be for the visitor.
class BlockedRoot : public ListNode {
 public:
  // Its wakers wake what `waker` does.
  BlockedRoot(BlockedRoots& roots, const Strand& strand, const Waker& waker,
              std::source_location where) noexcept;
  ~BlockedRoot();

  // While it exists, others may read the strand.
  class Parked {
   public:
    explicit Parked(BlockedRoot& root) noexcept : root_(root) { root_.set_parked(true); }
    ~Parked() { root_.set_parked(false); }
    Parked(const Parked&) = delete;
    Parked& operator=(const Parked&) = delete;

   private:
    BlockedRoot& root_;
  };
  // Its strand is about to be polled, or has been: meanwhile not even this thread may read it.
  void set_polled(bool is_polled) noexcept { is_polled_ = is_polled; }

  // For the visitor.
  bool is_readable() const noexcept;
  const Strand& strand() const noexcept { return strand_; }
  std::uint64_t target() const noexcept { return target_; }
  std::source_location where() const noexcept { return where_; }

 private:
  void set_parked(bool is_parked) noexcept {
    const std::lock_guard lock(roots_.mutex_);
    is_parked_ = is_parked;
  }

  BlockedRoots& roots_;
  const Strand& strand_;
  const std::uint64_t target_;
  const std::source_location where_;
  const std::uint64_t thread_;
  bool is_parked_ = false;  // guarded by the list's mutex
  bool is_polled_ = false;  // the thread's own
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DUMP_BLOCKED_ROOT_H_
