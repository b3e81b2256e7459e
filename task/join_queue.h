// JoinQueue<T>: tasks with one result type, joined in the order in which they were spawned.
//
// Spec: T-39.
//
//   Task<std::string> concatenate(std::vector<std::string> urls) {
//     JoinQueue<std::string> pages;
//     for (const std::string& url : urls) pages.spawn(fetch, url);  // all at once
//     std::string all;
//     for (;;) {
//       const auto page = co_await pages.join_next();  // in the order of the urls
//       if (!page) co_return all;
//       all += page->value();
//     }
//   }
//
// A queue of handles. Only the first is ever waited for, so that tasks behind it wake nobody when
// they end; their results wait for their turn.

#ifndef WEFT_TASK_JOIN_QUEUE_H_
#define WEFT_TASK_JOIN_QUEUE_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <source_location>
#include <utility>
#include <vector>

#include <weft/runtime/context.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/join_error.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/task_id.h>
#include <weft/runtime/wait_report.h>
#include <weft/task/abort_on_drop.h>
#include <weft/task/internal/join_entries.h>
#include <weft/task/internal/join_values.h>
#include <weft/task/internal/spawn_forms.h>

namespace weft {

// Movable, though not while it is waited on; one thread at a time. The tasks may run anywhere. Its
// destructor aborts them.
template <class T>
class JoinQueue : public internal::SpawnForms<JoinQueue<T>> {
  using Forms = internal::SpawnForms<JoinQueue>;
  using Location = std::source_location;
  template <class Shape>
  class NextNode;
  template <class Shape>
  class Next;

 public:
  using value_type = T;

  JoinQueue() = default;
  JoinQueue(JoinQueue&&) = default;
  // Aborts the tasks that this queue has.
  JoinQueue& operator=(JoinQueue&&) = default;
  ~JoinQueue() = default;

  // As JoinSet's.
  using Forms::spawn;
  using Forms::spawn_blocking;
  using Forms::spawn_blocking_on;
  using Forms::spawn_local;
  using Forms::spawn_local_on;
  using Forms::spawn_on;

  // Yields the result of the task that was spawned first, when it has ended:
  // std::optional<JoinResult<T>>; empty at once if the queue is. Cancel safe: a result that was not
  // read stays first. Takes one unit of budget for each result.
  [[nodiscard]] auto join_next() noexcept { return Next<internal::ResultShape>(*this); }
  // The same with the task's id: std::optional<std::pair<TaskId, JoinResult<T>>>.
  [[nodiscard]] auto join_next_with_id() noexcept {
    return Next<internal::ResultWithIdShape>(*this);
  }
  // The same now: empty if the first task has not ended. Takes no budget; whoever waits in
  // join_next() goes on waiting.
  std::optional<JoinResult<T>> try_join_next() {
    auto taken = try_join_next_with_id();
    if (!taken) return std::nullopt;
    return std::move(taken->second);
  }
  std::optional<std::pair<TaskId, JoinResult<T>>> try_join_next_with_id() {
    if (empty() || !handles_.front().is_finished()) return std::nullopt;
    return take_first();
  }
  // join_next() for hand-written leaves, as JoinSet::poll_join_next().
  Poll<std::optional<JoinResult<T>>> poll_join_next(Context& cx) {
    if (empty()) return std::optional<JoinResult<T>>();
    if (!poll_first(cx)) return kPending;
    return std::optional<JoinResult<T>>(std::move(take_first().second));
  }

  // As JoinSet::join_all(), in the order of spawning.
  [[nodiscard]] auto join_all() {
    return internal::join_values<T>(std::exchange(*this, JoinQueue()));
  }

  // As JoinSet's.
  void abort_all() noexcept {
    for (const auto& handle : handles_) handle.abort();
  }
  // Aborts every task and waits until all have ended; what they threw is ignored. If it is
  // destroyed before that, what has not ended stays in the queue.
  [[nodiscard]] Task<> shutdown() { return internal::abort_and_join(*this); }
  // As JoinSet's.
  void detach_all() noexcept {
    // Out of the queue first: a result's destructor may use it.
    auto handles = std::exchange(handles_, {});
    for (auto& handle : handles) static_cast<void>(std::move(handle).detach());
  }
  std::size_t size() const noexcept { return handles_.size(); }
  bool empty() const noexcept { return handles_.empty(); }

 private:
  friend Forms;

  // Makes room before it calls `make`, which spawns a task and returns its handle.
  template <class Make>
  AbortHandle insert(Make&& make);
  AbortHandle start_task(internal::TaskHome& home, Location where, Task<T> task) {
    return insert([&] { return internal::spawn_task(home, std::move(task), where); });
  }
  template <class F, class... Args>
  AbortHandle start_blocking(internal::Scheduler& scheduler, Location where, F&& callable,
                             Args&&... args) {
    return insert([&] {
      return internal::spawn_blocking_on(scheduler, where, false, std::forward<F>(callable),
                                         std::forward<Args>(args)...);
    });
  }

  // Of a queue that is not empty. True: the first task has ended.
  bool poll_first(Context& cx) noexcept {
    return handles_.front().operator co_await().node().poll(cx);
  }
  std::pair<TaskId, JoinResult<T>> take_first() {
    AbortOnDropHandle<T> handle = std::move(handles_.front());
    handles_.pop_front();
    const TaskId id = handle.id();
    return {id, handle.operator co_await().node().take()};
  }

  std::deque<AbortOnDropHandle<T>> handles_;  // in the order of spawning
};

template <class T>
template <class Make>
AbortHandle JoinQueue<T>::insert(Make&& make) {
  // A handle made of this calls `make` in its place in the deque.
  struct Made {
    Make& make_handle;
    operator JoinHandle<T>() const { return make_handle(); }  // NOLINT(google-explicit-constructor)
  };
  handles_.emplace_back(Made{make});
  return handles_.back().abort_handle();
}

template <class T>
template <class Shape>
class JoinQueue<T>::NextNode : public Leaf {
 public:
  static constexpr const char* kWaitingOn = "join queue";
  void describe(WaitReport& report) noexcept {
    report.object(&queue_);
    report.end_of(first_);
  }
  explicit NextNode(JoinQueue& queue) noexcept : queue_(queue) {}

  bool poll(Context& cx) noexcept {
    if (queue_.empty() || queue_.poll_first(cx)) return true;
    first_ = queue_.handles_.front().operator co_await().node().mark();
    return false;
  }
  std::optional<typename Shape::template type<T>> take() {
    if (queue_.empty()) return std::nullopt;
    return Shape::template of<T>(queue_.take_first());
  }

 private:
  JoinQueue& queue_;
  internal::TaskMark first_;  // that it waits for, for dumps
};

template <class T>
template <class Shape>
class [[nodiscard]] JoinQueue<T>::Next {
 public:
  explicit Next(JoinQueue& queue) noexcept : queue_(&queue) {}
  LeafAwaiter<NextNode<Shape>> operator co_await() const noexcept {
    return LeafAwaiter<NextNode<Shape>>(*queue_);
  }

 private:
  JoinQueue* queue_;
};

}  // namespace weft

#endif  // WEFT_TASK_JOIN_QUEUE_H_
