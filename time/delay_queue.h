// DelayQueue: values that come out when their time has come.
//
// Spec: T-50; TM-13, TM-19 for the timer underneath.
//
// For caches whose entries expire, sessions that time out, retries: many deadlines, one task that
// waits for the next. A value can be taken out again, or given another deadline, by the key that
// inserting it returned. All of that takes constant time and no lock; only the next deadline has a
// timer of the runtime (internal/deadline_queue.h).
//
//   Task<std::string> expire_sessions() {
//     time::DelayQueue<std::string> sessions;
//     const time::DelayKey alice = sessions.insert("alice", 10s);
//     sessions.insert("bob", 20s);
//     sessions.reset(alice, 30s);  // she was active
//     std::string order;
//     while (auto expired = co_await sessions.next()) order += expired->value + " ";
//     co_return order;  // the queue is empty
//   }

#ifndef WEFT_TIME_DELAY_QUEUE_H_
#define WEFT_TIME_DELAY_QUEUE_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/wait_report.h>
#include <weft/time/delay_key.h>
#include <weft/time/instant.h>
#include <weft/time/internal/deadline_queue.h>
#include <weft/time/internal/delay_slab.h>
#include <weft/time/internal/far_future.h>

namespace weft::time {

// What a DelayQueue gives out: a value, the deadline it had, and the key that named it.
template <class T>
struct Expired {
  // A constructor, because g++ 12 copies aggregates beside a co_await bit by bit.
  Expired(T expired_value, Instant at, DelayKey named)
      : value(std::move(expired_value)), deadline(at), key(named) {}

  T value;
  Instant deadline;
  DelayKey key;
};

// Used by one thread at a time, and waited on by one task at a time; that task may be in next()
// while others of its thread, or under a lock around poll_expired(), insert and remove. Movable,
// but not while it is waited on; moved from, it may only be destroyed or assigned to. T moves and
// is destroyed without throwing, and its destructor must not use the queue.
template <class T>
class DelayQueue {
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_destructible_v<T>,
                "weft::time::DelayQueue<T>: T must move and be destroyed without throwing; put it "
                "into a std::unique_ptr");
  struct State;

 public:
  using Key = DelayKey;
  class Next;

  // More entries than this are a check failure.
  static constexpr std::size_t kMaxEntries = internal::DelaySlab<T>::kMaxEntries;

  // Its timer is bound as a Sleep's is: to the current runtime, where timers that are disabled are
  // a check failure at `where`; without one, to that of the first wait. The queue goes by that
  // runtime's clock, wherever it is used.
  explicit DelayQueue(std::source_location where = std::source_location::current())
      : state_(std::make_unique<State>(where)) {}
  // The same, with room for this many entries.
  static DelayQueue with_capacity(std::size_t capacity,
                                  std::source_location where = std::source_location::current()) {
    DelayQueue queue(where);
    queue.reserve(capacity, where);
    return queue;
  }
  DelayQueue(DelayQueue&&) noexcept = default;
  DelayQueue& operator=(DelayQueue&&) noexcept = default;
  ~DelayQueue() = default;

  // Adds `value`, to come out after this long, or at `deadline`, rounded up to whole milliseconds.
  // What has passed comes out at once. A check failure at `where` if the deadline is more than
  // 2^36 - 1 ms (about 2.18 years) away, or there are kMaxEntries. Wakes who waits in next(), if
  // this is to come out before what that waits for. Throws std::bad_alloc.
  Key insert(T value, std::chrono::nanoseconds delay,
             std::source_location where = std::source_location::current()) {
    return insert_at(std::move(value), internal::after(state_->order.now(), delay), where);
  }
  Key insert_at(T value, Instant deadline,
                std::source_location where = std::source_location::current());

  // Takes the value out, with the deadline it had. A check failure at `where` if `key` names none,
  // because it has come out, or was removed; try_remove() then returns nothing. Wakes who waits in
  // next(), if this was the last one.
  Expired<T> remove(Key key, std::source_location where = std::source_location::current()) {
    return state_->take(state_->entry(key, "remove", where));
  }
  std::optional<Expired<T>> try_remove(Key key) noexcept {
    auto* const entry = state_->slab.find(key);
    if (entry == nullptr) return std::nullopt;
    return state_->take(*entry);
  }

  // Gives the value another deadline. Check failures as for remove() and insert(); wakes as
  // insert().
  void reset(Key key, std::chrono::nanoseconds delay,
             std::source_location where = std::source_location::current()) {
    reset_at(key, internal::after(state_->order.now(), delay), where);
  }
  void reset_at(Key key, Instant deadline,
                std::source_location where = std::source_location::current()) {
    state_->order.move(state_->entry(key, "reset", where), deadline, where);
  }

  // When it comes out. A check failure as for remove().
  Instant deadline(Key key, std::source_location where = std::source_location::current()) const {
    return state_->entry(key, "deadline", where).deadline();
  }

  // Whether `key` still names a value.
  bool contains(Key key) const noexcept { return state_->slab.find(key) != nullptr; }

  // What comes out next; nothing if the queue is empty. May have to search among the entries of the
  // same millisecond, or, if that is far away, of the same stretch of time.
  std::optional<Key> peek() const noexcept {
    internal::DeadlineNode* const first = state_->order.first();
    if (first == nullptr) return std::nullopt;
    return State::entry_of(*first).key();
  }

  // Destroys all values and wakes who waits in next(). Keeps the memory.
  void clear() noexcept { state_->clear(); }

