// IdleNotifiedSet: entries with a waker each, and the knowledge of which of them were woken.
//
// Spec: T-54; T-36 is its use.
//
// A consumer that waits for many things cannot look at all of them whenever one is ready. So each
// entry is itself what a waker refers to. Waking it moves the entry from the list `idle` to the
// list `notified` and wakes the consumer, which looks only at what it finds there:
//
//      task --Waker--> entry (idle) --wake--> entry (notified), consumer woken
//      consumer --pop_notified--> entry (idle again), then polled with the entry's waker
//
// An entry goes back to idle *before* it is polled, so a wake-up during that poll is kept. The
// consumer's waker is stored only when nothing is notified, and taken out by the first wake-up:
// further ones cost a lock and two list operations, and waking allocates nothing.
//
// Who touches what. The two lists and the consumer's waker are guarded by one lock, which wakers
// take on any thread. A third list, of all entries, the values, and the decision which entries
// there are belong to the consumer alone, who can therefore walk over them without the lock. An
// entry's memory is counted, by the set and by its wakers; its value goes when the entry leaves the
// set, on the consumer's thread.

#ifndef WEFT_TASK_INTERNAL_IDLE_NOTIFIED_SET_H_
#define WEFT_TASK_INTERNAL_IDLE_NOTIFIED_SET_H_

#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/intrusive_list.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/context.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/waker.h>
#include <weft/sync/internal/recycled.h>

namespace weft::internal {

class IdleNotifiedLists;

// The hooks of the consumer's list of all entries, and of the two guarded lists.
struct InEntrySet : ListNode {};
struct IdleOrNotified : ListNode {};

// What an entry is without its value: the target of its wakers.
class IdleNotifiedEntry : public Wakeable, public IdleOrNotified {
 protected:
  // One reference: the set's. word_ counts them, from one up and down to zero, which is final.
  // [IN1] release when a reference is given back -> acquire by the last: all uses of the entry.
  IdleNotifiedEntry(const WakeOps* ops, RefPtr<IdleNotifiedLists> lists) noexcept
      : Wakeable(1, ops), lists_(std::move(lists)) {}
  ~IdleNotifiedEntry() = default;

  // Functions of the WakeOps; `release`, which frees, is the typed entry's.
  static void wake_by_ref(Wakeable* target) noexcept;
  static void retain(Wakeable* target) noexcept;

  // Gives a reference back. True: it was the last, destroy the entry.
  [[nodiscard]] bool drop_reference() noexcept {
    return word_.fetch_sub(1, std::memory_order_acq_rel) == 1;  // [IN1]
  }

  const RefPtr<IdleNotifiedLists> lists_;

 private:
  friend class IdleNotifiedLists;
  enum class State : std::uint8_t { kIdle, kNotified, kGone };

  // Guarded by lists_->mu_, as is the hook: which list it is in.
  State state_ = State::kGone;
};

// The shared part of a set.
class IdleNotifiedLists : public RefCounted<IdleNotifiedLists> {
 public:
  // The consumer's. `entry` is new.
  void insert_idle(IdleNotifiedEntry& entry) noexcept;
  // The consumer's: the entry that was notified first, which is idle now. Null: none is, and the
  // next to be notified wakes `cx`.
  [[nodiscard]] IdleNotifiedEntry* pop_notified(Context& cx) noexcept;
  // The same without leaving a waker.
  [[nodiscard]] IdleNotifiedEntry* try_pop_notified() noexcept;
  // The consumer's: `entry` is in no list any more, and waking it does nothing.
  void remove(IdleNotifiedEntry& entry) noexcept;
  // The consumer is going away: nobody is woken any more.
  void forget_consumer() noexcept;
  // Any thread: an idle entry becomes notified and the consumer is woken; else nothing.
  void notify(IdleNotifiedEntry& entry) noexcept;
  // Any thread: calls `visit(IdleNotifiedEntry&)` for the first `most` idle entries, under the
  // lock, and returns how many idle ones there are.
  template <class Visit>
  std::size_t visit_idle(std::size_t most, Visit&& visit) {
    const std::lock_guard lock(mu_);
    for (IdleNotifiedEntry& entry : idle_) {
      if (most-- == 0) break;
      visit(entry);
    }
    return idle_count_;
  }

 private:
  friend class RefCounted<IdleNotifiedLists>;
  using List = IntrusiveList<IdleNotifiedEntry, IdleOrNotified>;

  [[nodiscard]] IdleNotifiedEntry* pop_locked() noexcept;

  loom::SpinMutex mu_;
  List idle_;                   // guarded by mu_
  std::size_t idle_count_ = 0;  // guarded by mu_
  List notified_;               // guarded by mu_; oldest first
  Waker consumer_;              // guarded by mu_; empty once it has been woken
};

// One consumer, one thread at a time; wakers on any thread. Movable.
template <class T>
class IdleNotifiedSet {
 public:
  class Entry;

