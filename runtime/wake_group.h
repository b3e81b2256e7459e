// WakeGroup: a waker for each of many parts of one computation, which remember who was woken.
//
// Spec, T-70; T-66 for many members.
//
// A combinator over many awaitables cannot poll all of them whenever one is woken: n completions
// would cost n * n polls. So each part is polled with a waker of its own, made here. Waking it puts
// the part's index into a list and wakes the computation, which polls what the list names.
//
//      member's leaf --Waker--> Slot i --.
//      member's leaf --Waker--> Slot j ---+--> group: woken_ = [i, j]; parent_ --> the task
//
// All slots stand in one block, counted together: the group lives until the computation and all
// wakers are gone, but knows nothing of the parts themselves. A wake-up that comes late appends to
// a list that nobody reads. The parent's waker is taken out by the first wake-up after a round, so
// further ones cost a lock and an append. Both lists have room for every index from the start:
// waking does not allocate.
//
//   group->begin_round(cx);
//   while (group->has_woken()) {
//     const std::uint32_t part = group->take_woken();
//     SlotContext slot(*group, part, cx);
//     poll(part, slot.get());
//   }

#ifndef WEFT_RUNTIME_WAKE_GROUP_H_
#define WEFT_RUNTIME_WAKE_GROUP_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <weft/loom/mutex.h>
#include <weft/runtime/context.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/waker.h>

namespace weft::internal {

class WakeGroup : public RefCounted<WakeGroup> {
 public:
  // Wakers for the parts 0 .. parts - 1, all of which count as woken. Throws std::bad_alloc.
  explicit WakeGroup(std::uint32_t parts);
  ~WakeGroup();

  // The four below are for the computation alone.

  // From now on a wake-up of a part wakes `cx`. Adds what has been woken to what is left of the
  // last round.
  void begin_round(Context& cx) noexcept;
  bool has_woken() const noexcept { return next_ < round_.size(); }
  // Takes a part of this round, in the order of their wake-ups. Only if has_woken().
  std::uint32_t take_woken() noexcept;
  // The computation is going away: nobody is woken any more.
  void close() noexcept;

 private:
  friend class SlotContext;

  // What the waker of a part refers to.
  class Slot : public Wakeable {
   public:
    explicit Slot(WakeGroup& group) noexcept : Wakeable(0, &kOps), group_(group) {}

   private:
    friend class WakeGroup;
    static void wake(Wakeable* target) noexcept;
    static void wake_by_ref(Wakeable* target) noexcept;
    static void retain(Wakeable* target) noexcept;
    static void release(Wakeable* target) noexcept;
    static const WakeOps kOps;

    WakeGroup& group_;
    bool is_woken_ = false;     // guarded by group_.mu_: its index is in woken_
    bool is_in_round_ = false;  // the computation's own: its index is in round_, not yet taken
  };

  void notify(Slot& slot) noexcept;

  void drop_taken() noexcept;

  const std::uint32_t parts_;
  Slot* const slots_;  // parts_ of them

  loom::Mutex mu_;
  std::vector<std::uint32_t> woken_;  // guarded by mu_; each index once
  Waker parent_;                      // guarded by mu_; empty once it has been woken

  // The computation's own. Each index is in round_ at most once among those not taken.
  std::vector<std::uint32_t> round_;
  std::size_t next_ = 0;  // the first in round_ that has not been taken
};

// The context that one part is polled with: its own waker, the computation's budget.
class SlotContext {
 public:
  // The group outlives it.
  SlotContext(WakeGroup& group, std::uint32_t part, Context& parent) noexcept
      : waker_(Waker::adopt(&group.slots_[part])), context_(waker_, parent) {}
  ~SlotContext() { static_cast<void>(std::move(waker_).release_target()); }
  SlotContext(const SlotContext&) = delete;
  SlotContext& operator=(const SlotContext&) = delete;

  Context& get() noexcept { return context_; }

 private:
  Waker waker_;  // borrows the reference that the computation has
  Context context_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_WAKE_GROUP_H_
