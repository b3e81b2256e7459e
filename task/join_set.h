// JoinSet<T>: tasks with one result type, joined in the order in which they end.
//
// Spec: T-32..T-37.
//
//   Task<int> sum_of_squares(int count) {
//     JoinSet<int> set;
//     for (int i = 1; i <= count; ++i) set.spawn(square, i);
//     int sum = 0;
//     for (;;) {
//       const auto next = co_await set.join_next();  // whichever ends first
//       if (!next) co_return sum;
//       sum += next->value();
//     }
//   }
//
// A task belongs to the set from when it is spawned until its result is read: results of tasks that
// have ended accumulate in the set. Destroying the set aborts what is left in it, which is what
// makes it a scope for work that must not outlive its owner; detach_all() lets everything go on.
//
// The mechanism is in internal/join_entries.h: one recycled block per task beside the task itself,
// and reading the next result takes the same time however many tasks there are.

#ifndef WEFT_TASK_JOIN_SET_H_
#define WEFT_TASK_JOIN_SET_H_

#include <concepts>
#include <cstddef>
#include <optional>
#include <ranges>
#include <source_location>
#include <type_traits>
#include <utility>
#include <vector>

#include <weft/runtime/context.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/join_error.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/task_id.h>
#include <weft/task/internal/join_entries.h>
#include <weft/task/internal/join_values.h>
#include <weft/task/internal/spawn_forms.h>

namespace weft {

// Movable, though not while it is waited on; one thread at a time. The tasks may run anywhere.
template <class T>
class JoinSet : public internal::SpawnForms<JoinSet<T>> {
  using Forms = internal::SpawnForms<JoinSet>;
  using Location = std::source_location;

 public:
  using value_type = T;

  // Empty. Allocates nothing.
  JoinSet() noexcept = default;
  JoinSet(JoinSet&&) noexcept = default;
  // Aborts the tasks that this set has.
  JoinSet& operator=(JoinSet&&) noexcept = default;
  // Aborts every task. They are cancelled where they are suspended, in their own time.
  ~JoinSet() = default;

  // Spawns every element of `tasks`: Tasks, or callables that return one, moved out of an rvalue
  // range. As spawn() for each.
  template <std::ranges::input_range Range>
    requires(!std::same_as<std::remove_cvref_t<Range>, JoinSet>)
  explicit JoinSet(Range&& tasks, Location where = Location::current()) {
    extend(std::forward<Range>(tasks), where);
  }
  template <std::ranges::input_range Range>
  void extend(Range&& tasks, Location where = Location::current());

  // Spawn a Task<T>, or what a callable returns for the arguments after it, and return an
  // AbortHandle: spawn(task), spawn(callable, args...), spawn_on(handle, ...), spawn_local(...),
  // spawn_local_on(local_set, ...), spawn_blocking(callable, args...), spawn_blocking_on(handle,
  // callable, args...). As the functions of weft, of Handle and of LocalSet with these names. If
  // one throws std::bad_alloc, nothing was spawned.
  using Forms::spawn;
  using Forms::spawn_blocking;
  using Forms::spawn_blocking_on;
  using Forms::spawn_local;
  using Forms::spawn_local_on;
  using Forms::spawn_on;

  // Yields the result of a task that has ended: std::optional<JoinResult<T>>, in the order in which
  // they end; empty at once if the set is. Cancel safe: a result that was not read stays. Takes one
  // unit of budget for each result.
  [[nodiscard]] auto join_next() noexcept {
    return internal::JoinNext<T, internal::ResultShape>(entries_);
  }
  // The same with the task's id: std::optional<std::pair<TaskId, JoinResult<T>>>.
  [[nodiscard]] auto join_next_with_id() noexcept {
    return internal::JoinNext<T, internal::ResultWithIdShape>(entries_);
  }
  // The same now: empty if no task has ended. Takes no budget; whoever waits in join_next() or
  // poll_join_next() goes on waiting.
  std::optional<JoinResult<T>> try_join_next() {
    auto taken = try_join_next_with_id();
    if (!taken) return std::nullopt;
    return std::move(taken->second);
  }
  std::optional<std::pair<TaskId, JoinResult<T>>> try_join_next_with_id() {
    auto* const entry = entries_.try_finished();
    if (entry == nullptr) return std::nullopt;
    return entries_.take(*entry);
  }
  // join_next() for hand-written leaves. Pending: the next task to end wakes `cx`, and only the
  // latest of the contexts that were pending. Out of budget it is pending although a task may have
  // ended, and `cx` is woken.
  Poll<std::optional<JoinResult<T>>> poll_join_next(Context& cx) {
    if (entries_.empty()) return std::optional<JoinResult<T>>();
    auto* const entry = entries_.poll_finished(cx);
    if (entry == nullptr) return kPending;
    return std::optional<JoinResult<T>>(std::move(entries_.take(*entry).second));
  }

  // Yields all results, in the order in which the tasks end: std::vector<T>, or nothing for void.
  // Takes the tasks with it: the set is empty as soon as this returns. What the first task to fail
  // threw comes out, or BadResultAccess<JoinError> if it was cancelled; that, and destroying the
  // awaitable, aborts the others.
  [[nodiscard]] auto join_all() { return internal::join_values<T>(std::move(*this)); }

  // Aborts every task. Their results ("cancelled", or what they ended with before) are still to be
  // read.
  void abort_all() noexcept { entries_.abort_all(); }
  // Aborts every task and waits until all have ended; what they threw is ignored. If it is
  // destroyed before that, what has not ended stays in the set.
  [[nodiscard]] Task<> shutdown() { return internal::abort_and_join(*this); }
  // Lets all tasks go on by themselves and forgets them, with the results not read yet.
  void detach_all() noexcept { entries_.forget(); }

  // How many tasks have not been joined, ended or not.
  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }

 private:
  friend Forms;

  AbortHandle start_task(internal::TaskHome& home, Location where, Task<T> task) {
    return entries_.insert([&] { return internal::spawn_task(home, std::move(task), where); });
  }
  template <class F, class... Args>
  AbortHandle start_blocking(internal::Scheduler& scheduler, Location where, F&& callable,
                             Args&&... args) {
    return entries_.insert([&] {
      return internal::spawn_blocking_on(scheduler, where, false, std::forward<F>(callable),
                                         std::forward<Args>(args)...);
    });
  }

  internal::JoinEntries<T> entries_;
};

template <class T>
template <std::ranges::input_range Range>
void JoinSet<T>::extend(Range&& tasks, Location where) {
  using Reference = std::ranges::range_reference_t<Range>;
  // The elements of an rvalue container are given away with it; those of a view are not.
  constexpr bool kMoves =
      !std::is_lvalue_reference_v<Range> && !std::ranges::view<std::remove_cvref_t<Range>>;
  for (auto&& element : tasks) {
    if constexpr (kMoves) {
      spawn(std::move(element), where);
    } else {
      spawn(static_cast<Reference&&>(element), where);
    }
  }
}

}  // namespace weft

#endif  // WEFT_TASK_JOIN_SET_H_