  IdleNotifiedSet() noexcept = default;
  IdleNotifiedSet(IdleNotifiedSet&& other) noexcept
      : lists_(std::move(other.lists_)),
        all_(std::move(other.all_)),
        size_(std::exchange(other.size_, 0)) {}
  // Precondition: this set is empty.
  IdleNotifiedSet& operator=(IdleNotifiedSet&& other) noexcept {
    if (lists_) lists_->forget_consumer();
    lists_ = std::move(other.lists_);
    all_ = std::move(other.all_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  // Destroys the values that are left.
  ~IdleNotifiedSet() {
    while (Entry* entry = all_.front()) remove(*entry);
    if (lists_) lists_->forget_consumer();
  }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  // A new idle entry with the value that `make()` returns, which is called after everything is
  // allocated. Throws std::bad_alloc, or what `make` throws; there is no entry then.
  template <class Make>
  Entry& insert_idle(Make&& make);

  // As the lists'.
  Entry* pop_notified(Context& cx) noexcept {
    return lists_ ? to_entry(lists_->pop_notified(cx)) : nullptr;
  }
  Entry* try_pop_notified() noexcept {
    return lists_ ? to_entry(lists_->try_pop_notified()) : nullptr;
  }

  // Takes the entry out, with its value.
  T remove(Entry& entry) noexcept;

  // Calls `fn(T&)` for every entry, idle or notified. It must not change the set.
  template <class F>
  void for_each(F&& fn) {
    for (Entry& entry : all_) fn(entry.value());
  }
  // Any thread, as long as the set has had an entry and is not moved: calls `fn(T&)` for the first
  // `most` idle entries and returns how many idle ones there are. `fn` runs under the lock and
  // changes nothing.
  template <class F>
  std::size_t visit_idle(std::size_t most, F&& fn) const {
    return lists_->visit_idle(most,
                              [&fn](IdleNotifiedEntry& entry) { fn(to_entry(&entry)->value()); });
  }
  // Takes out every entry that is there now and calls `fn(T)` with its value: with all of them,
  // also when it throws; what it threw first comes out in the end. `fn` may use the set.
  template <class F>
  void drain(F&& fn);

 private:
  static Entry* to_entry(IdleNotifiedEntry* entry) noexcept {
    // SAFETY(cast): only insert_idle() puts entries into our lists.
    return static_cast<Entry*>(entry);
  }

  RefPtr<IdleNotifiedLists> lists_;  // null until there is an entry
  IntrusiveList<Entry, InEntrySet> all_;
  std::size_t size_ = 0;
};

template <class T>
class IdleNotifiedSet<T>::Entry : public IdleNotifiedEntry, public InEntrySet {
 public:
  explicit Entry(RefPtr<IdleNotifiedLists> lists) noexcept
      : IdleNotifiedEntry(&kOps, std::move(lists)) {}

  // Of an entry that is in the set.
  T& value() noexcept { return *value_; }

  // Calls `poll(Context&)` with a context that has this entry's waker and no budget.
  template <class Poll>
  decltype(auto) poll_with(Poll&& poll) {
    struct Borrowed {
      explicit Borrowed(Entry* entry) noexcept : waker(Waker::adopt(entry)) {}
      ~Borrowed() { static_cast<void>(std::move(waker).release_target()); }
      Waker waker;  // the set's reference
    } const borrowed(this);
    Context cx(borrowed.waker);
    return poll(cx);
  }

  // Makes it notified, as a wake-up would.
  void notify() noexcept { this->lists_->notify(*this); }

 private:
  friend class IdleNotifiedSet;

  static void wake(Wakeable* target) noexcept {
    wake_by_ref(target);
    release(target);
  }
  static void release(Wakeable* target) noexcept {
    // SAFETY(cast): kOps is the table of this class alone.
    auto* const entry = static_cast<Entry*>(target);
    if (entry->drop_reference()) sync::internal::destroy_recycled(entry);
  }
  static constexpr WakeOps kOps = {&wake, &wake_by_ref, &retain, &release};

  std::optional<T> value_;  // the consumer's; set while in the set
};

template <class T>
template <class Make>
typename IdleNotifiedSet<T>::Entry& IdleNotifiedSet<T>::insert_idle(Make&& make) {
  if (!lists_) lists_ = make_ref<IdleNotifiedLists>();
  Entry* const entry = sync::internal::make_recycled<Entry>(lists_);
  try {
    entry->value_.emplace(std::forward<Make>(make)());
  } catch (...) {
    Entry::release(entry);
    throw;
  }
  all_.push_back(*entry);
  ++size_;
  lists_->insert_idle(*entry);
  return *entry;
}

template <class T>
T IdleNotifiedSet<T>::remove(Entry& entry) noexcept {
  lists_->remove(entry);
  all_.remove(entry);
  --size_;
  T value = *std::move(entry.value_);
  entry.value_.reset();
  Entry::release(&entry);
  return value;
}

template <class T>
template <class F>
void IdleNotifiedSet<T>::drain(F&& fn) {
  std::exception_ptr thrown;
  auto left = all_.take_all();
  while (Entry* entry = left.front()) {
    try {
      fn(remove(*entry));
    } catch (...) {
      if (thrown == nullptr) thrown = std::current_exception();
    }
  }
  if (thrown != nullptr) std::rethrow_exception(thrown);
}

}  // namespace weft::internal

#endif  // WEFT_TASK_INTERNAL_IDLE_NOTIFIED_SET_H_