  // Waits for the next value to expire, and takes it out; values whose deadlines are in the same
  // millisecond come in any order. Yields nothing when the queue is empty, at once or as soon as it
  // is; it may be filled and waited on again. Takes a unit of the budget. Throws RuntimeGone if the
  // timer's runtime has ended. Cancel safe: no value is lost.
  Next next() noexcept { return Next(*state_); }
  // One step of the same, for hand-written awaitables.
  Poll<std::optional<Expired<T>>> poll_expired(Context& cx);

  std::size_t size() const noexcept { return state_->slab.size(); }
  bool empty() const noexcept { return size() == 0; }

  // For how many entries there is memory.
  std::size_t capacity() const noexcept { return state_->slab.capacity(); }
  // Makes room for this many more. A check failure at `where` if that is more than kMaxEntries in
  // all. Throws std::bad_alloc.
  void reserve(std::size_t additional,
               std::source_location where = std::source_location::current()) {
    WEFT_CHECK(additional <= kMaxEntries - size(),
               "time::DelayQueue::reserve: more than kMaxEntries (2^30 - 1)", where);
    state_->slab.grow_to(size() + additional);
  }
  // Gives back memory that no entry is behind.
  void shrink_to_fit() noexcept { state_->slab.shrink(); }
  // Gives back as much memory as possible, by moving entries together. Keys stay valid; those of
  // entries that were moved are looked up in a table from then on. Takes time proportional to the
  // capacity. Throws std::bad_alloc.
  void compact() {
    state_->slab.compact([this](auto& from, auto& to) { state_->order.replace(from, to); });
  }

 private:
  std::unique_ptr<State> state_;
};

// What does not move when the queue does.
template <class T>
struct DelayQueue<T>::State {
  using Entry = typename internal::DelaySlab<T>::Entry;
  using Found = internal::DeadlineQueue::Found;

  explicit State(std::source_location where) noexcept : order(where) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    order.forget_consumer();
    clear();
  }

  static Entry& entry_of(internal::DeadlineNode& node) noexcept {
    // SAFETY(cast): only entries of `slab` are put into `order`.
    return static_cast<Entry&>(node);
  }

  Entry& entry(Key key, const char* call, std::source_location where) {
    Entry* const found = slab.find(key);
    if (found == nullptr) [[unlikely]]
      invalid_key(call, where);
    return *found;
  }

  Expired<T> take(Entry& entry) noexcept {
    order.remove(entry);
    return erase(entry);
  }
  // Of an entry that `order` has given out already.
  Expired<T> erase(Entry& entry) noexcept {
    const Key key = entry.key();
    const Instant deadline = entry.deadline();
    return Expired<T>(slab.erase(entry), deadline, key);
  }

  void clear() noexcept {
    slab.for_each([this](Entry& entry) { static_cast<void>(take(entry)); });
  }

  internal::DelaySlab<T> slab;
  internal::DeadlineQueue order;

 private:
  [[noreturn, gnu::cold]] static void invalid_key(const char* call, std::source_location where);
};

// What next() returns. Refers to the queue, which must not be moved or destroyed meanwhile.
template <class T>
class [[nodiscard]] DelayQueue<T>::Next {
  class Node;

 public:
  LeafAwaiter<Node> operator co_await() const noexcept { return LeafAwaiter<Node>(*state_); }

 private:
  friend class DelayQueue<T>;
  explicit Next(State& state) noexcept : state_(&state) {}

  State* state_;
};

template <class T>
class DelayQueue<T>::Next::Node : public Leaf {
 public:
  explicit Node(State& state) noexcept : state_(state) {}

  bool poll(Context& cx) noexcept {
    if (!cx.has_budget()) return false;
    internal::DeadlineNode* node = nullptr;
    found_ = state_.order.poll(cx, node);
    if (found_ == State::Found::kNothingYet) {
      next_look_ = state_.order.next_look();
      return false;
    }
    cx.spend_budget();
    if (node != nullptr) expired_.emplace(state_.erase(State::entry_of(*node)));
    return true;
  }

  std::optional<Expired<T>> take() {
    if (found_ == State::Found::kRuntimeGone) [[unlikely]]
      throw RuntimeGone("time::DelayQueue::next: its runtime has shut down");
    return std::move(expired_);
  }

  static constexpr const char* kWaitingOn = "delay queue";
  void describe(WaitReport& report) noexcept {
    report.object(&state_);
    if (next_look_) report.due(*next_look_);
  }

 private:
  State& state_;
  // Of the last poll, for dumps: others may use the queue meanwhile.
  std::optional<std::chrono::steady_clock::time_point> next_look_;
  typename State::Found found_ = State::Found::kNothingYet;
  std::optional<Expired<T>> expired_;
};

template <class T>
DelayKey DelayQueue<T>::insert_at(T value, Instant deadline, std::source_location where) {
  WEFT_CHECK(size() < kMaxEntries, "time::DelayQueue::insert: more than kMaxEntries (2^30 - 1)",
             where);
  auto& entry = state_->slab.insert(std::move(value));
  state_->order.insert(entry, deadline, where);
  return entry.key();
}

template <class T>
Poll<std::optional<Expired<T>>> DelayQueue<T>::poll_expired(Context& cx) {
  typename Next::Node node(*state_);
  if (!node.poll(cx)) return kPending;
  return node.take();
}

template <class T>
void DelayQueue<T>::State::invalid_key(const char* call, std::source_location where) {
  std::string message = "time::DelayQueue::";
  message += call;
  message += ": the key names no entry; it has expired or was removed (try_remove, contains)";
  weft::internal::fatal(message, where);
}

}  // namespace weft::time

#endif  // WEFT_TIME_DELAY_QUEUE_H_
