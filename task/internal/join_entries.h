// JoinEntries: JoinHandles in an idle-notified set: what JoinSet and JoinMap have in common.
//
// Spec: T-33, T-35, T-36, T-37.
//
// Each task's join waker is an entry of the set. So a task that ends moves its entry to `notified`,
// where it stays, with its result, until somebody asks; asking costs the same however many tasks
// there are.
//
// Taking a result has two steps, because a leaf first answers that it is ready and is asked for its
// value later: poll_finished() finds the entry of a task that has ended, take() empties it. A leaf
// that goes away in between puts the entry back, so nothing is lost.

#ifndef WEFT_TASK_INTERNAL_JOIN_ENTRIES_H_
#define WEFT_TASK_INTERNAL_JOIN_ENTRIES_H_

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/join_error.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/task_id.h>
#include <weft/runtime/wait_report.h>
#include <weft/task/internal/idle_notified_set.h>

namespace weft::internal {

// One consumer, one thread at a time. Movable. Its destructor aborts every task.
template <class T>
class JoinEntries {
  using Set = IdleNotifiedSet<JoinHandle<T>>;

 public:
  using Entry = typename Set::Entry;

  JoinEntries() noexcept = default;
  JoinEntries(JoinEntries&&) noexcept = default;
  JoinEntries& operator=(JoinEntries&& other) noexcept {
    abort_and_forget();
    set_ = std::move(other.set_);
    return *this;
  }
  ~JoinEntries() { abort_and_forget(); }

  std::size_t size() const noexcept { return set_.size(); }
  bool empty() const noexcept { return set_.empty(); }

  // Adds the task that `make()` spawns and returns the JoinHandle of. Allocates before it calls it.
  template <class Make>
  AbortHandle insert(Make&& make) {
    Entry& entry = set_.insert_idle(std::forward<Make>(make));
    AbortHandle abort = entry.value().abort_handle();
    if (has_ended(entry)) entry.notify();
    return abort;
  }

  // The entry of a task that has ended; one unit of budget is taken for it. Null: `cx` will be
  // woken, unless there is no task at all.
  Entry* poll_finished(Context& cx) noexcept {
    if (!cx.has_budget()) return nullptr;
    while (Entry* entry = set_.pop_notified(cx)) {
      if (!has_ended(*entry)) continue;
      cx.spend_budget();
      return entry;
    }
    return nullptr;
  }
  // The same now or not at all: no budget, no waker.
  Entry* try_finished() noexcept {
    while (Entry* entry = set_.try_pop_notified()) {
      if (has_ended(*entry)) return entry;
    }
    return nullptr;
  }
  // Undoes either.
  void put_back(Entry& entry) noexcept { entry.notify(); }

  // The result of an entry that one of them has found; the entry goes.
  std::pair<TaskId, JoinResult<T>> take(Entry& entry) {
    JoinHandle<T> handle = set_.remove(entry);
    const TaskId id = handle.id();
    return {id, handle.operator co_await().node().take()};
  }

  void abort_all() noexcept {
    set_.for_each([](const JoinHandle<T>& handle) { handle.abort(); });
  }
  // For dumps: the tasks that `report`'s leaf waits for. Any thread, while a poll_finished() is
  // pending.
  void describe(WaitReport& report) const noexcept;

  // Takes out every task; they go on.
  void forget() noexcept {
    set_.drain([](JoinHandle<T>) noexcept {});
  }
  // The same after aborting them, also those that destructors of results add meanwhile.
  void abort_and_forget() noexcept {
    while (!set_.empty()) {
      set_.drain([](const JoinHandle<T>& handle) noexcept { handle.abort(); });
    }
  }

 private:
  // If not, the entry's waker is its task's join waker.
  static bool has_ended(Entry& entry) noexcept {
    return entry.poll_with([&entry](Context& cx) noexcept {
      return entry.value().operator co_await().node().poll(cx);
    });
  }

  // A dump names so many tasks.
  static constexpr std::size_t kMostNamed = 16;

  Set set_;
};

// Those that have not ended are the idle ones; they stay in the set, and their handles with them,
// while the lock is held.
template <class T>
void JoinEntries<T>::describe(WaitReport& report) const noexcept {
  std::array<TaskMark, kMostNamed> marks;
  std::size_t named = 0;
  const std::size_t count = set_.visit_idle(kMostNamed, [&](JoinHandle<T>& handle) {
    marks[named++] = handle.operator co_await().node().mark();
  });
  if (count == 1) return report.end_of(marks[0]);
  report.note("tasks have not ended", count);
  for (const TaskMark& mark : std::span(marks).first(named)) report.child_end_of(mark);
}

// The leaf of join_next() and join_next_with_id(). Yields an optional of what `Shape::of(id,
// result)` makes of the two; empty if there are no tasks.
template <class T, class Shape>
class JoinNextNode : public Leaf {
  using Entries = JoinEntries<T>;

 public:
  static constexpr const char* kWaitingOn = "join set";
  void describe(WaitReport& report) noexcept {
    report.object(&entries_);
    entries_.describe(report);
  }

  explicit JoinNextNode(Entries& entries) noexcept : entries_(entries) {}
  ~JoinNextNode() {
    if (finished_ != nullptr) entries_.put_back(*finished_);
  }

  bool poll(Context& cx) noexcept {
    if (entries_.empty()) return true;
    finished_ = entries_.poll_finished(cx);
    return finished_ != nullptr;
  }
  std::optional<typename Shape::template type<T>> take() {
    if (finished_ == nullptr) return std::nullopt;
    return Shape::template of<T>(entries_.take(*std::exchange(finished_, nullptr)));
  }

 private:
  Entries& entries_;
  typename Entries::Entry* finished_ = nullptr;
};

struct ResultShape {
  template <class T>
  using type = JoinResult<T>;
  template <class T>
  static type<T> of(std::pair<TaskId, JoinResult<T>>&& taken) {
    return std::move(taken.second);
  }
};
struct ResultWithIdShape {
  template <class T>
  using type = std::pair<TaskId, JoinResult<T>>;
  template <class T>
  static type<T> of(type<T>&& taken) {
    return std::move(taken);
  }
};

// What join_next() and join_next_with_id() return. Borrows the entries; holds nothing itself.
template <class T, class Shape>
class [[nodiscard]] JoinNext {
  using Node = JoinNextNode<T, Shape>;

 public:
  explicit JoinNext(JoinEntries<T>& entries) noexcept : entries_(&entries) {}
  LeafAwaiter<Node> operator co_await() const noexcept { return LeafAwaiter<Node>(*entries_); }

 private:
  JoinEntries<T>* entries_;
};

}  // namespace weft::internal

#endif  // WEFT_TASK_INTERNAL_JOIN_ENTRIES_H_
