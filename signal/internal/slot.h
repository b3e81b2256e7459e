// Slot: the listeners of one signal.
//
// Spec: SG-8..SG-12, SG-19.
//
// A slot counts the deliveries that drivers have announced. A listener remembers how far it has
// read; the difference is what it hears next. Hence deliveries between two recv() become one item,
// whose count says how many they were, nothing is lost when a recv() is destroyed, and all
// listeners hear of all deliveries since they were made.

#ifndef WEFT_SIGNAL_INTERNAL_SLOT_H_
#define WEFT_SIGNAL_INTERNAL_SLOT_H_

#include <cstdint>
#include <optional>

#include <weft/base/intrusive_list.h>
#include <weft/base/result.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/context.h>
#include <weft/runtime/waker.h>

namespace weft::signal::internal {

// One Signal's place in its slot. All of it is guarded by the slot's mutex. Linked while a waker is
// stored.
struct Listener : ListNode {
  std::uint64_t read = 0;  // deliveries it has heard of
  Waker waker;
};

class Slot {
 public:
  Slot() noexcept = default;
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  // --- Any thread

  // From now on `listener` hears of deliveries.
  void add(Listener& listener) noexcept;

  // How many deliveries there were since the last answer; 0: none, and the task of `cx` is woken by
  // the next one.
  std::uint64_t poll(Listener& listener, Context& cx) noexcept;

  // Nobody is woken for `listener` any more.
  void stop_waiting(Listener& listener) noexcept;

  // Says that there were `count` deliveries, and wakes who waits.
  void announce(std::uint64_t count) noexcept;

  // --- Under the registry's lock

  // What installing the handler came to; none: not tried yet. Kept for good (SG-5).
  std::optional<Result<void>> installed;

  // Around fork(2): no other thread is in the middle of something.
  void lock_for_fork() noexcept { mutex_.lock(); }
  void unlock_after_fork() noexcept { mutex_.unlock(); }

 private:
  using List = IntrusiveList<Listener>;

  // A spin lock: held for a few instructions, and for at most 32 wakers of an announcement.
  loom::SpinMutex mutex_;
  // Guarded by mutex_.
  std::uint64_t announced_ = 0;
  List waiting_;
};

}  // namespace weft::signal::internal

#endif  // WEFT_SIGNAL_INTERNAL_SLOT_H_
